//! Configurations of every kind: the smallest, the one with every member, and the one that Terraform sends.

use serde_json::{Value, json};

use super::{super::Kind, patched};

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";
const SECRET: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret:logs-a1b2c3";
const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";

/// The smallest configuration of a bucket.
pub(crate) fn bucket() -> Value {
    json!({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::logs"})
}

/// The smallest configuration of a kind.
pub(crate) fn smallest(kind: Kind) -> Value {
    match kind {
        Kind::S3 | Kind::ExtendedS3 => bucket(),
        Kind::Redshift => json!({
            "RoleARN": ROLE,
            "ClusterJDBCURL": "jdbc:redshift://logs.abc.us-east-1.redshift.amazonaws.com:5439/logs",
            "CopyCommand": {"DataTableName": "logs"},
            "Username": "admin",
            "Password": "password",
            "S3Configuration": bucket(),
        }),
        Kind::Elasticsearch | Kind::Amazonopensearchservice => json!({
            "RoleARN": ROLE,
            "DomainARN": "arn:aws:es:us-east-1:000000000000:domain/logs",
            "IndexName": "logs",
            "S3Configuration": bucket(),
        }),
        Kind::Splunk => json!({
            "HECEndpoint": "https://splunk.example.com:8088",
            "HECEndpointType": "Raw",
            "HECToken": "token",
            "S3Configuration": bucket(),
        }),
        Kind::HttpEndpoint => {
            json!({"EndpointConfiguration": {"Url": "https://logs.example.com/firehose"}, "S3Configuration": bucket()})
        }
        Kind::AmazonOpenSearchServerless => json!({
            "RoleARN": ROLE,
            "CollectionEndpoint": "https://abc.us-east-1.aoss.amazonaws.com",
            "IndexName": "logs",
            "S3Configuration": bucket(),
        }),
        Kind::Snowflake => json!({
            "RoleARN": ROLE,
            "AccountUrl": "https://logs.us-east-1.snowflakecomputing.com",
            "PrivateKey": "QUJD".repeat(64),
            "User": "firehose",
            "Database": "logs",
            "Schema": "public",
            "Table": "logs",
            "S3Configuration": bucket(),
        }),
        Kind::Iceberg => json!({
            "RoleARN": ROLE,
            "CatalogConfiguration": {"CatalogARN": "arn:aws:glue:us-east-1:000000000000:catalog"},
            "DestinationTableConfigurationList": [
                {"DestinationDatabaseName": "logs", "DestinationTableName": "logs"},
            ],
            "S3Configuration": bucket(),
        }),
    }
}

/// A bucket with every member.
pub(crate) fn whole_bucket() -> Value {
    json!({
        "RoleARN": ROLE,
        "BucketARN": "arn:aws:s3:::logs-backup",
        "Prefix": "logs/!{timestamp:yyyy}/",
        "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
        "BufferingHints": {"IntervalInSeconds": 60, "SizeInMBs": 64},
        "CompressionFormat": "GZIP",
        "EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": KEY}},
        "CloudWatchLoggingOptions": {"Enabled": true, "LogGroupName": "/aws/firehose", "LogStreamName": "backup"},
    })
}

/// Processing by a Lambda function, with every parameter.
pub(crate) fn lambda() -> Value {
    let parameter = |name: &str, value: &str| json!({"ParameterName": name, "ParameterValue": value});
    json!({"Enabled": true, "Processors": [{"Type": "Lambda", "Parameters": [
        parameter("LambdaArn", "arn:aws:lambda:us-east-1:000000000000:function:transform:$LATEST"),
        parameter("NumberOfRetries", "3"),
        parameter("RoleArn", ROLE),
        parameter("BufferSizeInMBs", "1"),
        parameter("BufferIntervalInSeconds", "60"),
    ]}]})
}

/// A configuration with every member that the model has, none of them at its default.
pub(crate) fn whole(kind: Kind) -> Value {
    let logging = json!({"Enabled": true, "LogGroupName": "/aws/firehose", "LogStreamName": "delivery"});
    let secret = json!({"Enabled": true, "SecretARN": SECRET, "RoleARN": ROLE});
    let vpc = json!({"RoleARN": ROLE, "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]});
    let hints = |seconds: u32, size: u32| json!({"IntervalInSeconds": seconds, "SizeInMBs": size});
    let retry = json!({"DurationInSeconds": 10});
    let more = match kind {
        Kind::S3 => whole_bucket(),
        Kind::ExtendedS3 => patched(
            whole_bucket(),
            &json!({
                "CompressionFormat": "UNCOMPRESSED",
                "Prefix": "logs/!{partitionKeyFromLambda:team}/",
                "BufferingHints": hints(61, 65),
                "ProcessingConfiguration": lambda(),
                "S3BackupMode": "Enabled",
                "S3BackupConfiguration": whole_bucket(),
                "DataFormatConversionConfiguration": conversion(),
                "DynamicPartitioningConfiguration": {"Enabled": true, "RetryOptions": retry},
                "FileExtension": ".log",
                "CustomTimeZone": "Asia/Calcutta",
            }),
        ),
        Kind::Redshift => json!({
            "CopyCommand": {"DataTableName": "logs", "DataTableColumns": "a,b", "CopyOptions": "JSON 'auto'"},
            "RetryOptions": retry,
            "S3Configuration": patched(whole_bucket(), &json!({"Prefix": "logs/", "ErrorOutputPrefix": ""})),
            "ProcessingConfiguration": lambda(),
            "S3BackupMode": "Enabled",
            "S3BackupConfiguration": whole_bucket(),
            "CloudWatchLoggingOptions": logging,
            "SecretsManagerConfiguration": secret,
        }),
        Kind::Elasticsearch | Kind::Amazonopensearchservice => json!({
            "TypeName": "",
            "IndexRotationPeriod": "OneHour",
            "BufferingHints": hints(0, 100),
            "RetryOptions": retry,
            "S3BackupMode": "AllDocuments",
            "S3Configuration": whole_bucket(),
            "ProcessingConfiguration": lambda(),
            "CloudWatchLoggingOptions": logging,
            "VpcConfiguration": vpc,
            "DocumentIdOptions": {"DefaultDocumentIdFormat": "NO_DOCUMENT_ID"},
        }),
        Kind::Splunk => json!({
            "HECEndpointType": "Event",
            "HECAcknowledgmentTimeoutInSeconds": 600,
            "RetryOptions": retry,
            "S3BackupMode": "AllEvents",
            "S3Configuration": whole_bucket(),
            "ProcessingConfiguration": lambda(),
            "CloudWatchLoggingOptions": logging,
            "BufferingHints": hints(0, 1),
            "SecretsManagerConfiguration": secret,
        }),
        Kind::HttpEndpoint => json!({
            "EndpointConfiguration": {"Name": "logs", "AccessKey": "key"},
            "BufferingHints": hints(900, 64),
            "CloudWatchLoggingOptions": logging,
            "RequestConfiguration": {
                "ContentEncoding": "GZIP",
                "CommonAttributes": [{"AttributeName": "team", "AttributeValue": "logs"}],
            },
            "ProcessingConfiguration": lambda(),
            "RoleARN": ROLE,
            "RetryOptions": retry,
            "S3BackupMode": "AllData",
            "S3Configuration": whole_bucket(),
            "SecretsManagerConfiguration": secret,
        }),
        Kind::AmazonOpenSearchServerless => json!({
            "BufferingHints": hints(0, 1),
            "RetryOptions": retry,
            "S3BackupMode": "AllDocuments",
            "S3Configuration": whole_bucket(),
            "ProcessingConfiguration": lambda(),
            "CloudWatchLoggingOptions": logging,
            "VpcConfiguration": vpc,
        }),
        Kind::Snowflake => json!({
            "KeyPassphrase": "password",
            "SnowflakeRoleConfiguration": {"Enabled": true, "SnowflakeRole": "loader"},
            "DataLoadingOption": "VARIANT_CONTENT_AND_METADATA_MAPPING",
            "MetaDataColumnName": "meta",
            "ContentColumnName": "content",
            "SnowflakeVpcConfiguration": {
                "PrivateLinkVpceId": "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
            },
            "CloudWatchLoggingOptions": logging,
            "ProcessingConfiguration": lambda(),
            "RetryOptions": retry,
            "S3BackupMode": "AllData",
            "S3Configuration": whole_bucket(),
            "SecretsManagerConfiguration": secret,
            "BufferingHints": hints(900, 1),
        }),
        Kind::Iceberg => json!({
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
            "CloudWatchLoggingOptions": logging,
            "ProcessingConfiguration": lambda(),
            "S3BackupMode": "FailedDataOnly",
            "RetryOptions": retry,
            "AppendOnly": true,
            "S3Configuration": whole_bucket(),
        }),
    };
    patched(smallest(kind), &more)
}

/// A conversion to Parquet that AWS takes.
pub(crate) fn conversion() -> Value {
    json!({
        "Enabled": true,
        "SchemaConfiguration": {
            "RoleARN": ROLE,
            "CatalogId": "000000000000",
            "DatabaseName": "logs",
            "TableName": "logs",
            "Region": "us-east-1",
            "VersionId": "LATEST",
        },
        "InputFormatConfiguration": {"Deserializer": {"HiveJsonSerDe": {"TimestampFormats": ["millis", "yyyy'T'HH"]}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {"Compression": "GZIP"}}},
    })
}

/// The members that Terraform sends, whatever the user wrote.
pub(crate) fn terraform(kind: Kind) -> Value {
    let off = json!({"Enabled": false});
    let processing = json!({"Enabled": false, "Processors": []});
    let bucket = json!({
        "RoleARN": ROLE,
        "BucketARN": "arn:aws:s3:::logs",
        "Prefix": "",
        "BufferingHints": {"IntervalInSeconds": 300, "SizeInMBs": 5},
        "CompressionFormat": "UNCOMPRESSED",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": off,
    });
    let behind = |more: Value| {
        let common = json!({
            "S3Configuration": bucket,
            "ProcessingConfiguration": processing,
            "CloudWatchLoggingOptions": off,
            "RetryOptions": {"DurationInSeconds": 300},
        });
        patched(patched(smallest(kind), &common), &more)
    };
    let hints = |seconds: u32, size: u32| json!({"IntervalInSeconds": seconds, "SizeInMBs": size});
    match kind {
        Kind::S3 => bucket,
        Kind::ExtendedS3 => patched(
            bucket,
            &json!({
                "ErrorOutputPrefix": "",
                "ProcessingConfiguration": processing,
                "S3BackupMode": "Disabled",
                "DataFormatConversionConfiguration": off,
                "DynamicPartitioningConfiguration": {"Enabled": false, "RetryOptions": {"DurationInSeconds": 300}},
                "FileExtension": "",
                "CustomTimeZone": "UTC",
            }),
        ),
        Kind::Redshift => behind(json!({
            "RetryOptions": {"DurationInSeconds": 3_600},
            "S3BackupMode": "Disabled",
            "CopyCommand": {"DataTableColumns": "", "CopyOptions": ""},
        })),
        Kind::Elasticsearch | Kind::Amazonopensearchservice => behind(json!({
            "TypeName": "",
            "IndexRotationPeriod": "OneDay",
            "BufferingHints": hints(300, 5),
            "S3BackupMode": "FailedDocumentsOnly",
            "DocumentIdOptions": {"DefaultDocumentIdFormat": "FIREHOSE_DEFAULT"},
        })),
        Kind::Splunk => behind(json!({
            "HECAcknowledgmentTimeoutInSeconds": 180,
            "BufferingHints": hints(60, 5),
            "S3BackupMode": "FailedEventsOnly",
        })),
        Kind::HttpEndpoint => behind(json!({
            "EndpointConfiguration": {"AccessKey": ""},
            "RoleARN": ROLE,
            "BufferingHints": hints(300, 5),
            "S3BackupMode": "FailedDataOnly",
            "RequestConfiguration": {"ContentEncoding": "NONE", "CommonAttributes": []},
        })),
        Kind::AmazonOpenSearchServerless => {
            behind(json!({"BufferingHints": hints(300, 5), "S3BackupMode": "FailedDocumentsOnly"}))
        }
        Kind::Snowflake => behind(json!({
            "RetryOptions": {"DurationInSeconds": 60},
            "DataLoadingOption": "JSON_MAPPING",
            "BufferingHints": hints(0, 1),
            "S3BackupMode": "FailedDataOnly",
            "SnowflakeRoleConfiguration": off,
            "SecretsManagerConfiguration": off,
        })),
        Kind::Iceberg => behind(json!({
            "AppendOnly": false,
            "BufferingHints": hints(300, 5),
            "S3BackupMode": "FailedDataOnly",
        })),
    }
}
