//! Where a record ends, and sums over what ended: the columns of the account.

use super::Record;
use crate::Account;

/// How a record, or a piece of one, came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The index has it.
    Indexed,
    /// The bucket of an S3 destination has it.
    Stored,
    /// An HTTP endpoint has acknowledged it.
    Acknowledged,
    /// It could not be delivered and is in S3 with the reason.
    Failed,
    /// It could not be processed and is in S3 with the reason.
    ProcessingFailed,
    /// A processor dropped it.
    Dropped,
    /// An HTTP endpoint refused it for good, and AWS keeps no copy.
    Refused,
}

const FATES: usize = 7;

/// Records by number and bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, record: &Record) {
        self.records += 1;
        self.bytes += record.bytes();
    }

    pub(super) fn add_tally(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
    }

    pub(super) fn subtract(&mut self, other: Self) {
        self.records -= other.records;
        self.bytes -= other.bytes;
    }

    pub(crate) fn of(records: &[Record]) -> Self {
        let mut tally = Self::default();
        for record in records {
            tally.add(record);
        }
        tally
    }
}

/// What became of records, by fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    tallies: [Tally; FATES],
    /// Pieces beyond the first of each record.
    expanded: u64,
}

impl Columns {
    /// One record, or one piece of a record, that came in with so many `bytes`.
    pub(super) fn one(fate: Fate, bytes: u64) -> Self {
        let mut columns = Self::default();
        columns.count(fate, bytes);
        columns
    }

    /// Adds one more piece.
    pub(super) fn count(&mut self, fate: Fate, bytes: u64) {
        let [indexed, stored, acknowledged, failed, processing_failed, dropped, refused] = &mut self.tallies;
        let tally = match fate {
            Fate::Indexed => indexed,
            Fate::Stored => stored,
            Fate::Acknowledged => acknowledged,
            Fate::Failed => failed,
            Fate::ProcessingFailed => processing_failed,
            Fate::Dropped => dropped,
            Fate::Refused => refused,
        };
        tally.add_tally(Tally { records: 1, bytes });
    }

    /// Says that these are the pieces of one record.
    pub(super) fn are_pieces_of_one(&mut self) {
        self.expanded = self.tallies.iter().map(|tally| tally.records).sum::<u64>().saturating_sub(1);
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (tally, more) in self.tallies.iter_mut().zip(other.tallies) {
            tally.add_tally(more);
        }
        self.expanded += other.expanded;
    }

    /// Incoming bytes of all of it.
    pub(super) fn bytes(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.bytes).sum()
    }

    /// Adds the columns to an account.
    pub(super) fn add_to(&self, account: &mut Account) {
        let [indexed, stored, acknowledged, failed, processing_failed, dropped, refused] = self.tallies;
        for (records, bytes, tally) in [
            (&mut account.indexed, &mut account.indexed_bytes, indexed),
            (&mut account.stored, &mut account.stored_bytes, stored),
            (&mut account.acknowledged, &mut account.acknowledged_bytes, acknowledged),
            (&mut account.failed, &mut account.failed_bytes, failed),
            (&mut account.processing_failed, &mut account.processing_failed_bytes, processing_failed),
            (&mut account.dropped, &mut account.dropped_bytes, dropped),
            (&mut account.refused, &mut account.refused_bytes, refused),
        ] {
            *records += tally.records;
            *bytes += tally.bytes;
        }
        account.expanded += self.expanded;
    }
}
