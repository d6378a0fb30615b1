//! What a stream is told to do: its destination, its buffering, its retries, its backup.
//!
//! The types spell the members of `CreateDeliveryStream` as AWS does, with units in types and every default already
//! applied; checking what a caller sent is left to the API.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html>

use std::time::Duration;

use bytes::Bytes;
use jiff::tz::TimeZone;
use url::Url;

/// One stream: its names, its processors and its destination.
#[derive(Clone, Debug)]
pub struct StreamSpec {
    /// The key of the stream in a [`Delivery`](crate::Delivery), and the stem of its folder: `[a-zA-Z0-9_.@-]{1,128}`.
    /// Streams of the same name in different accounts or regions have different ids.
    pub id: String,
    /// The name, `[a-zA-Z0-9_.-]{1,64}`, part of every object key.
    pub name: String,
    /// The Amazon resource name.
    pub arn: String,
    /// The `VersionId` of the stream, part of every object key. Starts at 1.
    pub version: u64,
    /// `ProcessingConfiguration.Processors`, each kind at most once; none when processing is not enabled. They work in
    /// the order that AWS has for their kinds, whatever their order here; see [`Processor`].
    pub processors: Vec<Processor>,
    /// Where the records go.
    pub destination: Destination,
}

/// Where the records of a stream go.
#[derive(Clone, Debug)]
pub enum Destination {
    /// An index of `OpenSearch` or Elasticsearch, with a bucket behind it.
    OpenSearch(OpenSearchDestination),
    /// Objects in a bucket (`S3Destination` and `ExtendedS3Destination`).
    S3(ExtendedS3Destination),
    /// Requests to an HTTP endpoint, with a bucket behind it.
    HttpEndpoint(HttpEndpointDestination),
}

impl Destination {
    /// The bucket that takes what this destination stores, or what it could not deliver.
    pub fn s3(&self) -> &S3Destination {
        match self {
            Self::OpenSearch(destination) => &destination.backup,
            Self::S3(destination) => &destination.objects,
            Self::HttpEndpoint(destination) => &destination.backup,
        }
    }

    /// The bucket that takes every record as it came in, when there is one.
    pub fn source_backup(&self) -> Option<&S3Destination> {
        match self {
            Self::OpenSearch(destination) => destination.backup_mode.bucket(&destination.backup),
            Self::S3(destination) => destination.source_backup.as_ref(),
            Self::HttpEndpoint(destination) => destination.backup_mode.bucket(&destination.backup),
        }
    }

    /// Whether the prefix is made of each record's partition keys.
    pub(crate) fn is_partitioned(&self) -> bool {
        matches!(self, Self::S3(ExtendedS3Destination { dynamic_partitioning: Some(_), .. }))
    }

    /// When what waits for this destination is delivered.
    pub fn buffering_hints(&self) -> BufferingHints {
        match self {
            Self::OpenSearch(destination) => destination.buffering_hints,
            Self::S3(destination) => destination.objects.buffering_hints,
            Self::HttpEndpoint(destination) => destination.buffering_hints,
        }
    }
}

/// A processor of a stream, with its parameters.
///
/// The kinds stand in the order in which they work: what a record is packed in is taken off first, then come the
/// function, the partition keys, and last the delimiter.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_Processor.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Processor {
    /// `Decompression` with `CompressionFormat` `GZIP`: takes off the compression of `CloudWatch` Logs.
    Decompression,
    /// `CloudWatchLogProcessing` with `DataMessageExtraction` `true`: keeps the `message` of each log event and nothing
    /// else. Needs [`Processor::Decompression`].
    CloudWatchLogProcessing,
    /// `RecordDeAggregation`: makes several records of one.
    RecordDeAggregation(SubRecordType),
    /// `Lambda`: a function transforms, drops or fails each record.
    Lambda(LambdaProcessor),
    /// `MetadataExtraction` with `JsonParsingEngine` `JQ-1.6`: the keys of dynamic partitioning, by the jq program
    /// `MetadataExtractionQuery`.
    MetadataExtraction {
        /// The program, which makes an object of keys and values of each record.
        query: String,
    },
    /// `AppendDelimiterToRecord`: ends each record with the delimiter.
    AppendDelimiterToRecord {
        /// The delimiter, default a line feed.
        delimiter: Bytes,
    },
}

/// `SubRecordType` of `RecordDeAggregation`: where one record ends and the next begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SubRecordType {
    /// `JSON`: objects that follow one another, with nothing or white space between them. An array is none.
    Json,
    /// `DELIMITED`, with the decoded `Delimiter`, which is not empty.
    Delimited(Bytes),
}

/// The parameters of the `Lambda` processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LambdaProcessor {
    /// `LambdaArn`, with or without a version or an alias; where it is, [`Config::lambda`](crate::Config::lambda) says.
    pub arn: String,
    /// `NumberOfRetries`, 0 to 300, default 3: invocations after the first one that failed.
    pub number_of_retries: u32,
    /// `BufferSizeInMBs` and `BufferIntervalInSeconds`, 0.2 to 3 MiB and 0 to 900 s, default 1 MiB and 60 s: how many
    /// records go into one invocation.
    pub buffering_hints: BufferingHints,
}

/// `AmazonopensearchserviceDestination` and `ElasticsearchDestination`, which have the same members, and
/// `AmazonOpenSearchServerlessDestination`, which has fewer.
#[derive(Clone, Debug)]
pub struct OpenSearchDestination {
    /// Which of them it was created as; it decides the name of the failed prefix and of the members in it.
    pub flavour: Flavour,
    /// The cluster or collection.
    pub endpoint: Endpoint,
    /// `IndexName`, 1 to 80 characters, before the rotation suffix.
    pub index_name: String,
    /// `IndexRotationPeriod`, default `OneDay`; `NoRotation` for a collection of `OpenSearch` Serverless.
    pub rotation: IndexRotationPeriod,
    /// `BufferingHints`, 1 to 100 MiB and 0 to 900 s, default 5 MiB and 300 s.
    pub buffering_hints: BufferingHints,
    /// `RetryOptions.DurationInSeconds`, 0 to 7200 s, default 300 s; measured from the first attempt.
    pub retry_duration: Duration,
    /// `DocumentIdOptions.DefaultDocumentIdFormat`, default `FIREHOSE_DEFAULT`; `NO_DOCUMENT_ID` for a collection of
    /// `OpenSearch` Serverless, whose time series take no ids.
    pub document_id: DefaultDocumentIdFormat,
    /// `S3BackupMode`, default `FailedDocumentsOnly`.
    pub backup_mode: S3BackupMode,
    /// `S3Configuration`: takes failed documents, and the incoming records when the mode says so.
    pub backup: S3Destination,
}

/// The product that an [`OpenSearchDestination`] was created for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flavour {
    /// `AmazonopensearchserviceDestinationConfiguration`.
    OpenSearch,
    /// `ElasticsearchDestinationConfiguration`.
    Elasticsearch,
    /// `AmazonOpenSearchServerlessDestinationConfiguration`.
    OpenSearchServerless,
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

/// What goes to the backup bucket of a stream to an index or an HTTP endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum S3BackupMode {
    /// Only what could not be delivered; `FailedDataOnly` of an HTTP endpoint.
    #[default]
    FailedDocumentsOnly,
    /// Every incoming record, and what could not be delivered under its own prefix; `AllData` of an HTTP endpoint.
    AllDocuments,
}

impl S3BackupMode {
    fn bucket(self, backup: &S3Destination) -> Option<&S3Destination> {
        match self {
            Self::FailedDocumentsOnly => None,
            Self::AllDocuments => Some(backup),
        }
    }
}

/// `ExtendedS3Destination`; an `S3Destination` has the first member only.
#[derive(Clone, Debug)]
pub struct ExtendedS3Destination {
    /// The bucket, and how its objects are made.
    pub objects: S3Destination,
    /// `S3BackupConfiguration` when `S3BackupMode` is `Enabled`: takes every record as it came in.
    pub source_backup: Option<S3Destination>,
    /// `DynamicPartitioningConfiguration` when it is enabled.
    pub dynamic_partitioning: Option<DynamicPartitioning>,
}

impl From<S3Destination> for ExtendedS3Destination {
    fn from(objects: S3Destination) -> Self {
        Self { objects, source_backup: None, dynamic_partitioning: None }
    }
}

/// `DynamicPartitioningConfiguration`: the prefix is made of each record's partition keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicPartitioning {
    /// `RetryOptions.DurationInSeconds`, 0 to 7200 s, default 300 s.
    pub retry_duration: Duration,
}

/// `HttpEndpointDestination`.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html>
#[derive(Clone, Debug)]
pub struct HttpEndpointDestination {
    /// `EndpointConfiguration.Url`, at most 1000 characters, used as it is, with path and query.
    pub url: Url,
    /// `EndpointConfiguration.Name`, 1 to 256 characters.
    pub name: Option<String>,
    /// `EndpointConfiguration.AccessKey`, at most 4096 characters; sent with every request.
    pub access_key: Option<String>,
    /// `RequestConfiguration.ContentEncoding`, default `NONE`.
    pub content_encoding: ContentEncoding,
    /// `RequestConfiguration.CommonAttributes`, at most 50 names (1 to 256 characters) and values (at most 1024).
    pub common_attributes: Vec<(String, String)>,
    /// `BufferingHints`, 1 to 64 MiB and 0 to 900 s, default 5 MiB and 60 s.
    pub buffering_hints: BufferingHints,
    /// `RetryOptions.DurationInSeconds`, 0 to 7200 s, default 300 s; measured from the first failure, without the time
    /// that is waited for answers.
    pub retry_duration: Duration,
    /// `S3BackupMode`, default `FailedDataOnly`.
    pub backup_mode: S3BackupMode,
    /// `S3Configuration`: takes what could not be delivered, and the incoming records when the mode says so.
    pub backup: S3Destination,
}

/// `ContentEncoding` of requests to an HTTP endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ContentEncoding {
    /// `NONE`
    #[default]
    None,
    /// `GZIP`
    Gzip,
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
