//! Which records are sent again, and when. Pure: the time and the jitter are given.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use crate::{
    batch::{CallLimits, Fill},
    record::Record,
    settings::Retry,
};

/// The pause after so many attempts: doubling from the first to the longest, of which `jitter` (0.0..1.0) takes up to a
/// half.
pub(crate) fn pause_after(attempts: u32, retry: &Retry, jitter: f64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    let full = retry.first_pause.saturating_mul(1 << doublings).min(retry.longest_pause);
    full.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0)
}

/// Records that were not taken and wait to be sent again.
#[derive(Debug, Default)]
pub(crate) struct Retries {
    /// By the moment when they are due, and within it in the order in which they came.
    groups: BTreeMap<(Duration, u64), Group>,
    groups_made: u64,
}

#[derive(Debug)]
struct Group {
    records: VecDeque<Record>,
    /// They go out without others: one of them makes Firehose refuse the call.
    alone: bool,
}

/// What is due, for one call.
#[derive(Debug, Default)]
pub(crate) struct Due {
    pub(crate) records: Vec<Record>,
    /// No other records may share the call.
    pub(crate) alone: bool,
}

impl Retries {
    /// When the next of them are due.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.groups.keys().next().map(|(due, _)| *due)
    }

    /// Notes a failed attempt at `now`, and keeps the records for the next one. Returns those that have been tried for
    /// too long.
    pub(crate) fn put_off(&mut self, records: Vec<Record>, now: Duration, retry: &Retry, jitter: f64) -> Vec<Record> {
        let mut again = VecDeque::with_capacity(records.len());
        let mut given_up = Vec::new();
        let mut attempts = 0;
        for mut record in records {
            record.attempts = record.attempts.saturating_add(1);
            let since = *record.failing_since.get_or_insert(now);
            if now.saturating_sub(since) >= retry.give_up_after {
                given_up.push(record);
            } else {
                attempts = attempts.max(record.attempts);
                again.push_back(record);
            }
        }
        self.insert(Group { records: again, alone: false }, now.saturating_add(pause_after(attempts, retry, jitter)));
        given_up
    }

    /// Keeps the records of a call that was refused as a whole, in two halves that are due at once. A record that was
    /// alone is returned: it is the one that is refused.
    pub(crate) fn halve(&mut self, mut records: Vec<Record>, now: Duration) -> Option<Record> {
        if records.len() <= 1 {
            return records.pop();
        }
        for record in &mut records {
            record.attempts = record.attempts.saturating_add(1);
        }
        let second = records.split_off(records.len() / 2);
        for half in [records, second] {
            self.insert(Group { records: half.into(), alone: true }, now);
        }
        None
    }

    fn insert(&mut self, group: Group, due: Duration) {
        if !group.records.is_empty() {
            self.groups.insert((due, self.groups_made), group);
            self.groups_made += 1;
        }
    }

    /// Takes what is due at `now` and fits into one call, in the order in which it became due.
    pub(crate) fn take_due(&mut self, now: Duration, limits: CallLimits) -> Due {
        let mut taken = Due::default();
        let mut fill = Fill::default();
        while let Some(entry) = self.groups.first_entry() {
            let ((due, _), alone) = (*entry.key(), entry.get().alone);
            if due > now || taken.alone || (alone && !taken.records.is_empty()) {
                break;
            }
            let group = entry.into_mut();
            let fitting = limits.fitting(fill, group.records.iter().map(|record| record.data.len()));
            for record in group.records.drain(..fitting) {
                fill.add(record.data.len());
                taken.records.push(record);
            }
            taken.alone = alone;
            if !group.records.is_empty() {
                break;
            }
            self.groups.pop_first();
        }
        taken
    }

    /// Takes all of them, due or not.
    pub(crate) fn take_all(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.groups).into_values().flat_map(|group| group.records).collect()
    }
}

#[cfg(test)]
mod tests;
