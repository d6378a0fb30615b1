//! What is refused with which words.

use serde_json::{Value, json};

use super::{
    super::Kind,
    configured, patched, refusal,
    samples::{bucket, conversion, smallest, whole},
};

/// Refuses the smallest configuration of a kind with a patch in it.
#[track_caller]
fn check(kind: Kind, patch: &Value, expected: &str) {
    assert_eq!(refusal(configured(kind, &patched(smallest(kind), patch))), expected, "{kind:?} {patch}");
}

/// Takes the smallest configuration of a kind with a patch in it.
#[track_caller]
fn check_taken(kind: Kind, patch: &Value) {
    if let Err(error) = configured(kind, &patched(smallest(kind), patch)) {
        panic!("{kind:?} {patch}: {error}");
    }
}

/// Where the kinds keep a bucket of which the plain rules hold.
const BUCKETS: [(Kind, Option<&str>); 10] = [
    (Kind::S3, None),
    (Kind::ExtendedS3, None),
    (Kind::Redshift, Some("S3BackupConfiguration")),
    (Kind::Elasticsearch, Some("S3Configuration")),
    (Kind::Amazonopensearchservice, Some("S3Configuration")),
    (Kind::Splunk, Some("S3Configuration")),
    (Kind::HttpEndpoint, Some("S3Configuration")),
    (Kind::AmazonOpenSearchServerless, Some("S3Configuration")),
    (Kind::Snowflake, Some("S3Configuration")),
    (Kind::Iceberg, Some("S3Configuration")),
];

/// A bucket of every kind is refused with a patch in it.
#[track_caller]
fn check_buckets(patch: &Value, expected: &str) {
    for (kind, member) in BUCKETS {
        let patch = match member {
            Some(member) => json!({member: patched(bucket(), patch)}),
            None => patch.clone(),
        };
        check(kind, &patch, expected);
    }
}

#[test]
fn the_prefixes_of_every_bucket_follow_the_rules_of_aws() {
    let broken =
        |constraint: &str| format!("Ths supplied prefix(es) do not satisfy the following constraint: {constraint}");
    for (prefix, error_prefix, constraint) in [
        ("!{timestamp:yyyy}/", "", "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"),
        (
            "!{firehose:error-output-type}/",
            "e/",
            "Prefix must not contain any occurrence of !{firehose:error-output-type}",
        ),
        (
            "a/",
            "e/!{timestamp:yyyy}/",
            "ErrorOutputPrefix must contain at least one occurrence of !{firehose:error-output-type}",
        ),
        ("my!{prefix/", "e/", "Invalid expression usage: my!{prefix/.Must be of the form !{<namespace>:<value>}"),
        ("a/!{bogus:yyyy}/", "e/", "Namespace to the left of colon (bogus) is an invalid keyword!"),
        ("!{firehose:bogus}/", "e/", "Invalid conversion character used in the value of the expression in Prefix"),
        ("!{timestamp:bbb}/", "e/", "Invalid conversion character used in the value of the expression in Prefix"),
    ] {
        check_buckets(&json!({"Prefix": prefix, "ErrorOutputPrefix": error_prefix}), &broken(constraint));
    }
    check_buckets(
        &json!({"Prefix": "!{timestamp:yyyy}/"}),
        &broken("ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"),
    );
    let long = "p".repeat(601);
    check_buckets(
        &json!({"Prefix": long, "ErrorOutputPrefix": "e/"}),
        &broken("Length of evaluated prefix cannot be greater than 512"),
    );
    check_taken(Kind::S3, &json!({"Prefix": "a/!{timestamp:yyyy'T'HH}/", "ErrorOutputPrefix": "plain/"}));
}

#[test]
fn partition_keys_are_for_partitions() {
    check_buckets(
        &json!({"Prefix": "!{partitionKeyFromQuery:id}/", "ErrorOutputPrefix": "e/"}),
        "Dynamic Partitioning Namespaces can only be part of a prefix expression when Dynamic Partitioning is enabled.",
    );
    check_buckets(
        &json!({"Prefix": "a", "ErrorOutputPrefix": "e/!{partitionKeyFromLambda:a}/!{firehose:error-output-type}/"}),
        "Dynamic Partitioning Namespaces can't be part of an error prefix expression",
    );
}

#[test]
fn hints_come_in_pairs() {
    for (hints, text) in [
        (json!({"SizeInMBs": 5}), "BufferingHints.IntervalInSeconds must be specified when SizeInMBs is specified."),
        (
            json!({"IntervalInSeconds": 5}),
            "BufferingHints.SizeInMBs must be specified when IntervalInSeconds is specified.",
        ),
    ] {
        let patch = json!({"BufferingHints": hints});
        check_buckets(&patch, text);
        for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Redshift) {
            check(kind, &patch, text);
        }
    }
}

#[test]
fn a_bucket_is_encrypted_in_one_way() {
    let key = json!({"AWSKMSKeyARN": "arn:aws:kms:us-east-1:000000000000:alias/logs"});
    let text = "Exactly one of NoEncryptionConfig or KMSEncryptionConfig must be specified";
    let both = json!({"NoEncryptionConfig": "NoEncryption", "KMSEncryptionConfig": key});
    check_buckets(&json!({"EncryptionConfiguration": both}), text);
    check_buckets(&json!({"EncryptionConfiguration": {}}), text);
    check_taken(Kind::S3, &json!({"EncryptionConfiguration": {"KMSEncryptionConfig": key}}));
}

#[test]
fn logging_that_is_on_has_a_group_and_a_stream() {
    for (options, text) in [
        (json!({"Enabled": true}), "CloudWatch Log Group Name is required if CloudWatch Logging is enabled"),
        (
            json!({"Enabled": true, "LogGroupName": "", "LogStreamName": "a"}),
            "CloudWatch Log Group Name is required if CloudWatch Logging is enabled",
        ),
        (
            json!({"Enabled": true, "LogGroupName": "a"}),
            "CloudWatch Log Stream Name is required if CloudWatch Logging is enabled",
        ),
    ] {
        let patch = json!({"CloudWatchLoggingOptions": options});
        check_buckets(&patch, text);
        for kind in Kind::ALL {
            check(kind, &patch, text);
        }
    }
    check_taken(Kind::S3, &json!({"CloudWatchLoggingOptions": {"LogGroupName": "a"}}));
}

#[test]
fn a_cluster_is_named_in_one_way() {
    for kind in [Kind::Elasticsearch, Kind::Amazonopensearchservice] {
        check(
            kind,
            &json!({"ClusterEndpoint": "https://logs"}),
            "Cannot provide both Elasticsearch cluster endpoint and domain ARN. Provide either the cluster endpoint or \
             domain arn. Must specify cluster endpoint for cross account elasticsearch cluster.",
        );
        check(
            kind,
            &json!({"DomainARN": null}),
            "Provide either the Elasticsearch cluster endpoint or domain arn. Must specify cluster endpoint for cross \
             account Elasticsearch cluster.",
        );
        check(
            kind,
            &json!({"DomainARN": null, "ClusterEndpoint": "https:"}),
            "ClusterEndpoint https: is not a URL: empty host",
        );
    }
    check(
        Kind::Elasticsearch,
        &json!({"TypeName": "_doc"}),
        "Types are deprecated in Elasticsearch version 7.1. TypeName must be empty.",
    );
    check(
        Kind::Amazonopensearchservice,
        &json!({"TypeName": "_doc"}),
        "Types are deprecated in Elasticsearch version 7+ and all OpenSearch versions. TypeName must be empty.",
    );
    check(
        Kind::AmazonOpenSearchServerless,
        &json!({"CollectionEndpoint": null}),
        "Must specify collection endpoint for delivery to OpenSearch serverless.",
    );
}

#[test]
fn another_format_needs_its_parts_and_an_uncompressed_bucket() {
    let with = |patch: Value| json!({"DataFormatConversionConfiguration": patched(conversion(), &patch)});
    let (input, output, schema) = ("InputFormatConfiguration", "OutputFormatConfiguration", "SchemaConfiguration");
    for (patch, text) in [
        (json!({input: null, output: null, schema: null}), "InputFormatConfiguration must not be null"),
        (json!({output: null, schema: null}), "OutputFormatConfiguration must not be null"),
        (json!({schema: null}), "SchemaConfiguration must not be null"),
        (json!({schema: {"TableName": null}}), "SchemaConfiguration.TableName must not be null or empty"),
        (json!({schema: {"RoleARN": null}}), "SchemaConfiguration.RoleArn must not be null or empty"),
        (json!({input: {"Deserializer": null}}), "Deserializer must not be null"),
        (json!({input: {"Deserializer": {"HiveJsonSerDe": null}}}), "Deserializer must not be null"),
        (json!({output: {"Serializer": {"ParquetSerDe": null}}}), "Serializer must not be null"),
        (
            json!({input: {"Deserializer": {"OpenXJsonSerDe": {}}}}),
            "More than one deserializer specified. Only one may be chosen.",
        ),
        (
            json!({output: {"Serializer": {"OrcSerDe": {}}}}),
            "More than one serializer specified. Only one may be chosen.",
        ),
        (
            json!({input: {"Deserializer": {"HiveJsonSerDe": {"TimestampFormats": ["bbbb"]}}}}),
            "Invalid deserializer option(s): One or more SerDe options are invalid for \
             org.apache.hcatalog.data.JsonSerDe: [Key: timestamp.formats Value: bbbb]",
        ),
    ] {
        check(Kind::ExtendedS3, &with(patch), text);
    }
    let conversion = with(json!({}));
    check(
        Kind::ExtendedS3,
        &patched(conversion.clone(), &json!({"CompressionFormat": "GZIP"})),
        "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled. \
         To enable compression within the converted output format, set the appropriate serialization option in the \
         output format configuration.",
    );
    let small = json!({"BufferingHints": {"SizeInMBs": 63, "IntervalInSeconds": 60}});
    check(
        Kind::ExtendedS3,
        &patched(conversion, &small),
        "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.",
    );
    check_taken(Kind::ExtendedS3, &json!({"DataFormatConversionConfiguration": {"Enabled": false}}));
}

#[test]
fn backup_of_what_came_in_needs_a_bucket() {
    for kind in [Kind::ExtendedS3, Kind::Redshift] {
        check(
            kind,
            &json!({"S3BackupMode": "Enabled"}),
            "S3 backup destination configuration is required when enabling S3 backup.",
        );
        check_taken(kind, &json!({"S3BackupMode": "Enabled", "S3BackupConfiguration": bucket()}));
    }
    check(
        Kind::Iceberg,
        &json!({"S3BackupMode": "AllData"}),
        "S3BackupMode.AllData is not supported for Iceberg as destination.",
    );
}

#[test]
fn a_time_zone_is_one_of_those_of_aws() {
    check(
        Kind::ExtendedS3,
        &json!({"CustomTimeZone": "Asia/Kolkata"}),
        "Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time \
         zones.",
    );
}

#[test]
fn credentials_are_given_or_kept_in_a_secret() {
    let secrets = |secret: Value| json!({"SecretsManagerConfiguration": secret});
    for kind in [Kind::Redshift, Kind::Splunk, Kind::HttpEndpoint, Kind::Snowflake] {
        check(kind, &secrets(json!({"Enabled": true})), "Invalid secret ARN: null");
    }
    let arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:logs";
    let secret = secrets(json!({"Enabled": true, "SecretARN": arn, "RoleARN": "arn:aws:iam::000000000000:role/a"}));
    for (kind, member, text) in [
        (Kind::Redshift, "Password", "Redshift Database Password is required for Redshift Destination"),
        (Kind::Redshift, "Username", "Redshift Database Username is required for Redshift Destination"),
        (Kind::Splunk, "HECToken", "HECToken must be provided."),
        (Kind::Snowflake, "PrivateKey", "PrivateKey must be provided."),
        (Kind::Snowflake, "User", "User must be provided."),
    ] {
        let without = json!({member: null});
        check(kind, &without, text);
        check(kind, &patched(without.clone(), &secrets(json!({"Enabled": false}))), text);
        check_taken(kind, &patched(without, &secret));
        // The secret wins over what is given, so AWS takes both.
        check_taken(kind, &secret);
    }
    check(
        Kind::Splunk,
        &secrets(json!({"Enabled": true, "SecretARN": arn})),
        "SecretsManagerConfiguration.RoleARN must be provided for Splunk.",
    );
    let elsewhere = arn.replace("us-east-1", "eu-west-1");
    for kind in [Kind::Redshift, Kind::Splunk, Kind::HttpEndpoint, Kind::Snowflake] {
        check(
            kind,
            &patched(secret.clone(), &secrets(json!({"SecretARN": elsewhere}))),
            "Cross-region secrets are not allowed. Please provide a secret in the same region as firehose",
        );
        check_taken(kind, &secrets(json!({"Enabled": false, "SecretARN": elsewhere})));
    }
}

#[test]
fn each_kind_has_rules_of_its_own() {
    check(
        Kind::Splunk,
        &json!({"HECEndpoint": "http://splunk.example.com:8088"}),
        "Invalid HECEndpoint. Supported endpoint format is https://<domain>:<port>.",
    );
    let attribute = json!({"AttributeName": "a", "AttributeValue": "b"});
    check(
        Kind::HttpEndpoint,
        &json!({"RequestConfiguration": {"CommonAttributes": [attribute, attribute]}}),
        "Http Endpoint Common Attributes have duplicate name a.",
    );
    check(
        Kind::HttpEndpoint,
        &json!({"EndpointConfiguration": {"Url": "https://"}}),
        "EndpointConfiguration.Url https:// is not a URL: empty host",
    );
    let bucket = |patch: Value| json!({"S3Configuration": patch});
    let prefix = "Ths supplied prefix(es) do not satisfy the following constraint: Prefix Expressions or \
                  ErrorOutputPrefix is currently not supported for this destination";
    check(Kind::Redshift, &bucket(json!({"Prefix": "a/!{timestamp:yyyy}/"})), prefix);
    check(Kind::Redshift, &bucket(json!({"ErrorOutputPrefix": "errors/"})), prefix);
    for format in ["ZIP", "Snappy", "HADOOP_SNAPPY"] {
        check(
            Kind::Redshift,
            &bucket(json!({"CompressionFormat": format})),
            "Only the following compression formats are allowed when using Redshift: [UNCOMPRESSED, GZIP]",
        );
    }
    check(
        Kind::Iceberg,
        &json!({"DestinationTableConfigurationList": null}),
        "A single default destination table configuration must be provided when both Lambda and MetadataExtraction \
         processors are not provided",
    );
    let processing = whole(Kind::Iceberg)["ProcessingConfiguration"].clone();
    check_taken(
        Kind::Iceberg,
        &json!({"DestinationTableConfigurationList": null, "ProcessingConfiguration": processing}),
    );
}

#[test]
fn snowflake_has_the_columns_of_its_way_of_loading() {
    let (content, meta) = ("ContentColumnName", "MetaDataColumnName");
    let option = |option: &str, members: Value| patched(json!({"DataLoadingOption": option}), &members);
    let both = "VARIANT_CONTENT_AND_METADATA_MAPPING";
    let both_text = "Must provide ContentColumnName and MetadataColumnName when Data Loading Option is \
                     VARIANT_CONTENT_AND_METADATA_MAPPING.";
    check(Kind::Snowflake, &option(both, json!({content: "a"})), both_text);
    check(Kind::Snowflake, &option(both, json!({meta: "a"})), both_text);
    check(
        Kind::Snowflake,
        &option("JSON_MAPPING", json!({content: "a"})),
        "Can't configure ContentColumnName when Data Loading Option is not VARIANT_CONTENT_MAPPING or \
         VARIANT_CONTENT_AND_METADATA_MAPPING",
    );
    check(
        Kind::Snowflake,
        &option("VARIANT_CONTENT_MAPPING", json!({})),
        "Must provide ContentColumnName when Data Loading Option is VARIANT_CONTENT_MAPPING.",
    );
    check(
        Kind::Snowflake,
        &option("VARIANT_CONTENT_MAPPING", json!({content: "a", meta: "b"})),
        "Can't configure MetadataColumnName when Data Loading Option is not VARIANT_CONTENT_AND_METADATA_MAPPING",
    );
    check_taken(Kind::Snowflake, &option("VARIANT_CONTENT_MAPPING", json!({content: "a"})));
    check(
        Kind::Snowflake,
        &json!({"SnowflakeRoleConfiguration": {"Enabled": true}}),
        "Must provide SnowflakeRole when SnowflakeRoleConfiguration is enabled.",
    );
}
