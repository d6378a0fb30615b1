//! Which place in which file was reached after how many records. Pure.

use std::collections::VecDeque;

use crate::known::{ContentId, Mark};

/// The places that were reached and are not settled, in their order.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: VecDeque<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// Records that were handed on until then, of all files.
    records: u64,
    content: ContentId,
    mark: Mark,
}

impl Ledger {
    /// Notes that a place was reached after so many records, no fewer than before.
    pub(crate) fn note(&mut self, records: u64, content: ContentId, mark: Mark) {
        match self.entries.back_mut() {
            Some(last) if last.records == records && last.content == content => last.mark = mark,
            _ => self.entries.push_back(Entry { records, content, mark }),
        }
    }

    /// Takes out the next place that was reached within the first so many records.
    pub(crate) fn settle(&mut self, records: u64) -> Option<(ContentId, Mark)> {
        let entry = self.entries.pop_front_if(|entry| entry.records <= records)?;
        Some((entry.content, entry.mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_settled_with_all_records_before_it() {
        let mut ledger = Ledger::default();
        let mark = |offset| Mark { offset, checksum: 0 };
        for (records, content, offset) in [(0, 1, 5), (3, 1, 10), (3, 2, 20), (3, 2, 25), (7, 1, 30)] {
            ledger.note(records, ContentId(content), mark(offset));
        }
        let mut settle = |records| {
            let places = std::iter::from_fn(|| ledger.settle(records));
            places.map(|(content, mark)| (content.0, mark.offset)).collect::<Vec<_>>()
        };
        assert_eq!(settle(0), [(1, 5)]);
        assert_eq!(settle(2), []);
        assert_eq!(settle(6), [(1, 10), (2, 25)]);
        assert_eq!(settle(100), [(1, 30)]);
    }
}
