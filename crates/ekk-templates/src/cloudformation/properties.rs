//! The properties of a stream's resource as the members of `CreateDeliveryStream`.
//!
//! Both have the same names, but for two of Iceberg's. `CloudFormation` refuses a property that it does not know, where the
//! API would ignore it; and it takes numbers and booleans that are written as text, and text that is written as numbers.
//!
//! Source: the resource's schema, <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html>

use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use crate::{Error, cloudformation::intrinsic::text_of};

/// The properties within a structure, by the property that holds the structure; the first row is the resource's own.
const STRUCTURES: [(&[&str], &str); 53] = [
    (
        &[""],
        "AmazonOpenSearchServerlessDestinationConfiguration AmazonopensearchserviceDestinationConfiguration \
         DatabaseSourceConfiguration DeliveryStreamEncryptionConfigurationInput DeliveryStreamName \
         DeliveryStreamType DirectPutSourceConfiguration ElasticsearchDestinationConfiguration \
         ExtendedS3DestinationConfiguration HttpEndpointDestinationConfiguration \
         IcebergDestinationConfiguration KinesisStreamSourceConfiguration MSKSourceConfiguration \
         RedshiftDestinationConfiguration S3DestinationConfiguration SnowflakeDestinationConfiguration \
         SplunkDestinationConfiguration Tags",
    ),
    (
        &["AmazonOpenSearchServerlessDestinationConfiguration"],
        "BufferingHints CloudWatchLoggingOptions CollectionEndpoint IndexName ProcessingConfiguration \
         RetryOptions RoleARN S3BackupMode S3Configuration VpcConfiguration",
    ),
    (&["BufferingHints"], "IntervalInSeconds SizeInMBs"),
    (&["CloudWatchLoggingOptions"], "Enabled LogGroupName LogStreamName"),
    (&["ProcessingConfiguration"], "Enabled Processors"),
    (&["Processors"], "Parameters Type"),
    (&["Parameters"], "ParameterName ParameterValue"),
    (&["RetryOptions"], "DurationInSeconds"),
    (
        &["S3BackupConfiguration", "S3Configuration", "S3DestinationConfiguration"],
        "BucketARN BufferingHints CloudWatchLoggingOptions CompressionFormat EncryptionConfiguration \
         ErrorOutputPrefix Prefix RoleARN",
    ),
    (&["EncryptionConfiguration"], "KMSEncryptionConfig NoEncryptionConfig"),
    (&["KMSEncryptionConfig"], "AWSKMSKeyARN"),
    (&["VpcConfiguration"], "RoleARN SecurityGroupIds SubnetIds"),
    (
        &["AmazonopensearchserviceDestinationConfiguration", "ElasticsearchDestinationConfiguration"],
        "BufferingHints CloudWatchLoggingOptions ClusterEndpoint DocumentIdOptions DomainARN IndexName \
         IndexRotationPeriod ProcessingConfiguration RetryOptions RoleARN S3BackupMode S3Configuration \
         TypeName VpcConfiguration",
    ),
    (&["DocumentIdOptions"], "DefaultDocumentIdFormat"),
    (
        &["DatabaseSourceConfiguration"],
        "Columns DatabaseSourceAuthenticationConfiguration DatabaseSourceVPCConfiguration Databases Digest \
         Endpoint Port PublicCertificate SSLMode SnapshotWatermarkTable SurrogateKeys Tables Type",
    ),
    (&["Columns", "Databases", "Tables"], "Exclude Include"),
    (&["DatabaseSourceAuthenticationConfiguration"], "SecretsManagerConfiguration"),
    (&["SecretsManagerConfiguration"], "Enabled RoleARN SecretARN"),
    (&["DatabaseSourceVPCConfiguration"], "VpcEndpointServiceName"),
    (&["DeliveryStreamEncryptionConfigurationInput"], "KeyARN KeyType"),
    (&["DirectPutSourceConfiguration"], "ThroughputHintInMBs"),
    (
        &["ExtendedS3DestinationConfiguration"],
        "BucketARN BufferingHints CloudWatchLoggingOptions CompressionFormat CustomTimeZone \
         DataFormatConversionConfiguration DynamicPartitioningConfiguration EncryptionConfiguration \
         ErrorOutputPrefix FileExtension Prefix ProcessingConfiguration RoleARN S3BackupConfiguration \
         S3BackupMode",
    ),
    (
        &["DataFormatConversionConfiguration"],
        "Enabled InputFormatConfiguration OutputFormatConfiguration SchemaConfiguration",
    ),
    (&["InputFormatConfiguration"], "Deserializer"),
    (&["Deserializer"], "HiveJsonSerDe OpenXJsonSerDe"),
    (&["HiveJsonSerDe"], "TimestampFormats"),
    (&["OpenXJsonSerDe"], "CaseInsensitive ColumnToJsonKeyMappings ConvertDotsInJsonKeysToUnderscores"),
    (&["OutputFormatConfiguration"], "Serializer"),
    (&["Serializer"], "OrcSerDe ParquetSerDe"),
    (
        &["OrcSerDe"],
        "BlockSizeBytes BloomFilterColumns BloomFilterFalsePositiveProbability Compression \
         DictionaryKeyThreshold EnablePadding FormatVersion PaddingTolerance RowIndexStride StripeSizeBytes",
    ),
    (
        &["ParquetSerDe"],
        "BlockSizeBytes Compression EnableDictionaryCompression MaxPaddingBytes PageSizeBytes WriterVersion",
    ),
    (&["SchemaConfiguration"], "CatalogId DatabaseName Region RoleARN TableName VersionId"),
    (&["DynamicPartitioningConfiguration"], "Enabled RetryOptions"),
    (
        &["HttpEndpointDestinationConfiguration"],
        "BufferingHints CloudWatchLoggingOptions EndpointConfiguration ProcessingConfiguration \
         RequestConfiguration RetryOptions RoleARN S3BackupMode S3Configuration SecretsManagerConfiguration",
    ),
    (&["EndpointConfiguration"], "AccessKey Name Url"),
    (&["RequestConfiguration"], "CommonAttributes ContentEncoding"),
    (&["CommonAttributes"], "AttributeName AttributeValue"),
    (
        &["IcebergDestinationConfiguration"],
        "AppendOnly BufferingHints CatalogConfiguration CloudWatchLoggingOptions \
         DestinationTableConfigurationList ProcessingConfiguration RetryOptions RoleARN S3Configuration \
         SchemaEvolutionConfiguration TableCreationConfiguration s3BackupMode",
    ),
    (&["CatalogConfiguration"], "CatalogArn WarehouseLocation"),
    (
        &["DestinationTableConfigurationList"],
        "DestinationDatabaseName DestinationTableName PartitionSpec S3ErrorOutputPrefix UniqueKeys",
    ),
    (&["PartitionSpec"], "Identity"),
    (&["Identity"], "SourceName"),
    (&["SchemaEvolutionConfiguration", "TableCreationConfiguration"], "Enabled"),
    (&["KinesisStreamSourceConfiguration"], "KinesisStreamARN RoleARN"),
    (&["MSKSourceConfiguration"], "AuthenticationConfiguration MSKClusterARN ReadFromTimestamp TopicName"),
    (&["AuthenticationConfiguration"], "Connectivity RoleARN"),
    (
        &["RedshiftDestinationConfiguration"],
        "CloudWatchLoggingOptions ClusterJDBCURL CopyCommand Password ProcessingConfiguration RetryOptions \
         RoleARN S3BackupConfiguration S3BackupMode S3Configuration SecretsManagerConfiguration Username",
    ),
    (&["CopyCommand"], "CopyOptions DataTableColumns DataTableName"),
    (
        &["SnowflakeDestinationConfiguration"],
        "AccountUrl BufferingHints CloudWatchLoggingOptions ContentColumnName DataLoadingOption Database \
         KeyPassphrase MetaDataColumnName PrivateKey ProcessingConfiguration RetryOptions RoleARN \
         S3BackupMode S3Configuration Schema SecretsManagerConfiguration SnowflakeRoleConfiguration \
         SnowflakeVpcConfiguration Table User",
    ),
    (&["SnowflakeRoleConfiguration"], "Enabled SnowflakeRole"),
    (&["SnowflakeVpcConfiguration"], "PrivateLinkVpceId"),
    (
        &["SplunkDestinationConfiguration"],
        "BufferingHints CloudWatchLoggingOptions HECAcknowledgmentTimeoutInSeconds HECEndpoint \
         HECEndpointType HECToken ProcessingConfiguration RetryOptions S3BackupMode S3Configuration \
         SecretsManagerConfiguration",
    ),
    (&["Tags"], "Key Value"),
];

const INTEGERS: &str = "BlockSizeBytes DurationInSeconds HECAcknowledgmentTimeoutInSeconds IntervalInSeconds \
    MaxPaddingBytes PageSizeBytes Port RowIndexStride SizeInMBs StripeSizeBytes ThroughputHintInMBs";
const DECIMALS: &str = "BloomFilterFalsePositiveProbability DictionaryKeyThreshold PaddingTolerance";
const BOOLEANS: &str =
    "AppendOnly CaseInsensitive ConvertDotsInJsonKeysToUnderscores EnableDictionaryCompression EnablePadding Enabled";

/// A map whose keys are the user's.
const MAP: &str = "ColumnToJsonKeyMappings";

/// The request that `CloudFormation` makes of the resolved properties.
pub(super) fn request(properties: Value, origin: &str) -> Result<Value, Error> {
    value("", properties, "#").map_err(|reason| Error::at(format!("{origin}.Properties"), reason))
}

/// A property's value; `path` is written as `CloudFormation` writes it, `#/Structure/Property`.
fn value(name: &str, value: Value, path: &str) -> Result<Value, String> {
    match value {
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            items.map(|(at, item)| self::value(name, item, &format!("{path}/{at}"))).collect()
        }
        Value::Object(members) if name == MAP => texts(members, path),
        Value::Object(members) => match structure(name) {
            Some(known) => object(known, members, path),
            None => Err(format!("{path}: expected type: String, found: JSONObject")),
        },
        Value::Null => Err(format!("{path}: [/Properties] 'null' values are not allowed in templates")),
        scalar if structure(name).is_some() => {
            Err(format!("{path}: expected type: JSONObject, found: {}", type_of(&scalar)))
        }
        scalar => typed(name, scalar, path),
    }
}

fn object(known: &str, members: Map<String, Value>, path: &str) -> Result<Value, String> {
    let mut renamed = Map::new();
    for (name, member) in members {
        if !among(known, &name) {
            return Err(format!("{path}: extraneous key [{name}] is not permitted"));
        }
        let member = value(&name, member, &format!("{path}/{name}"))?;
        match name.as_str() {
            "s3BackupMode" => drop(renamed.insert("S3BackupMode".to_owned(), member)),
            "CatalogArn" => drop(renamed.insert("CatalogARN".to_owned(), member)),
            _ => drop(renamed.insert(name, member)),
        }
    }
    Ok(Value::Object(renamed))
}

fn texts(members: Map<String, Value>, path: &str) -> Result<Value, String> {
    let text = |(name, member): (String, Value)| match text_of(&member) {
        Some(text) => Ok((name, Value::from(text))),
        None => Err(format!("{path}/{name}: expected type: String, found: {}", type_of(&member))),
    };
    members.into_iter().map(text).collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

fn typed(name: &str, scalar: Value, path: &str) -> Result<Value, String> {
    let Some(text) = text_of(&scalar) else { return Ok(scalar) };
    let (wanted, typed) = if among(INTEGERS, name) {
        ("Integer", text.parse::<i64>().ok().map(Value::from))
    } else if among(DECIMALS, name) {
        ("Number", text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number))
    } else if among(BOOLEANS, name) {
        ("Boolean", text.parse::<bool>().ok().map(Value::from))
    } else if name == "ReadFromTimestamp" {
        ("String of a date-time", text.parse::<Timestamp>().ok().map(|time| time.as_second().into()))
    } else {
        ("String", Some(Value::from(text)))
    };
    typed.ok_or_else(|| format!("{path}: expected type: {wanted}, found: {}", type_of(&scalar)))
}

fn structure(name: &str) -> Option<&'static str> {
    STRUCTURES.iter().find(|(names, _)| names.contains(&name)).map(|(_, members)| *members)
}

fn among(names: &str, name: &str) -> bool {
    names.split_ascii_whitespace().any(|known| known == name)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "String",
        Value::Array(_) => "JSONArray",
        Value::Object(_) => "JSONObject",
    }
}
