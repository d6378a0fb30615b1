//! The AWS services that infrastructure tools call beside Firehose: STS, IAM, and the configuration API of `OpenSearch`
//! Service in both of its dialects.
//!
//! They keep what a tool creates and show it again, so that a plan after an apply finds no difference. Nothing is
//! enforced: a role allows nothing and forbids nothing, and every domain is the stack's one `OpenSearch`.
//! Who may reach the port, and which service is asked for, is the caller's subject; a request that was not for one of
//! these services is refused here.
//!
//! Sources: <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>,
//! <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/Welcome.html>

mod caller;
mod constraint;
mod error;
mod folder;
mod front_door;
mod iam;
mod ids;
mod limits;
mod opensearch;
mod query;
mod shelf;
mod sts;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use axum::Router;
use ekk_clock::Clock;
use ekk_server::aws::signature::{Issuer, Temporary, Verifier};
use url::Url;

pub use crate::error::Error;
use crate::{
    iam::{policies::ManagedPolicy, role::Role},
    ids::Ids,
    opensearch::domain::Domain,
    shelf::Shelf,
    sts::sessions::Sessions,
};

/// What the services are to be.
#[derive(Clone, Debug)]
pub struct Config {
    /// The stack's `OpenSearch`, which every domain answers with as its endpoint.
    pub opensearch: Url,
    /// The region of a caller whose credential names none, for instance `us-east-1`.
    pub region: String,
    /// The account of callers whose credential names none, 12 digits.
    pub account: String,
    /// Where domains, roles and policies are kept over a restart, one JSON file each; in memory only when there is none.
    pub folder: Option<PathBuf>,
    /// The start of all randomness: ids and temporary credentials.
    pub seed: u64,
}

/// The running services. Clones share them.
#[derive(Clone, Debug)]
pub struct Neighbours {
    service: Arc<Service>,
}

/// What every operation may use.
#[derive(Debug)]
struct Service {
    opensearch: Url,
    region: String,
    account: String,
    clock: Clock,
    /// Whether changes touch the disk before they are answered.
    durable: bool,
    ids: Ids,
    sessions: Sessions,
    domains: Shelf<Domain>,
    roles: Shelf<Role>,
    policies: Shelf<ManagedPolicy>,
}

impl Neighbours {
    /// Starts the services, with what their folder holds.
    ///
    /// # Errors
    /// As [`Error`] says: the folder, or one of its files.
    pub fn start(config: Config, clock: Clock) -> Result<Self, Error> {
        let folder = |name: &str| config.folder.as_ref().map(|folder| folder.join(name));
        let service = Service {
            domains: Shelf::open(folder("domains"))?,
            roles: Shelf::open(folder("roles"))?,
            policies: Shelf::open(folder("policies"))?,
            durable: config.folder.is_some(),
            opensearch: config.opensearch,
            region: config.region,
            account: config.account,
            ids: Ids::new(config.seed, clock.now()),
            sessions: Sessions::default(),
            clock,
        };
        Ok(Self { service: Arc::new(service) })
    }

    /// The services, told apart by the scope of the signature: `sts`, `iam`, `es`.
    ///
    /// What is unsigned is told apart by its path (`/2021-01-01/…` and `/2015-01-01/…` are `OpenSearch` Service's) and by
    /// the `Version` of its form; all of it is refused as AWS does, but for `AssumeRoleWithWebIdentity`, which needs no
    /// signature. Any credentials do.
    pub fn router(&self) -> Router {
        front_door::router(self.service.clone(), None)
    }

    /// The services for those whose signatures `verifier` finds right, and for those who sign with the temporary
    /// credentials that STS gave them.
    pub fn router_verifying(&self, verifier: Verifier) -> Router {
        front_door::router(self.service.clone(), Some(verifier))
    }

    /// Takes all domains, roles and policies away, as a test wants it before the next one. Sessions stay good.
    ///
    /// # Errors
    /// [`Error::Folder`]: a file cannot be removed.
    pub fn clear(&self) -> Result<(), Error> {
        let service = &self.service;
        let cleared =
            service.domains.clear().and_then(|()| service.roles.clear()).and_then(|()| service.policies.clear());
        cleared.map_err(|error| Error::Folder {
            folder: PathBuf::from("neighbours"),
            source: std::io::Error::other(error.to_string()),
        })
    }

    /// Where the domain of this ARN is reached: the stack's `OpenSearch`, or `None` when there is no such domain.
    pub fn domain_endpoint(&self, arn: &str) -> Option<Url> {
        let key = opensearch::arn::key_of(arn)?;
        self.service.domains.get(&key).map(|_| self.service.opensearch.clone())
    }
}

/// The temporary credentials that STS gave out and remembers, by the stack's clock.
impl Issuer for Neighbours {
    fn find(&self, access_key: &str) -> Option<Temporary> {
        let session = self.service.sessions.find(access_key)?;
        let is_expired = session.expires <= self.service.clock.now();
        Some(Temporary { credential: session.credential, account: session.account, is_expired })
    }
}
