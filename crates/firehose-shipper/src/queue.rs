//! The records that were accepted and have not reached their end, shared between the program's threads and the shipper's.
//!
//! Everything here is done under one lock that is held for some lines. The program's side is [`Queue::push`]; the other
//! side is the worker's.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{Notify, oneshot};

use crate::{
    batch::{CallLimits, Fill},
    counts::{Counts, Report},
    health::Condition,
    hooks::{Hooks, Settled},
    limits::REFILL_BYTES,
    quiet,
    record::{self, Outcome, Reason, Record},
    settings::{Settings, WhenFull},
    spill::{Damaged, Spill},
    watermark::Watermark,
};

/// The queue.
#[derive(Debug)]
pub(crate) struct Queue {
    settings: Settings,
    /// The fill that is worth a call.
    full: Fill,
    hooks: Arc<Hooks>,
    state: Mutex<State>,
    /// There may be room for a record again.
    room: Condvar,
    /// There is work for the worker.
    work: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// They wait for their first call, the oldest first.
    waiting: VecDeque<Record>,
    waiting_bytes: usize,
    /// All that is in memory until it is settled, with [`record::cost`].
    held: Fill,
    next_sequence: u64,
    watermark: Watermark,
    counts: Counts,
    condition: Condition,
    spill: Option<Spill>,
    /// Why the last record could not be written there, until that is told.
    spill_error: Option<String>,
    /// What a new record does to the worker.
    wake: Wake,
    /// A record found no room since the last call was taken.
    pressed: bool,
    /// Callers that wait for room.
    blocked: usize,
    flushes: Vec<Flush>,
    /// When the shipper is to end, once that was said.
    closing: Option<Duration>,
    /// The worker has gone.
    ended: bool,
}

/// When the worker wants to be woken by a new record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wake {
    /// By none: something else will wake it.
    Never,
    /// By the first.
    #[default]
    First,
    /// By the one that fills a call.
    Full,
}

/// Somebody waits for the records up to a mark.
#[derive(Debug)]
struct Flush {
    /// One more than the last sequence number.
    mark: u64,
    deadline: Duration,
    reply: oneshot::Sender<Report>,
}

/// What the worker sees when it looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) waiting: Fill,
    /// Records should go out without lingering.
    pub(crate) hurried: bool,
    /// The shipper is to end at this moment at the latest.
    pub(crate) closing: Option<Duration>,
    /// The first deadline of somebody who waits.
    pub(crate) deadline: Option<Duration>,
    /// Nothing is left: not here, not with the worker, not on disk.
    pub(crate) is_empty: bool,
}

/// A record that was not taken.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) data: Box<[u8]>,
}

impl Queue {
    pub(crate) fn new(settings: Settings, hooks: Arc<Hooks>, spill: Option<Spill>) -> Self {
        let full = CallLimits::full(&settings.batch, &settings.queue);
        let state = Mutex::new(State { spill, ..State::default() });
        Self { settings, full, hooks, state, room: Condvar::new(), work: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics under the lock but a failed allocation, and then the numbers still hold.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a record and answers its sequence number. It may wait for room, for as long as the settings say.
    pub(crate) fn push(&self, data: Box<[u8]>) -> Result<u64, Refused> {
        let cost = record::cost(&data);
        let mut state = self.lock();
        state.counts.offered += 1;
        // The shipper's own thread, on which callbacks are called, is the one that makes room.
        if let WhenFull::Block { patience } = self.settings.queue.when_full
            && !self.has_room(&state, cost)
            && !quiet::is_own_thread()
        {
            state = self.wait_for_room(state, cost, patience);
        }
        if state.closing.is_some() {
            state.counts.unsent.add(Reason::Closed, 1);
            return Err(Refused { reason: Reason::Closed, data });
        }
        let mut evicted = Vec::new();
        let must_spill = state.spill.as_ref().is_some_and(Spill::is_ahead);
        if must_spill || !self.has_room(&state, cost) {
            state.pressed = true;
            match &self.settings.queue.when_full {
                WhenFull::Spill { .. } => return self.spill(state, data),
                WhenFull::DropOldest => evicted = self.make_room(&mut state, cost),
                WhenFull::DropNewest | WhenFull::Block { .. } => {}
            }
        }
        let accepted = if self.has_room(&state, cost) {
            Ok(state.append(data))
        } else {
            state.counts.unsent.add(Reason::QueueFull, 1);
            Err(Refused { reason: Reason::QueueFull, data })
        };
        let wakes = self.wakes(&mut state);
        drop(state);
        if wakes {
            self.work.notify_one();
        }
        self.tell(&evicted, Outcome::Unsent(Reason::QueueFull), false);
        accepted
    }

    fn has_room(&self, state: &State, cost: usize) -> bool {
        let queue = &self.settings.queue;
        state.held.records < queue.max_records && state.held.bytes + cost <= queue.max_bytes
    }

    fn wait_for_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        cost: usize,
        patience: Duration,
    ) -> MutexGuard<'a, State> {
        state.pressed = true;
        state.blocked += 1;
        if self.wakes(&mut state) {
            self.work.notify_one();
        }
        let wanting = |state: &mut State| state.closing.is_none() && !self.has_room(state, cost);
        let (mut state, _) =
            self.room.wait_timeout_while(state, patience, wanting).unwrap_or_else(PoisonError::into_inner);
        state.blocked -= 1;
        state
    }

    /// Takes out the oldest records that wait, until there is room.
    fn make_room(&self, state: &mut State, cost: usize) -> Vec<Record> {
        let mut evicted = Vec::new();
        while !self.has_room(state, cost)
            && let Some(oldest) = state.waiting.pop_front()
        {
            state.waiting_bytes -= oldest.data.len();
            state.settle(&oldest, Outcome::Unsent(Reason::QueueFull));
            evicted.push(oldest);
        }
        evicted
    }

    fn spill(&self, mut state: MutexGuard<'_, State>, data: Box<[u8]>) -> Result<u64, Refused> {
        let sequence = state.next_sequence;
        let written = state.spill.as_mut().map_or(Ok(false), |spill| spill.write(sequence, &data));
        let written = state.note_written(written);
        let wakes = self.wakes(&mut state);
        if written {
            state.next_sequence += 1;
            state.counts.spilled += 1;
        } else {
            state.counts.unsent.add(Reason::QueueFull, 1);
        }
        drop(state);
        if wakes {
            self.work.notify_one();
        }
        if written { Ok(sequence) } else { Err(Refused { reason: Reason::QueueFull, data }) }
    }

    /// Whether the worker is to be woken now; it is then woken once.
    fn wakes(&self, state: &mut State) -> bool {
        let wakes = match state.wake {
            Wake::Never => false,
            Wake::First => true,
            Wake::Full => {
                state.pressed || state.waiting.len() >= self.full.records || state.waiting_bytes >= self.full.bytes
            }
        };
        if wakes {
            state.wake = Wake::Never;
        }
        wakes
    }

    /// Counts a record that was refused before it came to the queue.
    pub(crate) fn refuse(&self, reason: Reason) {
        let mut state = self.lock();
        state.counts.offered += 1;
        state.counts.unsent.add(reason, 1);
    }

    /// Changes numbers that are no record's end.
    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.lock().counts);
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// What is held in memory, and the condition that the worker noted last.
    pub(crate) fn health(&self) -> (Fill, Condition) {
        let state = self.lock();
        (state.held, state.condition.clone())
    }

    pub(crate) fn set_condition(&self, condition: Condition) {
        self.lock().condition = condition;
    }

    /// All records with a lower number have reached their end.
    pub(crate) fn settled_below(&self) -> u64 {
        self.lock().watermark.next()
    }

    /// Answers once all records that were accepted by now have reached their end, or at the deadline.
    pub(crate) fn flush(&self, deadline: Duration) -> oneshot::Receiver<Report> {
        let (reply, answer) = oneshot::channel();
        let mut state = self.lock();
        let mark = state.next_sequence;
        state.flushes.push(Flush { mark, deadline, reply });
        if state.ended {
            state.answer_flushes(Duration::MAX);
        }
        drop(state);
        self.work.notify_one();
        answer
    }

    /// Takes no more records, and lets the worker end by the deadline. An earlier deadline stays.
    pub(crate) fn close(&self, deadline: Duration) {
        let mut state = self.lock();
        state.closing = Some(state.closing.map_or(deadline, |before| before.min(deadline)));
        drop(state);
        self.room.notify_all();
        self.work.notify_one();
    }

    /// The state of affairs for somebody who waited for all records.
    pub(crate) fn report(&self) -> Report {
        let state = self.lock();
        state.report(state.next_sequence)
    }

    /// Tells the callbacks what became of records.
    fn tell(&self, records: &[Record], outcome: Outcome, in_fallback: bool) {
        if records.is_empty() {
            return;
        }
        if self.hooks.settled.is_some() {
            let settled = records.iter().map(|record| Settled { sequence: record.sequence, outcome, in_fallback });
            self.hooks.tell_settled(&settled.collect::<Vec<_>>());
        }
        if let Outcome::Unsent(reason) = outcome {
            let data: Vec<&[u8]> = records.iter().map(|record| record.data.as_ref()).collect();
            self.hooks.tell_lost(reason, &data);
        }
    }
}

/// The worker's side.
impl Queue {
    /// Waits until there may be work.
    pub(crate) async fn work(&self) {
        self.work.notified().await;
    }

    /// Looks what there is, answers those whose time has come, and says when a new record is to wake the worker.
    pub(crate) fn look(&self, now: Duration, wake: Wake) -> Seen {
        let mut state = self.lock();
        state.answer_flushes(now);
        state.wake = match wake {
            Wake::Full if state.waiting.is_empty() => Wake::First,
            wake => wake,
        };
        Seen {
            waiting: Fill { records: state.waiting.len(), bytes: state.waiting_bytes },
            hurried: state.pressed || state.blocked > 0 || state.closing.is_some() || !state.flushes.is_empty(),
            closing: state.closing,
            deadline: state.flushes.iter().map(|flush| flush.deadline).chain(state.closing).min(),
            is_empty: state.held.records == 0 && !state.spill.as_ref().is_some_and(Spill::has_unread),
        }
    }

    /// Takes the oldest records that wait, as many as fit into a call beside what is there.
    pub(crate) fn take(&self, there: Fill, limits: CallLimits) -> Vec<Record> {
        let mut state = self.lock();
        let fitting = limits.fitting(there, state.waiting.iter().map(|record| record.data.len()));
        let taken: Vec<Record> = state.waiting.drain(..fitting).collect();
        state.waiting_bytes -= taken.iter().map(|record| record.data.len()).sum::<usize>();
        state.pressed = false;
        taken
    }

    /// Brings records back from the disk while no more than a half of the memory is used. Answers what was damaged.
    pub(crate) fn refill(&self) -> Vec<Damaged> {
        let mut state = self.lock();
        let half = self.settings.queue.max_bytes / 2;
        while state.held.bytes <= half && state.held.records <= self.settings.queue.max_records / 2 {
            let found = state.spill.as_mut().map(|spill| spill.read(REFILL_BYTES.min(half))).unwrap_or_default();
            if found.is_empty() {
                break;
            }
            for found in found {
                if found.sequence.is_none() {
                    state.counts.recovered += 1;
                }
                let sequence = found.sequence.unwrap_or_else(|| state.next_number());
                state.hold(Record { segment: Some(found.segment), ..Record::new(sequence, found.data) });
            }
        }
        let damaged = state.spill.as_mut().map(Spill::take_damaged).unwrap_or_default();
        for sequence in damaged.iter().flat_map(|damaged| &damaged.sequences) {
            state.watermark.settle(*sequence);
            state.counts.unsent.add(Reason::Damaged, 1);
        }
        damaged
    }

    /// Notes what became of records, and lets go of what they held.
    pub(crate) fn settle(&self, records: &[Record], outcome: Outcome) {
        self.end(records, outcome, false);
    }

    /// Notes that records were not sent, and whether the fallback has them.
    pub(crate) fn settle_unsent(&self, records: &[Record], reason: Reason, in_fallback: bool) {
        self.end(records, Outcome::Unsent(reason), in_fallback);
    }

    fn end(&self, records: &[Record], outcome: Outcome, in_fallback: bool) {
        if records.is_empty() {
            return;
        }
        let mut state = self.lock();
        for record in records {
            state.settle(record, outcome);
        }
        let somebody_waits = state.blocked > 0;
        drop(state);
        if somebody_waits {
            self.room.notify_all();
        }
        self.tell(records, outcome, in_fallback);
    }

    /// Takes all that waits.
    pub(crate) fn take_all(&self) -> Vec<Record> {
        let mut state = self.lock();
        state.waiting_bytes = 0;
        state.waiting.drain(..).collect()
    }

    /// Writes records to the spill folder, if there is one. Answers those for which that cannot be.
    pub(crate) fn save(&self, records: Vec<Record>) -> Vec<Record> {
        let mut state = self.lock();
        let Some(spill) = &mut state.spill else { return records };
        let mut failed = None;
        let save = |record: &Record| match spill.keep(record.sequence, &record.data) {
            Ok(is_kept) => is_kept,
            Err(error) => {
                failed = Some(error.to_string());
                false
            }
        };
        let (saved, left): (Vec<_>, Vec<_>) = records.into_iter().partition(save);
        state.spill_error = failed.or(state.spill_error.take());
        drop(state);
        self.settle(&saved, Outcome::Saved);
        left
    }

    /// Why records could not be written to the spill folder, if that is so and was not asked for yet.
    pub(crate) fn take_spill_error(&self) -> Option<String> {
        self.lock().spill_error.take()
    }

    /// Ends: nothing is with the worker any more. What the disk has stays there.
    pub(crate) fn finish(&self) {
        let mut state = self.lock();
        if let Some(mut spill) = state.spill.take() {
            for sequence in spill.unread_sequences() {
                state.counts.saved += 1;
                state.watermark.settle(sequence);
            }
            spill.close();
        }
        state.ended = true;
        state.answer_flushes(Duration::MAX);
    }
}

impl State {
    /// Keeps the error of a write to the spill folder. Answers whether the record is there.
    fn note_written(&mut self, written: io::Result<bool>) -> bool {
        written.unwrap_or_else(|error| {
            self.spill_error = Some(error.to_string());
            false
        })
    }

    fn next_number(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }

    fn append(&mut self, data: Box<[u8]>) -> u64 {
        let sequence = self.next_number();
        self.hold(Record::new(sequence, data));
        sequence
    }

    fn hold(&mut self, record: Record) {
        self.waiting_bytes += record.data.len();
        self.held.add(record.cost());
        self.waiting.push_back(record);
    }

    fn settle(&mut self, record: &Record, outcome: Outcome) {
        self.held.records -= 1;
        self.held.bytes -= record.cost();
        self.watermark.settle(record.sequence);
        self.counts.settle(outcome, record.data.len());
        if let (Some(spill), Some(segment)) = (&mut self.spill, record.segment) {
            spill.settle(segment);
        }
    }

    fn report(&self, mark: u64) -> Report {
        Report { counts: self.counts, left: self.watermark.unsettled_below(mark) }
    }

    fn answer_flushes(&mut self, now: Duration) {
        for flush in std::mem::take(&mut self.flushes) {
            let report = self.report(flush.mark);
            if report.left == 0 || flush.deadline <= now {
                // Whoever asked may have gone.
                flush.reply.send(report).ok();
            } else {
                self.flushes.push(flush);
            }
        }
    }
}

#[cfg(test)]
mod tests;
