//! A stream's workers: each waits for what the pure modules decide and carries it out, one batch at a time in its lane.
//!
//! [`processing`] takes records through the processors, [`index`] delivers to a cluster, [`endpoint`] to an HTTP endpoint,
//! [`object`] writes to a bucket. A record stays in the queue until it has come to its end, so a worker may be stopped at
//! any await.

mod endpoint;
mod faulty;
mod index;
mod object;
mod processing;

use std::{panic::resume_unwind, sync::Arc};

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
    processing::{FailedPiece, Failure, write_line},
    queue::{Fate, Lane, Record, Tally},
    s3_client::S3Client,
    shared::{Batch, Next, Shared},
    spec::{
        DefaultDocumentIdFormat, Destination, Endpoint, ExtendedS3Destination, Flavour, IndexRotationPeriod,
        OpenSearchDestination, Processor, StreamSpec,
    },
};
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

/// The worker of one lane.
pub(crate) struct Worker {
    lane: Lane,
    shared: Arc<Shared>,
    clients: Clients,
    /// The client of the endpoint that was delivered to last.
    cluster: Option<(Endpoint, OpenSearchClient)>,
    random: StdRng,
    tasks: TaskTracker,
    /// Works, but for the time that it waits for what is due or asked for.
    activity: Activity,
}

impl Worker {
    pub(crate) fn new(lane: Lane, shared: Arc<Shared>, clients: Clients, random: StdRng, tasks: TaskTracker) -> Self {
        let activity = shared.clock.activity();
        Self { lane, shared, clients, cluster: None, random, tasks, activity }
    }

    /// Works until the stream is stopped.
    pub(crate) async fn run(mut self) {
        let stop = self.shared.stop.clone();
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = self.work() => {}
        }
    }

    async fn work(&mut self) {
        loop {
            match self.shared.next(self.lane) {
                Next::Batch(batch) => self.carry_out(batch).await,
                Next::Rest => self.activity.rest(None, self.shared.wake(self.lane).notified()).await,
                Next::WaitUntil(due) => {
                    let wait = async {
                        tokio::select! {
                            () = self.shared.clock.sleep_until(due) => {}
                            () = self.shared.wake(self.lane).notified() => {}
                        }
                    };
                    self.activity.rest(Some(due), wait).await;
                }
            }
        }
    }

    /// Works on a batch until all of it has come further, however long that takes.
    async fn carry_out(&mut self, batch: Batch) {
        match self.lane {
            Lane::Processing => self.process(batch).await,
            Lane::Destination => self.deliver(batch).await,
            Lane::Backup => {
                let done = batch.records.last().map_or(0, |record| record.index + 1);
                let backed_up = Tally::of(&batch.records);
                let now = self.shared.clock.now();
                self.store(Parcel::of_records(To::SourceBackup, Holds::Records, &batch.records, now)).await;
                self.shared.finish_backup(done, backed_up);
            }
        }
    }

    async fn deliver(&mut self, batch: Batch) {
        let Batch { spec, records, partition, .. } = batch;
        match &spec.destination {
            Destination::OpenSearch(destination) => self.deliver_to_index(&spec, destination, records).await,
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
            self.shared.end(self.lane, &records, Fate::Stored);
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
        self.shared.end(self.lane, &records, Fate::ProcessingFailed);
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
