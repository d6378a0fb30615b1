//! The calls of `CloudFormation`'s handler for `AWS::KinesisFirehose::DeliveryStream`, as the resource's schema names them:
//! create, read, update, list and delete, with states that take their time on the stack's clock.
//!
//! `ekk-templates` reads the template, so a template that is applied describes back every property that it holds.

use std::{collections::BTreeMap, time::Duration};

use ekk::{Clock, Ekk};
use serde_json::{Value, json};

const DELAY: Duration = Duration::from_mins(1);

/// A template with one stream; the destination's properties are laid over by `more`.
fn request(destination: &str, properties: &Value) -> Value {
    let template = json!({ "Resources": {
        "Bucket": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "logs" } },
        "Role": { "Type": "AWS::IAM::Role", "Properties": { "RoleName": "firehose" } },
        "Domain": { "Type": "AWS::OpenSearchService::Domain", "Properties": { "DomainName": "logs" } },
        "Stream": {
            "Type": "AWS::KinesisFirehose::DeliveryStream",
            "Properties": {
                "DeliveryStreamType": "DirectPut",
                "DeliveryStreamEncryptionConfigurationInput": { "KeyType": "AWS_OWNED_CMK" },
                "Tags": [{ "Key": "env", "Value": "dev" }],
                format!("{destination}DestinationConfiguration"): properties,
            },
        },
    } });
    let options = ekk_templates::Options {
        stack: "logging".to_owned(),
        region: "us-east-1".to_owned(),
        account: "000000000000".to_owned(),
        parameters: BTreeMap::new(),
    };
    ekk_templates::read(&template.to_string(), &options).unwrap().streams.remove(0).request
}

fn bucket(prefix: &str) -> Value {
    json!({
        "BucketARN": { "Fn::GetAtt": ["Bucket", "Arn"] }, "RoleARN": { "Fn::GetAtt": ["Role", "Arn"] }, "Prefix": prefix,
        "BufferingHints": { "IntervalInSeconds": "60", "SizeInMBs": "5" }, "CompressionFormat": "GZIP",
    })
}

fn search() -> Value {
    json!({
        "DomainARN": { "Fn::GetAtt": ["Domain", "Arn"] }, "RoleARN": { "Fn::GetAtt": ["Role", "Arn"] }, "IndexName": "app",
        "BufferingHints": { "IntervalInSeconds": 60, "SizeInMBs": 1 }, "IndexRotationPeriod": "OneHour",
        "RetryOptions": { "DurationInSeconds": 60 }, "S3BackupMode": "AllDocuments", "S3Configuration": bucket("a/"),
        "CloudWatchLoggingOptions": { "Enabled": "true", "LogGroupName": "g", "LogStreamName": "s" },
    })
}

fn extended_s3() -> Value {
    let mut properties = bucket("a/!{timestamp:yyyy}/");
    let more = json!({
        "ErrorOutputPrefix": "errors/", "CustomTimeZone": "Europe/Berlin", "FileExtension": ".gz", "S3BackupMode": "Enabled",
        "S3BackupConfiguration": bucket("raw/"),
        "EncryptionConfiguration": { "NoEncryptionConfig": "NoEncryption" },
    });
    properties.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    properties
}

fn http_endpoint() -> Value {
    json!({
        "EndpointConfiguration": { "Url": "https://localhost:8443/", "Name": "collector", "AccessKey": "secret" },
        "RoleARN": { "Fn::GetAtt": ["Role", "Arn"] }, "RetryOptions": { "DurationInSeconds": 60 },
        "RequestConfiguration": { "ContentEncoding": "GZIP", "CommonAttributes": [{ "AttributeName": "a", "AttributeValue": "b" }] },
        "BufferingHints": { "IntervalInSeconds": 60, "SizeInMBs": 1 }, "S3BackupMode": "AllData", "S3Configuration": bucket("a/"),
    })
}

/// Asserts that a description holds every property, but for secrets.
#[track_caller]
fn is_echoed(wanted: &Value, there: &Value, path: &str) {
    match (wanted, there) {
        (Value::Object(wanted), Value::Object(there)) => {
            for (name, value) in wanted.iter().filter(|(name, _)| *name != "AccessKey") {
                let described = match name.as_str() {
                    "S3Configuration" => "S3DestinationDescription",
                    "S3BackupConfiguration" => "S3BackupDescription",
                    "VpcConfiguration" => "VpcConfigurationDescription",
                    other => other,
                };
                is_echoed(value, there.get(described).unwrap_or(&Value::Null), &format!("{path}.{name}"));
            }
        }
        _ => assert_eq!(wanted, there, "{path}"),
    }
}

async fn describe(ekk: &Ekk, name: &Value) -> Value {
    let request = json!({ "DeliveryStreamName": name });
    ekk.firehose("DescribeDeliveryStream", &request).await.unwrap()["DeliveryStreamDescription"].take()
}

async fn runs_through_the_handler(destination: &str, properties: Value, change: (&str, Value)) {
    let clock = Clock::frozen_at("2026-11-23T12:00:00Z".parse().unwrap());
    let ekk = Ekk::builder().clock(clock).transition_delay(DELAY).allow_undelivered().start().await.unwrap();
    let wanted = request(destination, &properties);
    let (name, configuration) = (&wanted["DeliveryStreamName"], format!("{destination}DestinationConfiguration"));

    ekk.firehose("CreateDeliveryStream", &wanted).await.unwrap();
    assert_eq!(describe(&ekk, name).await["DeliveryStreamStatus"], "CREATING");
    ekk.clock().advance(DELAY);
    let created = describe(&ekk, name).await;
    assert_eq!(created["DeliveryStreamStatus"], "ACTIVE");
    let described = format!("{destination}DestinationDescription");
    is_echoed(&wanted[&configuration], &created["Destinations"][0][&described], "");
    let tags = ekk.firehose("ListTagsForDeliveryStream", &json!({ "DeliveryStreamName": name })).await.unwrap();
    assert_eq!(tags["Tags"], wanted["Tags"]);

    let mut changed = properties;
    changed[change.0] = change.1;
    let changed = request(destination, &changed);
    let mut update = changed[&configuration].clone();
    let members = update.as_object_mut().unwrap();
    for (created, updated) in [("S3Configuration", "S3Update"), ("S3BackupConfiguration", "S3BackupUpdate")] {
        if let Some(bucket) = members.remove(created) {
            members.insert(updated.to_owned(), bucket);
        }
    }
    let update = json!({
        "DeliveryStreamName": name, "CurrentDeliveryStreamVersionId": created["VersionId"],
        "DestinationId": created["Destinations"][0]["DestinationId"], format!("{destination}DestinationUpdate"): update,
    });
    ekk.firehose("UpdateDestination", &update).await.unwrap();
    ekk.firehose("StopDeliveryStreamEncryption", &json!({ "DeliveryStreamName": name })).await.unwrap();
    ekk.clock().advance(DELAY);
    let updated = describe(&ekk, name).await;
    is_echoed(&changed[&configuration], &updated["Destinations"][0][&described], "");
    assert_eq!(
        (&updated["VersionId"], &updated["DeliveryStreamEncryptionConfiguration"]["Status"]),
        (&json!("2"), &json!("DISABLED"))
    );

    let listed = ekk.firehose("ListDeliveryStreams", &json!({})).await.unwrap();
    assert!(listed["DeliveryStreamNames"].as_array().unwrap().contains(name));
    ekk.firehose("DeleteDeliveryStream", &json!({ "DeliveryStreamName": name })).await.unwrap();
    assert_eq!(describe(&ekk, name).await["DeliveryStreamStatus"], "DELETING");
    ekk.clock().advance(DELAY);
    let gone = ekk.firehose("DescribeDeliveryStream", &json!({ "DeliveryStreamName": name })).await.unwrap_err();
    assert!(gone.to_string().contains("ResourceNotFoundException"), "{gone}");
}

const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";

/// Properties that all destinations but buckets have, with nothing left out.
fn whole(more: &Value) -> Value {
    let mut bucket = bucket("year=!{timestamp:yyyy}/");
    let key = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";
    bucket["ErrorOutputPrefix"] = json!("errors/!{firehose:error-output-type}/");
    bucket["EncryptionConfiguration"] = json!({ "KMSEncryptionConfig": { "AWSKMSKeyARN": key } });
    bucket["CloudWatchLoggingOptions"] = json!({ "Enabled": true, "LogGroupName": "g", "LogStreamName": "backup" });
    let parameter = |name: &str, value: &str| json!({ "ParameterName": name, "ParameterValue": value });
    let function = json!({ "Type": "Lambda", "Parameters": [
        parameter("LambdaArn", "arn:aws:lambda:us-east-1:000000000000:function:transform"),
        parameter("NumberOfRetries", "1"), parameter("RoleArn", ROLE),
        parameter("BufferSizeInMBs", "2"), parameter("BufferIntervalInSeconds", "30"),
    ] });
    let mut properties = json!({
        "RoleARN": ROLE, "BufferingHints": { "IntervalInSeconds": 60, "SizeInMBs": 64 },
        "CloudWatchLoggingOptions": { "Enabled": true, "LogGroupName": "g", "LogStreamName": "s" },
        "ProcessingConfiguration": { "Enabled": true, "Processors": [function] },
        "RetryOptions": { "DurationInSeconds": 60 }, "S3Configuration": bucket,
    });
    properties.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    properties
}

fn whole_search(more: &Value) -> Value {
    let mut properties = json!({
        "IndexName": "app", "TypeName": "", "IndexRotationPeriod": "OneWeek", "S3BackupMode": "AllDocuments",
        "VpcConfiguration": { "RoleARN": ROLE, "SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"] },
        "DocumentIdOptions": { "DefaultDocumentIdFormat": "NO_DOCUMENT_ID" },
    });
    properties.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    whole(&properties)
}

fn whole_s3() -> Value {
    let mut properties = whole(&json!({
        "BucketARN": "arn:aws:s3:::logs", "CompressionFormat": "UNCOMPRESSED", "Prefix": "!{partitionKeyFromLambda:team}/",
        "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/", "CustomTimeZone": "Europe/Berlin",
        "FileExtension": ".parquet", "EncryptionConfiguration": { "NoEncryptionConfig": "NoEncryption" },
        "S3BackupMode": "Enabled",
        "DynamicPartitioningConfiguration": { "Enabled": true, "RetryOptions": { "DurationInSeconds": 60 } },
        "DataFormatConversionConfiguration": {
            "Enabled": true,
            "SchemaConfiguration": {
                "CatalogId": "000000000000", "DatabaseName": "logs", "Region": "us-east-1", "RoleARN": ROLE,
                "TableName": "logs", "VersionId": "7",
            },
            "InputFormatConfiguration": { "Deserializer": { "OpenXJsonSerDe": {
                "CaseInsensitive": false, "ColumnToJsonKeyMappings": { "ts": "timestamp" },
                "ConvertDotsInJsonKeysToUnderscores": true,
            } } },
            "OutputFormatConfiguration": { "Serializer": { "OrcSerDe": {
                "BlockSizeBytes": 67_108_864, "BloomFilterColumns": ["a"], "BloomFilterFalsePositiveProbability": 0.25,
                "Compression": "ZLIB", "DictionaryKeyThreshold": 0.75, "EnablePadding": true, "FormatVersion": "V0_11",
                "PaddingTolerance": 0.5, "RowIndexStride": 1000, "StripeSizeBytes": 8_388_608,
            } } },
        },
    }));
    let members = properties.as_object_mut().unwrap();
    members.remove("RetryOptions");
    let bucket = members.remove("S3Configuration").unwrap();
    members.insert("S3BackupConfiguration".to_owned(), bucket);
    properties
}

#[tokio::test]
async fn every_property_of_a_template_is_described_as_it_was_written() {
    let ekk = Ekk::builder().allow_undelivered().start().await.unwrap();
    let secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:collector-a1b2c3";
    let domain = json!({ "DomainARN": "arn:aws:es:us-east-1:000000000000:domain/logs" });
    let cluster = json!({ "ClusterEndpoint": "https://search-logs.us-east-1.es.amazonaws.com" });
    let endpoint = whole(&json!({
        "EndpointConfiguration": { "Url": "https://localhost:8443/", "Name": "collector", "AccessKey": "secret" },
        "RequestConfiguration":
            { "ContentEncoding": "GZIP", "CommonAttributes": [{ "AttributeName": "a", "AttributeValue": "b" }] },
        "S3BackupMode": "AllData",
        "SecretsManagerConfiguration": { "Enabled": true, "RoleARN": ROLE, "SecretARN": secret },
    }));
    for (destination, properties) in [
        ("Amazonopensearchservice", whole_search(&domain)),
        ("Elasticsearch", whole_search(&cluster)),
        ("ExtendedS3", whole_s3()),
        ("HttpEndpoint", endpoint),
    ] {
        let mut wanted = request(destination, &properties);
        wanted["DeliveryStreamName"] = json!(destination);
        ekk.firehose("CreateDeliveryStream", &wanted).await.unwrap();
        let described = describe(&ekk, &wanted["DeliveryStreamName"]).await;
        let there = &described["Destinations"][0][format!("{destination}DestinationDescription")];
        is_echoed(&wanted[format!("{destination}DestinationConfiguration")], there, destination);
    }
}

#[tokio::test]
async fn a_template_for_opensearch_runs_through_the_handler() {
    runs_through_the_handler("Amazonopensearchservice", search(), ("IndexName", json!("other"))).await;
}

#[tokio::test]
async fn a_template_for_elasticsearch_runs_through_the_handler() {
    runs_through_the_handler("Elasticsearch", search(), ("IndexRotationPeriod", json!("OneWeek"))).await;
}

#[tokio::test]
async fn a_template_for_extended_s3_runs_through_the_handler() {
    runs_through_the_handler("ExtendedS3", extended_s3(), ("FileExtension", json!(".log"))).await;
}

#[tokio::test]
async fn a_template_for_an_http_endpoint_runs_through_the_handler() {
    let other = json!({ "Url": "https://localhost:8443/other", "Name": "other", "AccessKey": "secret" });
    runs_through_the_handler("HttpEndpoint", http_endpoint(), ("EndpointConfiguration", other)).await;
}
