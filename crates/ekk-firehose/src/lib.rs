//! The Firehose API: its operations, their validation and their error texts, and the streams that they define.
//!
//! A request comes in through [`Firehose::router`], is checked as AWS checks it, and its records go to `ekk-delivery`,
//! which knows what becomes of them. Nothing here knows what `OpenSearch` or S3 are.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/Welcome.html>

mod api;
mod arn;
mod caller;
mod definition;
mod destination;
mod encryption;
mod error;
mod life;
mod limits;
mod loopback;
mod model;
mod quota;
mod record_id;
mod source;
mod streams;
mod tags;
pub mod wire;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::Router;
use ekk_clock::Clock;
use ekk_delivery::Delivery;
use ekk_faults::Faults;
use ekk_server::aws::{JsonError, signature::Verifier};
use tokio_util::task::TaskTracker;

use crate::{
    caller::Owner,
    definition::DefinitionFolder,
    destination::Undelivered,
    quota::CallQuota,
    record_id::RecordIds,
    streams::{Rules, Streams, deletion},
    wire::DeliveryStreamStatus,
};
pub use crate::{error::Error, quota::Quotas};

/// What the service is to be.
#[derive(Clone, Debug)]
pub struct Config {
    /// The service's own region, for instance `us-east-1`: that of requests whose signature names none.
    pub region: String,
    /// The service's own account, 12 digits: that of requests whose access key id is no account. A stream belongs to the
    /// account and the region of the request that creates it, and no other sees it.
    pub account: String,
    /// Where stream definitions are kept over a restart, one JSON file each; in memory only when there is none.
    pub folder: Option<PathBuf>,
    /// Whether streams may be created that ekk cannot deliver; they are described, and puts to them are refused.
    pub allow_undelivered: bool,
    /// How long, on the service's clock, a stream is `CREATING` before it is `ACTIVE` and `DELETING` before it is gone,
    /// and its encryption `ENABLING` or `DISABLING`. Zero makes each change at once; AWS takes a minute or two.
    pub transition_delay: Duration,
    /// Which quotas of AWS apply.
    pub quotas: Quotas,
    /// The start of all randomness: record ids.
    pub seed: u64,
    /// What the stack is told to let fail.
    pub faults: Faults,
}

/// One stream, as the service knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSummary {
    /// The key of the stream in delivery: the name, or `name@account.region` when it is not the service's own.
    pub id: String,
    /// `DeliveryStreamName`.
    pub name: String,
    /// `DeliveryStreamARN`.
    pub arn: String,
    /// The account that the stream belongs to.
    pub account: String,
    /// The region that the stream belongs to.
    pub region: String,
    /// `DeliveryStreamStatus`.
    pub status: DeliveryStreamStatus,
    /// What of the stream ekk cannot deliver, in words; such a stream takes no records.
    pub undelivered: Option<String>,
}

/// The running service. Clones share it.
#[derive(Clone, Debug)]
pub struct Firehose {
    service: Arc<Service>,
}

/// What every operation may use.
#[derive(Debug)]
struct Service {
    /// The account and region of whoever does not say.
    home: Owner,
    clock: Clock,
    /// Whether changes and puts touch the disk before they are answered.
    durable: bool,
    streams: Streams,
    call_quota: Option<CallQuota>,
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
        let home = Owner { account: config.account, region: config.region };
        let rules = Rules {
            home: home.clone(),
            allow_undelivered: config.allow_undelivered,
            transition_delay: config.transition_delay,
            quotas: config.quotas,
        };
        let service = Arc::new(Service {
            home,
            durable,
            streams: Streams::open(rules, clock.clone(), delivery, folder)?,
            call_quota: config.quotas.call_quota(),
            record_ids: RecordIds::new(config.seed, clock.now()),
            faults: config.faults,
            clock,
            refuses_puts: AtomicBool::new(false),
            tasks: TaskTracker::new(),
        });
        for deletion in service.streams.deletions() {
            deletion::end_later(&service, deletion);
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

    /// Creates a stream of the service's own account and region from the JSON of a `CreateDeliveryStream` request and
    /// answers its ARN.
    ///
    /// # Errors
    /// All that the API answers, such as `ResourceInUseException` when the name is taken; ask [`Firehose::exists`].
    pub fn create_from_json(&self, request: &[u8]) -> Result<String, JsonError> {
        api::create_from_json(&self.service, request)
    }

    /// Whether the service's own account and region have a stream of this name.
    pub fn exists(&self, name: &str) -> bool {
        self.service.streams.has(&self.service.home, name)
    }

    /// All streams, by account, region and name.
    pub fn streams(&self) -> Vec<StreamSummary> {
        let summary = |(stream, state): (streams::OpenStream, life::State)| {
            let definition = stream.definition.as_ref();
            StreamSummary {
                id: definition.id.clone(),
                name: definition.delivery_stream_name.clone(),
                arn: definition.delivery_stream_arn.clone(),
                account: definition.owner.account.clone(),
                region: definition.owner.region.clone(),
                status: state.status(),
                undelivered: stream.delivery.err().map(|Undelivered(what)| what),
            }
        };
        self.service.streams.all().into_iter().map(summary).collect()
    }

    /// Takes every stream away at once, with what it has buffered, as a test wants it before the next one.
    ///
    /// # Errors
    /// `InternalFailure`: the file of a stream cannot be removed.
    pub async fn delete_all_streams(&self) -> Result<(), JsonError> {
        self.service.streams.delete_all().await.map_err(JsonError::from)
    }

    /// Answers every put with `ServiceUnavailableException` from now on: the first step of a graceful stop.
    pub fn refuse_puts(&self) {
        self.service.refuses_puts.store(true, Ordering::Release);
    }
}
