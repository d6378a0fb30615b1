//! The records that a stream holds, in order, and how far each of its two ways has come with them.
//!
//! The destination's way goes through the processors to the destination; on the backup's way incoming records are copied
//! to S3. A record leaves the queue when both have passed it. Records may come to their end at the destination out of
//! order on either way: what is ahead of an older record is counted at once, and kept over a restart as one of a bounded
//! number of runs, so that none is forgotten, and one that has ended is delivered again only when there were more runs.
//! With a folder, [`log`] keeps the records over a restart and [`checkpoint`] how far the ways were. No time passes and
//! nothing is sent in here.

mod ahead;
pub(crate) mod checkpoint;
mod fate;
pub(crate) mod log;
mod way;

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use jiff::Timestamp;

use crate::{
    Account, SequenceNumber,
    buffer::Waiting,
    limits::{BILLED_UNIT_BYTES, KEPT_RUNS, RECORD_OVERHEAD_BYTES},
};
use fate::Columns;
pub(crate) use fate::{Fate, Tally};
pub(crate) use way::Progress;
use way::Way;

/// An accepted record, or a piece of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// When the stream was opened that took it, in seconds.
    pub(crate) epoch: u64,
    /// Its place in the stream, from 0.
    pub(crate) index: u64,
    /// Its place among the pieces that were made of one record, from 0.
    pub(crate) piece: u32,
    /// When it arrived.
    pub(crate) arrival: Timestamp,
    /// The record as it came in, or as the processors have made it.
    pub(crate) data: Bytes,
}

impl Record {
    pub(crate) fn sequence_number(&self, shard: u32) -> SequenceNumber {
        sequence_number(self.epoch, self.index, self.arrival, shard)
    }

    /// What the destination knows it by: the sequence number, and the place of the piece.
    pub(crate) fn document_id(&self, shard: u32) -> String {
        format!("{}.{}", self.sequence_number(shard), self.piece)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.data.len() as u64
    }

    /// What AWS bills for it: it rounds each record up to the next 5 KiB.
    fn billed_units(&self) -> u64 {
        self.bytes().div_ceil(BILLED_UNIT_BYTES)
    }

    fn held_bytes(&self) -> u64 {
        self.bytes() + RECORD_OVERHEAD_BYTES
    }
}

pub(crate) fn sequence_number(epoch: u64, index: u64, arrival: Timestamp, shard: u32) -> SequenceNumber {
    SequenceNumber { epoch, index, arrival_secs: u64::try_from(arrival.as_second()).unwrap_or(0), shard }
}

/// Who works on a record: each one takes the way to the destination, by the processors if there are any, and the backup's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// To the index, the endpoint, or the bucket of an S3 destination.
    Destination,
    /// Through the processors, on its way to the destination.
    Processing,
    /// To the backup bucket, as it came in.
    Backup,
}

impl Lane {
    pub(crate) const ALL: [Self; 3] = [Self::Processing, Self::Destination, Self::Backup];
}

/// A record that became several, some of which have not ended.
#[derive(Debug)]
struct Split {
    left: u32,
    ended: Columns,
}

/// The records of one stream and its account.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    records: VecDeque<Record>,
    /// The index that the next record gets; as many were accepted before it.
    next: u64,
    /// Bytes that the held records count for against the bound.
    held_bytes: u64,
    destination: Way,
    backup: Way,
    splits: HashMap<u64, Split>,
    /// Whether the backup lane is in use; when not, it has always finished.
    backs_up: bool,
    /// What became of the records that the destination's way is past; the derived members are not kept here.
    finished: Account,
}

impl Queue {
    /// A queue with the records and the progress of an earlier process.
    pub(crate) fn restored(restored: log::Restored, backs_up: bool) -> Self {
        let log::Restored { records, next, checkpoint } = restored;
        let mut queue = Self { next, backs_up, finished: checkpoint.account, ..Self::default() };
        queue.destination = Way::restored(checkpoint.destination_done.min(next), &checkpoint.destination_ahead);
        queue.backup = if backs_up {
            Way::restored(checkpoint.backup_done.min(next), &checkpoint.backup_ahead)
        } else {
            Way::beginning_at(next)
        };
        for record in records {
            if record.index >= checkpoint.accepted {
                queue.finished.billed_units += record.billed_units();
            }
            queue.hold(record);
        }
        let Self { records, destination, backup, finished, .. } = &mut queue;
        destination.catch_up(|index| position(records, next, index)).add_to(finished);
        backup.catch_up(|index| position(records, next, index));
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
        let record = Record { epoch, index: self.next, piece: 0, arrival, data };
        self.next += 1;
        self.finished.billed_units += record.billed_units();
        if !self.backs_up {
            self.backup = Way::beginning_at(self.next);
        }
        self.hold(record);
    }

    fn hold(&mut self, record: Record) {
        self.destination.hold(&record);
        self.backup.hold(&record);
        self.held_bytes += record.held_bytes();
        self.records.push_back(record);
    }

    fn way(&self, lane: Lane) -> &Way {
        match lane {
            Lane::Destination | Lane::Processing => &self.destination,
            Lane::Backup => &self.backup,
        }
    }

    pub(crate) fn progress(&self, lane: Lane) -> &Progress {
        &self.way(lane).progress
    }

    /// Asks both lanes not to wait with what is there.
    pub(crate) fn ask_for_flush(&mut self) {
        self.destination.progress.flush_to = self.next;
        self.backup.progress.flush_to = self.next;
    }

    /// Begins or ends the backup of incoming records, from the next one on.
    pub(crate) fn set_backs_up(&mut self, backs_up: bool) {
        if self.backs_up == backs_up {
            return;
        }
        self.backs_up = backs_up;
        self.backup = Way::beginning_at(self.next);
        self.release();
    }

    /// What waits in the queue for a lane.
    pub(crate) fn waiting(&self, lane: Lane) -> Waiting {
        let Way { progress, taken, untaken, .. } = self.way(lane);
        let oldest = self.waiting_records(lane).next().map(|record| record.arrival);
        Waiting { bytes: untaken.bytes, oldest, asked: progress.flush_to > *taken }
    }

    /// The records that wait in the queue for a lane.
    pub(crate) fn waiting_records(&self, lane: Lane) -> impl Iterator<Item = &Record> {
        let way = self.way(lane);
        self.records.range(self.position(way.taken)..).filter(|record| !way.is_resumed(record))
    }

    /// When the oldest record that a lane has not finished arrived.
    pub(crate) fn oldest_unfinished(&self, lane: Lane) -> Option<Timestamp> {
        self.records.get(self.position(self.progress(lane).done)).map(|record| record.arrival)
    }

    /// Takes the next `count` records for a lane.
    pub(crate) fn take(&mut self, lane: Lane, count: usize) -> Vec<Record> {
        let records: Vec<Record> = self.waiting_records(lane).take(count).cloned().collect();
        match lane {
            Lane::Destination | Lane::Processing => self.destination.take(&records),
            Lane::Backup => self.backup.take(&records),
        }
        records
    }

    /// Where the first record that is not below `index` is.
    fn position(&self, index: u64) -> usize {
        position(&self.records, self.next, index)
    }

    /// Says that a record has become `pieces`, at least two, which come to their ends one by one.
    pub(crate) fn split(&mut self, index: u64, pieces: u32) {
        self.splits.insert(index, Split { left: pieces, ended: Columns::default() });
    }

    /// Ends records, or pieces of them, that were taken for the destination.
    pub(crate) fn end(&mut self, pieces: &[Record], fate: Fate) {
        for piece in pieces {
            let position = self.position(piece.index);
            let Some(record) = self.records.get(position).filter(|record| record.index == piece.index) else {
                debug_assert!(false, "record {} ends twice", piece.index);
                continue;
            };
            let bytes = record.bytes();
            if let Some(columns) = self.end_piece(piece.index, fate, bytes) {
                self.end_record(position, piece.index, &columns);
            }
        }
        self.release();
    }

    /// Counts one piece, and answers what became of its record when it was the last.
    fn end_piece(&mut self, index: u64, fate: Fate, bytes: u64) -> Option<Columns> {
        if self.splits.is_empty() {
            return Some(Columns::one(fate, bytes));
        }
        let Some(split) = self.splits.get_mut(&index) else { return Some(Columns::one(fate, bytes)) };
        let incoming = if split.ended == Columns::default() { bytes } else { 0 };
        split.ended.count(fate, incoming);
        split.left = split.left.saturating_sub(1);
        if split.left > 0 {
            return None;
        }
        let mut columns = self.splits.remove(&index)?.ended;
        columns.are_pieces_of_one();
        Some(columns)
    }

    fn end_record(&mut self, place: usize, index: u64, columns: &Columns) {
        let Self { records, next, destination, finished, .. } = self;
        let (ended, is_done) = destination.end(index, columns, |index| position(records, *next, index));
        ended.add_to(finished);
        if !is_done {
            self.forget_data(place);
        }
    }

    /// Lets go of the data of a record that nobody needs, while an older one holds it in the queue.
    fn forget_data(&mut self, place: usize) {
        let backed_up = self.backup.progress.done;
        if let Some(record) = self.records.get_mut(place).filter(|record| record.index < backed_up) {
            self.held_bytes -= record.bytes();
            record.data = Bytes::new();
        }
    }

    /// Ends records that were taken for the backup, unless the backup was ended meanwhile.
    pub(crate) fn finish_backup(&mut self, backed_up: &[Record]) {
        let tally = Tally::of(backed_up);
        self.finished.backed_up += tally.records;
        self.finished.backed_up_bytes += tally.bytes;
        let Self { records, next, backup, .. } = self;
        let begins = backup.progress.done;
        for record in backed_up.iter().filter(|record| record.index >= begins) {
            // The fate is that of the destination's way; here it only carries the bytes.
            let columns = Columns::one(Fate::Stored, record.bytes());
            backup.end(record.index, &columns, |index| position(records, *next, index));
        }
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
        self.destination.progress.done.min(self.backup.progress.done)
    }

    /// How far both lanes are, to be kept over a restart.
    pub(crate) fn checkpoint(&self) -> checkpoint::Checkpoint {
        let (destination_ahead, columns) = self.destination.ahead.first_runs(KEPT_RUNS);
        let mut account = self.finished;
        columns.add_to(&mut account);
        checkpoint::Checkpoint {
            accepted: self.next,
            destination_done: self.destination.progress.done,
            destination_ahead,
            backup_done: self.backup.progress.done,
            backup_ahead: self.backup.ahead.first_runs(KEPT_RUNS).0,
            account,
        }
    }

    /// The account at this moment.
    pub(crate) fn account(&self) -> Account {
        let mut account = self.finished;
        self.destination.ahead.columns().add_to(&mut account);
        account.queued = self.destination.progress.left.records;
        account.queued_bytes = self.destination.progress.left.bytes;
        account.accepted = self.next;
        account.accepted_bytes = account.ended_bytes() + account.queued_bytes;
        account.lost = account.accepted + account.expanded - account.ended() - account.queued;
        account.backup_queued = self.backup.progress.left.records;
        account
    }
}

/// Where the first of `records` that is not below `index` is; `next` is the index after the last.
fn position(records: &VecDeque<Record>, next: u64, index: u64) -> usize {
    let first = records.front().map_or(next, |record| record.index);
    let guess = usize::try_from(index.saturating_sub(first)).unwrap_or(usize::MAX);
    match records.get(guess) {
        // Without gaps, which only a damaged file leaves, an index says where its record is.
        Some(record) if record.index == index => guess,
        None if guess == records.len() && index == next => guess,
        _ => records.partition_point(|record| record.index < index),
    }
}

#[cfg(test)]
mod tests;
