//! What a stream's users and its workers both hold: the queue, its log on disk, the journal, and the signals between them.
//!
//! Everything that must be seen together changes under one lock, without waiting inside it.

mod state;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use ekk_clock::{Clock, Pace};
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    DeliveryAttempt, Metric, QueueFull, SequenceNumber,
    error::UnsettledStream,
    meters::Meters,
    processing::Plan,
    queue::{Fate, Lane, Record, sequence_number},
    spec::StreamSpec,
};
pub(crate) use state::{Batch, Next, PerLane, Processed, State, Trouble, WorkerId};

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
    wakes: PerLane<Notify>,
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
            wakes: PerLane::default(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn spec(&self) -> Arc<StreamSpec> {
        self.lock().spec.clone()
    }

    pub(crate) fn update(&self, spec: StreamSpec, plan: Plan) {
        let mut state = self.lock();
        state.queue.set_backs_up(spec.destination.source_backup().is_some());
        state.spec = Arc::new(spec);
        state.plan = Arc::new(plan);
        drop(state);
        self.wake_all();
        self.progress.send_replace(());
    }

    fn wake_all(&self) {
        for lane in Lane::ALL {
            self.wake(lane).notify_one();
        }
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
        let lanes = [state.first_lane(), Lane::Backup];
        let waited = lanes.map(|lane| state.queue.waiting(lane).oldest.is_some());
        let mut numbers = Vec::with_capacity(records.len());
        for (index, record) in (first..).zip(records) {
            state.queue.push(epoch, now, record.clone());
            numbers.push(sequence_number(epoch, index, now, self.shard));
        }
        state.meters.note_incoming(records);
        for (lane, waited) in lanes.into_iter().zip(waited) {
            // A lane that waits has a timer for its oldest record already: only a full buffer is news to it.
            let waiting = state.queue.waiting(lane);
            if waiting.oldest.is_some() && (!waited || waiting.bytes >= state.hints(lane).size_bytes) {
                self.wake(lane).notify_one();
            }
        }
        Ok(numbers)
    }

    /// Waits for news for a lane.
    pub(crate) fn wake(&self, lane: Lane) -> &Notify {
        self.wakes.of(lane)
    }

    /// What a lane shall do now; the records of a batch stay in the queue until they have ended.
    pub(crate) fn next(&self, lane: Lane) -> Next {
        let mut state = self.lock();
        let now = self.clock.now();
        match lane {
            Lane::Processing => state.next_to_process(now),
            Lane::Destination => state.next_to_deliver(now),
            Lane::Backup => state.next_of_queue(Lane::Backup, now),
        }
    }

    /// Puts processed records into the buffers of their partitions, and ends those that were dropped.
    pub(crate) fn stage(&self, processed: Vec<Processed>) {
        let now = self.clock.now();
        let mut state = self.lock();
        for Processed { index, pieces, waiting, dropped } in processed {
            if pieces > 1 {
                state.queue.split(index, pieces);
            }
            for (partition, record) in waiting {
                state.staging.push(&partition, record, now);
            }
            state.queue.end(&dropped, Fate::Dropped);
        }
        state.keep_progress();
        drop(state);
        self.wake(Lane::Destination).notify_one();
        self.progress.send_replace(());
    }

    /// The partitions that have a buffer.
    pub(crate) fn active_partitions(&self) -> BTreeSet<String> {
        self.lock().staging.active()
    }

    pub(crate) fn note_attempt(&self, attempt: DeliveryAttempt) {
        let mut state = self.lock();
        state.meters.note_attempt(&attempt);
        state.journal.note(attempt);
    }

    /// What is measured of the stream.
    pub(crate) fn metrics(&self) -> Vec<Metric> {
        self.lock().metrics(self.clock.now())
    }

    /// Adds to what is measured.
    pub(crate) fn measure(&self, note: impl FnOnce(&mut Meters)) {
        note(&mut self.lock().meters);
    }

    /// Notes that a worker has begun.
    pub(crate) fn begin(&self, worker: WorkerId) {
        self.lock().fortunes.of_mut(worker.lane).begin(worker);
    }

    /// Notes that a worker has ended.
    pub(crate) fn finish(&self, worker: WorkerId) {
        self.lock().fortunes.of_mut(worker.lane).finish(worker);
        self.progress.send_replace(());
    }

    /// Whether a worker of the lane waits for its next attempt, or makes one after a failed one.
    pub(crate) fn is_in_trouble(&self, lane: Lane) -> bool {
        self.lock().fortunes.of(lane).trouble().is_some()
    }

    /// Notes that a worker makes an attempt again.
    pub(crate) fn note_retry(&self, worker: WorkerId) {
        let mut state = self.lock();
        state.fortunes.of_mut(worker.lane).note_retry(worker);
        state.queue.note_retry();
    }

    pub(crate) fn note_possible_duplicates(&self, records: u64) {
        self.lock().queue.note_possible_duplicates(records);
    }

    /// Notes that an attempt failed, and when the next one is.
    pub(crate) fn note_trouble(&self, worker: WorkerId, trouble: Trouble) {
        self.lock().fortunes.of_mut(worker.lane).note_trouble(worker, trouble);
        self.progress.send_replace(());
    }

    /// Notes that a worker comes on.
    pub(crate) fn note_success(&self, worker: WorkerId) {
        if self.lock().fortunes.of_mut(worker.lane).note_success(worker) {
            self.wake(worker.lane).notify_one();
        }
    }

    /// Ends records on the destination's way.
    pub(crate) fn end(&self, worker: WorkerId, records: &[Record], fate: Fate) {
        if records.is_empty() {
            return;
        }
        let mut state = self.lock();
        state.queue.end(records, fate);
        state.meters.note_ended(records, fate);
        state.keep_progress();
        drop(state);
        self.note_success(worker);
        // What has ended makes room for what waits before the processors.
        self.wake(Lane::Processing).notify_one();
        self.progress.send_replace(());
    }

    /// Ends records on the backup's way.
    pub(crate) fn finish_backup(&self, worker: WorkerId, records: &[Record]) {
        let mut state = self.lock();
        state.queue.finish_backup(records);
        state.keep_progress();
        drop(state);
        self.note_success(worker);
        self.progress.send_replace(());
    }

    /// Signals of flushes from now on: a pause before a retry ends with the next.
    pub(crate) fn flushes(&self) -> watch::Receiver<()> {
        self.flushes.subscribe()
    }

    /// Asks all lanes to deliver what is there, and answers what they have to reach.
    pub(crate) fn ask_for_flush(&self) -> Flush {
        let mut state = self.lock();
        state.queue.ask_for_flush();
        let flush = Flush { target: state.queue.next_index(), failures: state.failures() };
        drop(state);
        self.wake_all();
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
        let mut reasons = Vec::new();
        for (lane, name) in
            [(Lane::Processing, "processing"), (Lane::Destination, "delivery"), (Lane::Backup, "backup")]
        {
            let progress = state.queue.progress(lane);
            if progress.done >= target || progress.left.records == 0 {
                continue;
            }
            let troubled_before = lane == Lane::Destination && state.fortunes.of(Lane::Processing).trouble().is_some();
            match state.fortunes.of(lane).trouble() {
                Some(trouble) => reasons.push(format!("{name}: {}", self.describe(trouble))),
                None if lane == Lane::Processing || troubled_before => {}
                None if self.stop.is_cancelled() => reasons.push(format!("{name}: the stream was stopped")),
                None if state.makes_attempts(lane) => {
                    reasons.push(format!("{name}: a request is on its way and not answered yet"));
                }
                None => reasons.push(self.describe_buffer(&state, lane, name)),
            }
        }
        let account = state.queue.account();
        Some(UnsettledStream {
            name: state.spec.id.clone(),
            queued: account.queued,
            backup_queued: account.backup_queued,
            reason: reasons.join("; "),
        })
    }

    fn describe(&self, trouble: &Trouble) -> String {
        format!("{}; next attempt at {}, {}", trouble.reason, trouble.next, self.describe_clock())
    }

    fn describe_buffer(&self, state: &State, lane: Lane, name: &str) -> String {
        match state.buffered_until(lane) {
            Some(due) => format!("{name}: buffered until {due} or until the buffer is full, {}", self.describe_clock()),
            None => format!("{name}: about to begin"),
        }
    }

    fn describe_clock(&self) -> String {
        match self.clock.pace() {
            Pace::Frozen { at } => format!("the stack's clock stands at {at}: advance it, or flush"),
            Pace::Running { .. } => format!("it is {} by the stack's clock", self.clock.now()),
        }
    }
}

/// What a flush has to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flush {
    /// Records below this index were there.
    pub(crate) target: u64,
    /// Attempts that had failed, on the way to the destination and to the backup.
    failures: [u64; 2],
}

impl Flush {
    /// Whether each way has delivered what was there, or failed in an attempt since and makes no other now.
    pub(crate) fn is_done_or_retrying(&self, state: &State) -> bool {
        let lanes = [Lane::Destination, Lane::Backup].into_iter();
        lanes.zip(self.failures).zip(state.failures()).all(|((lane, before), now)| {
            let progress = state.queue.progress(lane);
            let is_done = progress.done >= self.target || progress.left.records == 0;
            is_done || now > before && !state.makes_attempts(lane)
        })
    }
}

/// When the oldest of `records` arrived; `now` when there are none.
pub(crate) fn oldest(records: &[Record], now: Timestamp) -> Timestamp {
    records.iter().map(|record| record.arrival).min().unwrap_or(now)
}
