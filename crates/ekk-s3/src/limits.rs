//! Every bound of the endpoint, with its unit and where it comes from.
//!
//! S3's own: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.

/// The largest body of one `PutObject` or `UploadPart`, and of an object that `CopyObject` takes: 5 GiB.
pub(crate) const UPLOAD_BYTES: u64 = 5 << 30;

/// The smallest part of a multipart upload, the last part excepted: 5 MiB.
pub(crate) const PART_BYTES_MIN: u64 = 5 << 20;

/// The highest part number.
pub(crate) const PART_NUMBER_MAX: i32 = 10_000;

/// The most entries in one page of any listing, and the most keys in one `DeleteObjects`.
pub(crate) const PAGE_ENTRIES: usize = 1_000;

/// The most buckets in one page of `ListBuckets`.
pub(crate) const PAGE_BUCKETS: usize = 10_000;

/// User metadata of one object: the sum of the bytes of all names and values.
pub(crate) const METADATA_BYTES: usize = 2 * 1024;

/// Everything that the memory store holds at one time, bodies under way included: 4 GiB. Ours, S3 has no such bound.
pub(crate) const MEMORY_BYTES: u64 = 4 << 30;

/// The body of a request that is no upload, while signatures are verified: it is held to be hashed. Ours; a list of
/// 1,000 keys to delete or 10,000 parts to complete is shorter.
pub(crate) const DOCUMENT_BYTES: usize = 4 << 20;

/// One line of aws-chunked framing, and all trailers of a body together. Ours.
pub(crate) const CHUNK_LINE_BYTES: usize = 16 * 1024;

/// What is read from a data file at a time. Ours.
pub(crate) const READ_BYTES: usize = 256 * 1024;

/// The log of the folder store is rewritten once it holds this many lines more than four times what is live. Ours.
pub(crate) const LOG_SLACK_LINES: usize = 10_000;
