//! How far one of a stream's two ways has come: what it has taken, what has ended, and what has ended ahead of an older
//! record.

use super::{
    Record,
    ahead::Ahead,
    fate::{Columns, Tally},
};

/// How far a way has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The index below which everything has ended.
    pub(crate) done: u64,
    /// The records that have not ended.
    pub(crate) left: Tally,
    /// Records below this index shall not wait for their buffer.
    pub(crate) flush_to: u64,
}

/// One of the two ways of records: to the destination, or to the backup.
#[derive(Debug, Default)]
pub(super) struct Way {
    pub(super) progress: Progress,
    /// Records below this index are out of the queue's hands: in a buffer behind the processors, or being delivered.
    pub(super) taken: u64,
    /// The records from `taken` on.
    pub(super) untaken: Tally,
    /// Records that have ended, at or above `progress.done`.
    pub(super) ahead: Ahead,
    /// Below this index there may be records that ended before a restart and are not to be taken again.
    resumed_to: u64,
}

impl Way {
    /// A way whose records below `done`, and in the runs of `ahead`, have ended.
    pub(super) fn restored(done: u64, ahead: &[(u64, u64)]) -> Self {
        let ahead = Ahead::restored(ahead);
        let progress = Progress { done, ..Progress::default() };
        Self { progress, taken: done, untaken: Tally::default(), resumed_to: ahead.end(), ahead }
    }

    /// A way that has nothing to do with the records below `next`.
    pub(super) fn beginning_at(next: u64) -> Self {
        Self::restored(next, &[])
    }

    /// Counts a record that is held in the queue from now on.
    pub(super) fn hold(&mut self, record: &Record) {
        if record.index < self.progress.done || self.is_resumed(record) {
            return;
        }
        self.progress.left.add(record);
        if record.index >= self.taken {
            self.untaken.add(record);
        }
    }

    /// Whether the record ended before the last restart, ahead of an older one.
    pub(super) fn is_resumed(&self, record: &Record) -> bool {
        record.index < self.resumed_to && self.ahead.contains(record.index)
    }

    /// Counts records as taken, in their order.
    pub(super) fn take(&mut self, records: &[Record]) {
        if let Some(last) = records.last() {
            self.taken = last.index + 1;
            self.untaken.subtract(Tally::of(records));
        }
    }

    /// Ends a record that came in with `columns.bytes()`. `position` says where an index stands in the queue: a gap that a
    /// damaged file left is passed over. Answers what has ended below `progress.done` by that, and whether this record is
    /// there.
    pub(super) fn end(&mut self, index: u64, columns: &Columns, position: impl Fn(u64) -> usize) -> (Columns, bool) {
        self.progress.left.subtract(Tally { records: 1, bytes: columns.bytes() });
        if position(index) > position(self.progress.done) {
            self.ahead.insert(index, columns);
            return (Columns::default(), false);
        }
        self.progress.done = index + 1;
        let mut finished = *columns;
        finished.add(&self.catch_up(position));
        (finished, true)
    }

    /// Passes the records that have ended already, and answers what became of them.
    pub(super) fn catch_up(&mut self, position: impl Fn(u64) -> usize) -> Columns {
        let mut finished = Columns::default();
        while let Some(first) = self.ahead.first()
            && position(first) <= position(self.progress.done)
            && let Some((end, columns)) = self.ahead.pop()
        {
            finished.add(&columns);
            self.progress.done = end;
        }
        self.taken = self.taken.max(self.progress.done);
        finished
    }
}
