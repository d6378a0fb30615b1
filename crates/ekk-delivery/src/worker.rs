//! A stream's worker: it waits for what the pure modules decide and carries it out, one batch at a time in each lane.
//!
//! [`index`] delivers to a cluster, [`object`] writes to a bucket. A batch stays in the queue until it is indexed or in
//! S3, so a worker may be stopped at any await.

mod faulty;
mod index;
mod object;

use std::{panic::resume_unwind, sync::Arc};

use ekk_clock::Activity;
use ekk_faults::Faults;
use jiff::Timestamp;
use rand::{RngExt, rngs::StdRng};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{
    Config, Error,
    buffer::Decision,
    journal::Target,
    key::Holds,
    limits::INLINE_BYTES,
    opensearch_client::OpenSearchClient,
    queue::{Lane, Record, Settled, Tally},
    s3_client::S3Client,
    shared::{Shared, oldest},
    spec::{Destination, Endpoint},
};
use object::Parcel;

/// The clients that the streams of a stack share.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    opensearch: OpenSearchClient,
    s3: S3Client,
    faults: Faults,
}

impl Clients {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            opensearch: OpenSearchClient::new(&config.opensearch)?,
            s3: S3Client::new(&config.s3, &config.region)?,
            faults: config.faults.clone(),
        })
    }

    /// Whether a destination can be spoken to.
    pub(crate) fn check(&self, destination: &Destination) -> Result<(), Error> {
        match destination {
            Destination::OpenSearch(destination) => self.cluster(&destination.endpoint).map(|_| ()),
            Destination::S3(_) => Ok(()),
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
            match self.shared.decide(self.lane) {
                Decision::Flush => self.deliver().await,
                Decision::Rest => self.activity.rest(None, self.shared.wake(self.lane).notified()).await,
                Decision::WaitUntil(due) => {
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

    /// Delivers the next batch, however long that takes.
    async fn deliver(&mut self) {
        let spec = self.shared.spec();
        let batch = self.shared.batch(self.lane);
        match (self.lane, &spec.destination) {
            (Lane::Destination, Destination::OpenSearch(destination)) => {
                self.deliver_to_index(&spec, destination, batch).await;
            }
            (Lane::Destination, Destination::S3(_)) => {
                let (done, stored) = (end_of(&batch), Tally::of(&batch));
                self.store_records(batch, |bucket, key| Target::Object { bucket, key }).await;
                self.shared.finish_destination(done, &Settled { stored, ..Settled::default() });
            }
            (Lane::Backup, _) => {
                let (done, backed_up) = (end_of(&batch), Tally::of(&batch));
                self.store_records(batch, |bucket, key| Target::Backup { bucket, key }).await;
                self.shared.finish_backup(done, backed_up);
            }
        }
    }

    /// Writes the records, one after the other and nothing between them, as one object.
    async fn store_records(&mut self, batch: Vec<Record>, target: fn(String, String) -> Target) {
        let oldest = oldest(&batch, self.shared.clock.now());
        let records = batch.len() as u64;
        let bytes = batch.iter().map(|record| record.data.len()).sum();
        let body = self.off_thread(bytes, move || {
            let mut body = Vec::with_capacity(bytes);
            for record in batch {
                body.extend_from_slice(&record.data);
            }
            body.into()
        });
        let body = body.await;
        self.store(Parcel { holds: Holds::Records, body, oldest, records, target }).await;
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

/// The index after the last record of a batch.
fn end_of(batch: &[Record]) -> u64 {
    batch.last().map_or(0, |record| record.index + 1)
}
