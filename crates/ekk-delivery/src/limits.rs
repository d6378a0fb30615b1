//! Every bound of the crate, with its unit and where it comes from.

use std::time::Duration;

/// Attempts that a stream's journal remembers.
pub(crate) const JOURNAL_ENTRIES: usize = 256;

/// Records that a stream's tap remembers.
pub(crate) const TAP_RECORDS: usize = 100;

/// Bytes of the records that a stream's tap remembers, unless the last one alone is larger.
pub(crate) const TAP_BYTES: usize = 1 << 20;

/// Bytes that each record is rounded up to on AWS's bill.
///
/// Source: <https://aws.amazon.com/firehose/pricing/>
pub(crate) const BILLED_UNIT_BYTES: u64 = 5 << 10;

/// Bytes of records that one stream holds when nothing else is asked for. Ours: an AWS stream has no such bound, but
/// throttles at a rate.
pub const DEFAULT_QUEUE_BYTES: u64 = 256 << 20;

/// Bytes of records that processors which wait for nothing take at once.
pub(crate) const PROCESSING_BATCH_BYTES: u64 = 1 << 20;

/// Bytes of processed records that may wait for their buffers to be full, unless two full buffers are more. Ours.
pub(crate) const STAGED_BYTES: u64 = 64 << 20;

/// Partitions of a stream that may wait for delivery at once.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/buffering.html>
pub(crate) const ACTIVE_PARTITIONS: usize = 500;

/// Records that one record may be taken apart into; one of more stays whole.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html>
pub(crate) const SUB_RECORDS: usize = 500;

/// Bytes that one compressed record may decompress to; `CloudWatch` Logs packs at most 1 MiB of events, so this is ours.
pub(crate) const DECOMPRESSED_BYTES: u64 = 16 << 20;

/// Bytes of an event or a response of a function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const LAMBDA_PAYLOAD_BYTES: usize = 6 << 20;

/// How long a function may take, in real time.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html>
pub(crate) const LAMBDA_TIMEOUT: Duration = Duration::from_mins(5);

/// Partition keys that a record may have.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html>
pub(crate) const PARTITION_KEYS: usize = 50;

/// Bytes of one part of an object; an object of more is written in parts.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
pub(crate) const PART_BYTES: usize = 8 << 20;

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

/// Runs of records that ended ahead of an older one, which a way keeps over a restart; what is in further runs is delivered
/// again.
pub(crate) const KEPT_RUNS: usize = 64;

/// Requests of one stream that are under way at once: of its processors, to its destination, and to its backup, each.
/// AWS says so of the invocations of a function for a shard; for the others it is ours.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html>
pub(crate) const REQUESTS_AT_ONCE: usize = 5;

/// Bytes of records whose requests are under way, after which no other one is begun.
pub(crate) const BYTES_UNDER_WAY: u64 = 64 << 20;

/// Work on more bytes than this leaves the async threads.
pub(crate) const INLINE_BYTES: usize = 256 << 10;

/// Characters of an evaluated prefix.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html>
pub(crate) const EVALUATED_PREFIX_CHARS: usize = 512;

/// Bytes of an error answer that are kept as a reason.
pub(crate) const ERROR_BODY_BYTES: usize = 8 << 10;

/// Records of one request to an HTTP endpoint, and bytes of its body before compression.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html>
pub(crate) const ENDPOINT_RECORDS: usize = 10_000;
pub(crate) const ENDPOINT_BODY_BYTES: usize = 64 << 20;

/// Bytes of an answer of an HTTP endpoint.
pub(crate) const ENDPOINT_ANSWER_BYTES: usize = 1 << 20;

/// How long an HTTP endpoint may take for its answer, in real time.
pub(crate) const ENDPOINT_TIMEOUT: Duration = Duration::from_mins(3);

/// The pause before the first retry to an HTTP endpoint, before jitter; it doubles with each.
pub(crate) const ENDPOINT_RETRY_BASE: Duration = Duration::from_secs(1);

/// The longest pause between two attempts at an HTTP endpoint, before jitter.
pub(crate) const ENDPOINT_RETRY_CAP: Duration = Duration::from_mins(2);
