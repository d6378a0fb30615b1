//! Records that have ended before an older one has: runs of neighbours, each with what became of it.

use std::collections::BTreeMap;

use super::fate::Columns;

/// The runs, by the index of their first record.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    runs: BTreeMap<u64, Run>,
}

#[derive(Debug)]
struct Run {
    /// The index after its last record.
    end: u64,
    columns: Columns,
}

impl Ahead {
    /// Takes in a record that has ended.
    pub(super) fn insert(&mut self, index: u64, columns: &Columns) {
        if let Some((_, run)) = self.runs.range_mut(..index).next_back()
            && run.end == index
        {
            run.end += 1;
            run.columns.add(columns);
        } else {
            self.runs.insert(index, Run { end: index + 1, columns: *columns });
        }
    }

    /// The index of the first record.
    pub(super) fn first(&self) -> Option<u64> {
        self.runs.first_key_value().map(|(first, _)| *first)
    }

    /// Takes the first run out: the index after its last record, and what became of it.
    pub(super) fn pop(&mut self) -> Option<(u64, Columns)> {
        self.runs.pop_first().map(|(_, run)| (run.end, run.columns))
    }

    /// What became of all of them.
    pub(super) fn columns(&self) -> Columns {
        let mut columns = Columns::default();
        for run in self.runs.values() {
            columns.add(&run.columns);
        }
        columns
    }
}
