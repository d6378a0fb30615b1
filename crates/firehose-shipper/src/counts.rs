//! What became of all records, in numbers.

use std::fmt;

use crate::record::{Outcome, Reason};

/// What became of the records so far. All are numbers of records unless they say otherwise.
///
/// `offered + recovered` is `sent + unsent.total() + saved` and what is still queued, at any moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Handed to the shipper by the program.
    pub offered: u64,
    /// Found in the spill folder, where a former process left them.
    pub recovered: u64,
    /// Taken by Firehose.
    pub sent: u64,
    /// Bytes of those, before base64.
    pub sent_bytes: u64,
    /// Not sent, by reason.
    pub unsent: Unsent,
    /// Left in the spill folder for the next start.
    pub saved: u64,
    /// Sent again, once for each time.
    pub retried: u64,
    /// Entries and calls' records that were answered by throttling, once for each time.
    pub throttled: u64,
    /// Records of calls that were not answered, once for each time: Firehose may have taken them, and then has them twice.
    pub duplicates_possible: u64,
    /// Made shorter, to be within the limit.
    pub truncated: u64,
    /// Written to the spill folder because the queue was full.
    pub spilled: u64,
    /// Written to the fallback.
    pub fallen_back: u64,
    /// Calls that were begun.
    pub calls: u64,
    /// Calls that failed as a whole.
    pub failed_calls: u64,
}

/// How many records were not sent, for each [`Reason`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unsent {
    /// [`Reason::QueueFull`].
    pub queue_full: u64,
    /// [`Reason::TooLarge`].
    pub too_large: u64,
    /// [`Reason::Refused`].
    pub refused: u64,
    /// [`Reason::GaveUp`].
    pub gave_up: u64,
    /// [`Reason::Unusable`].
    pub unusable: u64,
    /// [`Reason::Left`].
    pub left: u64,
    /// [`Reason::Damaged`].
    pub damaged: u64,
    /// [`Reason::Closed`].
    pub closed: u64,
}

impl Unsent {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.parts().iter().map(|(_, records)| records).sum()
    }

    /// Each number with its reason.
    pub(crate) fn parts(&self) -> [(Reason, u64); 8] {
        let Self { queue_full, too_large, refused, gave_up, unusable, left, damaged, closed } = *self;
        [
            (Reason::QueueFull, queue_full),
            (Reason::TooLarge, too_large),
            (Reason::Refused, refused),
            (Reason::GaveUp, gave_up),
            (Reason::Unusable, unusable),
            (Reason::Left, left),
            (Reason::Damaged, damaged),
            (Reason::Closed, closed),
        ]
    }

    pub(crate) fn add(&mut self, reason: Reason, records: u64) {
        *match reason {
            Reason::QueueFull => &mut self.queue_full,
            Reason::TooLarge => &mut self.too_large,
            Reason::Refused => &mut self.refused,
            Reason::GaveUp => &mut self.gave_up,
            Reason::Unusable => &mut self.unusable,
            Reason::Left => &mut self.left,
            Reason::Damaged => &mut self.damaged,
            Reason::Closed => &mut self.closed,
        } += records;
    }
}

impl Counts {
    /// Counts a record of so many bytes that has reached its end.
    pub(crate) fn settle(&mut self, outcome: Outcome, bytes: usize) {
        match outcome {
            Outcome::Sent => {
                self.sent += 1;
                self.sent_bytes += bytes as u64;
            }
            Outcome::Unsent(reason) => self.unsent.add(reason, 1),
            Outcome::Saved => self.saved += 1,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sent, {} retried, {} not sent", self.sent, self.retried, self.unsent.total())?;
        let mut opening = " (";
        for (reason, records) in self.unsent.parts() {
            if records > 0 {
                write!(f, "{opening}{records} {reason}")?;
                opening = ", ";
            }
        }
        if self.unsent.total() > 0 {
            f.write_str(")")?;
        }
        for (records, what) in [
            (self.fallen_back, "written to the fallback"),
            (self.saved, "saved for the next start"),
            (self.truncated, "truncated"),
            (self.duplicates_possible, "possibly sent twice"),
        ] {
            if records > 0 {
                write!(f, ", {records} {what}")?;
            }
        }
        Ok(())
    }
}

/// The state of affairs at the end of a flush or a shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What became of all records since the start.
    pub counts: Counts,
    /// Records that had been accepted before the flush and have not reached their end. Always 0 after a shutdown, where
    /// what was left is counted in `counts.unsent.left` or in `counts.saved`.
    pub left: u64,
}

impl Report {
    /// Whether every record that was offered has been sent.
    pub fn all_sent(&self) -> bool {
        self.left == 0 && self.counts.unsent.total() == 0 && self.counts.saved == 0
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} left", self.counts, self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_became_of_the_records() {
        let mut counts = Counts { offered: 16, retried: 3, fallen_back: 2, ..Counts::default() };
        (0..9).for_each(|_| counts.settle(Outcome::Sent, 10));
        counts.unsent.add(Reason::QueueFull, 4);
        counts.unsent.add(Reason::GaveUp, 2);
        counts.settle(Outcome::Saved, 10);
        let report = Report { counts, left: 0 };
        assert_eq!(
            report.to_string(),
            "9 sent, 3 retried, 6 not sent (4 queue full, 2 given up), 2 written to the fallback, \
             1 saved for the next start, 0 left"
        );
        assert!(!report.all_sent());
        assert_eq!(counts.sent_bytes, 90);
    }

    #[test]
    fn a_report_of_success_is_short() {
        let counts = Counts { offered: 2, sent: 2, ..Counts::default() };
        let report = Report { counts, left: 0 };
        assert_eq!(report.to_string(), "2 sent, 0 retried, 0 not sent, 0 left");
        assert!(report.all_sent());
    }
}
