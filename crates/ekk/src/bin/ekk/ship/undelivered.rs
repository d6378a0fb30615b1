//! Which records have not been delivered, so that files are read again from there.

use std::sync::atomic::{AtomicU64, Ordering};

use firehose_shipper::{Lost, Outcome, Reason, Settled};

use crate::ship::progress::Progress;

/// The first record that was not delivered although it could be, some other time, and that no fallback has.
#[derive(Debug)]
pub(super) struct Undelivered {
    first: AtomicU64,
}

impl Default for Undelivered {
    fn default() -> Self {
        Self { first: AtomicU64::new(u64::MAX) }
    }
}

impl Undelivered {
    pub(super) fn settle(&self, records: &[Settled]) {
        let later = records.iter().filter(|record| !record.in_fallback && may_do_later(record.outcome));
        let later = later.map(|record| record.sequence).min();
        if let Some(first) = later {
            self.first.fetch_min(first, Ordering::SeqCst);
        }
    }

    /// All records below have been delivered, or never can be, when all below `settled` have reached their end.
    pub(super) fn delivered_below(&self, settled: u64) -> u64 {
        settled.min(self.first.load(Ordering::SeqCst))
    }
}

fn may_do_later(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Unsent(Reason::Left | Reason::GaveUp | Reason::Unusable))
}

/// Shows a person the records that Firehose refuses, whenever they are sent.
pub(super) fn show_refused(lost: &Lost<'_>, progress: &Progress) {
    if lost.reason == Reason::Refused {
        for record in lost.records {
            progress.say(&format!("refused: {}", String::from_utf8_lossy(record).trim_end()));
        }
    }
}
