//! What a stream is told to do: its destination, its buffering, its retries, its backup.
//!
//! The types spell the members of `CreateDeliveryStream` as AWS does, with units in types and every default already
//! applied; checking what a caller sent is left to the API.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html>

use std::time::Duration;

use jiff::tz::TimeZone;
use url::Url;

/// One stream: its names and its destination.
#[derive(Clone, Debug)]
pub struct StreamSpec {
    /// The name, `[a-zA-Z0-9_.-]{1,64}`.
    pub name: String,
    /// The Amazon resource name.
    pub arn: String,
    /// The `VersionId` of the stream, part of every object key. Starts at 1.
    pub version: u64,
    /// Where the records go.
    pub destination: Destination,
}

/// Where the records of a stream go.
#[derive(Clone, Debug)]
pub enum Destination {
    /// An index of `OpenSearch` or Elasticsearch, with a bucket behind it.
    OpenSearch(OpenSearchDestination),
    /// Objects in a bucket (`S3Destination` and `ExtendedS3Destination`).
    S3(S3Destination),
}

impl Destination {
    /// The bucket that takes what this destination stores or backs up.
    pub fn s3(&self) -> &S3Destination {
        match self {
            Self::OpenSearch(destination) => &destination.backup,
            Self::S3(destination) => destination,
        }
    }
}

/// `AmazonopensearchserviceDestination` and `ElasticsearchDestination`, which have the same members.
#[derive(Clone, Debug)]
pub struct OpenSearchDestination {
    /// Which of the two it was created as; it decides the name of the failed prefix.
    pub flavour: Flavour,
    /// The cluster.
    pub endpoint: Endpoint,
    /// `IndexName`, 1 to 80 characters, before the rotation suffix.
    pub index_name: String,
    /// `IndexRotationPeriod`, default `OneDay`.
    pub rotation: IndexRotationPeriod,
    /// `BufferingHints`, 1 to 100 MiB and 0 to 900 s, default 5 MiB and 300 s.
    pub buffering_hints: BufferingHints,
    /// `RetryOptions.DurationInSeconds`, 0 to 7200 s, default 300 s; measured from the first attempt.
    pub retry_duration: Duration,
    /// `DocumentIdOptions.DefaultDocumentIdFormat`, default `FIREHOSE_DEFAULT`.
    pub document_id: DefaultDocumentIdFormat,
    /// `S3BackupMode`, default `FailedDocumentsOnly`.
    pub backup_mode: S3BackupMode,
    /// `S3Configuration`: takes failed documents, and the incoming records when the mode says so.
    pub backup: S3Destination,
}

/// The product that an [`OpenSearchDestination`] was created for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// `AmazonopensearchserviceDestinationConfiguration`.
    OpenSearch,
    /// `ElasticsearchDestinationConfiguration`.
    Elasticsearch,
}

/// The cluster that a stream delivers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The stack's own, [`Config::opensearch`](crate::Config::opensearch).
    Stack,
    /// Any other, `http` only; user and password may stand in the address.
    Url(Url),
}

/// How often records go to a new index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IndexRotationPeriod {
    /// Always the same index.
    NoRotation,
    /// `-yyyy-MM-dd-HH`.
    OneHour,
    /// `-yyyy-MM-dd`.
    #[default]
    OneDay,
    /// `-yyyy-wWW`.
    OneWeek,
    /// `-yyyy-MM`.
    OneMonth,
}

/// When a buffer is flushed: at its size or its age, whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferingHints {
    /// Bytes of the uncompressed records, `SizeInMBs` times 1,048,576.
    pub size_bytes: u64,
    /// Age of the oldest record; zero flushes at once.
    pub interval: Duration,
}

impl Default for BufferingHints {
    fn default() -> Self {
        Self { size_bytes: 5 << 20, interval: Duration::from_mins(5) }
    }
}

/// Who makes the document ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DefaultDocumentIdFormat {
    /// Firehose does, from the sequence number: a document that is sent again replaces itself.
    #[default]
    FirehoseDefault,
    /// The cluster does: a document that is sent again may be there twice.
    NoDocumentId,
}

/// What goes to the backup bucket of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum S3BackupMode {
    /// Only documents that could not be indexed.
    #[default]
    FailedDocumentsOnly,
    /// Every incoming record, and documents that could not be indexed under their own prefix.
    AllDocuments,
}

/// A bucket and the way that objects in it are named and made.
#[derive(Clone, Debug)]
pub struct S3Destination {
    /// The bucket's name, the last part of `BucketARN`.
    pub bucket: String,
    /// `Prefix`, at most 1024 characters, with or without `!{…}` expressions; see [`prefix`](crate::prefix).
    pub prefix: String,
    /// `ErrorOutputPrefix`, at most 1024 characters.
    pub error_output_prefix: Option<String>,
    /// `BufferingHints`, 1 to 128 MiB and 0 to 900 s, default 5 MiB and 300 s.
    pub buffering_hints: BufferingHints,
    /// `CompressionFormat`, default `UNCOMPRESSED`.
    pub compression: CompressionFormat,
    /// `CustomTimeZone` of the timestamps in keys, default UTC.
    pub custom_time_zone: TimeZone,
    /// `FileExtension`, replaces the one that the compression gives.
    pub file_extension: Option<String>,
}

/// How the body of an object is compressed, as one unit. All formats of the API are supported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CompressionFormat {
    /// `UNCOMPRESSED`
    #[default]
    Uncompressed,
    /// `GZIP`
    Gzip,
    /// `ZIP`
    Zip,
    /// `Snappy`: the framing format.
    Snappy,
    /// `HADOOP_SNAPPY`: the blocks of Hadoop's `BlockCompressorStream`.
    HadoopSnappy,
}

impl CompressionFormat {
    /// The format that the API calls `name`, exactly so spelled.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Uncompressed, Self::Gzip, Self::Zip, Self::Snappy, Self::HadoopSnappy]
            .into_iter()
            .find(|format| format.name() == name)
    }

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uncompressed => "UNCOMPRESSED",
            Self::Gzip => "GZIP",
            Self::Zip => "ZIP",
            Self::Snappy => "Snappy",
            Self::HadoopSnappy => "HADOOP_SNAPPY",
        }
    }

    /// Whether objects of this format can be written. True for all that the API knows.
    pub fn is_supported(self) -> bool {
        true
    }
}
