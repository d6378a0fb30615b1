//! The buffers behind the processors: one for each partition, or the only one.
//!
//! Their age is counted from when the first record came back from the processors, as AWS does. A partition is active while
//! it has a buffer.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/buffering.html>

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use crate::{
    buffer::{self, Decision, Waiting},
    queue::Record,
    spec::BufferingHints,
};

/// Processed records that wait for their destination.
#[derive(Debug, Default)]
pub(crate) struct Staging {
    /// By the evaluated prefix of their objects; the empty one without partitions.
    buffers: BTreeMap<String, Buffer>,
    bytes: u64,
}

#[derive(Debug)]
struct Buffer {
    records: VecDeque<Record>,
    bytes: u64,
    since: Timestamp,
}

/// What to do with the buffers now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// There are none.
    Rest,
    /// Nothing is due before then.
    WaitUntil(Timestamp),
    /// Deliver a batch of this partition.
    Partition(String),
}

impl Staging {
    /// Bytes in all buffers.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many partitions have a buffer.
    pub(crate) fn partitions(&self) -> usize {
        self.buffers.len()
    }

    /// When the oldest buffer was begun.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.buffers.values().map(|buffer| buffer.since).min()
    }

    /// Bytes a second that the busiest partition was given since its buffer was begun.
    pub(crate) fn throughput(&self, now: Timestamp) -> f64 {
        let of = |buffer: &Buffer| {
            let age = buffer.since.duration_until(now).as_secs_f64();
            #[expect(clippy::cast_precision_loss, reason = "values of CloudWatch are doubles")]
            let bytes = buffer.bytes as f64;
            bytes / age.max(1.0)
        };
        self.buffers.values().map(of).fold(0.0, f64::max)
    }

    /// The partitions that have a buffer.
    pub(crate) fn active(&self) -> BTreeSet<String> {
        self.buffers.keys().cloned().collect()
    }

    pub(crate) fn push(&mut self, partition: &str, record: Record, now: Timestamp) {
        let bytes = record.bytes();
        self.bytes += bytes;
        if let Some(buffer) = self.buffers.get_mut(partition) {
            buffer.bytes += bytes;
            buffer.records.push_back(record);
        } else {
            let buffer = Buffer { records: VecDeque::from([record]), bytes, since: now };
            self.buffers.insert(partition.to_owned(), buffer);
        }
    }

    /// Decides at `now`. Records below `flush_to` wait for nothing, and above `most_bytes` in all buffers the largest one
    /// is not waited for either.
    pub(crate) fn due(&self, hints: BufferingHints, flush_to: u64, most_bytes: u64, now: Timestamp) -> Due {
        let mut next: Option<Timestamp> = None;
        for (partition, buffer) in &self.buffers {
            let asked = buffer.records.front().is_some_and(|record| record.index < flush_to);
            let waiting = Waiting { bytes: buffer.bytes, oldest: Some(buffer.since), asked };
            match buffer::decide(waiting, hints, now) {
                Decision::Flush => return Due::Partition(partition.clone()),
                Decision::WaitUntil(due) => next = Some(next.map_or(due, |next| next.min(due))),
                Decision::Rest => {}
            }
        }
        let largest = self.buffers.iter().max_by_key(|(_, buffer)| buffer.bytes);
        match (largest, next) {
            (Some((partition, _)), _) if self.bytes > most_bytes => Due::Partition(partition.clone()),
            (_, Some(next)) => Due::WaitUntil(next),
            (_, None) => Due::Rest,
        }
    }

    /// Takes the next batch of a partition out, within `size_bytes` unless one record is larger.
    pub(crate) fn take(&mut self, partition: &str, size_bytes: u64) -> Vec<Record> {
        let Some(buffer) = self.buffers.get_mut(partition) else { return Vec::new() };
        let length = buffer::batch_length(buffer.records.iter().map(Record::bytes), size_bytes);
        let batch: Vec<Record> = buffer.records.drain(..length.min(buffer.records.len())).collect();
        let bytes: u64 = batch.iter().map(Record::bytes).sum();
        buffer.bytes -= bytes;
        self.bytes -= bytes;
        if buffer.records.is_empty() {
            self.buffers.remove(partition);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;

    const HINTS: BufferingHints = BufferingHints { size_bytes: 10, interval: Duration::from_mins(1) };

    fn record(index: u64, data: &'static str) -> Record {
        let data = Bytes::from_static(data.as_bytes());
        Record { epoch: 1, index, piece: 0, arrival: Timestamp::UNIX_EPOCH, data }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn each_partition_has_its_own_size_and_age() {
        let mut staging = Staging::default();
        staging.push("a/", record(0, "12345"), at(0));
        staging.push("b/", record(1, "1234567"), at(30));
        assert_eq!(staging.due(HINTS, 0, 100, at(30)), Due::WaitUntil(at(60)));
        staging.push("b/", record(2, "123"), at(40));
        assert_eq!(staging.due(HINTS, 0, 100, at(40)), Due::Partition("b/".to_owned()), "it is full");
        assert_eq!(staging.take("b/", 10).len(), 2);
        assert_eq!(staging.partitions(), 1, "a partition without records is not active");
        assert_eq!(staging.due(HINTS, 0, 100, at(60)), Due::Partition("a/".to_owned()), "it is old");
        assert_eq!(staging.take("a/", 10).len(), 1);
        assert_eq!((staging.due(HINTS, 0, 100, at(60)), staging.bytes()), (Due::Rest, 0));
    }

    #[test]
    fn the_throughput_is_that_of_the_busiest_partition() {
        let mut staging = Staging::default();
        staging.push("a/", record(0, "12345"), at(0));
        staging.push("b/", record(1, "123"), at(9));
        for (now, expected) in [(9, 3.0), (10, 3.0), (12, 1.0), (20, 0.272_727)] {
            let found = staging.throughput(at(now));
            assert!((found - expected).abs() < 1e-6, "{found} bytes a second at {now}, not {expected}");
        }
    }

    #[test]
    fn a_flush_wants_only_what_was_there() {
        let mut staging = Staging::default();
        staging.push("a/", record(4, "1"), at(0));
        staging.push("b/", record(3, "1"), at(0));
        assert_eq!(staging.due(HINTS, 4, 100, at(0)), Due::Partition("b/".to_owned()));
    }

    #[test]
    fn too_much_in_all_partitions_flushes_the_largest() {
        let mut staging = Staging::default();
        staging.push("a/", record(0, "1234"), at(0));
        staging.push("b/", record(1, "12345678"), at(0));
        assert_eq!(staging.due(HINTS, 0, 12, at(0)), Due::WaitUntil(at(60)));
        assert_eq!(staging.due(HINTS, 0, 11, at(0)), Due::Partition("b/".to_owned()));
    }
}
