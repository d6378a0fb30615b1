//! Every bound of the crate, with its unit and where it comes from.

use std::time::Duration;

/// Attempts that a stream's journal remembers.
pub(crate) const JOURNAL_ENTRIES: usize = 256;

/// Bytes of records that one stream holds when nothing else is asked for. Ours: an AWS stream has no such bound, but
/// throttles at a rate.
pub const DEFAULT_QUEUE_BYTES: u64 = 256 << 20;

/// Bytes that a queued record costs besides its own, so that empty records are bounded too.
pub(crate) const RECORD_OVERHEAD_BYTES: u64 = 64;

/// Bytes of one bulk request's body, unless a single document is larger. Below the 10 MiB that the smaller domains take.
///
/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html#network-limits>
pub(crate) const BULK_BYTES: u64 = 9 << 20;

/// Bytes of an answer to a bulk request that are read; a longer one is an error. About 400 bytes come back for an item.
pub(crate) const BULK_ANSWER_BYTES: u64 = 256 << 20;

/// How long one HTTP request may take, in real time.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);

/// The pause before the first retry, before jitter; it doubles with each.
pub(crate) const RETRY_BASE: Duration = Duration::from_secs(1);

/// The longest pause between two attempts.
pub(crate) const RETRY_CAP: Duration = Duration::from_mins(1);

/// After this long without a bucket to take them, AWS gives records up.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/retry.html>
pub(crate) const RETENTION: Duration = Duration::from_hours(24);

/// Bytes of a queue file, after which the next one is begun, so that delivered records give their disk back.
pub(crate) const SEGMENT_BYTES: u64 = 16 << 20;

/// Work on more bytes than this leaves the async threads.
pub(crate) const INLINE_BYTES: usize = 256 << 10;

/// Characters of an evaluated prefix.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>
pub(crate) const EVALUATED_PREFIX_CHARS: usize = 512;

/// Bytes of an error answer that are kept as a reason.
pub(crate) const ERROR_BODY_BYTES: usize = 8 << 10;
