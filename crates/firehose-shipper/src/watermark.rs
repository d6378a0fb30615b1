//! Up to where all records have reached their end. Pure.
//!
//! Records end in about the order of their sequence numbers, but not quite: one that is sent again is overtaken.

use std::collections::BTreeMap;

/// Which sequence numbers have been settled. It is as large as there are gaps, so never larger than what is unsettled.
#[derive(Debug, Default)]
pub(crate) struct Watermark {
    /// All below are settled, and this one is not.
    next: u64,
    /// Runs that are settled beyond `next`, as first → one after the last. They neither touch nor overlap.
    ahead: BTreeMap<u64, u64>,
}

impl Watermark {
    /// All sequence numbers below are settled.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// Notes that a number is settled. Each is settled once.
    pub(crate) fn settle(&mut self, sequence: u64) {
        if sequence == self.next {
            self.next = self.ahead.remove(&(sequence + 1)).unwrap_or(sequence + 1);
            return;
        }
        let end = self.ahead.remove(&(sequence + 1)).unwrap_or(sequence + 1);
        match self.ahead.range_mut(..sequence).next_back() {
            Some((_, before)) if *before == sequence => *before = end,
            _ => _ = self.ahead.insert(sequence, end),
        }
    }

    /// How many numbers below `mark` are not settled.
    pub(crate) fn unsettled_below(&self, mark: u64) -> u64 {
        let settled: u64 = self.ahead.range(..mark).map(|(first, end)| end.min(&mark) - first).sum();
        mark.saturating_sub(self.next) - settled
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_mark_moves_when_the_gap_is_closed() {
        let mut watermark = Watermark::default();
        for (sequence, next, unsettled) in [(0, 1, 4), (2, 1, 3), (4, 1, 2), (3, 1, 1), (1, 5, 0)] {
            watermark.settle(sequence);
            assert_eq!((watermark.next(), watermark.unsettled_below(5)), (next, unsettled), "after {sequence}");
        }
        assert!(watermark.ahead.is_empty());
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_set_of_all_numbers(order in Just((0..64_u64).collect::<Vec<_>>()).prop_shuffle(), mark in 0..64_u64) {
            let mut watermark = Watermark::default();
            let mut settled = BTreeSet::new();
            for sequence in order {
                watermark.settle(sequence);
                settled.insert(sequence);
                let next = (0..65).find(|number| !settled.contains(number)).unwrap();
                let unsettled = (0..mark).filter(|number| !settled.contains(number)).count() as u64;
                prop_assert_eq!((watermark.next(), watermark.unsettled_below(mark)), (next, unsettled));
            }
            prop_assert!(watermark.ahead.is_empty());
        }
    }
}
