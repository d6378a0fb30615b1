//! What a stream's users and its workers both hold: the queue, its log on disk, the journal, and the signals between them.
//!
//! Everything that must be seen together changes under one lock, without waiting inside it.

use std::{
    fmt::Write,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use ekk_clock::{Clock, Pace};
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    DeliveryAttempt, QueueFull, SequenceNumber,
    buffer::{self, Decision},
    error::UnsettledStream,
    journal::Journal,
    limits::RECORD_OVERHEAD_BYTES,
    queue::{Lane, Queue, Record, Settled, Tally, Trouble, log::Log, sequence_number},
    spec::{BufferingHints, Destination, S3BackupMode, StreamSpec},
};

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    /// The shard part of sequence numbers.
    pub(crate) shard: u32,
    /// Ends the workers.
    pub(crate) stop: CancellationToken,
    state: Mutex<State>,
    /// Changes whenever somebody may have waited for it.
    progress: watch::Sender<()>,
    /// Changes with each flush that somebody asks for.
    flushes: watch::Sender<()>,
    destination_wake: Notify,
    backup_wake: Notify,
}

/// What changes under the lock.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) spec: Arc<StreamSpec>,
    pub(crate) queue: Queue,
    pub(crate) log: Option<Log>,
    pub(crate) journal: Journal,
    /// The bound of what the queue may hold.
    pub(crate) queue_bytes: u64,
    pub(crate) epoch: u64,
    /// Why no records are taken any more.
    pub(crate) refusal: Option<&'static str>,
}

impl Shared {
    pub(crate) fn new(clock: Clock, shard: u32, stop: CancellationToken, state: State) -> Self {
        Self {
            clock,
            shard,
            stop,
            state: Mutex::new(state),
            progress: watch::Sender::new(()),
            flushes: watch::Sender::new(()),
            destination_wake: Notify::new(),
            backup_wake: Notify::new(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn spec(&self) -> Arc<StreamSpec> {
        self.lock().spec.clone()
    }

    pub(crate) fn update(&self, spec: StreamSpec) {
        let mut state = self.lock();
        state.queue.set_backs_up(backs_up(&spec.destination));
        state.spec = Arc::new(spec);
        drop(state);
        self.wake(Lane::Destination).notify_one();
        self.wake(Lane::Backup).notify_one();
        self.progress.send_replace(());
    }

    /// Takes all records or none.
    pub(crate) fn accept(&self, records: &[Bytes]) -> Result<Vec<SequenceNumber>, QueueFull> {
        let now = self.clock.now();
        let mut state = self.lock();
        if self.stop.is_cancelled() {
            return Err(QueueFull { reason: "the stream is closed".to_owned() });
        }
        state.check_room(records)?;
        let first = state.queue.next_index();
        let epoch = state.epoch;
        if let Some(log) = &mut state.log {
            log.append(first, now, records)
                .map_err(|error| QueueFull { reason: format!("cannot write the queue to the disk: {error}") })?;
        }
        let mut numbers = Vec::with_capacity(records.len());
        let waited = [Lane::Destination, Lane::Backup].map(|lane| state.queue.progress(lane).left.records > 0);
        for (index, record) in (first..).zip(records) {
            state.queue.push(epoch, now, record.clone());
            numbers.push(sequence_number(epoch, index, now, self.shard));
        }
        for (lane, waited) in [Lane::Destination, Lane::Backup].into_iter().zip(waited) {
            // A lane that waits has a timer for its oldest record already: only a full buffer is news to it.
            let left = state.queue.progress(lane).left;
            if left.records > 0 && (!waited || left.bytes >= state.hints(lane).size_bytes) {
                self.wake(lane).notify_one();
            }
        }
        Ok(numbers)
    }

    /// Waits for news for a lane.
    pub(crate) fn wake(&self, lane: Lane) -> &Notify {
        match lane {
            Lane::Destination => &self.destination_wake,
            Lane::Backup => &self.backup_wake,
        }
    }

    /// What a lane shall do now.
    pub(crate) fn decide(&self, lane: Lane) -> Decision {
        let state = self.lock();
        buffer::decide(state.queue.waiting(lane), state.hints(lane), self.clock.now())
    }

    /// The next batch of a lane, which stays in the queue until it is finished.
    pub(crate) fn batch(&self, lane: Lane) -> Vec<Record> {
        let state = self.lock();
        let size_bytes = state.hints(lane).size_bytes;
        let length = buffer::batch_length(state.queue.unfinished(lane).map(Record::bytes), size_bytes);
        state.queue.unfinished(lane).take(length).cloned().collect()
    }

    pub(crate) fn note_attempt(&self, attempt: DeliveryAttempt) {
        self.lock().journal.note(attempt);
    }

    pub(crate) fn note_indexed(&self, tally: Tally) {
        let mut state = self.lock();
        state.queue.note_indexed(tally);
        state.queue.progress_mut(Lane::Destination).trouble = None;
        drop(state);
        self.progress.send_replace(());
    }

    pub(crate) fn note_retry(&self) {
        self.lock().queue.note_retry();
    }

    pub(crate) fn note_possible_duplicates(&self, records: u64) {
        self.lock().queue.note_possible_duplicates(records);
    }

    /// Notes that an attempt failed, and when the next one is.
    pub(crate) fn note_trouble(&self, lane: Lane, trouble: Trouble) {
        let mut state = self.lock();
        let progress = state.queue.progress_mut(lane);
        progress.failures += 1;
        progress.trouble = Some(trouble);
        drop(state);
        self.progress.send_replace(());
    }

    /// Finishes the destination lane's records up to `done`.
    pub(crate) fn finish_destination(&self, done: u64, settled: &Settled) {
        let mut state = self.lock();
        state.queue.finish_destination(done, settled);
        state.keep_progress();
        drop(state);
        self.progress.send_replace(());
    }

    /// Finishes the backup lane's records up to `done`.
    pub(crate) fn finish_backup(&self, done: u64, backed_up: Tally) {
        let mut state = self.lock();
        state.queue.finish_backup(done, backed_up);
        state.keep_progress();
        drop(state);
        self.progress.send_replace(());
    }

    /// Signals of flushes from now on: a pause before a retry ends with the next.
    pub(crate) fn flushes(&self) -> watch::Receiver<()> {
        self.flushes.subscribe()
    }

    /// Asks both lanes to deliver what is there, and answers what they have to reach.
    pub(crate) fn ask_for_flush(&self) -> Flush {
        let mut state = self.lock();
        state.queue.ask_for_flush();
        let flush = Flush {
            target: state.queue.next_index(),
            failures: [Lane::Destination, Lane::Backup].map(|lane| state.queue.progress(lane).failures),
        };
        drop(state);
        self.wake(Lane::Destination).notify_one();
        self.wake(Lane::Backup).notify_one();
        self.flushes.send_replace(());
        flush
    }

    /// Waits until `reached` says so of the state, or the stream is stopped.
    pub(crate) async fn wait(&self, reached: impl Fn(&State) -> bool) {
        let mut progress = self.progress.subscribe();
        loop {
            if reached(&self.lock()) {
                return;
            }
            tokio::select! {
                changed = progress.changed() => changed.expect("the stream holds the sender"),
                () = self.stop.cancelled() => return,
            }
        }
    }

    /// What is left below `target`, in a developer's words; none when nothing is.
    pub(crate) fn left(&self, target: u64) -> Option<UnsettledStream> {
        let state = self.lock();
        if state.has_reached(target) {
            return None;
        }
        let mut reasons = String::new();
        for (lane, name) in [(Lane::Destination, "delivery"), (Lane::Backup, "backup")] {
            let progress = state.queue.progress(lane);
            if progress.done >= target || progress.left.records == 0 {
                continue;
            }
            let separator = if reasons.is_empty() { "" } else { "; " };
            let reason = match &progress.trouble {
                Some(trouble) => self.describe(trouble),
                None if self.stop.is_cancelled() => "the stream was stopped".to_owned(),
                None => "a request is on its way and not answered yet".to_owned(),
            };
            write!(reasons, "{separator}{name}: {reason}").expect("a string takes what is written to it");
        }
        let account = state.queue.account();
        Some(UnsettledStream {
            name: state.spec.name.clone(),
            queued: account.queued,
            backup_queued: account.backup_queued,
            reason: reasons,
        })
    }

    fn describe(&self, trouble: &Trouble) -> String {
        let clock = match self.clock.pace() {
            Pace::Frozen { at } => format!("the stack's clock stands at {at}: advance it, or flush"),
            Pace::Running { .. } => format!("it is {} by the stack's clock", self.clock.now()),
        };
        format!("{}; next attempt at {}, {clock}", trouble.reason, trouble.next)
    }
}

/// What a flush has to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flush {
    /// Records below this index were there.
    pub(crate) target: u64,
    failures: [u64; 2],
}

impl Flush {
    /// Whether each lane has delivered what was there, or failed in an attempt since.
    pub(crate) fn is_done_or_retrying(&self, state: &State) -> bool {
        [Lane::Destination, Lane::Backup].into_iter().zip(self.failures).all(|(lane, failures)| {
            let progress = state.queue.progress(lane);
            progress.done >= self.target || progress.left.records == 0 || progress.failures > failures
        })
    }
}

impl State {
    /// Whether both lanes have finished the records below `target`.
    pub(crate) fn has_reached(&self, target: u64) -> bool {
        [Lane::Destination, Lane::Backup].into_iter().all(|lane| {
            let progress = self.queue.progress(lane);
            progress.done >= target || progress.left.records == 0
        })
    }

    fn check_room(&self, records: &[Bytes]) -> Result<(), QueueFull> {
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
            self.spec.name, self.queue_bytes
        );
        for lane in [Lane::Destination, Lane::Backup] {
            if let Some(Trouble { reason: cause, .. }) = &self.queue.progress(lane).trouble {
                write!(reason, "; {cause}").expect("a string takes what is written to it");
            }
        }
        Err(QueueFull { reason })
    }

    fn hints(&self, lane: Lane) -> BufferingHints {
        match (&self.spec.destination, lane) {
            (Destination::OpenSearch(destination), Lane::Destination) => destination.buffering_hints,
            (Destination::OpenSearch(destination), Lane::Backup) => destination.backup.buffering_hints,
            (Destination::S3(bucket), _) => bucket.buffering_hints,
        }
    }

    /// Keeps the progress on disk and gives the disk of finished records back. A failure costs repetition, not records.
    fn keep_progress(&mut self) {
        let checkpoint = self.queue.checkpoint();
        if let Some(log) = &mut self.log
            && let Err(error) = log.keep(&checkpoint)
        {
            tracing::warn!(stream = self.spec.name, %error, "cannot keep progress, a restart would deliver again");
        }
    }
}

/// Whether incoming records are backed up.
pub(crate) fn backs_up(destination: &Destination) -> bool {
    match destination {
        Destination::OpenSearch(destination) => destination.backup_mode == S3BackupMode::AllDocuments,
        Destination::S3(_) => false,
    }
}

/// When the oldest of `records` arrived; `now` when there are none.
pub(crate) fn oldest(records: &[Record], now: Timestamp) -> Timestamp {
    records.iter().map(|record| record.arrival).min().unwrap_or(now)
}
