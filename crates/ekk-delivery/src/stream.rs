//! One stream as its users see it: it takes records, tells its account, and can be flushed.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use ekk_clock::Clock;
use jiff::Timestamp;
use rand::{SeedableRng, rngs::StdRng};
use tokio::runtime::Handle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Account, DeliveryAttempt, Error, Metric, QueueFull, SequenceNumber, StreamSpec, Unsettled, UnsettledStream,
    journal::Journal,
    meters::Meters,
    prefix,
    processing::Plan,
    queue::{
        Lane, Queue,
        log::{Log, Restored},
    },
    shared::{Flush, PerLane, Shared, State},
    staging::Staging,
    tap::{AcceptedRecord, Tap},
    worker::{Clients, Crew},
};

/// An open stream. Clones are the same stream.
#[derive(Clone, Debug)]
pub struct Stream {
    shared: Arc<Shared>,
    tap: Arc<Tap>,
    workers: TaskTracker,
    clients: Clients,
}

/// What a stream is opened with besides its spec.
pub(crate) struct Opening<'a> {
    pub(crate) clients: &'a Clients,
    pub(crate) clock: &'a Clock,
    pub(crate) runtime: &'a Handle,
    pub(crate) stop: CancellationToken,
    /// Where this stream's queue is kept.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) queue_bytes: u64,
    /// Not lower than any that a stream was opened with before.
    pub(crate) epoch: u64,
    pub(crate) seed: u64,
}

impl Stream {
    /// Opens the queue and starts the workers.
    pub(crate) fn open(spec: StreamSpec, opening: Opening<'_>) -> Result<Self, Error> {
        let plan = check(&spec, opening.clients)?;
        let (log, restored) = match opening.folder {
            None => (None, Restored::default()),
            Some(path) => {
                let (log, restored) =
                    Log::open(&path, opening.epoch).map_err(|source| Error::Folder { path, source })?;
                (Some(log), restored)
            }
        };
        let epoch = log.as_ref().map_or(opening.epoch, Log::epoch);
        let queue = Queue::restored(restored, spec.destination.source_backup().is_some());
        let account = queue.account();
        if account.lost > 0 {
            tracing::error!(stream = spec.id, records = account.lost, "damaged queue files have lost records");
        }
        let name_hash = crc32fast::hash(spec.id.as_bytes());
        let seed = opening.seed ^ u64::from(name_hash) << 32 ^ epoch;
        let shard = name_hash ^ crc32fast::hash(&opening.seed.to_le_bytes());
        let state = State {
            spec: Arc::new(spec),
            plan: Arc::new(plan),
            queue,
            staging: Staging::default(),
            log,
            journal: Journal::default(),
            meters: Meters::default(),
            fortunes: PerLane::default(),
            queue_bytes: opening.queue_bytes,
            epoch,
            refusal: None,
        };
        let shared = Arc::new(Shared::new(opening.clock.clone(), shard, opening.stop, state));
        let workers = TaskTracker::new();
        for (lane, salt) in [(Lane::Destination, 0), (Lane::Backup, 1 << 63), (Lane::Processing, 1 << 62)] {
            let random = StdRng::seed_from_u64(seed ^ salt);
            let crew = Crew::new(lane, shared.clone(), opening.clients.clone(), random, workers.clone());
            workers.spawn_on(crew.run(), opening.runtime);
        }
        Ok(Self { shared, tap: Arc::default(), workers, clients: opening.clients.clone() })
    }

    /// What the stream was last told to do.
    pub fn spec(&self) -> Arc<StreamSpec> {
        self.shared.spec()
    }

    /// Tells the stream what to do from the next flush on. Objects that wait for a bucket go to the new one.
    ///
    /// # Errors
    /// As [`Delivery::open`](crate::Delivery::open) for a spec that cannot be delivered; the stream then goes on as before.
    pub fn update(&self, spec: StreamSpec) -> Result<(), Error> {
        let plan = check(&spec, &self.clients)?;
        self.shared.update(spec, plan);
        Ok(())
    }

    /// Takes all `records`, in order, or none. They are on disk, with a folder, before this returns.
    ///
    /// # Errors
    /// [`QueueFull`] when the stream holds too much already, cannot write to its disk, or is stopping.
    pub fn accept(&self, records: &[Bytes]) -> Result<Vec<SequenceNumber>, QueueFull> {
        let now = self.shared.clock.now();
        let numbers = self.shared.accept(records)?;
        self.tap.note(now, &numbers, records);
        Ok(numbers)
    }

    /// Notes that a put was told that so many of its records were not taken.
    pub fn note_refused(&self, records: u64) {
        self.tap.note_refused(records);
    }

    /// The newest records that were accepted, newest last: at most 100, and 1 MiB unless the last one alone is larger.
    pub fn newest(&self) -> Vec<AcceptedRecord> {
        self.tap.newest()
    }

    /// Waits until `reached` says so of the account, or the stream is stopped.
    pub async fn account_reaches(&self, reached: impl Fn(&Account) -> bool) {
        let mut news = self.tap.news();
        while !reached(&self.account()) {
            tokio::select! {
                () = self.shared.wait(|state| reached(&self.tap.add_to(state.queue.account()))) => return,
                changed = news.changed() => changed.expect("the stream holds the sender"),
            }
        }
    }

    /// What became of the stream's records.
    pub fn account(&self) -> Account {
        let account = self.shared.lock().queue.account();
        self.tap.add_to(account)
    }

    /// Flushes now, and returns when those deliveries are done or wait for a retry. A retry that waits is made at once.
    pub async fn flush(&self) {
        let flush = self.begin_flush();
        self.shared.wait(|state| flush.is_done_or_retrying(state)).await;
    }

    /// Flushes now and waits until all that was accepted by then is delivered and backed up; `patience` is real time.
    ///
    /// # Errors
    /// [`Unsettled`] says what is left, and why.
    pub async fn settled(&self, patience: Duration) -> Result<(), Unsettled> {
        let flush = self.begin_flush();
        // Whether the time was up is seen from what is left.
        let _in_time = tokio::time::timeout(patience, self.finished(flush)).await;
        match self.left(flush) {
            None => Ok(()),
            Some(left) => Err(Unsettled { streams: vec![left] }),
        }
    }

    /// What is not delivered or not backed up yet, and why; none when nothing is left. Nothing is flushed for it.
    pub fn unsettled(&self) -> Option<UnsettledStream> {
        let accepted = self.shared.lock().queue.next_index();
        self.shared.left(accepted)
    }

    /// The newest attempts to deliver, newest last, with their reasons.
    pub fn recent(&self) -> Vec<DeliveryAttempt> {
        self.shared.lock().journal.recent()
    }

    /// What is measured of the stream, under the names of `CloudWatch`.
    pub fn metrics(&self) -> Vec<Metric> {
        self.shared.metrics()
    }

    pub(crate) fn begin_flush(&self) -> Flush {
        self.shared.ask_for_flush()
    }

    /// Waits until what a flush found is delivered and backed up, or the stream is stopped.
    pub(crate) async fn finished(&self, flush: Flush) {
        self.shared.wait(|state| state.has_reached(flush.target)).await;
    }

    /// What is left of what a flush found.
    pub(crate) fn left(&self, flush: Flush) -> Option<UnsettledStream> {
        self.shared.left(flush.target)
    }

    /// Takes no more records, for `reason`.
    pub(crate) fn refuse(&self, reason: &'static str) {
        self.shared.lock().refusal = Some(reason);
    }

    /// Ends the workers where they are, and waits for them. With a folder the rest is on disk by then.
    pub(crate) async fn stop(&self) {
        self.shared.stop.cancel();
        self.workers.close();
        self.workers.wait().await;
        let mut state = self.shared.lock();
        let checkpoint = state.queue.checkpoint();
        if let Some(log) = &mut state.log
            && let Err(error) = log.keep(&checkpoint).and_then(|()| log.sync())
        {
            tracing::warn!(stream = state.spec.id, %error, "cannot keep progress, a restart would deliver again");
        }
    }

    /// Deletes the queue's folder; the stream must have been stopped.
    pub(crate) fn forget(&self) {
        let mut state = self.shared.lock();
        if let Some(log) = state.log.take()
            && let Err(error) = log.delete()
        {
            tracing::warn!(stream = state.spec.id, %error, "cannot delete the queue of a removed stream");
        }
    }

    /// The epoch that the stream was opened with.
    pub(crate) fn epoch(&self) -> u64 {
        self.shared.lock().epoch
    }
}

/// Checks that a stream can be delivered, and makes its processors ready.
fn check(spec: &StreamSpec, clients: &Clients) -> Result<Plan, Error> {
    let destination = &spec.destination;
    let partitioned = destination.is_partitioned().then(|| destination.s3());
    for bucket in [Some(destination.s3()), destination.source_backup()].into_iter().flatten() {
        let error_output_prefix = bucket.error_output_prefix.as_deref();
        if partitioned.is_some_and(|partitioned| std::ptr::eq(partitioned, bucket)) {
            prefix::check_partitioned(&bucket.prefix, error_output_prefix)?;
        } else {
            prefix::check(&bucket.prefix, error_output_prefix)?;
        }
    }
    let plan = Plan::new(spec)?;
    clients.check(spec)?;
    Ok(plan)
}

/// The seconds of `now`, the lowest epoch of a stream that is opened then.
pub(crate) fn epoch_at(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(0)
}
