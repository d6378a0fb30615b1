//! The shipper's own thread: it looks, lets the pure modules decide, and carries out what they say.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::task::{Id, JoinError, JoinSet};

use crate::{
    batch::{self, CallLimits, Fill, Waiting},
    clock::Clock,
    counts::Counts,
    health::{Condition, Notices, Subject, Turn},
    hooks::Hooks,
    limits::LONGEST_PROBE_PAUSE,
    outlet::Outlet,
    pace::Pace,
    queue::{Queue, Seen, Wake},
    record::{Outcome, Reason, Record},
    retry::Retries,
    settings::{Settings, WhenUnusable},
    transport::{Entry, PutError, PutErrorKind, Transport},
    verdict::{Verdict, judge},
};

/// What the worker shares with the rest of the shipper.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) settings: Settings,
    pub(crate) queue: Arc<Queue>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hooks: Arc<Hooks>,
    pub(crate) outlet: Arc<Outlet>,
    #[cfg(feature = "metrics")]
    pub(crate) meter: Arc<crate::meter::Meter>,
}

/// The state of the thread.
#[derive(Debug)]
pub(crate) struct Worker {
    outside: Surroundings,
    retries: Retries,
    pace: Pace,
    jitter: fastrand::Rng,
    condition: Condition,
    calls: JoinSet<Result<Vec<Entry>, PutError>>,
    in_flight: HashMap<Id, Arc<Vec<Record>>>,
    /// Since when the first of the records that wait does, once it was seen.
    waiting_since: Option<Duration>,
    told: Counts,
    notices: Notices,
}

impl Worker {
    pub(crate) fn new(outside: Surroundings, seed: Option<u64>) -> Self {
        Self {
            outside,
            retries: Retries::default(),
            pace: Pace::default(),
            jitter: seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed),
            condition: Condition::default(),
            calls: JoinSet::new(),
            in_flight: HashMap::new(),
            waiting_since: None,
            told: Counts::default(),
            notices: Notices::default(),
        }
    }

    /// Ships until the queue is closed and empty, or until its deadline.
    pub(crate) async fn run(mut self) {
        loop {
            let now = self.outside.clock.elapsed();
            for damaged in self.outside.queue.refill() {
                self.outside.outlet.notice(&format!("cannot be read, and is put aside: {}", damaged.path.display()));
            }
            let (seen, due) = self.begin_calls(now);
            self.tell_counts();
            if let Some(deadline) = seen.closing
                && (seen.is_empty || deadline <= now)
            {
                break;
            }
            let wake_at = [due, seen.deadline].into_iter().flatten().min();
            self.wait(wake_at).await;
        }
        self.finish().await;
    }

    /// Waits for whatever comes first: the moment, an answer, or a word from the queue.
    async fn wait(&mut self, wake_at: Option<Duration>) {
        let clock = Arc::clone(&self.outside.clock);
        let moment = async {
            match wake_at {
                Some(moment) => clock.sleep_until(moment).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(ended) = self.calls.join_next_with_id(), if !self.calls.is_empty() => self.ended(ended),
            () = self.outside.queue.work() => {}
            () = moment => {}
        }
        while let Some(ended) = self.calls.try_join_next_with_id() {
            self.ended(ended);
        }
    }

    /// Begins the calls that are due. Answers what was seen last, and when the next call is due, if any can be.
    fn begin_calls(&mut self, now: Duration) -> (Seen, Option<Duration>) {
        loop {
            let free = self.in_flight.len() < self.outside.settings.batch.in_flight;
            let open = self.pace.not_before() <= now;
            // While the stream cannot be used and it is too early to try again, records go to the fallback.
            let aside = !open && self.condition.falls_back();
            let can_begin = (free && open) || aside;
            let seen = self.outside.queue.look(now, if can_begin { Wake::Full } else { Wake::Never });
            let due = self.due_at(seen, now);
            if !can_begin {
                // With all calls in flight, an answer must come first; else the gate must open.
                return (seen, free.then(|| due.unwrap_or_default().max(self.pace.not_before())));
            }
            if due.is_none_or(|due| due > now) {
                return (seen, due);
            }
            let records = self.take_call(now);
            if records.is_empty() {
                return (seen, None);
            }
            if aside {
                self.unsent(&records, Reason::Unusable);
            } else {
                self.begin(records);
            }
        }
    }

    /// When the next records are to go out, of those that wait and of those that come again.
    fn due_at(&mut self, seen: Seen, now: Duration) -> Option<Duration> {
        if seen.waiting.records == 0 {
            self.waiting_since = None;
        }
        let since = if seen.waiting.records == 0 { now } else { *self.waiting_since.get_or_insert(now) };
        let batch = &self.outside.settings.batch;
        let full = CallLimits::full(batch, &self.outside.settings.queue);
        let waiting = Waiting { fill: seen.waiting, since, hurried: seen.hurried };
        let first = batch::due_at(waiting, full, batch.linger);
        [first, self.retries.next_due()].into_iter().flatten().min()
    }

    /// Takes the records of one call: those that are due again, and beside them the oldest that wait.
    fn take_call(&mut self, now: Duration) -> Vec<Record> {
        let limits = CallLimits::of(&self.outside.settings.batch);
        let due = self.retries.take_due(now, limits);
        let mut records = due.records;
        if !due.alone {
            let there = Fill { records: records.len(), bytes: records.iter().map(|record| record.data.len()).sum() };
            records.extend(self.outside.queue.take(there, limits));
            // What waits now came later, or did not fit.
            self.waiting_since = None;
        }
        records
    }

    fn begin(&mut self, records: Vec<Record>) {
        let again = records.iter().filter(|record| record.attempts > 0).count() as u64;
        self.outside.queue.count(|counts| {
            counts.calls += 1;
            counts.retried += again;
        });
        let records = Arc::new(records);
        let (sent, transport) = (Arc::clone(&records), Arc::clone(&self.outside.transport));
        let (clock, timeout) = (Arc::clone(&self.outside.clock), self.outside.settings.retry.call_timeout);
        let call = self.calls.spawn(async move {
            let data: Vec<&[u8]> = sent.iter().map(|record| record.data.as_ref()).collect();
            let deadline = clock.elapsed().saturating_add(timeout);
            tokio::select! {
                answer = transport.put(&data) => answer,
                () = clock.sleep_until(deadline) => {
                    let message = format!("no answer within {timeout:?}");
                    Err(PutError { kind: PutErrorKind::Unanswered, message })
                }
            }
        });
        self.in_flight.insert(call.id(), records);
    }

    /// A call has ended, one way or the other.
    fn ended(&mut self, ended: Result<(Id, Result<Vec<Entry>, PutError>), JoinError>) {
        let (id, answer) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                let message = format!("the call broke off: {error}");
                (error.id(), Err(PutError { kind: PutErrorKind::Unanswered, message }))
            }
        };
        let Some(records) = self.in_flight.remove(&id).and_then(Arc::into_inner) else { return };
        let now = self.outside.clock.elapsed();
        if answer.is_err() {
            self.outside.queue.count(|counts| counts.failed_calls += 1);
        }
        match judge(answer, records.len()) {
            Verdict::Answered { failed, throttled, reason } => {
                let share = share(throttled, records.len());
                let (taken, again) = split(records, &failed);
                self.outside.queue.count(|counts| counts.throttled += throttled as u64);
                self.outside.queue.settle(&taken, Outcome::Sent);
                self.pace.answered(now, share, &self.outside.settings.retry);
                match reason {
                    Some(reason) if taken.is_empty() => self.turn(Turn::Failing(&reason)),
                    _ => self.turn(Turn::Taken),
                }
                self.put_off(again, now);
            }
            Verdict::Again { throttled, unanswered, reason } => {
                self.fail(&records, now, throttled, unanswered);
                if self.pace.is_failing() || throttled {
                    self.turn(Turn::Failing(&reason));
                }
                self.put_off(records, now);
            }
            Verdict::Halve { reason } => {
                if let Some(refused) = self.retries.halve(records, now) {
                    if self.notices.is_due(Subject::Refused, now) {
                        self.outside.outlet.notice(&format!("a record is refused and goes to the fallback: {reason}"));
                    }
                    self.unsent(&[refused], Reason::Refused);
                }
            }
            Verdict::Unusable { reason } => {
                let jitter = self.jitter.f64();
                self.pace.unusable(now, &self.outside.settings.retry, LONGEST_PROBE_PAUSE, jitter);
                match self.outside.settings.retry.when_unusable {
                    WhenUnusable::FallBack => {
                        self.turn(Turn::Unusable(&reason));
                        self.unsent(&records, Reason::Unusable);
                    }
                    WhenUnusable::Hold => {
                        self.turn(Turn::Held(&reason));
                        self.put_off(records, now);
                    }
                }
            }
        }
    }

    /// A whole call failed that may do later.
    fn fail(&mut self, records: &[Record], now: Duration, throttled: bool, unanswered: bool) {
        let retry = &self.outside.settings.retry;
        if throttled {
            self.pace.answered(now, 1.0, retry);
        } else {
            self.pace.failed(now, retry, self.jitter.f64());
        }
        self.outside.queue.count(|counts| {
            counts.throttled += if throttled { records.len() as u64 } else { 0 };
            counts.duplicates_possible += if unanswered { records.len() as u64 } else { 0 };
        });
    }

    fn put_off(&mut self, records: Vec<Record>, now: Duration) {
        let jitter = self.jitter.f64();
        let given_up = self.retries.put_off(records, now, &self.outside.settings.retry, jitter);
        self.unsent(&given_up, Reason::GaveUp);
    }

    /// Records end without Firehose having them: they go to the fallback.
    fn unsent(&self, records: &[Record], reason: Reason) {
        if records.is_empty() {
            return;
        }
        let written = self.outside.outlet.write(records.iter().map(|record| record.data.as_ref()));
        self.outside.queue.count(|counts| counts.fallen_back += written as u64);
        self.outside.queue.settle_unsent(records, reason, written == records.len());
    }

    fn turn(&mut self, turn: Turn<'_>) {
        let was_well = self.condition == Condition::Shipping;
        self.condition.turn(turn, self.outside.clock.now());
        if self.notices.is_news(&self.condition, self.outside.clock.elapsed()) {
            let destination = self.outside.transport.destination();
            self.outside.outlet.notice(&format!("{destination}: {}", self.condition));
        }
        if !was_well || self.condition != Condition::Shipping {
            self.outside.queue.set_condition(self.condition.clone());
        }
    }

    /// Tells the program and the meters what has changed since the last time.
    fn tell_counts(&mut self) {
        let counts = self.outside.queue.counts();
        if counts == self.told {
            return;
        }
        let dropped = counts.unsent.queue_full;
        let is_new = dropped > self.told.unsent.queue_full;
        if is_new && self.notices.is_due(Subject::QueueFull, self.outside.clock.elapsed()) {
            self.outside.outlet.notice(&format!("the queue is full, {dropped} records have been dropped"));
        }
        if let Some(error) = self.outside.queue.take_spill_error()
            && self.notices.is_due(Subject::Spill, self.outside.clock.elapsed())
        {
            self.outside.outlet.notice(&format!("the spill folder cannot be written to: {error}"));
        }
        #[cfg(feature = "metrics")]
        self.outside.meter.add(&self.told, &counts);
        self.outside.hooks.tell_counts(counts);
        self.told = counts;
    }

    /// Ends: what is left is saved, or else goes to the fallback.
    async fn finish(mut self) {
        self.calls.shutdown().await;
        let in_flight = std::mem::take(&mut self.in_flight).into_values();
        let mut left: Vec<Record> = in_flight.filter_map(Arc::into_inner).flatten().collect();
        self.outside.queue.count(|counts| counts.duplicates_possible += left.len() as u64);
        left.extend(self.retries.take_all());
        left.extend(self.outside.queue.take_all());
        left.sort_unstable_by_key(|record| record.sequence);
        let left = self.outside.queue.save(left);
        self.unsent(&left, Reason::Left);
        self.outside.queue.finish();
        self.tell_counts();
        self.outside.queue.set_condition(Condition::Closed);
    }
}

/// The part of the whole, in 0.0..=1.0.
fn share(part: usize, whole: usize) -> f64 {
    let number = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    number(part) / number(whole.max(1))
}

/// Takes the records at these places, which ascend, out of the others.
fn split(records: Vec<Record>, failed: &[usize]) -> (Vec<Record>, Vec<Record>) {
    let mut failed = failed.iter().copied().peekable();
    let (mut taken, mut again) = (Vec::with_capacity(records.len()), Vec::new());
    for (place, record) in records.into_iter().enumerate() {
        if failed.next_if_eq(&place).is_some() { again.push(record) } else { taken.push(record) }
    }
    (taken, again)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_that_failed_are_taken_out_in_their_order() {
        let records = (0..6).map(|sequence| Record::new(sequence, Box::default())).collect();
        let (taken, again) = split(records, &[0, 3, 5]);
        let sequences = |records: Vec<Record>| records.iter().map(|record| record.sequence).collect::<Vec<_>>();
        assert_eq!((sequences(taken), sequences(again)), (vec![1, 2, 4], vec![0, 3, 5]));
    }
}
