//! The configurations and descriptions of the API as they stand on the wire.
//!
//! A `…Configuration` is what a caller sends, checked by the model, with most members optional; a `…Description` is
//! what the service answers and keeps, with every default filled in. Both spell their members as AWS does.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_Types.html>

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `CreateDeliveryStreamInput`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateDeliveryStreamInput {
    pub(crate) delivery_stream_name: String,
    pub(crate) delivery_stream_type: Option<String>,
    pub(crate) direct_put_source_configuration: Option<DirectPutSource>,
    pub(crate) kinesis_stream_source_configuration: Option<Value>,
    #[serde(rename = "MSKSourceConfiguration")]
    pub(crate) msk_source_configuration: Option<Value>,
    pub(crate) database_source_configuration: Option<Value>,
    pub(crate) delivery_stream_encryption_configuration_input: Option<Value>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    #[serde(rename = "ExtendedS3DestinationConfiguration")]
    pub(crate) extended_s3: Option<ExtendedS3DestinationConfiguration>,
    #[serde(rename = "ElasticsearchDestinationConfiguration")]
    pub(crate) elasticsearch: Option<SearchDestinationConfiguration>,
    #[serde(rename = "AmazonopensearchserviceDestinationConfiguration")]
    pub(crate) amazonopensearchservice: Option<SearchDestinationConfiguration>,
    #[serde(rename = "S3DestinationConfiguration")]
    pub(crate) s3: Option<Value>,
    #[serde(rename = "RedshiftDestinationConfiguration")]
    pub(crate) redshift: Option<Value>,
    #[serde(rename = "SplunkDestinationConfiguration")]
    pub(crate) splunk: Option<Value>,
    #[serde(rename = "HttpEndpointDestinationConfiguration")]
    pub(crate) http_endpoint: Option<Value>,
    #[serde(rename = "AmazonOpenSearchServerlessDestinationConfiguration")]
    pub(crate) amazon_open_search_serverless: Option<Value>,
    #[serde(rename = "SnowflakeDestinationConfiguration")]
    pub(crate) snowflake: Option<Value>,
    #[serde(rename = "IcebergDestinationConfiguration")]
    pub(crate) iceberg: Option<Value>,
}

/// `AmazonopensearchserviceDestinationConfiguration` and `ElasticsearchDestinationConfiguration`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SearchDestinationConfiguration {
    #[serde(rename = "RoleARN")]
    pub(crate) role_arn: String,
    #[serde(rename = "DomainARN")]
    pub(crate) domain_arn: Option<String>,
    pub(crate) cluster_endpoint: Option<String>,
    pub(crate) index_name: String,
    pub(crate) type_name: Option<String>,
    pub(crate) index_rotation_period: Option<IndexRotationPeriod>,
    pub(crate) buffering_hints: Option<PartialBufferingHints>,
    pub(crate) retry_options: Option<PartialRetryOptions>,
    pub(crate) s3_backup_mode: Option<DocumentBackupMode>,
    #[serde(rename = "S3Configuration")]
    pub(crate) s3_configuration: S3DestinationConfiguration,
    pub(crate) processing_configuration: Option<ProcessingConfiguration>,
    pub(crate) cloud_watch_logging_options: Option<CloudWatchLoggingOptions>,
    pub(crate) vpc_configuration: Option<Value>,
    pub(crate) document_id_options: Option<DocumentIdOptions>,
}

/// `ExtendedS3DestinationConfiguration`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExtendedS3DestinationConfiguration {
    #[serde(flatten)]
    pub(crate) s3: S3DestinationConfiguration,
    pub(crate) processing_configuration: Option<ProcessingConfiguration>,
    pub(crate) s3_backup_mode: Option<S3BackupMode>,
    pub(crate) s3_backup_configuration: Option<S3DestinationConfiguration>,
    pub(crate) data_format_conversion_configuration: Option<DataFormatConversionConfiguration>,
    pub(crate) dynamic_partitioning_configuration: Option<DynamicPartitioningConfiguration>,
    pub(crate) file_extension: Option<String>,
    pub(crate) custom_time_zone: Option<String>,
}

/// `S3DestinationConfiguration`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct S3DestinationConfiguration {
    #[serde(rename = "RoleARN")]
    pub(crate) role_arn: String,
    #[serde(rename = "BucketARN")]
    pub(crate) bucket_arn: String,
    pub(crate) prefix: Option<String>,
    pub(crate) error_output_prefix: Option<String>,
    pub(crate) buffering_hints: Option<PartialBufferingHints>,
    pub(crate) compression_format: Option<CompressionFormat>,
    pub(crate) encryption_configuration: Option<EncryptionConfiguration>,
    pub(crate) cloud_watch_logging_options: Option<CloudWatchLoggingOptions>,
}

/// `BufferingHints` as a caller sends them: both members or none.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PartialBufferingHints {
    pub(crate) interval_in_seconds: Option<u64>,
    #[serde(rename = "SizeInMBs")]
    pub(crate) size_in_mbs: Option<u64>,
}

/// `RetryOptions` as a caller sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PartialRetryOptions {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) duration_in_seconds: Option<u64>,
}

/// `AmazonopensearchserviceDestinationDescription` and `ElasticsearchDestinationDescription`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SearchDestinationDescription {
    #[serde(rename = "RoleARN")]
    pub(crate) role_arn: String,
    #[serde(rename = "DomainARN", default, skip_serializing_if = "Option::is_none")]
    pub(crate) domain_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cluster_endpoint: Option<String>,
    pub(crate) index_name: String,
    pub(crate) type_name: String,
    pub(crate) index_rotation_period: IndexRotationPeriod,
    pub(crate) buffering_hints: BufferingHints,
    pub(crate) retry_options: RetryOptions,
    pub(crate) s3_backup_mode: DocumentBackupMode,
    #[serde(rename = "S3DestinationDescription")]
    pub(crate) s3_destination_description: S3DestinationDescription,
    pub(crate) processing_configuration: ProcessingConfiguration,
    pub(crate) cloud_watch_logging_options: CloudWatchLoggingOptions,
    pub(crate) document_id_options: DocumentIdOptions,
}

/// `ExtendedS3DestinationDescription`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ExtendedS3DestinationDescription {
    #[serde(flatten)]
    pub(crate) s3: S3DestinationDescription,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) processing_configuration: Option<ProcessingConfiguration>,
    pub(crate) s3_backup_mode: S3BackupMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) data_format_conversion_configuration: Option<DataFormatConversionConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dynamic_partitioning_configuration: Option<DynamicPartitioningConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file_extension: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) custom_time_zone: Option<String>,
}

/// `S3DestinationDescription`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct S3DestinationDescription {
    #[serde(rename = "RoleARN")]
    pub(crate) role_arn: String,
    #[serde(rename = "BucketARN")]
    pub(crate) bucket_arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error_output_prefix: Option<String>,
    pub(crate) buffering_hints: BufferingHints,
    pub(crate) compression_format: CompressionFormat,
    pub(crate) encryption_configuration: EncryptionConfiguration,
    pub(crate) cloud_watch_logging_options: CloudWatchLoggingOptions,
}

/// `BufferingHints` of every destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BufferingHints {
    pub(crate) interval_in_seconds: u64,
    #[serde(rename = "SizeInMBs")]
    pub(crate) size_in_mbs: u64,
}

/// `RetryOptions` of every destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RetryOptions {
    pub(crate) duration_in_seconds: u64,
}

/// `EncryptionConfiguration`: only its absence is supported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EncryptionConfiguration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) no_encryption_config: Option<String>,
    #[serde(rename = "KMSEncryptionConfig", default, skip_serializing_if = "Option::is_none")]
    pub(crate) kms_encryption_config: Option<Value>,
}

/// `CloudWatchLoggingOptions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CloudWatchLoggingOptions {
    #[serde(default)]
    pub(crate) enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_group_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_stream_name: Option<String>,
}

/// `ProcessingConfiguration`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProcessingConfiguration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) enabled: Option<bool>,
    /// Of a configuration that is turned off, kept only to be described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) processors: Option<Vec<Value>>,
}

/// `DataFormatConversionConfiguration`: only its switch, which is on when the member is there without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DataFormatConversionConfiguration {
    #[serde(default = "on")]
    pub(crate) enabled: bool,
}

fn on() -> bool {
    true
}

/// `DynamicPartitioningConfiguration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DynamicPartitioningConfiguration {
    #[serde(default)]
    pub(crate) enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry_options: Option<PartialRetryOptions>,
}

/// `DocumentIdOptions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DocumentIdOptions {
    pub(crate) default_document_id_format: DefaultDocumentIdFormat,
}

/// `DirectPutSourceConfiguration` and `DirectPutSourceDescription`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DirectPutSource {
    #[serde(rename = "ThroughputHintInMBs")]
    pub(crate) throughput_hint_in_mbs: u64,
}

/// `Tag`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
}

/// `AmazonopensearchserviceIndexRotationPeriod`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum IndexRotationPeriod {
    NoRotation,
    OneHour,
    #[default]
    OneDay,
    OneWeek,
    OneMonth,
}

/// `AmazonopensearchserviceS3BackupMode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DocumentBackupMode {
    #[default]
    FailedDocumentsOnly,
    AllDocuments,
}

/// `S3BackupMode` of Extended S3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum S3BackupMode {
    #[default]
    Disabled,
    Enabled,
}

/// `DefaultDocumentIdFormat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DefaultDocumentIdFormat {
    #[default]
    FirehoseDefault,
    NoDocumentId,
}

/// `CompressionFormat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CompressionFormat {
    #[default]
    #[serde(rename = "UNCOMPRESSED")]
    Uncompressed,
    #[serde(rename = "GZIP")]
    Gzip,
    #[serde(rename = "ZIP")]
    Zip,
    Snappy,
    #[serde(rename = "HADOOP_SNAPPY")]
    HadoopSnappy,
}
