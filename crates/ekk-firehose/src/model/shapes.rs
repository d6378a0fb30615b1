//! The shapes of AWS's model that this crate takes, member by member, in the model's order.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_Types.html>

use super::{Member, Pattern, Shape, Structure, Text};
use crate::limits;

const fn required(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: true, shape }
}

const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, required: false, shape }
}

const fn structure(name: &'static str, members: &'static [Member]) -> Structure {
    Structure { name, members }
}

const fn text(min: usize, max: usize) -> Shape {
    Shape::Text(Text { min, max, pattern: None, values: &[] })
}

const fn pattern(min: usize, max: usize, pattern: &'static str) -> Shape {
    Shape::Text(Text { min, max, pattern: Some(Pattern(pattern)), values: &[] })
}

const fn one_of(values: &'static [&'static str]) -> Shape {
    Shape::Text(Text { min: 0, max: usize::MAX, pattern: None, values })
}

static BOOLEAN: Shape = Shape::Boolean;
static REFUSED: Shape = Shape::Refused;
const NON_BLANK: &str = r"^(?!\s*$).+";

static STREAM_NAME: Shape = pattern(1, 64, "[a-zA-Z0-9_.-]+");
static STREAM_TYPE: Shape = one_of(&["DirectPut", "KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"]);
static ROLE_ARN: Shape = pattern(1, 512, r"arn:.*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+");
static BUCKET_ARN: Shape = pattern(1, 2048, r"arn:.*:s3:::[\w\.\-]{1,255}");
static DOMAIN_ARN: Shape = pattern(1, 512, r"arn:.*:es:[a-zA-Z0-9\-]+:\d{12}:domain/[a-z][-0-9a-z]{2,27}");
static CLUSTER_ENDPOINT: Shape = pattern(1, 512, "https:.*");
static PREFIX: Shape = text(0, 1024);
static INTERVAL_IN_SECONDS: Shape = Shape::Integer { min: 0, max: 900 };
static RETRY_IN_SECONDS: Shape = Shape::Integer { min: 0, max: 7200 };

/// `CreateDeliveryStreamInput`.
pub(crate) static CREATE_DELIVERY_STREAM: Structure = structure(
    "CreateDeliveryStreamInput",
    &[
        required("DeliveryStreamName", &STREAM_NAME),
        optional("DeliveryStreamType", &STREAM_TYPE),
        optional("DirectPutSourceConfiguration", &DIRECT_PUT_SOURCE_CONFIGURATION),
        optional("KinesisStreamSourceConfiguration", &REFUSED),
        optional("DeliveryStreamEncryptionConfigurationInput", &REFUSED),
        optional("S3DestinationConfiguration", &REFUSED),
        optional("ExtendedS3DestinationConfiguration", &EXTENDED_S3_DESTINATION_CONFIGURATION),
        optional("RedshiftDestinationConfiguration", &REFUSED),
        optional("ElasticsearchDestinationConfiguration", &ELASTICSEARCH_DESTINATION_CONFIGURATION),
        optional("AmazonopensearchserviceDestinationConfiguration", &AMAZONOPENSEARCHSERVICE_DESTINATION_CONFIGURATION),
        optional("SplunkDestinationConfiguration", &REFUSED),
        optional("HttpEndpointDestinationConfiguration", &REFUSED),
        optional("Tags", &Shape::List { of: &TAG, min: 1, max: 50 }),
        optional("AmazonOpenSearchServerlessDestinationConfiguration", &REFUSED),
        optional("MSKSourceConfiguration", &REFUSED),
        optional("SnowflakeDestinationConfiguration", &REFUSED),
        optional("IcebergDestinationConfiguration", &REFUSED),
        optional("DatabaseSourceConfiguration", &REFUSED),
    ],
);

/// `DeleteDeliveryStreamInput`.
pub(crate) static DELETE_DELIVERY_STREAM: Structure = structure(
    "DeleteDeliveryStreamInput",
    &[required("DeliveryStreamName", &STREAM_NAME), optional("AllowForceDelete", &BOOLEAN)],
);

/// `DescribeDeliveryStreamInput`.
pub(crate) static DESCRIBE_DELIVERY_STREAM: Structure = structure(
    "DescribeDeliveryStreamInput",
    &[
        required("DeliveryStreamName", &STREAM_NAME),
        optional("Limit", &Shape::Integer { min: 1, max: 10_000 }),
        optional("ExclusiveStartDestinationId", &DESTINATION_ID),
    ],
);

/// `ListDeliveryStreamsInput`.
pub(crate) static LIST_DELIVERY_STREAMS: Structure = structure(
    "ListDeliveryStreamsInput",
    &[
        optional("Limit", &Shape::Integer { min: 1, max: 10_000 }),
        optional("DeliveryStreamType", &STREAM_TYPE),
        optional("ExclusiveStartDeliveryStreamName", &STREAM_NAME),
    ],
);

/// `PutRecordInput`.
pub(crate) static PUT_RECORD: Structure =
    structure("PutRecordInput", &[required("DeliveryStreamName", &STREAM_NAME), required("Record", &RECORD)]);

/// `PutRecordBatchInput`.
pub(crate) static PUT_RECORD_BATCH: Structure = structure(
    "PutRecordBatchInput",
    &[
        required("DeliveryStreamName", &STREAM_NAME),
        required("Records", &Shape::List { of: &RECORD, min: 1, max: limits::BATCH_RECORDS }),
    ],
);

static DESTINATION_ID: Shape = pattern(1, 100, "[a-zA-Z0-9-]+");

static RECORD: Shape =
    Shape::Structure(&structure("Record", &[required("Data", &Shape::Blob { max_bytes: limits::RECORD_BYTES })]));

static TAG_KEY: Shape = pattern(1, 128, r"^(?!aws:)[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$");
static TAG_VALUE: Shape = pattern(0, 256, r"^[\p{L}\p{Z}\p{N}_.:\/=+\-@%]*$");
static TAG: Shape = Shape::Structure(&structure("Tag", &[required("Key", &TAG_KEY), optional("Value", &TAG_VALUE)]));

static DIRECT_PUT_SOURCE_CONFIGURATION: Shape = Shape::Structure(&structure(
    "DirectPutSourceConfiguration",
    &[required("ThroughputHintInMBs", &Shape::Integer { min: 1, max: 100 })],
));

static EXTENDED_S3_DESTINATION_CONFIGURATION: Shape = Shape::Structure(&structure(
    "ExtendedS3DestinationConfiguration",
    &[
        required("RoleARN", &ROLE_ARN),
        required("BucketARN", &BUCKET_ARN),
        optional("Prefix", &PREFIX),
        optional("ErrorOutputPrefix", &PREFIX),
        optional("BufferingHints", &BUFFERING_HINTS),
        optional("CompressionFormat", &COMPRESSION_FORMAT),
        optional("EncryptionConfiguration", &ENCRYPTION_CONFIGURATION),
        optional("CloudWatchLoggingOptions", &CLOUD_WATCH_LOGGING_OPTIONS),
        optional("ProcessingConfiguration", &PROCESSING_CONFIGURATION),
        optional("S3BackupMode", &one_of(&["Disabled", "Enabled"])),
        optional("S3BackupConfiguration", &S3_DESTINATION_CONFIGURATION),
        optional("DataFormatConversionConfiguration", &ENABLED_OR_NOT),
        optional("DynamicPartitioningConfiguration", &DYNAMIC_PARTITIONING_CONFIGURATION),
        optional("FileExtension", &FILE_EXTENSION),
        optional("CustomTimeZone", &CUSTOM_TIME_ZONE),
    ],
));

static AMAZONOPENSEARCHSERVICE_DESTINATION_CONFIGURATION: Shape =
    Shape::Structure(&structure("AmazonopensearchserviceDestinationConfiguration", SEARCH_DESTINATION));

static ELASTICSEARCH_DESTINATION_CONFIGURATION: Shape =
    Shape::Structure(&structure("ElasticsearchDestinationConfiguration", SEARCH_DESTINATION));

/// The model holds these members twice, once for each name of the service.
static SEARCH_DESTINATION: &[Member] = &[
    required("RoleARN", &ROLE_ARN),
    optional("DomainARN", &DOMAIN_ARN),
    optional("ClusterEndpoint", &CLUSTER_ENDPOINT),
    required("IndexName", &text(1, 80)),
    optional("TypeName", &text(0, 100)),
    optional("IndexRotationPeriod", &INDEX_ROTATION_PERIOD),
    optional("BufferingHints", &SEARCH_BUFFERING_HINTS),
    optional("RetryOptions", &RETRY_OPTIONS),
    optional("S3BackupMode", &one_of(&["FailedDocumentsOnly", "AllDocuments"])),
    required("S3Configuration", &S3_DESTINATION_CONFIGURATION),
    optional("ProcessingConfiguration", &PROCESSING_CONFIGURATION),
    optional("CloudWatchLoggingOptions", &CLOUD_WATCH_LOGGING_OPTIONS),
    optional("VpcConfiguration", &REFUSED),
    optional("DocumentIdOptions", &DOCUMENT_ID_OPTIONS),
];

static INDEX_ROTATION_PERIOD: Shape = one_of(&["NoRotation", "OneHour", "OneDay", "OneWeek", "OneMonth"]);

static SEARCH_BUFFERING_HINTS: Shape = Shape::Structure(&structure(
    "AmazonopensearchserviceBufferingHints",
    &[optional("IntervalInSeconds", &INTERVAL_IN_SECONDS), optional("SizeInMBs", &Shape::Integer { min: 1, max: 100 })],
));

static RETRY_OPTIONS: Shape =
    Shape::Structure(&structure("RetryOptions", &[optional("DurationInSeconds", &RETRY_IN_SECONDS)]));

static DOCUMENT_ID_OPTIONS: Shape = Shape::Structure(&structure(
    "DocumentIdOptions",
    &[required("DefaultDocumentIdFormat", &one_of(&["FIREHOSE_DEFAULT", "NO_DOCUMENT_ID"]))],
));

static S3_DESTINATION_CONFIGURATION: Shape = Shape::Structure(&structure(
    "S3DestinationConfiguration",
    &[
        required("RoleARN", &ROLE_ARN),
        required("BucketARN", &BUCKET_ARN),
        optional("Prefix", &PREFIX),
        optional("ErrorOutputPrefix", &PREFIX),
        optional("BufferingHints", &BUFFERING_HINTS),
        optional("CompressionFormat", &COMPRESSION_FORMAT),
        optional("EncryptionConfiguration", &ENCRYPTION_CONFIGURATION),
        optional("CloudWatchLoggingOptions", &CLOUD_WATCH_LOGGING_OPTIONS),
    ],
));

static BUFFERING_HINTS: Shape = Shape::Structure(&structure(
    "BufferingHints",
    &[optional("SizeInMBs", &Shape::Integer { min: 1, max: 128 }), optional("IntervalInSeconds", &INTERVAL_IN_SECONDS)],
));

static COMPRESSION_FORMAT: Shape = one_of(&["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"]);

static ENCRYPTION_CONFIGURATION: Shape = Shape::Structure(&structure(
    "EncryptionConfiguration",
    &[optional("NoEncryptionConfig", &one_of(&["NoEncryption"])), optional("KMSEncryptionConfig", &REFUSED)],
));

static CLOUD_WATCH_LOGGING_OPTIONS: Shape = Shape::Structure(&structure(
    "CloudWatchLoggingOptions",
    &[
        optional("Enabled", &BOOLEAN),
        optional("LogGroupName", &pattern(0, 512, r"[\.\-_/#A-Za-z0-9]*")),
        optional("LogStreamName", &pattern(0, 512, "[^:*]*")),
    ],
));

static PROCESSING_CONFIGURATION: Shape = Shape::Structure(&structure(
    "ProcessingConfiguration",
    &[optional("Enabled", &BOOLEAN), optional("Processors", &Shape::List { of: &PROCESSOR, min: 0, max: usize::MAX })],
));

static PROCESSOR: Shape = Shape::Structure(&structure(
    "Processor",
    &[
        required(
            "Type",
            &one_of(&[
                "RecordDeAggregation",
                "Decompression",
                "CloudWatchLogProcessing",
                "Lambda",
                "MetadataExtraction",
                "AppendDelimiterToRecord",
            ]),
        ),
        optional("Parameters", &Shape::List { of: &PROCESSOR_PARAMETER, min: 0, max: usize::MAX }),
    ],
));

static PROCESSOR_PARAMETER: Shape = Shape::Structure(&structure(
    "ProcessorParameter",
    &[
        required(
            "ParameterName",
            &one_of(&[
                "LambdaArn",
                "NumberOfRetries",
                "MetadataExtractionQuery",
                "JsonParsingEngine",
                "RoleArn",
                "BufferSizeInMBs",
                "BufferIntervalInSeconds",
                "SubRecordType",
                "Delimiter",
                "CompressionFormat",
                "DataMessageExtraction",
            ]),
        ),
        required("ParameterValue", &PARAMETER_VALUE),
    ],
));

static PARAMETER_VALUE: Shape = pattern(1, 5120, NON_BLANK);

/// A feature of which only the switch is read: turned off it is echoed, turned on it is refused by name.
static ENABLED_OR_NOT: Shape =
    Shape::Structure(&structure("DataFormatConversionConfiguration", &[optional("Enabled", &BOOLEAN)]));

static DYNAMIC_PARTITIONING_CONFIGURATION: Shape = Shape::Structure(&structure(
    "DynamicPartitioningConfiguration",
    &[optional("RetryOptions", &RETRY_OPTIONS), optional("Enabled", &BOOLEAN)],
));

static FILE_EXTENSION: Shape = pattern(0, 128, r"^$|\.[0-9a-z!\-_.*'()]+");
static CUSTOM_TIME_ZONE: Shape = pattern(0, 50, "^$|[a-zA-Z/_]+");
