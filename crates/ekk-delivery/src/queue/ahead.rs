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
    /// The runs that were kept over a restart, as first index and the index after the last; what became of them is in
    /// the account already.
    pub(super) fn restored(kept: &[(u64, u64)]) -> Self {
        let run = |(first, end): (u64, u64)| (first, Run { end, columns: Columns::default() });
        Self { runs: kept.iter().copied().filter(|(first, end)| first < end).map(run).collect() }
    }

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

    /// Whether the record has ended.
    pub(super) fn contains(&self, index: u64) -> bool {
        self.runs.range(..=index).next_back().is_some_and(|(_, run)| index < run.end)
    }

    /// The index of the first record.
    pub(super) fn first(&self) -> Option<u64> {
        self.runs.first_key_value().map(|(first, _)| *first)
    }

    /// The index after the last record; 0 when there is none.
    pub(super) fn end(&self) -> u64 {
        self.runs.last_key_value().map_or(0, |(_, run)| run.end)
    }

    /// Takes the first run out: the index after its last record, and what became of it.
    pub(super) fn pop(&mut self) -> Option<(u64, Columns)> {
        self.runs.pop_first().map(|(_, run)| (run.end, run.columns))
    }

    /// What became of all of them.
    pub(super) fn columns(&self) -> Columns {
        self.first_runs(usize::MAX).1
    }

    /// The first `most` runs, neighbours as one, and what became of them.
    pub(super) fn first_runs(&self, most: usize) -> (Vec<(u64, u64)>, Columns) {
        let (mut runs, mut columns): (Vec<(u64, u64)>, _) = (Vec::new(), Columns::default());
        for (first, run) in &self.runs {
            match runs.pop() {
                Some((start, end)) if end == *first => runs.push((start, run.end)),
                last => {
                    runs.extend(last);
                    if runs.len() == most {
                        break;
                    }
                    runs.push((*first, run.end));
                }
            }
            columns.add(&run.columns);
        }
        (runs, columns)
    }
}
