//! When a call is due, and how many records go into it. Pure: no queue, no clock.

use std::time::Duration;

use crate::settings::{Batch, Queue};

/// A number of records and of their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

impl Fill {
    pub(crate) fn add(&mut self, bytes: usize) {
        self.records += 1;
        self.bytes += bytes;
    }
}

/// The most that a call holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallLimits {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

impl CallLimits {
    pub(crate) fn of(batch: &Batch) -> Self {
        Self { records: batch.max_records, bytes: batch.max_bytes }
    }

    /// The fill at which a call is worth beginning without waiting for more: never more than the queue can hold.
    pub(crate) fn full(batch: &Batch, queue: &Queue) -> Fill {
        Fill { records: batch.max_records.min(queue.max_records), bytes: batch.max_bytes.min(queue.max_bytes) }
    }

    /// Whether one more record of `bytes` fits beside what is there.
    pub(crate) fn fits(&self, there: Fill, bytes: usize) -> bool {
        there.records < self.records && there.bytes + bytes <= self.bytes
    }

    /// How many records of these lengths, from the first on, fit beside what is there.
    pub(crate) fn fitting(&self, there: Fill, lengths: impl Iterator<Item = usize>) -> usize {
        let mut fill = there;
        let fits = |bytes: &usize| {
            let fits = self.fits(fill, *bytes);
            fill.add(*bytes);
            fits
        };
        lengths.take_while(fits).count()
    }
}

/// What is known about the records that wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) fill: Fill,
    /// Since when the first of them was seen to wait.
    pub(crate) since: Duration,
    /// Somebody wants them sent: a flush, a shutdown, or a caller for whom there was no room.
    pub(crate) hurried: bool,
}

/// When the records that wait should go out; none when there are none.
pub(crate) fn due_at(waiting: Waiting, full: Fill, linger: Duration) -> Option<Duration> {
    if waiting.fill.records == 0 {
        return None;
    }
    let is_full = waiting.fill.records >= full.records || waiting.fill.bytes >= full.bytes;
    Some(if is_full || waiting.hurried { Duration::ZERO } else { waiting.since.saturating_add(linger) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: CallLimits = CallLimits { records: 3, bytes: 100 };

    #[test]
    fn a_call_holds_what_fits_by_number_and_by_bytes() {
        for (name, there, lengths, expected) in [
            ("nothing", (0, 0), vec![], 0),
            ("by number", (0, 0), vec![1, 1, 1, 1], 3),
            ("by bytes", (0, 0), vec![60, 40, 1], 2),
            ("exactly", (0, 0), vec![100], 1),
            ("too long for what is there", (1, 60), vec![41], 0),
            ("beside what is there", (1, 60), vec![40], 1),
            ("in their order", (0, 0), vec![60, 60, 1], 1),
            ("empty records count", (0, 0), vec![0, 0, 0, 0], 3),
        ] {
            let there = Fill { records: there.0, bytes: there.1 };
            assert_eq!(LIMITS.fitting(there, lengths.into_iter()), expected, "{name}");
        }
    }

    #[test]
    fn records_go_when_a_call_is_full_or_they_have_lingered_or_somebody_hurries() {
        let linger = Duration::from_secs(1);
        let full = Fill { records: 3, bytes: 100 };
        for (name, records, bytes, hurried, expected) in [
            ("nothing waits", 0, 0, true, None),
            ("a few wait", 2, 20, false, Some(Duration::from_secs(8))),
            ("enough wait", 3, 30, false, Some(Duration::ZERO)),
            ("large ones wait", 2, 100, false, Some(Duration::ZERO)),
            ("somebody hurries", 1, 1, true, Some(Duration::ZERO)),
        ] {
            let waiting = Waiting { fill: Fill { records, bytes }, since: Duration::from_secs(7), hurried };
            assert_eq!(due_at(waiting, full, linger), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn calls_are_within_the_limits_hold_all_records_in_order_and_none_is_empty(
            lengths in proptest::collection::vec(0..=1000_usize, 0..200),
            records in 1..20_usize,
            bytes in 1000..3000_usize,
        ) {
            let limits = CallLimits { records, bytes };
            let mut rest = lengths.as_slice();
            while !rest.is_empty() {
                let taken = limits.fitting(Fill::default(), rest.iter().copied());
                prop_assert!(taken > 0 && taken <= records);
                prop_assert!(rest.iter().take(taken).sum::<usize>() <= bytes);
                let fits_more = taken < records && rest.get(taken).is_some_and(|next| rest.iter().take(taken).sum::<usize>() + next <= bytes);
                prop_assert!(!fits_more);
                rest = rest.split_at(taken).1;
            }
        }
    }
}
