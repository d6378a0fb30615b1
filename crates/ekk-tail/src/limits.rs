//! The bounds of reading, each with its unit and why it is so.

use std::time::Duration;

/// Bytes of a line. The first so many are one record, which the shipper truncates or refuses, and the rest is passed over:
/// Firehose takes 1,024,000 bytes, and an object that is truncated by fields must be there as a whole.
pub const LINE_BYTES: usize = 4 * 1024 * 1024;

/// Bytes that are read of a file at once, before another has its turn.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// Bytes at the beginning of a file that it is known by. The same number as Filebeat's.
///
/// Source: <https://www.elastic.co/docs/reference/beats/filebeat/filebeat-input-filestream>
pub const START_BYTES: usize = 1024;

/// How long a file is read on that has no name any more, since it last gave something. The same as Fluent Bit's.
///
/// Source: <https://docs.fluentbit.io/manual/pipeline/inputs/tail>
pub const ROTATE_WAIT: Duration = Duration::from_secs(5);

/// How long a new file that is the copy of one that is followed may wait for that one to be truncated.
pub const COPY_WAIT: Duration = Duration::from_secs(5);

/// Files that are remembered after they have gone, so that a copy or a compressed one is known again.
pub const REMEMBERED_FILES: usize = 10_000;

/// Bytes of a file of saved offsets: far more than there can be.
pub const STATE_BYTES: u64 = 16 * 1024 * 1024;
