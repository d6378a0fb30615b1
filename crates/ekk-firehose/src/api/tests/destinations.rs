//! Destinations over the API: what is not delivered but allowed, and updates.

use serde_json::{Value, json};

use super::{Stand, bucket, named, stream};
use crate::destination::{Kind, tests::samples};

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
        (none, exactly_one),
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
