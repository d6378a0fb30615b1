//! Streams of one account and region are not those of another.

use std::path::Path;

use serde_json::{Value, json};

use super::{Stand, named, stream};

const HOME: &str = "test/20260101/us-east-1";
const ELSEWHERE: &str = "test/20260101/eu-west-1";
const ANOTHER: &str = "123456789012/20260101/us-east-1";

fn durable(folder: &Path, region: &str) -> Stand {
    Stand::configured(|config| {
        config.folder = Some(folder.to_owned());
        region.clone_into(&mut config.region);
    })
}

async fn arn(stand: &Stand, scope: &str) -> Value {
    let described = stand.call_by(scope, "DescribeDeliveryStream", named("logs").to_string()).await.ok();
    described["DeliveryStreamDescription"]["DeliveryStreamARN"].clone()
}

async fn listed(stand: &Stand, scope: &str) -> Value {
    stand.call_by(scope, "ListDeliveryStreams", "{}").await.ok()["DeliveryStreamNames"].clone()
}

#[tokio::test]
async fn a_name_is_that_of_one_stream_in_each_account_and_region() {
    let stand = Stand::new();
    for scope in [HOME, ELSEWHERE, ANOTHER] {
        assert_eq!(listed(&stand, scope).await, json!([]));
        stand.call_by(scope, "CreateDeliveryStream", stream("logs").to_string()).await.ok();
        let taken = stand.call_by(scope, "CreateDeliveryStream", stream("logs").to_string()).await;
        taken.refused_as("ResourceInUseException");
    }
    let arns = ["us-east-1:000000000000", "eu-west-1:000000000000", "us-east-1:123456789012"]
        .map(|place| json!(format!("arn:aws:firehose:{place}:deliverystream/logs")));
    assert_eq!([arn(&stand, HOME).await, arn(&stand, ELSEWHERE).await, arn(&stand, ANOTHER).await], arns);

    stand.call_by(ANOTHER, "DeleteDeliveryStream", named("logs").to_string()).await.ok();
    let gone = stand.call_by(ANOTHER, "DescribeDeliveryStream", named("logs").to_string()).await;
    let text = "Firehose logs under account 123456789012 not found.";
    assert_eq!(gone.refused_as("ResourceNotFoundException"), text);
    assert_eq!(listed(&stand, HOME).await, json!(["logs"]));
}

#[tokio::test]
async fn records_go_to_the_stream_of_the_caller() {
    let stand = Stand::new();
    for scope in [HOME, ELSEWHERE, ANOTHER] {
        stand.call_by(scope, "CreateDeliveryStream", stream("logs").to_string()).await.ok();
    }
    let put = json!({"DeliveryStreamName": "logs", "Record": {"Data": "YQ=="}}).to_string();
    for scope in [ELSEWHERE, ANOTHER, ELSEWHERE] {
        stand.call_by(scope, "PutRecord", put.clone()).await.ok();
    }
    let accepted = |id: &str| stand.delivery.stream(id).unwrap().account().accepted;
    assert_eq!(accepted("logs"), 0);
    assert_eq!(accepted("logs@000000000000.eu-west-1"), 2);
    assert_eq!(accepted("logs@123456789012.us-east-1"), 1);
    let spec = stand.delivery.stream("logs@123456789012.us-east-1").unwrap().spec();
    assert_eq!(spec.name, "logs", "which is what objects are called by");
    let undefined = stand.call_by("test/20260101/us-west-1", "PutRecord", put).await;
    let text = "Firehose logs under account 000000000000 not found.";
    assert_eq!(undefined.refused_as("ResourceNotFoundException"), text);
}

#[tokio::test]
async fn what_is_no_region_is_the_services_own() {
    let stand = Stand::with_stream("logs");
    for region in ["..", "US-EAST-1", "a_b", &"a".repeat(33)] {
        assert_eq!(listed(&stand, &format!("test/20260101/{region}")).await, json!(["logs"]), "{region}");
    }
    assert_eq!(listed(&stand, "12345678901/20260101/us-east-1").await, json!(["logs"]), "no account");
}

#[tokio::test]
async fn streams_keep_their_places_over_a_restart_with_another_home() {
    let folder = tempfile::tempdir().unwrap();
    {
        let stand = durable(folder.path(), "us-east-1");
        for scope in [HOME, ELSEWHERE] {
            stand.call_by(scope, "CreateDeliveryStream", stream("logs").to_string()).await.ok();
        }
        let ids: Vec<_> = stand.firehose.streams().into_iter().map(|stream| stream.id).collect();
        assert_eq!(ids, ["logs@000000000000.eu-west-1", "logs"]);
    }
    let stand = durable(folder.path(), "eu-west-1");
    stand.call_by(HOME, "DescribeDeliveryStream", named("logs").to_string()).await.ok();
    stand.call_by(ELSEWHERE, "DeleteDeliveryStream", named("logs").to_string()).await.ok();
    stand.call_by(ELSEWHERE, "CreateDeliveryStream", stream("logs").to_string()).await.ok();
    let streams: Vec<_> = stand.firehose.streams().into_iter().map(|stream| (stream.region, stream.id)).collect();
    let expected = [("eu-west-1", "logs@000000000000.eu-west-1"), ("us-east-1", "logs")];
    assert_eq!(streams, expected.map(|(region, id)| (region.to_owned(), id.to_owned())));
}

#[tokio::test]
async fn the_fixtures_streams_are_the_services_own() {
    let stand = Stand::with_stream("logs");
    assert!(stand.firehose.exists("logs"));
    let summaries = stand.firehose.streams();
    assert_eq!(summaries.len(), 1);
    assert_eq!((summaries[0].account.as_str(), summaries[0].region.as_str()), ("000000000000", "us-east-1"));
    assert_eq!(summaries[0].undelivered, None);
    stand.call_by(ELSEWHERE, "CreateDeliveryStream", stream("other").to_string()).await.ok();
    assert!(!stand.firehose.exists("other"));
}
