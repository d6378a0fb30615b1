//! Destinations over the API: what is not delivered but allowed, and updates.

use ekk_delivery::{Destination, Flavour, IndexRotationPeriod};
use serde_json::{Value, json};

use super::{Stand, bucket, named, stream};
use crate::destination::{
    Kind,
    tests::{patched, samples},
};

fn request(kind: Kind) -> Value {
    json!({"DeliveryStreamName": "logs", kind.member("Configuration"): samples::smallest(kind)})
}

fn update(version: u32, kind: Kind, update: &Value) -> Value {
    json!({
        "DeliveryStreamName": "logs",
        "CurrentDeliveryStreamVersionId": version.to_string(),
        "DestinationId": "destinationId-000000000001",
        kind.member("Update"): update,
    })
}

async fn described(stand: &Stand) -> Value {
    let described = stand.call("DescribeDeliveryStream", &named("logs")).await.ok();
    described["DeliveryStreamDescription"].clone()
}

#[tokio::test]
async fn what_is_not_delivered_is_created_and_changed_where_that_is_allowed_and_takes_no_puts() {
    for kind in [Kind::Redshift, Kind::Splunk, Kind::Snowflake, Kind::Iceberg] {
        let stand = Stand::allowing_undelivered();
        stand.call("CreateDeliveryStream", &request(kind)).await.ok();
        let changed = update(1, kind, &json!({"RetryOptions": {"DurationInSeconds": 1}}));
        stand.call("UpdateDestination", &changed).await.ok();
        let found = described(&stand).await;
        let destination = &found["Destinations"][0][kind.member("Description")];
        assert_eq!(destination["RetryOptions"]["DurationInSeconds"], 1, "{kind:?}");
        assert_eq!((&found["DeliveryStreamStatus"], &found["VersionId"]), (&json!("ACTIVE"), &json!("2")));
        let put = json!({"DeliveryStreamName": "logs", "Record": {"Data": "e30="}});
        let text = stand.call("PutRecord", &put).await.refused_as("InvalidArgumentException");
        assert_eq!(text, format!("{}Destination is not supported by ekk yet", kind.name()));
    }
}

#[tokio::test]
async fn a_stream_that_is_delivered_does_not_become_one_that_is_not() {
    let stand = Stand::allowing_undelivered();
    stand.call("CreateDeliveryStream", &request(Kind::ExtendedS3)).await.ok();
    let before = described(&stand).await;
    let hints = json!({"SizeInMBs": 64, "IntervalInSeconds": 60});
    let conversion = json!({"DataFormatConversionConfiguration": samples::conversion(), "BufferingHints": hints});
    let mut splunk = samples::smallest(Kind::Splunk);
    splunk["S3Update"] = splunk["S3Configuration"].take();
    for (kind, change, what) in [
        (Kind::ExtendedS3, conversion, "ExtendedS3Destination with DataFormatConversionConfiguration"),
        (Kind::Splunk, splunk, "SplunkDestination"),
    ] {
        let refused = stand.call("UpdateDestination", &update(1, kind, &change)).await;
        assert_eq!(refused.refused_as("InvalidArgumentException"), format!("{what} is not supported by ekk yet"));
    }
    assert_eq!(described(&stand).await, before);
}

#[tokio::test]
async fn a_stream_that_is_not_delivered_becomes_one_that_is() {
    let stand = Stand::allowing_undelivered();
    stand.call("CreateDeliveryStream", &request(Kind::Splunk)).await.ok();
    stand.call("UpdateDestination", &update(1, Kind::ExtendedS3, &bucket())).await.ok();
    let put = json!({"DeliveryStreamName": "logs", "Record": {"Data": "e30="}});
    stand.call("PutRecord", &put).await.ok();
    assert_eq!(described(&stand).await["Destinations"][0].get("SplunkDestinationDescription"), None);
}

#[tokio::test]
async fn an_update_names_the_destination_and_has_one() {
    let stand = Stand::new();
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    let search = Kind::Amazonopensearchservice;
    let mut elsewhere = update(1, search, &json!({}));
    elsewhere["DestinationId"] = json!("destinationId-000000000002");
    let mut none = update(1, search, &json!({}));
    none[search.member("Update")].take();
    let mut two = update(1, search, &json!({}));
    two["S3DestinationUpdate"] = json!({});
    let exactly_one = "Exactly one destination configuration is supported for a Firehose";
    for (request, text) in [
        (elsewhere, "Destination Id destinationId-000000000002 not found"),
        (none, "At least one destination or source configuration update must be provided"),
        (two, exactly_one),
        (
            update(1, Kind::ExtendedS3, &bucket()),
            "Changing the destination type to or from Amazonopensearchservice is not supported at this time.",
        ),
    ] {
        let refused = stand.call("UpdateDestination", &request).await;
        assert_eq!(refused.refused_as("InvalidArgumentException"), text);
    }
    let hints = json!({"IntervalInSeconds": 0, "SizeInMBs": 1});
    stand.call("UpdateDestination", &update(1, search, &json!({"BufferingHints": hints}))).await.ok();
    let found = described(&stand).await;
    assert_eq!(found["Destinations"][0][search.member("Description")]["BufferingHints"], hints);
    assert_eq!(found["LastUpdateTimestamp"], found["CreateTimestamp"]);
}

#[tokio::test]
async fn destinations_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let restarted = || {
        Stand::configured(|config| {
            config.allow_undelivered = true;
            config.folder = Some(folder.path().to_owned());
        })
    };
    let stand = restarted();
    for kind in Kind::ALL {
        let request = json!({"DeliveryStreamName": kind.name(), kind.member("Configuration"): samples::whole(kind)});
        stand.call("CreateDeliveryStream", &request).await.ok();
    }
    let mut before = Vec::new();
    for kind in Kind::ALL {
        before.push(stand.call("DescribeDeliveryStream", &named(kind.name())).await.ok());
    }
    drop(stand);
    let stand = restarted();
    for (kind, before) in Kind::ALL.into_iter().zip(before) {
        assert_eq!(stand.call("DescribeDeliveryStream", &named(kind.name())).await.ok(), before, "{kind:?}");
    }
}

/// The smallest request of a kind with a patch in its configuration.
fn patched_request(kind: Kind, patch: &Value) -> Value {
    let mut request = request(kind);
    let configuration = request[kind.member("Configuration")].take();
    request[kind.member("Configuration")] = patched(configuration, patch);
    request
}

#[tokio::test]
async fn a_function_needs_an_address() {
    let stand = Stand::new();
    let request = patched_request(Kind::ExtendedS3, &json!({"ProcessingConfiguration": samples::lambda()}));
    let text = stand.call("CreateDeliveryStream", &request).await.refused_as("InvalidArgumentException");
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:transform:$LATEST";
    assert_eq!(text, format!("LambdaArn {arn} without an address for it is not supported by ekk yet"));
    assert!(!stand.firehose.exists("logs"));

    stand.call("CreateDeliveryStream", &self::request(Kind::ExtendedS3)).await.ok();
    let with_function = update(1, Kind::ExtendedS3, &json!({"ProcessingConfiguration": samples::lambda()}));
    let refused = stand.call("UpdateDestination", &with_function).await.refused_as("InvalidArgumentException");
    assert_eq!(refused, text);
    assert_eq!(described(&stand).await["VersionId"], "1");

    let stand = Stand::allowing_undelivered();
    stand.call("CreateDeliveryStream", &request).await.ok();
    let put = json!({"DeliveryStreamName": "logs", "Record": {"Data": "e30="}});
    assert_eq!(stand.call("PutRecord", &put).await.refused_as("InvalidArgumentException"), text);
}

#[tokio::test]
async fn a_query_that_is_no_program_is_refused() {
    let extraction = json!([
        {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{a: .a | nothing}"},
        {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"},
    ]);
    let processors = json!([{"Type": "MetadataExtraction", "Parameters": extraction}]);
    let partitioned = json!({
        "Prefix": "!{partitionKeyFromQuery:a}/",
        "ErrorOutputPrefix": "errors/",
        "DynamicPartitioningConfiguration": {"Enabled": true},
        "ProcessingConfiguration": {"Enabled": true, "Processors": processors},
    });
    let stand = Stand::allowing_undelivered();
    let request = patched_request(Kind::ExtendedS3, &partitioned);
    let text = stand.call("CreateDeliveryStream", &request).await.refused_as("InvalidArgumentException");
    assert!(text.starts_with("MetadataExtractionQuery {a: .a | nothing} cannot be run: "), "{text}");
    assert!(!stand.firehose.exists("logs"));
}

#[tokio::test]
async fn destinations_and_processors_are_told_to_delivery() {
    let delimiter = json!([{"Type": "AppendDelimiterToRecord"}]);
    let processing = json!({"ProcessingConfiguration": {"Enabled": true, "Processors": delimiter}});
    let here = json!({"EndpointConfiguration": {"Url": "http://127.0.0.1:9/logs", "AccessKey": "key"}});
    let backup = json!({"S3BackupMode": "Enabled", "S3BackupConfiguration": bucket()});
    for (kind, patch) in [
        (Kind::ExtendedS3, patched(processing.clone(), &backup)),
        (Kind::Elasticsearch, processing.clone()),
        (Kind::AmazonOpenSearchServerless, processing.clone()),
        (Kind::HttpEndpoint, patched(processing, &here)),
    ] {
        let stand = Stand::new();
        stand.call("CreateDeliveryStream", &patched_request(kind, &patch)).await.ok();
        let spec = stand.delivery.stream("logs").unwrap().spec();
        assert_eq!(spec.processors.len(), 1, "{kind:?}");
        match (&spec.destination, kind) {
            (Destination::S3(s3), Kind::ExtendedS3) => {
                assert_eq!(s3.source_backup.as_ref().unwrap().bucket, "logs-backup");
            }
            (Destination::OpenSearch(index), Kind::Elasticsearch) => assert_eq!(index.flavour, Flavour::Elasticsearch),
            (Destination::OpenSearch(index), Kind::AmazonOpenSearchServerless) => {
                assert_eq!(index.flavour, Flavour::OpenSearchServerless);
                assert_eq!(index.rotation, IndexRotationPeriod::NoRotation);
            }
            (Destination::HttpEndpoint(endpoint), Kind::HttpEndpoint) => {
                assert_eq!(endpoint.url.as_str(), "http://127.0.0.1:9/logs");
                assert_eq!(endpoint.access_key.as_deref(), Some("key"));
                assert_eq!(endpoint.buffering_hints.interval.as_secs(), 60);
            }
            (destination, kind) => panic!("{kind:?}: {destination:?}"),
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_here_or_has_its_key_in_a_secret_is_not_sent_to() {
    let stand = Stand::new();
    let arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:logs";
    let secret = json!({
        "EndpointConfiguration": {"Url": "http://localhost:9"},
        "SecretsManagerConfiguration": {"Enabled": true, "SecretARN": arn},
    });
    for (patch, what) in [
        (
            json!({}),
            "HttpEndpointDestination with https://logs.example.com/firehose, which is not http on this machine,",
        ),
        (secret, "HttpEndpointDestination with SecretsManagerConfiguration"),
    ] {
        let request = patched_request(Kind::HttpEndpoint, &patch);
        let text = stand.call("CreateDeliveryStream", &request).await.refused_as("InvalidArgumentException");
        assert_eq!(text, format!("{what} is not supported by ekk yet"));
    }
}
