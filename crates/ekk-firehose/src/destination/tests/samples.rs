//! Configurations of every kind: the smallest, the one with every member, and the one that Terraform sends.

mod terraform;
mod whole;

use serde_json::{Value, json};

pub(crate) use self::{terraform::terraform, whole::whole};
use super::super::Kind;

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";
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

/// Conversions that together have every member of every format, none of them at its default.
pub(crate) fn formats() -> [Value; 2] {
    let hive = json!({"HiveJsonSerDe": {"TimestampFormats": ["millis", "yyyy-MM-dd"]}});
    let open_x = json!({"OpenXJsonSerDe": {
        "ConvertDotsInJsonKeysToUnderscores": true,
        "CaseInsensitive": false,
        "ColumnToJsonKeyMappings": {"ts": "timestamp"},
    }});
    let parquet = json!({"ParquetSerDe": {
        "BlockSizeBytes": 134_217_728,
        "PageSizeBytes": 131_072,
        "Compression": "GZIP",
        "EnableDictionaryCompression": true,
        "MaxPaddingBytes": 1,
        "WriterVersion": "V2",
    }});
    let orc = json!({"OrcSerDe": {
        "StripeSizeBytes": 8_388_608,
        "BlockSizeBytes": 67_108_864,
        "RowIndexStride": 1000,
        "EnablePadding": true,
        "PaddingTolerance": 0.5,
        "Compression": "ZLIB",
        "BloomFilterColumns": ["team"],
        "BloomFilterFalsePositiveProbability": 0.25,
        "DictionaryKeyThreshold": 0.75,
        "FormatVersion": "V0_11",
    }});
    [(hive, parquet), (open_x, orc)].map(|(deserializer, serializer)| {
        let mut conversion = conversion();
        conversion["InputFormatConfiguration"]["Deserializer"] = deserializer;
        conversion["OutputFormatConfiguration"]["Serializer"] = serializer;
        conversion
    })
}
