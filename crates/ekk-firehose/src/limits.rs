//! Every bound of the Firehose API, with its unit and its source.

/// Bytes of one record's data, before base64. An empty record is allowed.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_Record.html>
pub(crate) const RECORD_BYTES: usize = 1_024_000;

/// Records of one `PutRecordBatch`.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>
pub(crate) const BATCH_RECORDS: usize = 500;

/// Bytes of data of one `PutRecordBatch`, before base64.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>
pub(crate) const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Bytes of a request's body; a longer one is answered with 413 and nothing else.
///
/// AWS does not publish its own bound. This one admits [`BATCH_BYTES`] in base64 (5.6 MB) even when the client escapes
/// every character that JSON allows to be escaped (`\/`, which doubles it), and leaves room for the other members.
pub(crate) const BODY_BYTES: usize = 12 * 1024 * 1024;

/// Bytes of a body up to which a put is decoded on the thread that received it; decoding more would hold that thread
/// for longer than 500 µs.
pub(crate) const INLINE_BODY_BYTES: usize = 512 * 1024;

/// Violations that one `ValidationException` names; the others go unsaid.
pub(crate) const VIOLATIONS: usize = 10;

/// Delivery streams of one account and region.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/limits.html>
pub(crate) const STREAMS: usize = 5_000;

/// Names in one `ListDeliveryStreams` answer when the request does not say.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html>
pub(crate) const LIST_DEFAULT: usize = 10;

/// Characters of a `RecordId`, as seen in AWS's answers.
pub(crate) const RECORD_ID_CHARS: usize = 224;
