//! What can be chosen about a shipper, with the defaults. What the choices lead to is said where they are used.

use std::{path::PathBuf, time::Duration};

use crate::{
    error::StartError,
    limits::{BYTES_PER_CALL, BYTES_PER_RECORD, RECORD_OVERHEAD, RECORDS_PER_CALL, SMALLEST_RECORD_LIMIT},
};

/// How records are put together into calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Records in a call, 1..=500. 500 by default.
    pub max_records: usize,
    /// Bytes of the records in a call, before base64, up to 4 MiB, which is the default.
    pub max_bytes: usize,
    /// How long a record waits for others to share its call. A second by default; zero sends what is there.
    pub linger: Duration,
    /// Calls at one time, 1 or more. 1 by default, which keeps the records in their order wherever nothing failed.
    /// With more, calls are begun in order, but one may overtake another on its way.
    pub in_flight: usize,
}

impl Default for Batch {
    fn default() -> Self {
        Self { max_records: RECORDS_PER_CALL, max_bytes: BYTES_PER_CALL, linger: Duration::from_secs(1), in_flight: 1 }
    }
}

/// How much is held in memory until Firehose has taken it, and what happens to a record for which there is no room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Records that are held, those in flight and those to be sent again included. 100,000 by default.
    pub max_records: usize,
    /// Bytes that are held, at 64 more than its length for each record. 64 MiB by default.
    /// A call in flight takes about three times the bytes of its records beside this.
    pub max_bytes: usize,
    /// What happens when the queue is full. The newest record is dropped by default, so that the program never waits.
    pub when_full: WhenFull,
}

impl Default for Queue {
    fn default() -> Self {
        Self { max_records: 100_000, max_bytes: 64 * 1024 * 1024, when_full: WhenFull::DropNewest }
    }
}

/// What happens to a record for which the queue has no room.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It is dropped and counted; the program goes on at once.
    DropNewest,
    /// The oldest ones that are not in flight are dropped and counted to make room.
    DropOldest,
    /// The calling thread waits for room. When its patience is over, the record is dropped and counted.
    Block {
        /// The longest wait, in real time. `Duration::MAX` waits for as long as it takes.
        patience: Duration,
    },
    /// It is written to a file, and sent when there is room again; what is there at the end is sent after the next start.
    Spill {
        /// A folder of this shipper's own. It is made when it is not there, and locked against other processes.
        folder: PathBuf,
        /// The most that the folder may hold, in bytes. Beyond, the newest record is dropped and counted.
        max_bytes: u64,
    },
}

/// How records that were not taken are sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The pause after the first attempt, of which jitter takes up to a half. 100 ms by default; it doubles each time.
    pub first_pause: Duration,
    /// The longest pause. 5 s by default.
    pub longest_pause: Duration,
    /// How long a record is tried after its first failure before it is given up. An hour by default.
    pub give_up_after: Duration,
    /// How long a call may take before it counts as failed. 30 s by default.
    pub call_timeout: Duration,
    /// What happens to the records of a stream that cannot be used: no credentials, no region, no such stream, access
    /// denied. They go to the fallback by default.
    pub when_unusable: WhenUnusable,
}

/// What happens to the records of a stream that cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenUnusable {
    /// They go to the fallback at once, and the program goes on.
    #[default]
    FallBack,
    /// They are held and sent again like those of calls that fail, until [`Retry::give_up_after`]. For a program that can
    /// wait, such as one that reads files.
    Hold,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
            give_up_after: Duration::from_hours(1),
            call_timeout: Duration::from_secs(30),
            when_unusable: WhenUnusable::FallBack,
        }
    }
}

/// What a record is made to be before it is queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Bytes of a record, before base64 and with its newline, 1,024..=1,024,000, which is the default.
    pub max_bytes: usize,
    /// What happens to a longer one. It is truncated by default.
    pub when_too_large: WhenTooLarge,
    /// Whether a record gets a newline unless it ends with one. It does by default, because Firehose puts nothing
    /// between records: without it, an object in S3 has `}{` in it.
    pub newline: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self { max_bytes: BYTES_PER_RECORD, when_too_large: WhenTooLarge::Truncate, newline: true }
    }
}

/// What happens to a record that is over the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenTooLarge {
    /// A JSON object loses as much of its largest fields as need be: text is cut short, anything else is left out, and
    /// the names of these fields are listed in a field `truncated`. Anything that is no JSON object is cut at the end.
    Truncate,
    /// It is refused, and counted.
    Refuse,
}

/// Where records go that cannot reach Firehose: those that were given up or refused, those of a stream that cannot be
/// used (no credentials, no region, no such stream, access denied), and those that are left at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fallback {
    /// To standard error, a line each. This is the default.
    Stderr,
    /// To the end of this file, which is made when it is needed.
    File(PathBuf),
    /// Nowhere: they are counted, and told to [`Builder::on_lost`](crate::Builder::on_lost).
    Nowhere,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) batch: Batch,
    pub(crate) queue: Queue,
    pub(crate) retry: Retry,
    pub(crate) shape: Shape,
}

impl Settings {
    /// Refuses what could never work, such as a queue that has no room for one record.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let Self { batch, queue, retry, shape } = self;
        let largest_record = shape.max_bytes + RECORD_OVERHEAD;
        for (name, value, least, most) in [
            ("Batch::max_records", batch.max_records, 1, RECORDS_PER_CALL),
            ("Shape::max_bytes", shape.max_bytes, SMALLEST_RECORD_LIMIT, BYTES_PER_RECORD),
            ("Batch::max_bytes", batch.max_bytes, shape.max_bytes, BYTES_PER_CALL),
            ("Batch::in_flight", batch.in_flight, 1, usize::MAX),
            ("Queue::max_records", queue.max_records, 1, usize::MAX),
            ("Queue::max_bytes", queue.max_bytes, largest_record, usize::MAX),
        ] {
            if value < least || value > most {
                return Err(StartError::OutOfRange { name, value, least, most });
            }
        }
        if retry.call_timeout.is_zero() {
            return Err(StartError::OutOfRange { name: "Retry::call_timeout", value: 0, least: 1, most: usize::MAX });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_the_limits() {
        Settings::default().check().unwrap();
    }

    #[test]
    fn what_could_never_work_is_refused_by_its_name() {
        let change = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.check().unwrap_err().to_string()
        };
        for (message, expected) in [
            (change(|s| s.batch.max_records = 501), "Batch::max_records is 501, and must be in 1..=500"),
            (change(|s| s.batch.max_records = 0), "Batch::max_records is 0, and must be in 1..=500"),
            (change(|s| s.batch.in_flight = 0), "Batch::in_flight is 0, and must be at least 1"),
            (change(|s| s.batch.max_bytes = 99), "Batch::max_bytes is 99, and must be in 1024000..=4194304"),
            (change(|s| s.shape.max_bytes = 99), "Shape::max_bytes is 99, and must be in 1024..=1024000"),
            (change(|s| s.queue.max_bytes = 1_024_000), "Queue::max_bytes is 1024000, and must be at least 1024064"),
            (change(|s| s.retry.call_timeout = Duration::ZERO), "Retry::call_timeout is 0, and must be at least 1"),
        ] {
            assert_eq!(message, expected);
        }
    }
}
