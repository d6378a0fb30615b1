//! Configurations as Terraform sends them, whatever the user wrote: with most members at their defaults.

use serde_json::{Value, json};

use super::{ROLE, smallest};
use crate::destination::{Kind, tests::patched};

/// The members that Terraform sends.
pub(crate) fn terraform(kind: Kind) -> Value {
    match kind {
        Kind::S3 => bucket(),
        Kind::ExtendedS3 => extended_s3(),
        _ => patched(patched(smallest(kind), &behind()), &more(kind)),
    }
}

fn off() -> Value {
    json!({"Enabled": false})
}

fn processing() -> Value {
    json!({"Enabled": false, "Processors": []})
}

fn hints(interval_in_seconds: u32, size_in_mbs: u32) -> Value {
    json!({"IntervalInSeconds": interval_in_seconds, "SizeInMBs": size_in_mbs})
}

fn bucket() -> Value {
    json!({
        "RoleARN": ROLE,
        "BucketARN": "arn:aws:s3:::logs",
        "Prefix": "",
        "BufferingHints": hints(300, 5),
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": off(),
    })
}

fn extended_s3() -> Value {
    let more = json!({
        "ErrorOutputPrefix": "",
        "ProcessingConfiguration": processing(),
        "S3BackupMode": "Disabled",
        "DataFormatConversionConfiguration": off(),
        "DynamicPartitioningConfiguration": {"Enabled": false, "RetryOptions": {"DurationInSeconds": 300}},
        "FileExtension": "",
        "CustomTimeZone": "UTC",
    });
    patched(bucket(), &more)
}

/// What every kind with a bucket behind it has.
fn behind() -> Value {
    json!({
        "S3Configuration": bucket(),
        "ProcessingConfiguration": processing(),
        "CloudWatchLoggingOptions": off(),
        "RetryOptions": {"DurationInSeconds": 300},
    })
}

/// What a kind has beside it.
fn more(kind: Kind) -> Value {
    match kind {
        Kind::S3 | Kind::ExtendedS3 => json!({}),
        Kind::Redshift => json!({
            "RetryOptions": {"DurationInSeconds": 3_600},
            "S3BackupMode": "Disabled",
            "CopyCommand": {"DataTableColumns": "", "CopyOptions": ""},
        }),
        Kind::Elasticsearch | Kind::Amazonopensearchservice => json!({
            "TypeName": "",
            "IndexRotationPeriod": "OneDay",
            "BufferingHints": hints(300, 5),
            "S3BackupMode": "FailedDocumentsOnly",
            "DocumentIdOptions": {"DefaultDocumentIdFormat": "FIREHOSE_DEFAULT"},
        }),
        Kind::Splunk => json!({
            "HECAcknowledgmentTimeoutInSeconds": 180,
            "BufferingHints": hints(60, 5),
            "S3BackupMode": "FailedEventsOnly",
        }),
        Kind::HttpEndpoint => json!({
            "EndpointConfiguration": {"AccessKey": ""},
            "RoleARN": ROLE,
            "BufferingHints": hints(300, 5),
            "S3BackupMode": "FailedDataOnly",
            "RequestConfiguration": {"ContentEncoding": "NONE", "CommonAttributes": []},
        }),
        Kind::AmazonOpenSearchServerless => {
            json!({"BufferingHints": hints(300, 5), "S3BackupMode": "FailedDocumentsOnly"})
        }
        Kind::Snowflake => json!({
            "RetryOptions": {"DurationInSeconds": 60},
            "DataLoadingOption": "JSON_MAPPING",
            "BufferingHints": hints(0, 1),
            "S3BackupMode": "FailedDataOnly",
            "SnowflakeRoleConfiguration": off(),
            "SecretsManagerConfiguration": off(),
        }),
        Kind::Iceberg => json!({
            "AppendOnly": false,
            "BufferingHints": hints(300, 5),
            "S3BackupMode": "FailedDataOnly",
        }),
    }
}
