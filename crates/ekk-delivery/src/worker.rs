//! A stream's workers: each carries out what the pure modules decided of one portion of records. A [`crew`] begins them.
//!
//! [`processing`] takes records through the processors, [`index`] delivers to a cluster, [`endpoint`] to an HTTP endpoint,
//! [`object`] writes to a bucket. A record stays in the queue until it has come to its end, so a worker may be stopped at
//! any await.

mod crew;
mod endpoint;
mod faulty;
mod index;
mod object;
mod processing;

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex, PoisonError},
};

use ekk_clock::Activity;
use ekk_faults::Faults;
use jiff::Timestamp;
use rand::{RngExt, rngs::StdRng};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{
    Config, Error,
    endpoint_client::EndpointClient,
    key::{ErrorOutputType, Holds},
    lambda_client::LambdaClient,
    limits::{INLINE_BYTES, LAMBDA_TIMEOUT},
    opensearch_client::OpenSearchClient,
    processing::{FailedPiece, Failure, Plan, write_line},
    queue::{Fate, Lane, Record},
    s3_client::S3Client,
    shared::{Shared, WorkerId},
    spec::{
        DefaultDocumentIdFormat, Destination, Endpoint, ExtendedS3Destination, Flavour, IndexRotationPeriod,
        OpenSearchDestination, Processor, StreamSpec,
    },
};
pub(crate) use crew::Crew;
use object::{Parcel, To};

/// The clients that the streams of a stack share.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    opensearch: OpenSearchClient,
    s3: S3Client,
    lambda: LambdaClient,
    endpoint: EndpointClient,
    faults: Faults,
}

impl Clients {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            opensearch: OpenSearchClient::new(&config.opensearch)?,
            s3: S3Client::new(&config.s3, &config.region)?,
            lambda: LambdaClient::new(config.lambda.clone(), LAMBDA_TIMEOUT)?,
            endpoint: EndpointClient::new()?,
            faults: config.faults.clone(),
        })
    }

    /// Whether a stream's destination and function can be spoken to.
    pub(crate) fn check(&self, spec: &StreamSpec) -> Result<(), Error> {
        for processor in &spec.processors {
            if let Processor::Lambda(function) = processor
                && self.lambda.find(&function.arn).is_none()
            {
                return Err(Error::Unsupported(format!("LambdaArn {} without an address for it", function.arn)));
            }
        }
        match &spec.destination {
            Destination::OpenSearch(destination) => {
                check_serverless(destination)?;
                self.cluster(&destination.endpoint).map(|_| ())
            }
            Destination::S3(_) => Ok(()),
            Destination::HttpEndpoint(destination) => EndpointClient::check(destination),
        }
    }

    fn cluster(&self, endpoint: &Endpoint) -> Result<OpenSearchClient, Error> {
        match endpoint {
            Endpoint::Stack => Ok(self.opensearch.clone()),
            Endpoint::Url(url) => OpenSearchClient::new(url),
        }
    }
}

/// The client of the endpoint that was delivered to last.
#[derive(Clone, Default)]
struct ClusterClient(Arc<Mutex<Option<(Endpoint, OpenSearchClient)>>>);

/// Since when a destination is in trouble, over the requests of one batch: they share one retry duration.
#[derive(Clone, Debug, Default)]
struct TroubledSince(Arc<Mutex<Option<Timestamp>>>);

impl TroubledSince {
    fn get(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, since: Option<Timestamp>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

/// Records that go into one request, and what the stream was told when they were taken.
struct Portion {
    spec: Arc<StreamSpec>,
    plan: Arc<Plan>,
    records: Vec<Record>,
    /// The prefix of their partition's objects, when the stream is partitioned.
    partition: Option<String>,
    troubled_since: TroubledSince,
}

impl Portion {
    fn bytes(&self) -> u64 {
        self.records.iter().map(Record::bytes).sum()
    }
}

/// Who brings one portion to its end.
struct Worker {
    id: WorkerId,
    shared: Arc<Shared>,
    clients: Clients,
    cluster: ClusterClient,
    random: StdRng,
    tasks: TaskTracker,
    /// Works, but for the time that it waits for its next attempt or its turn.
    activity: Activity,
    turn: Arc<watch::Sender<u64>>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.finish(self.id);
    }
}

impl Worker {
    /// Works on a portion until all of it has come further, however long that takes; answers its bytes.
    async fn carry_out(mut self, portion: Portion) -> u64 {
        let bytes = portion.bytes();
        match self.id.lane {
            Lane::Processing => self.process(portion).await,
            Lane::Destination => self.deliver(portion).await,
            Lane::Backup => {
                let now = self.shared.clock.now();
                self.store(Parcel::of_records(To::SourceBackup, Holds::Records, &portion.records, now)).await;
                self.shared.finish_backup(self.id, &portion.records);
            }
        }
        bytes
    }

    /// Waits until all workers that were begun before have passed their turn on.
    async fn wait_for_turn(&self) {
        let mut turn = self.turn.subscribe();
        let wait = async { turn.wait_for(|turn| *turn == self.id.number).await.map(|_| ()) };
        self.activity.rest(None, wait).await.expect("the worker holds the sender");
    }

    fn pass_turn(&self) {
        self.turn.send_replace(self.id.number + 1);
    }

    async fn deliver(&mut self, portion: Portion) {
        let Portion { spec, records, partition, troubled_since, .. } = portion;
        match &spec.destination {
            Destination::OpenSearch(destination) => {
                self.deliver_to_index(&spec, destination, records, troubled_since).await;
            }
            Destination::HttpEndpoint(destination) => self.deliver_to_endpoint(&spec, destination, records).await,
            Destination::S3(destination) => self.deliver_to_bucket(destination, records, partition).await,
        }
        // Room behind the processors is news for them.
        self.shared.wake(Lane::Processing).notify_one();
    }

    /// Writes an object. When the retry duration of a partition is over, its records go to the error prefix.
    async fn deliver_to_bucket(
        &mut self,
        destination: &ExtendedS3Destination,
        records: Vec<Record>,
        partition: Option<String>,
    ) {
        let patience = destination.dynamic_partitioning.map(|partitioning| partitioning.retry_duration);
        let patience = patience.filter(|_| partition.is_some());
        let holds = partition.map_or(Holds::Records, Holds::Partition);
        let parcel = Parcel::of_records(To::Main, holds, &records, self.shared.clock.now());
        let Err((attempts, error)) = self.store_within(parcel, patience).await else {
            self.shared.end(self.id, &records, Fate::Stored);
            return;
        };
        let failure = Failure::undelivered(&error, attempts);
        let ended = self.shared.clock.now();
        let mut lines = Vec::new();
        for record in &records {
            let raw = record.data.clone();
            write_line(&mut lines, &FailedPiece { record: record.clone(), raw, failure: failure.clone() }, ended);
        }
        let holds = Holds::Errors(ErrorOutputType::ProcessingFailed);
        let errors = Parcel::of_records(To::Main, holds, &records, ended);
        self.store(Parcel { body: Arc::new([lines.into()]), ..errors }).await;
        self.shared.end(self.id, &records, Fate::ProcessingFailed);
    }

    /// Runs `work` on about so many `bytes` where it does not hold others up.
    async fn off_thread<T: Send + 'static>(&self, bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
        if bytes <= INLINE_BYTES {
            return work();
        }
        match self.tasks.spawn_blocking(work).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is going down, and this task with it.
                Err(_cancelled) => std::future::pending().await,
            },
        }
    }

    /// Waits for the next attempt. `flushes` was made before the last one: a flush that was asked for since then wants
    /// the next one now.
    async fn pause_until(&self, next: Timestamp, mut flushes: watch::Receiver<()>) {
        let wait = async {
            tokio::select! {
                () = self.shared.clock.sleep_until(next) => {}
                changed = flushes.changed() => changed.expect("the stream holds the sender"),
            }
        };
        self.activity.rest(Some(next), wait).await;
    }

    fn jitter(&mut self) -> f64 {
        self.random.random()
    }
}

/// A collection of `OpenSearch` Serverless has no rotation and makes its own ids.
fn check_serverless(destination: &OpenSearchDestination) -> Result<(), Error> {
    let OpenSearchDestination { flavour, rotation, document_id, .. } = destination;
    if *flavour != Flavour::OpenSearchServerless {
        return Ok(());
    }
    if *rotation != IndexRotationPeriod::NoRotation {
        return Err(Error::Unsupported("IndexRotationPeriod of an OpenSearch Serverless collection".to_owned()));
    }
    if *document_id != DefaultDocumentIdFormat::NoDocumentId {
        return Err(Error::Unsupported("DocumentIdOptions of an OpenSearch Serverless collection".to_owned()));
    }
    Ok(())
}
