//! What is described of each kind of destination, and what is refused with which words.

use serde_json::{Value, json};

use crate::{
    api::tests::{Stand, bucket, stream},
    destination::{Kind, tests::samples},
};

const SEARCH: &str = "AmazonopensearchserviceDestinationConfiguration";
const EXTENDED_S3: &str = "ExtendedS3DestinationConfiguration";

async fn describe(request: &Value) -> Value {
    let stand = Stand::new();
    stand.call("CreateDeliveryStream", request).await.ok();
    stand.call("DescribeDeliveryStream", &json!({"DeliveryStreamName": request["DeliveryStreamName"]})).await.ok()
}

/// The members that Terraform sends of every bucket, whatever the user wrote.
fn terraform_bucket() -> Value {
    json!({
        "RoleARN": "arn:aws:iam::000000000000:role/firehose",
        "BucketARN": "arn:aws:s3:::logs-backup",
        "Prefix": "",
        "BufferingHints": {"IntervalInSeconds": 300, "SizeInMBs": 5},
        "CompressionFormat": "GZIP",
        "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
        "CloudWatchLoggingOptions": {"Enabled": false},
    })
}

#[tokio::test]
async fn an_opensearch_stream_is_described_with_every_default() {
    insta::assert_json_snapshot!(describe(&stream("logs")).await);
}

#[tokio::test]
async fn an_elasticsearch_stream_is_described_as_terraform_sent_it() {
    let request = json!({
        "DeliveryStreamName": "logs",
        "DeliveryStreamType": "DirectPut",
        "DirectPutSourceConfiguration": {"ThroughputHintInMBs": 5},
        "Tags": [{"Key": "team", "Value": "logs"}],
        "ElasticsearchDestinationConfiguration": {
            "RoleARN": "arn:aws:iam::000000000000:role/firehose",
            "ClusterEndpoint": "https://search-logs.us-east-1.es.amazonaws.com",
            "IndexName": "logs",
            "TypeName": "",
            "IndexRotationPeriod": "OneWeek",
            "BufferingHints": {"IntervalInSeconds": 0, "SizeInMBs": 100},
            "RetryOptions": {"DurationInSeconds": 0},
            "S3BackupMode": "AllDocuments",
            "S3Configuration": terraform_bucket(),
            "ProcessingConfiguration": {"Enabled": false, "Processors": []},
            "CloudWatchLoggingOptions": {"Enabled": true, "LogGroupName": "/aws/firehose", "LogStreamName": "logs"},
            "DocumentIdOptions": {"DefaultDocumentIdFormat": "NO_DOCUMENT_ID"},
        },
    });
    insta::assert_json_snapshot!(describe(&request).await);
}

#[tokio::test]
async fn an_extended_s3_stream_is_described_twice() {
    let request = json!({"DeliveryStreamName": "logs", EXTENDED_S3: bucket()});
    insta::assert_json_snapshot!(describe(&request).await);
}

#[tokio::test]
async fn an_extended_s3_stream_is_described_as_terraform_sent_it() {
    let mut destination = terraform_bucket();
    let more = json!({
        "Prefix": "logs/!{timestamp:yyyy}/",
        "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
        "S3BackupMode": "Disabled",
        "FileExtension": "",
        "CustomTimeZone": "Europe/Berlin",
        "ProcessingConfiguration": {"Enabled": false, "Processors": []},
        "DataFormatConversionConfiguration": {"Enabled": false},
        "DynamicPartitioningConfiguration": {"Enabled": false, "RetryOptions": {}},
    });
    destination.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = json!({"DeliveryStreamName": "logs", EXTENDED_S3: destination});
    insta::assert_json_snapshot!(describe(&request).await);
}

#[tokio::test]
async fn destinations_after_the_only_one_are_none() {
    let stand = Stand::with_stream("logs");
    for (start, expected) in [("destinationId-000000000000", 1), ("destinationId-000000000001", 0)] {
        let request = json!({"DeliveryStreamName": "logs", "ExclusiveStartDestinationId": start, "Limit": 1});
        let described = stand.call("DescribeDeliveryStream", &request).await.ok();
        let description = &described["DeliveryStreamDescription"];
        assert_eq!(description["Destinations"].as_array().unwrap().len(), expected);
        assert_eq!(description["HasMoreDestinations"], false);
    }
}

/// Creates a stream whose request has `value` at `path` and expects `InvalidArgumentException`.
async fn check(path: &[&str], value: Value, expected: &str) {
    let mut request = if path[0] == EXTENDED_S3 {
        json!({"DeliveryStreamName": "logs", EXTENDED_S3: bucket()})
    } else {
        stream("logs")
    };
    let mut place = &mut request;
    for name in path {
        place = &mut place[*name];
    }
    *place = value;
    let stand = Stand::new();
    let refused = stand.call("CreateDeliveryStream", &request).await.refused();
    assert_eq!(refused, ("InvalidArgumentException".to_owned(), expected.to_owned()), "{path:?}");
    assert!(!stand.firehose.exists("logs"));
}

#[tokio::test]
async fn there_is_exactly_one_destination() {
    let text = "Exactly one destination configuration is supported for a Firehose";
    check(&[SEARCH], Value::Null, text).await;
    check(&[EXTENDED_S3], Value::Null, text).await;
    check(&["S3DestinationConfiguration"], bucket(), text).await;
    let both = stream("logs")[SEARCH].clone();
    check(&["ElasticsearchDestinationConfiguration"], both, text).await;
}

#[tokio::test]
async fn what_is_not_delivered_is_refused_by_its_name() {
    let stand = Stand::new();
    let not_yet = |what: &str| format!("{what} is not supported by ekk yet");
    for kind in [Kind::Redshift, Kind::Splunk, Kind::Snowflake, Kind::Iceberg] {
        let request = json!({"DeliveryStreamName": "logs", kind.member("Configuration"): samples::smallest(kind)});
        let (code, message) = stand.call("CreateDeliveryStream", &request).await.refused();
        assert_eq!(code, "InvalidArgumentException");
        assert_eq!(message, not_yet(&format!("{}Destination", kind.name())));
    }
    let conversion = samples::conversion();
    let what = "ExtendedS3Destination with DataFormatConversionConfiguration";
    check(&[EXTENDED_S3, "DataFormatConversionConfiguration"], conversion, &not_yet(what)).await;
    for address in ["https://localhost:9200", "https://127.0.0.1:9200"] {
        let mut request = stream("logs");
        request[SEARCH]["DomainARN"].take();
        request[SEARCH]["ClusterEndpoint"] = json!(address);
        let (_, message) = stand.call("CreateDeliveryStream", &request).await.refused();
        assert_eq!(message, not_yet(&format!("ClusterEndpoint {address} on this machine over https")));
    }
}

#[tokio::test]
async fn a_cluster_on_this_machine_is_delivered_to_by_plain_http() {
    let stand = Stand::new();
    let mut request = stream("logs");
    request[SEARCH]["DomainARN"].take();
    request[SEARCH]["ClusterEndpoint"] = json!("http://127.0.0.1:9201");
    stand.call("CreateDeliveryStream", &request).await.ok();
    request[SEARCH]["ClusterEndpoint"] = json!("http://10.0.0.1:9201");
    let (code, message) = stand.call("CreateDeliveryStream", &request).await.refused();
    assert_eq!(code, "ValidationException");
    assert!(message.ends_with("Member must satisfy regular expression pattern: https:.*"), "{message}");
}

#[tokio::test]
async fn every_violation_of_the_model_is_named_at_once() {
    let request = json!({
        "DeliveryStreamName": "my logs",
        EXTENDED_S3: {
            "BucketARN": "logs",
            "BufferingHints": {"IntervalInSeconds": 901, "SizeInMBs": 0},
            "CompressionFormat": "gzip",
            "ProcessingConfiguration": {"Processors": [{"Type": "NotLambda"}]},
        },
    });
    let (code, message) = Stand::new().call("CreateDeliveryStream", &request).await.refused();
    assert_eq!(code, "ValidationException");
    insta::assert_snapshot!(message.replace("; ", ";\n"));
}
