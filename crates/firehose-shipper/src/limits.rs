//! What Firehose takes, and the bounds of this crate, each with its unit and its source.

use std::time::Duration;

/// Records in one `PutRecordBatch`.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>
pub const RECORDS_PER_CALL: usize = 500;

/// Bytes of all records in one `PutRecordBatch`, before base64.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>
pub const BYTES_PER_CALL: usize = 4 * 1024 * 1024;

/// Bytes of one record, before base64: 1,000 KiB.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_Record.html>
pub const BYTES_PER_RECORD: usize = 1_024_000;

/// Letters in the name of a stream.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>
pub(crate) const STREAM_NAME_LETTERS: usize = 64;

/// The least that [`WhenTooLarge::Truncate`](crate::WhenTooLarge) can cut a record to, in bytes: room for its marker.
pub(crate) const SMALLEST_RECORD_LIMIT: usize = 1024;

/// Memory that a record takes beside its own bytes, counted with them.
pub(crate) const RECORD_OVERHEAD: usize = 64;

/// Bytes that are read back from the spill folder at once.
pub(crate) const REFILL_BYTES: usize = 256 * 1024;

/// Bytes of one file in the spill folder; a new one is begun beyond.
pub(crate) const SEGMENT_BYTES: u64 = 16 * 1024 * 1024;

/// The longest time between two attempts to use a stream that cannot be used.
pub(crate) const LONGEST_PROBE_PAUSE: Duration = Duration::from_secs(30);

/// A person is told of one kind of trouble no more often than this.
pub(crate) const NOTICE_INTERVAL: Duration = Duration::from_mins(1);

/// How long a flush that was asked for by `log::Log::flush` may take.
#[cfg(feature = "log")]
pub(crate) const LOGGER_FLUSH_DEADLINE: Duration = Duration::from_secs(5);
