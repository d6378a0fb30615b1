//! The records that a stream holds, in order, and how far each of its two lanes has come with them.
//!
//! The destination lane delivers; the backup lane copies incoming records to S3. A record leaves the queue when both have
//! passed it. With a folder, [`log`] keeps the records over a restart and [`checkpoint`] how far the lanes were.
//! No time passes and nothing is sent in here.

pub(crate) mod checkpoint;
pub(crate) mod log;

use std::collections::VecDeque;

use bytes::Bytes;
use jiff::Timestamp;

use crate::{Account, SequenceNumber, buffer::Waiting, limits::RECORD_OVERHEAD_BYTES};

/// An accepted record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// When the stream was opened that took it, in seconds.
    pub(crate) epoch: u64,
    /// Its place in the stream, from 0.
    pub(crate) index: u64,
    /// When it arrived.
    pub(crate) arrival: Timestamp,
    /// The record as it came in.
    pub(crate) data: Bytes,
}

impl Record {
    pub(crate) fn sequence_number(&self, shard: u32) -> SequenceNumber {
        sequence_number(self.epoch, self.index, self.arrival, shard)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.data.len() as u64
    }

    fn held_bytes(&self) -> u64 {
        self.bytes() + RECORD_OVERHEAD_BYTES
    }
}

pub(crate) fn sequence_number(epoch: u64, index: u64, arrival: Timestamp, shard: u32) -> SequenceNumber {
    SequenceNumber { epoch, index, arrival_secs: u64::try_from(arrival.as_second()).unwrap_or(0), shard }
}

/// Which way a record takes; each record takes both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// To the index, or to the bucket of an S3 destination.
    Destination,
    /// To the backup bucket, as it came in.
    Backup,
}

/// How far a lane has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// The index below which the lane has finished everything.
    pub(crate) done: u64,
    /// The records that it has not finished.
    pub(crate) left: Tally,
    /// Records below this index shall not wait for their buffer.
    pub(crate) flush_to: u64,
    /// Attempts that failed.
    pub(crate) failures: u64,
    /// Why the lane does not come on, while it does not.
    pub(crate) trouble: Option<Trouble>,
}

/// Why a lane waits for its next attempt.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// The reason, in a developer's words.
    pub(crate) reason: String,
    /// When the next attempt is, by the stack's clock.
    pub(crate) next: Timestamp,
}

/// What became of records that a lane has finished, by number and bytes.
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

    fn subtract(&mut self, other: Self) {
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

/// What a batch of the destination lane came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) indexed: Tally,
    pub(crate) stored: Tally,
    pub(crate) failed: Tally,
}

/// The records of one stream and its account.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    records: VecDeque<Record>,
    /// The index that the next record gets; as many were accepted before it.
    next: u64,
    /// Bytes that the held records count for against the bound.
    held_bytes: u64,
    destination: Progress,
    backup: Progress,
    /// Whether the backup lane is in use; when not, it has always finished.
    backs_up: bool,
    /// What finished batches came to; the derived members are not kept here.
    finished: Account,
    /// Documents of the batch in hand that the index has already.
    in_hand: Tally,
}

impl Queue {
    /// A queue with the records and the progress of an earlier process.
    pub(crate) fn restored(restored: log::Restored, backs_up: bool) -> Self {
        let checkpoint = restored.checkpoint;
        let mut queue = Self { next: restored.next, backs_up, finished: checkpoint.account, ..Self::default() };
        queue.destination.done = checkpoint.destination_done.min(restored.next);
        queue.backup.done = if backs_up { checkpoint.backup_done.min(restored.next) } else { restored.next };
        for record in restored.records {
            queue.hold(record);
        }
        queue.release();
        queue
    }

    /// Bytes that are held against the bound.
    pub(crate) fn held_bytes(&self) -> u64 {
        self.held_bytes
    }

    /// The index that the next record gets.
    pub(crate) fn next_index(&self) -> u64 {
        self.next
    }

    /// Takes one record in.
    pub(crate) fn push(&mut self, epoch: u64, arrival: Timestamp, data: Bytes) {
        let record = Record { epoch, index: self.next, arrival, data };
        self.next += 1;
        if !self.backs_up {
            self.backup.done = self.next;
        }
        self.hold(record);
    }

    fn hold(&mut self, record: Record) {
        for progress in [&mut self.destination, &mut self.backup] {
            if record.index >= progress.done {
                progress.left.add(&record);
            }
        }
        self.held_bytes += record.held_bytes();
        self.records.push_back(record);
    }

    pub(crate) fn progress(&self, lane: Lane) -> &Progress {
        match lane {
            Lane::Destination => &self.destination,
            Lane::Backup => &self.backup,
        }
    }

    pub(crate) fn progress_mut(&mut self, lane: Lane) -> &mut Progress {
        match lane {
            Lane::Destination => &mut self.destination,
            Lane::Backup => &mut self.backup,
        }
    }

    /// Asks both lanes not to wait with what is there.
    pub(crate) fn ask_for_flush(&mut self) {
        self.destination.flush_to = self.next;
        self.backup.flush_to = self.next;
    }

    /// Begins or ends the backup of incoming records, from the next one on.
    pub(crate) fn set_backs_up(&mut self, backs_up: bool) {
        if self.backs_up == backs_up {
            return;
        }
        self.backs_up = backs_up;
        self.backup.done = self.next;
        self.backup.left = Tally::default();
        self.backup.trouble = None;
        self.release();
    }

    /// What waits in a lane.
    pub(crate) fn waiting(&self, lane: Lane) -> Waiting {
        let progress = self.progress(lane);
        let oldest = self.unfinished(lane).next();
        Waiting {
            bytes: progress.left.bytes,
            oldest: oldest.map(|record| record.arrival),
            asked: progress.flush_to > progress.done,
        }
    }

    /// The records that a lane has not finished.
    pub(crate) fn unfinished(&self, lane: Lane) -> impl Iterator<Item = &Record> {
        let done = self.progress(lane).done;
        self.records.range(self.records.partition_point(|record| record.index < done)..)
    }

    /// Notes documents of the batch in hand that the index has by now.
    pub(crate) fn note_indexed(&mut self, tally: Tally) {
        self.in_hand.records += tally.records;
        self.in_hand.bytes += tally.bytes;
    }

    /// Finishes the records of the destination lane below `done`.
    pub(crate) fn finish_destination(&mut self, done: u64, settled: &Settled) {
        self.in_hand = Tally::default();
        self.finished.indexed += settled.indexed.records;
        self.finished.indexed_bytes += settled.indexed.bytes;
        self.finished.stored += settled.stored.records;
        self.finished.stored_bytes += settled.stored.bytes;
        self.finished.failed += settled.failed.records;
        self.finished.failed_bytes += settled.failed.bytes;
        for tally in [settled.indexed, settled.stored, settled.failed] {
            self.destination.left.subtract(tally);
        }
        self.destination.done = done;
        self.destination.trouble = None;
        self.release();
    }

    /// Finishes the records of the backup lane below `done`, unless the backup was ended meanwhile.
    pub(crate) fn finish_backup(&mut self, done: u64, backed_up: Tally) {
        self.finished.backed_up += backed_up.records;
        self.finished.backed_up_bytes += backed_up.bytes;
        if self.backs_up && done > self.backup.done {
            self.backup.done = done;
            self.backup.left.subtract(backed_up);
        }
        self.backup.trouble = None;
        self.release();
    }

    pub(crate) fn note_retry(&mut self) {
        self.finished.retries += 1;
    }

    pub(crate) fn note_possible_duplicates(&mut self, records: u64) {
        self.finished.duplicates_possible += records;
    }

    /// Lets go of the records that both lanes have finished.
    fn release(&mut self) {
        let done = self.done();
        while self.records.front().is_some_and(|record| record.index < done) {
            if let Some(record) = self.records.pop_front() {
                self.held_bytes -= record.held_bytes();
            }
        }
    }

    /// The index of the first record that is still needed.
    pub(crate) fn done(&self) -> u64 {
        self.destination.done.min(self.backup.done)
    }

    /// How far both lanes are, to be kept over a restart.
    pub(crate) fn checkpoint(&self) -> checkpoint::Checkpoint {
        checkpoint::Checkpoint {
            accepted: self.next,
            destination_done: self.destination.done,
            backup_done: self.backup.done,
            account: self.finished,
        }
    }

    /// The account at this moment.
    pub(crate) fn account(&self) -> Account {
        let mut account = self.finished;
        account.indexed += self.in_hand.records;
        account.indexed_bytes += self.in_hand.bytes;
        account.queued = self.destination.left.records - self.in_hand.records;
        account.queued_bytes = self.destination.left.bytes - self.in_hand.bytes;
        account.accepted = self.next;
        account.accepted_bytes =
            account.indexed_bytes + account.stored_bytes + account.failed_bytes + account.queued_bytes;
        account.lost = account.accepted - account.ended() - account.queued;
        account.backup_queued = self.backup.left.records;
        account
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(queue: &mut Queue, data: &'static str) {
        queue.push(1, Timestamp::UNIX_EPOCH, Bytes::from_static(data.as_bytes()));
    }

    #[test]
    fn a_record_leaves_when_both_lanes_have_passed_it() {
        let mut queue = Queue { backs_up: true, ..Queue::default() };
        push(&mut queue, "one");
        push(&mut queue, "three");
        let first = Tally { records: 1, bytes: 3 };
        queue.finish_destination(1, &Settled { indexed: first, ..Settled::default() });
        assert_eq!((queue.records.len(), queue.done()), (2, 0));
        queue.finish_backup(2, Tally { records: 2, bytes: 8 });
        assert_eq!((queue.records.len(), queue.done()), (1, 1));
        assert_eq!(queue.held_bytes(), 5 + RECORD_OVERHEAD_BYTES);
        assert_eq!(queue.unfinished(Lane::Destination).count(), 1);
        assert_eq!(queue.unfinished(Lane::Backup).count(), 0);
    }

    #[test]
    fn documents_of_the_batch_in_hand_count_once() {
        let mut queue = Queue::default();
        push(&mut queue, "one");
        push(&mut queue, "two");
        queue.note_indexed(Tally { records: 1, bytes: 3 });
        let account = queue.account();
        assert_eq!((account.accepted, account.indexed, account.queued, account.queued_bytes), (2, 1, 1, 3));
        let settled = Settled {
            indexed: Tally { records: 1, bytes: 3 },
            failed: Tally { records: 1, bytes: 3 },
            ..Settled::default()
        };
        queue.finish_destination(2, &settled);
        let account = queue.account();
        assert_eq!((account.accepted, account.indexed, account.failed, account.queued), (2, 1, 1, 0));
        assert_eq!(account.accepted_bytes, 6);
    }

    #[test]
    fn a_backup_that_is_switched_on_begins_with_the_next_record() {
        let mut queue = Queue::default();
        push(&mut queue, "one");
        queue.set_backs_up(true);
        push(&mut queue, "two");
        assert_eq!(queue.unfinished(Lane::Backup).map(|record| record.index).collect::<Vec<_>>(), [1]);
        assert_eq!(queue.account().backup_queued, 1);
        queue.set_backs_up(false);
        assert_eq!(queue.account().backup_queued, 0);
    }
}
