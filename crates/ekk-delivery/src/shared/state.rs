//! What changes under the lock of a stream, and what each lane shall do next.

use std::{collections::BTreeMap, fmt::Write, sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    QueueFull,
    buffer::{self, Decision},
    journal::Journal,
    limits::{PROCESSING_BATCH_BYTES, RECORD_OVERHEAD_BYTES, STAGED_BYTES},
    meters::{Meters, Metric, Moment},
    processing::Plan,
    queue::{Lane, Queue, Record, log::Log},
    spec::{BufferingHints, StreamSpec},
    staging::{Due, Staging},
};

/// What changes under the lock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) spec: Arc<StreamSpec>,
    /// How the spec's processors work.
    pub(crate) plan: Arc<Plan>,
    pub(crate) queue: Queue,
    pub(crate) staging: Staging,
    pub(crate) log: Option<Log>,
    pub(crate) journal: Journal,
    pub(crate) meters: Meters,
    pub(crate) fortunes: PerLane<Fortune>,
    /// The bound of what the queue may hold.
    pub(crate) queue_bytes: u64,
    pub(crate) epoch: u64,
    /// Why no records are taken any more.
    pub(crate) refusal: Option<&'static str>,
}

/// One of something for each lane.
#[derive(Debug, Default)]
pub(crate) struct PerLane<T> {
    processing: T,
    destination: T,
    backup: T,
}

impl<T> PerLane<T> {
    pub(super) fn of(&self, lane: Lane) -> &T {
        match lane {
            Lane::Processing => &self.processing,
            Lane::Destination => &self.destination,
            Lane::Backup => &self.backup,
        }
    }

    pub(super) fn of_mut(&mut self, lane: Lane) -> &mut T {
        match lane {
            Lane::Processing => &mut self.processing,
            Lane::Destination => &mut self.destination,
            Lane::Backup => &mut self.backup,
        }
    }
}

/// One worker among those that a stream ever had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WorkerId {
    pub(crate) lane: Lane,
    /// Counted in the lane, from 0.
    pub(crate) number: u64,
}

/// How the workers of a lane fare.
#[derive(Debug, Default)]
pub(crate) struct Fortune {
    /// Attempts that failed.
    failures: u64,
    /// The workers that have not ended, by their number.
    workers: BTreeMap<u64, Lot>,
}

/// How one worker fares.
#[derive(Debug, Default)]
struct Lot {
    /// Why it does not come on, while it does not.
    trouble: Option<Trouble>,
    /// Whether it waits for its next attempt.
    pauses: bool,
}

impl Fortune {
    pub(super) fn begin(&mut self, worker: WorkerId) {
        self.workers.insert(worker.number, Lot::default());
    }

    pub(super) fn finish(&mut self, worker: WorkerId) {
        self.workers.remove(&worker.number);
    }

    pub(super) fn note_trouble(&mut self, worker: WorkerId, trouble: Trouble) {
        self.failures += 1;
        self.workers.insert(worker.number, Lot { trouble: Some(trouble), pauses: true });
    }

    pub(super) fn note_retry(&mut self, worker: WorkerId) {
        self.workers.entry(worker.number).or_default().pauses = false;
    }

    /// Answers whether it was in trouble.
    pub(super) fn note_success(&mut self, worker: WorkerId) -> bool {
        self.workers.entry(worker.number).or_default().trouble.take().is_some()
    }

    /// Why the lane does not come on: the trouble whose next attempt is the first.
    pub(super) fn trouble(&self) -> Option<&Trouble> {
        self.workers.values().filter_map(|lot| lot.trouble.as_ref()).min_by_key(|trouble| trouble.next)
    }

    fn makes_attempts(&self) -> bool {
        self.workers.values().any(|lot| !lot.pauses)
    }
}

/// Why a worker waits for its next attempt.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// The reason, in a developer's words.
    pub(crate) reason: String,
    /// When the next attempt is, by the stack's clock.
    pub(crate) next: Timestamp,
}

/// What a lane shall do now.
#[derive(Debug)]
pub(crate) enum Next {
    /// Nothing waits.
    Rest,
    /// Look again then, or when there is news.
    WaitUntil(Timestamp),
    /// Deliver, or process, these.
    Batch(Batch),
}

/// Records that go together, and what the stream was told when they were taken.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) spec: Arc<StreamSpec>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) records: Vec<Record>,
    /// The prefix of their partition's objects, when the stream is partitioned.
    pub(crate) partition: Option<String>,
}

/// What the processors have made of one record.
#[derive(Debug)]
pub(crate) struct Processed {
    /// The record's index.
    pub(crate) index: u64,
    /// How many pieces it has become, with those that failed; 1 when it is whole.
    pub(crate) pieces: u32,
    /// Pieces that go on, each with its partition.
    pub(crate) waiting: Vec<(String, Record)>,
    /// Pieces that were dropped.
    pub(crate) dropped: Vec<Record>,
}

impl State {
    /// Whether both lanes have finished the records below `target`.
    pub(crate) fn has_reached(&self, target: u64) -> bool {
        [Lane::Destination, Lane::Backup].into_iter().all(|lane| {
            let progress = self.queue.progress(lane);
            progress.done >= target || progress.left.records == 0
        })
    }

    pub(super) fn check_room(&self, records: &[Bytes]) -> Result<(), QueueFull> {
        if let Some(refusal) = self.refusal {
            return Err(QueueFull { reason: refusal.to_owned() });
        }
        let bytes: u64 = records.iter().map(|record| record.len() as u64 + RECORD_OVERHEAD_BYTES).sum();
        let held = self.queue.held_bytes();
        if held + bytes <= self.queue_bytes {
            return Ok(());
        }
        let mut reason = format!(
            "the queue of stream {} holds {held} bytes and cannot take {bytes} more: its bound is {}",
            self.spec.id, self.queue_bytes
        );
        for lane in Lane::ALL {
            if let Some(Trouble { reason: cause, .. }) = self.fortunes.of(lane).trouble() {
                write!(reason, "; {cause}").expect("a string takes what is written to it");
            }
        }
        Err(QueueFull { reason })
    }

    pub(super) fn hints(&self, lane: Lane) -> BufferingHints {
        let destination = &self.spec.destination;
        match (lane, destination.source_backup()) {
            (Lane::Processing, _) => self.plan.buffering_hints().unwrap_or(AT_ONCE),
            (Lane::Backup, Some(bucket)) => bucket.buffering_hints,
            _ => destination.buffering_hints(),
        }
    }

    /// Who takes records out of the queue on the destination's way.
    pub(super) fn first_lane(&self) -> Lane {
        let processes = self.plan.does_anything() || self.spec.destination.is_partitioned();
        if processes { Lane::Processing } else { Lane::Destination }
    }

    /// Attempts that failed, on the way to the destination and to the backup.
    pub(super) fn failures(&self) -> [u64; 2] {
        let of = |lane| self.fortunes.of(lane).failures;
        [of(Lane::Processing) + of(Lane::Destination), of(Lane::Backup)]
    }

    /// Whether anybody on the way of `lane`, which is none but the destination's or the backup's, makes an attempt.
    pub(super) fn makes_attempts(&self, lane: Lane) -> bool {
        let before = lane == Lane::Destination && self.fortunes.of(Lane::Processing).makes_attempts();
        before || self.fortunes.of(lane).makes_attempts()
    }

    /// Until when the oldest record that waits on the way of `lane` may do so.
    pub(super) fn buffered_until(&self, lane: Lane) -> Option<Timestamp> {
        let first = if lane == Lane::Destination { self.first_lane() } else { lane };
        let unprocessed = self.queue.waiting(first).oldest.map(|oldest| (oldest, self.hints(first)));
        let staged = self.staging.oldest().filter(|_| lane == Lane::Destination);
        let staged = staged.map(|oldest| (oldest, self.hints(Lane::Destination)));
        let due = |(oldest, hints): (Timestamp, BufferingHints)| {
            oldest.saturating_add(hints.interval).unwrap_or(Timestamp::MAX)
        };
        unprocessed.into_iter().chain(staged).map(due).min()
    }

    pub(super) fn next_to_process(&mut self, now: Timestamp) -> Next {
        if self.first_lane() != Lane::Processing || self.staging.bytes() > self.most_staged() {
            return Next::Rest;
        }
        self.next_of_queue(Lane::Processing, now)
    }

    pub(super) fn next_to_deliver(&mut self, now: Timestamp) -> Next {
        let hints = self.hints(Lane::Destination);
        let flush_to = self.queue.progress(Lane::Destination).flush_to;
        let is_full = self.queue.held_bytes() > self.queue_bytes / 4 * 3;
        let most = if is_full { 0 } else { self.most_staged() };
        let staged = match self.staging.due(hints, flush_to, most, now) {
            Due::Partition(partition) => {
                let records = self.staging.take(&partition, hints.size_bytes);
                let partition = Some(partition).filter(|partition| !partition.is_empty());
                return Next::Batch(self.batch(records, partition));
            }
            Due::WaitUntil(due) => Some(due),
            Due::Rest => None,
        };
        let unprocessed = match self.first_lane() {
            Lane::Destination => self.next_of_queue(Lane::Destination, now),
            _ => Next::Rest,
        };
        match (unprocessed, staged) {
            (Next::Rest, Some(due)) => Next::WaitUntil(due),
            (Next::WaitUntil(earlier), Some(due)) => Next::WaitUntil(due.min(earlier)),
            (next, _) => next,
        }
    }

    pub(super) fn next_of_queue(&mut self, lane: Lane, now: Timestamp) -> Next {
        let hints = self.hints(lane);
        match buffer::decide(self.queue.waiting(lane), hints, now) {
            Decision::Rest => Next::Rest,
            Decision::WaitUntil(due) => Next::WaitUntil(due),
            Decision::Flush => {
                let waiting = self.queue.waiting_records(lane).map(Record::bytes);
                let length = buffer::batch_length(waiting, hints.size_bytes);
                let records = self.queue.take(lane, length);
                Next::Batch(self.batch(records, None))
            }
        }
    }

    fn batch(&self, records: Vec<Record>, partition: Option<String>) -> Batch {
        Batch { spec: self.spec.clone(), plan: self.plan.clone(), records, partition }
    }

    /// Bytes that may wait behind the processors before the largest buffer is flushed early.
    fn most_staged(&self) -> u64 {
        STAGED_BYTES.max(2 * self.hints(Lane::Destination).size_bytes)
    }

    /// The metrics at `now`.
    pub(super) fn metrics(&self, now: Timestamp) -> Vec<Metric> {
        let age = |lane| {
            let oldest = self.queue.oldest_unfinished(lane);
            oldest.map_or(Duration::ZERO, |oldest| oldest.duration_until(now).unsigned_abs())
        };
        let account = self.queue.account();
        let moment = Moment {
            freshness: age(Lane::Destination),
            backup_freshness: age(Lane::Backup),
            backed_up: account.backed_up,
            backed_up_bytes: account.backed_up_bytes,
            active_partitions: self.staging.partitions(),
            partition_throughput: self.staging.throughput(now),
        };
        self.meters.metrics(&self.spec, &moment)
    }

    /// Keeps the progress on disk and gives the disk of finished records back. A failure costs repetition, not records.
    pub(super) fn keep_progress(&mut self) {
        let checkpoint = self.queue.checkpoint();
        if let Some(log) = &mut self.log
            && let Err(error) = log.keep(&checkpoint)
        {
            tracing::warn!(stream = self.spec.id, %error, "cannot keep progress, a restart would deliver again");
        }
    }
}

/// The hints of processors that wait for nothing.
const AT_ONCE: BufferingHints = BufferingHints { size_bytes: PROCESSING_BATCH_BYTES, interval: Duration::ZERO };
