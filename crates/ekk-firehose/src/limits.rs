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

/// Delivery streams of one account in one region where AWS allows the most.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/limits.html>
pub(crate) const STREAMS: usize = 5_000;

/// Names in one `ListDeliveryStreams` answer when the request does not say.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html>
pub(crate) const LIST_DEFAULT: usize = 10;

/// Characters of a `RecordId`, as seen in AWS's answers.
pub(crate) const RECORD_ID_CHARS: usize = 224;

/// Characters of a region's name; what is longer is not taken for one. AWS's longest has 14.
pub(crate) const REGION_CHARS: usize = 32;

/// Delivery streams of all accounts and regions together. A bound of ours: each stream has workers and a queue.
pub(crate) const ALL_STREAMS: usize = 20_000;

/// Tags of one stream.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_TagDeliveryStream.html>
pub(crate) const TAGS: usize = 50;

/// Calls of `StartDeliveryStreamEncryption` and `StopDeliveryStreamEncryption` together for one stream in 24 hours.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_StartDeliveryStreamEncryption.html>
pub(crate) const ENCRYPTION_CHANGES: usize = 25;

/// Calls a second of one operation by one account in one region, puts excepted.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/limits.html>
pub(crate) const CALLS_A_SECOND: u64 = 5;

/// Pairs of caller and operation whose rates are remembered before those that are not used are forgotten.
pub(crate) const CALL_BUCKETS: usize = 1024;

/// Streams that were looked for under another account or region than their own, of which the log has told.
pub(crate) const STRAYS_TOLD: usize = 256;

/// What one stream takes in a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PutRates {
    pub(crate) records: u64,
    /// `PutRecord` and `PutRecordBatch` together.
    pub(crate) requests: u64,
    /// Bytes of data, before base64.
    pub(crate) bytes: u64,
}

/// What a stream of a region takes in a second when AWS has not raised it.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/limits.html>
pub(crate) fn put_rates_of(region: &str) -> PutRates {
    match region {
        "us-east-1" | "us-west-2" | "eu-west-1" => {
            PutRates { records: 500_000, requests: 2_000, bytes: 5 * 1024 * 1024 }
        }
        _ => PutRates { records: 100_000, requests: 1_000, bytes: 1024 * 1024 },
    }
}

/// Delivery streams of one account in a region; a region that is not listed has the least.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/limits.html>
pub(crate) fn streams_of(region: &str) -> usize {
    match region {
        "us-east-1" | "us-east-2" | "us-west-2" | "eu-west-1" | "ap-northeast-1" => STREAMS,
        "eu-central-1" | "eu-west-2" | "ap-southeast-1" | "ap-southeast-2" | "ap-northeast-2" | "ap-south-1"
        | "us-gov-west-1" | "us-west-1" | "ca-central-1" => 2_000,
        "eu-west-3" | "eu-south-1" | "eu-north-1" | "ap-east-1" | "ap-northeast-3" | "sa-east-1" | "cn-northwest-1"
        | "cn-north-1" | "me-south-1" | "us-gov-east-1" | "af-south-1" => 500,
        _ => 100,
    }
}
