//! Configurations with every member that the model has, none of them at its default.

use serde_json::{Value, json};

use super::{ROLE, conversion, lambda, smallest, whole_bucket};
use crate::destination::{Kind, tests::patched};

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:logs-a1b2c3";

/// A configuration with every member.
pub(crate) fn whole(kind: Kind) -> Value {
    let more = match kind {
        Kind::S3 => whole_bucket(),
        Kind::ExtendedS3 => extended_s3(),
        Kind::Redshift => redshift(),
        Kind::Elasticsearch | Kind::Amazonopensearchservice => search(),
        Kind::Splunk => splunk(),
        Kind::HttpEndpoint => http_endpoint(),
        Kind::AmazonOpenSearchServerless => serverless(),
        Kind::Snowflake => snowflake(),
        Kind::Iceberg => iceberg(),
    };
    patched(smallest(kind), &more)
}

fn logging() -> Value {
    json!({"Enabled": true, "LogGroupName": "/aws/firehose", "LogStreamName": "delivery"})
}

fn secret() -> Value {
    json!({"Enabled": true, "SecretARN": SECRET, "RoleARN": ROLE})
}

fn vpc() -> Value {
    json!({"RoleARN": ROLE, "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]})
}

fn hints(interval_in_seconds: u32, size_in_mbs: u32) -> Value {
    json!({"IntervalInSeconds": interval_in_seconds, "SizeInMBs": size_in_mbs})
}

fn retry() -> Value {
    json!({"DurationInSeconds": 10})
}

fn extended_s3() -> Value {
    patched(
        whole_bucket(),
        &json!({
            "CompressionFormat": "UNCOMPRESSED",
            "Prefix": "logs/!{partitionKeyFromLambda:team}/",
            "BufferingHints": hints(61, 65),
            "ProcessingConfiguration": lambda(),
            "S3BackupMode": "Enabled",
            "S3BackupConfiguration": whole_bucket(),
            "DataFormatConversionConfiguration": conversion(),
            "DynamicPartitioningConfiguration": {"Enabled": true, "RetryOptions": retry()},
            "FileExtension": ".log",
            "CustomTimeZone": "Asia/Calcutta",
        }),
    )
}

fn redshift() -> Value {
    json!({
        "CopyCommand": {"DataTableName": "logs", "DataTableColumns": "a,b", "CopyOptions": "JSON 'auto'"},
        "RetryOptions": retry(),
        "S3Configuration": patched(whole_bucket(), &json!({"Prefix": "logs/", "ErrorOutputPrefix": ""})),
        "ProcessingConfiguration": lambda(),
        "S3BackupMode": "Enabled",
        "S3BackupConfiguration": whole_bucket(),
        "CloudWatchLoggingOptions": logging(),
        "SecretsManagerConfiguration": secret(),
    })
}

fn search() -> Value {
    json!({
        "TypeName": "",
        "IndexRotationPeriod": "OneHour",
        "BufferingHints": hints(0, 100),
        "RetryOptions": retry(),
        "S3BackupMode": "AllDocuments",
        "S3Configuration": whole_bucket(),
        "ProcessingConfiguration": lambda(),
        "CloudWatchLoggingOptions": logging(),
        "VpcConfiguration": vpc(),
        "DocumentIdOptions": {"DefaultDocumentIdFormat": "NO_DOCUMENT_ID"},
    })
}

fn splunk() -> Value {
    json!({
        "HECEndpointType": "Event",
        "HECAcknowledgmentTimeoutInSeconds": 600,
        "RetryOptions": retry(),
        "S3BackupMode": "AllEvents",
        "S3Configuration": whole_bucket(),
        "ProcessingConfiguration": lambda(),
        "CloudWatchLoggingOptions": logging(),
        "BufferingHints": hints(0, 1),
        "SecretsManagerConfiguration": secret(),
    })
}

fn http_endpoint() -> Value {
    json!({
        "EndpointConfiguration": {"Name": "logs", "AccessKey": "key"},
        "BufferingHints": hints(900, 64),
        "CloudWatchLoggingOptions": logging(),
        "RequestConfiguration": {
            "ContentEncoding": "GZIP",
            "CommonAttributes": [{"AttributeName": "team", "AttributeValue": "logs"}],
        },
        "ProcessingConfiguration": lambda(),
        "RoleARN": ROLE,
        "RetryOptions": retry(),
        "S3BackupMode": "AllData",
        "S3Configuration": whole_bucket(),
        "SecretsManagerConfiguration": secret(),
    })
}

fn serverless() -> Value {
    json!({
        "BufferingHints": hints(0, 1),
        "RetryOptions": retry(),
        "S3BackupMode": "AllDocuments",
        "S3Configuration": whole_bucket(),
        "ProcessingConfiguration": lambda(),
        "CloudWatchLoggingOptions": logging(),
        "VpcConfiguration": vpc(),
    })
}

fn snowflake() -> Value {
    json!({
        "KeyPassphrase": "password",
        "SnowflakeRoleConfiguration": {"Enabled": true, "SnowflakeRole": "loader"},
        "DataLoadingOption": "VARIANT_CONTENT_AND_METADATA_MAPPING",
        "MetaDataColumnName": "meta",
        "ContentColumnName": "content",
        "SnowflakeVpcConfiguration": {
            "PrivateLinkVpceId": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
        },
        "CloudWatchLoggingOptions": logging(),
        "ProcessingConfiguration": lambda(),
        "RetryOptions": retry(),
        "S3BackupMode": "AllData",
        "S3Configuration": whole_bucket(),
        "SecretsManagerConfiguration": secret(),
        "BufferingHints": hints(900, 1),
    })
}

fn iceberg() -> Value {
    json!({
        "CatalogConfiguration": {"WarehouseLocation": "s3://logs"},
        "DestinationTableConfigurationList": [{
            "DestinationDatabaseName": "logs",
            "DestinationTableName": "logs",
            "UniqueKeys": ["id"],
            "PartitionSpec": {"Identity": [{"SourceName": "day"}]},
            "S3ErrorOutputPrefix": "errors/",
        }],
        "SchemaEvolutionConfiguration": {"Enabled": true},
        "TableCreationConfiguration": {"Enabled": true},
        "BufferingHints": hints(0, 128),
        "CloudWatchLoggingOptions": logging(),
        "ProcessingConfiguration": lambda(),
        "S3BackupMode": "FailedDataOnly",
        "RetryOptions": retry(),
        "AppendOnly": true,
        "S3Configuration": whole_bucket(),
    })
}
