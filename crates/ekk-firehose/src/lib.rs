//! The Firehose API: its operations, their validation and their error texts, and the streams that they define.
//!
//! A request comes in through [`Firehose::router`], is checked as AWS checks it, and its records go to `ekk-delivery`,
//! which knows what becomes of them. Nothing here knows what `OpenSearch` or S3 are.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/Welcome.html>

mod api;
mod definition;
mod destination;
mod error;
mod limits;
mod model;
mod record_id;
mod streams;
pub mod wire;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::Router;
use ekk_clock::Clock;
use ekk_delivery::Delivery;
use ekk_faults::Faults;
use ekk_server::aws::{JsonError, signature::Verifier};
use tokio_util::task::TaskTracker;

pub use crate::error::Error;
use crate::{definition::DefinitionFolder, record_id::RecordIds, streams::Streams};

/// What the service is to be.
#[derive(Clone, Debug)]
pub struct Config {
    /// The region in the streams' ARNs, for instance `us-east-1`.
    pub region: String,
    /// The account in the streams' ARNs and in error texts, 12 digits.
    pub account: String,
    /// Where stream definitions are kept over a restart, one JSON file each; in memory only when there is none.
    pub folder: Option<PathBuf>,
    /// Whether streams may be created that ekk cannot deliver; they are described, and puts to them are refused.
    pub allow_undelivered: bool,
    /// The start of all randomness: record ids.
    pub seed: u64,
    /// What the stack is told to let fail.
    pub faults: Faults,
}

/// The running service. Clones share it.
#[derive(Clone, Debug)]
pub struct Firehose {
    service: Arc<Service>,
}

/// What every operation may use.
#[derive(Debug)]
struct Service {
    region: String,
    account: String,
    clock: Clock,
    /// Whether changes and puts touch the disk before they are answered.
    durable: bool,
    streams: Streams,
    record_ids: RecordIds,
    faults: Faults,
    refuses_puts: AtomicBool,
    tasks: TaskTracker,
}

impl Firehose {
    /// Starts the service, with the streams that its folder holds.
    ///
    /// Deletions that a restart interrupted go on, so this wants a Tokio runtime around it.
    ///
    /// # Errors
    /// As [`Error`] says: the folder, one of its files, or the delivery of a stream.
    pub fn start(config: Config, delivery: Delivery, clock: Clock) -> Result<Self, Error> {
        let durable = config.folder.is_some();
        let folder = config.folder.map(DefinitionFolder::open).transpose()?;
        let service = Arc::new(Service {
            region: config.region,
            durable,
            streams: Streams::open(config.account.clone(), delivery, folder, config.allow_undelivered)?,
            account: config.account,
            record_ids: RecordIds::new(config.seed, clock.now()),
            faults: config.faults,
            clock,
            refuses_puts: AtomicBool::new(false),
            tasks: TaskTracker::new(),
        });
        for stream in service.streams.deleting() {
            let service = service.clone();
            let tasks = service.tasks.clone();
            tasks.spawn(async move {
                if let Err(error) = service.streams.end_deletion(&stream).await {
                    tracing::warn!(%stream, %error, "cannot end a deletion that was begun before the restart");
                }
            });
        }
        Ok(Self { service })
    }

    /// The API: `POST` to any path, with the operation in `X-Amz-Target`. Any credentials do.
    pub fn router(&self) -> Router {
        api::router(self.service.clone(), None)
    }

    /// The API for those whose signatures `verifier` finds right.
    pub fn router_verifying(&self, verifier: Verifier) -> Router {
        api::router(self.service.clone(), Some(verifier))
    }

    /// Creates a stream from the JSON of a `CreateDeliveryStream` request and answers its ARN.
    ///
    /// # Errors
    /// All that the API answers, such as `ResourceInUseException` when the name is taken; ask [`Firehose::exists`].
    pub fn create_from_json(&self, request: &[u8]) -> Result<String, JsonError> {
        api::create_from_json(&self.service, request)
    }

    /// Whether there is a stream of this name.
    pub fn exists(&self, name: &str) -> bool {
        self.service.streams.get(name).is_ok()
    }

    /// Answers every put with `ServiceUnavailableException` from now on: the first step of a graceful stop.
    pub fn refuse_puts(&self) {
        self.service.refuses_puts.store(true, Ordering::Release);
    }
}
