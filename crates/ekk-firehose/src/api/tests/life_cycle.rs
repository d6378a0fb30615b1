//! A stream's life: created, listed, found again after a restart, deleted.

use std::{fs, path::Path, sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{Answer, Stand, named, stream};
use crate::Error;

async fn names(stand: &Stand, request: Value) -> Value {
    stand.call("ListDeliveryStreams", &request).await.ok()
}

#[tokio::test]
async fn streams_are_listed_in_order_page_by_page() {
    let stand = Stand::new();
    for number in [3, 1, 12, 2, 11, 10, 4, 5, 6, 7, 8, 9] {
        stand.call("CreateDeliveryStream", &stream(&format!("s{number:02}"))).await.ok();
    }
    let first = names(&stand, json!({})).await;
    let ten = ["s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09", "s10"];
    assert_eq!(first, json!({"DeliveryStreamNames": ten, "HasMoreDeliveryStreams": true}));
    let next = names(&stand, json!({"ExclusiveStartDeliveryStreamName": "s10"})).await;
    assert_eq!(next, json!({"DeliveryStreamNames": ["s11", "s12"], "HasMoreDeliveryStreams": false}));
    let between = names(&stand, json!({"ExclusiveStartDeliveryStreamName": "s10a", "Limit": 1})).await;
    assert_eq!(between, json!({"DeliveryStreamNames": ["s11"], "HasMoreDeliveryStreams": true}));
    let exact = names(&stand, json!({"Limit": 12, "DeliveryStreamType": "DirectPut"})).await;
    assert_eq!(exact["HasMoreDeliveryStreams"], false);
    let kinesis = names(&stand, json!({"DeliveryStreamType": "KinesisStreamAsSource"})).await;
    assert_eq!(kinesis, json!({"DeliveryStreamNames": [], "HasMoreDeliveryStreams": false}));
}

#[tokio::test]
async fn a_name_is_taken_until_its_stream_is_deleted() {
    let stand = Stand::new();
    let created = stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    assert_eq!(created, json!({"DeliveryStreamARN": "arn:aws:firehose:us-east-1:000000000000:deliverystream/logs"}));
    let taken = stand.call("CreateDeliveryStream", &stream("logs")).await.refused();
    let text = "Firehose logs under accountId 000000000000 already exists";
    assert_eq!(taken, ("ResourceInUseException".to_owned(), text.to_owned()));

    let name = json!({"DeliveryStreamName": "logs", "AllowForceDelete": true});
    assert_eq!(stand.call("DeleteDeliveryStream", &name).await.ok(), Value::Null);
    assert!(stand.delivery.stream("logs").is_none());
    for operation in ["DescribeDeliveryStream", "DeleteDeliveryStream"] {
        let gone = stand.call(operation, &json!({"DeliveryStreamName": "logs"})).await.refused();
        let text = "Firehose logs under account 000000000000 not found.";
        assert_eq!(gone, ("ResourceNotFoundException".to_owned(), text.to_owned()));
    }
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
}

#[tokio::test]
async fn streams_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut described = Vec::new();
    {
        let stand = Stand::with(Some(folder.path()), 1 << 20).unwrap();
        for name in ["Logs", "logs", "..", "gone"] {
            stand.call("CreateDeliveryStream", &stream(name)).await.ok();
        }
        stand.call("DeleteDeliveryStream", &json!({"DeliveryStreamName": "gone"})).await.ok();
        for name in ["Logs", "logs", ".."] {
            described.push(stand.call("DescribeDeliveryStream", &json!({"DeliveryStreamName": name})).await.ok());
        }
    }
    let stand = Stand::with(Some(folder.path()), 1 << 20).unwrap();
    let listed = names(&stand, json!({})).await;
    assert_eq!(listed["DeliveryStreamNames"], json!(["..", "Logs", "logs"]));
    for (name, before) in ["Logs", "logs", ".."].into_iter().zip(described) {
        let after = stand.call("DescribeDeliveryStream", &json!({"DeliveryStreamName": name})).await.ok();
        assert_eq!(after, before);
        assert!(stand.delivery.stream(name).is_some());
    }
}

#[tokio::test]
async fn a_deletion_that_a_restart_interrupted_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    drop({
        let stand = Stand::with(Some(folder.path()), 1 << 20).unwrap();
        stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
        let service = &stand.firehose.service;
        service.streams.begin_deletion(&service.home, "logs").unwrap();
        assert!(stand.firehose.exists("logs"), "the name is taken until its stream is taken apart");
        stand
    });
    let stand = Stand::with(Some(folder.path()), 1 << 20).unwrap();
    stand.firehose.service.tasks.close();
    stand.firehose.service.tasks.wait().await;
    assert!(!stand.firehose.exists("logs"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_broken_definition_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("half.unfinished"), "{").unwrap();
    assert!(Stand::with(Some(folder.path()), 1).is_ok());
    fs::write(folder.path().join("logs.json"), "{}").unwrap();
    let error = Stand::with(Some(folder.path()), 1).err().unwrap();
    assert!(matches!(&error, Error::Definition { file, .. } if file.ends_with("logs.json")), "{error}");
}

/// A stand whose streams take 90 seconds for each change of their state, and keeps them in a folder.
fn slow(folder: &Path) -> Stand {
    Stand::configured(|config| {
        config.folder = Some(folder.to_owned());
        config.transition_delay = Duration::from_secs(90);
    })
}

async fn status(stand: &Stand) -> Value {
    let described = stand.call("DescribeDeliveryStream", &named("logs")).await.ok();
    described["DeliveryStreamDescription"]["DeliveryStreamStatus"].clone()
}

/// What only an active stream takes.
fn changes() -> [(&'static str, Value); 5] {
    [
        (
            "UpdateDestination",
            json!({
                "DeliveryStreamName": "logs",
                "CurrentDeliveryStreamVersionId": "1",
                "DestinationId": "destinationId-000000000001",
                "AmazonopensearchserviceDestinationUpdate": {"IndexName": "other"},
            }),
        ),
        ("TagDeliveryStream", json!({"DeliveryStreamName": "logs", "Tags": [{"Key": "team"}]})),
        ("UntagDeliveryStream", json!({"DeliveryStreamName": "logs", "TagKeys": ["team"]})),
        ("StartDeliveryStreamEncryption", named("logs")),
        ("StopDeliveryStreamEncryption", named("logs")),
    ]
}

fn puts() -> [(&'static str, Value); 2] {
    [
        ("PutRecord", json!({"DeliveryStreamName": "logs", "Record": {"Data": "YQ=="}})),
        ("PutRecordBatch", json!({"DeliveryStreamName": "logs", "Records": [{"Data": "YQ=="}]})),
    ]
}

#[track_caller]
fn refuses(answer: Answer, code: &str, text: &str) {
    assert_eq!(answer.refused(), (code.to_owned(), text.to_owned()));
}

#[tokio::test]
async fn a_stream_that_is_being_created_is_seen_and_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let stand = slow(folder.path());
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    assert_eq!(status(&stand).await, "CREATING");
    let listed = names(&stand, json!({})).await;
    assert_eq!(listed["DeliveryStreamNames"], json!(["logs"]));
    stand.call("ListTagsForDeliveryStream", &named("logs")).await.ok();
    for (operation, request) in puts() {
        let answer = stand.call(operation, &request).await;
        refuses(answer, "ResourceNotFoundException", "Firehose logs is not active in 000000000000 account.");
    }
    for (operation, request) in changes().into_iter().chain([("DeleteDeliveryStream", named("logs"))]) {
        let answer = stand.call(operation, &request).await;
        refuses(answer, "ResourceInUseException", "Firehose logs under accountId 000000000000 is CREATING.");
    }
    stand.clock.advance(Duration::from_millis(89_999));
    assert_eq!(status(&stand).await, "CREATING");
    stand.clock.advance(Duration::from_millis(1));
    assert_eq!(status(&stand).await, "ACTIVE");
    for (operation, request) in puts() {
        stand.call(operation, &request).await.ok();
    }
}

#[tokio::test]
async fn a_stream_that_is_being_deleted_is_seen_and_not_used_until_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let stand = slow(folder.path());
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    stand.clock.advance(Duration::from_secs(90));
    assert_eq!(stand.call("DeleteDeliveryStream", &named("logs")).await.ok(), Value::Null);
    assert_eq!(status(&stand).await, "DELETING");
    for (operation, request) in puts() {
        let answer = stand.call(operation, &request).await;
        refuses(answer, "ResourceNotFoundException", "Firehose logs is not active in 000000000000 account.");
    }
    for (operation, request) in changes() {
        let answer = stand.call(operation, &request).await;
        refuses(answer, "ResourceInUseException", "Firehose logs under accountId 000000000000 is DELETING.");
    }
    stand.clock.advance(Duration::from_mins(1));
    assert_eq!(stand.call("DeleteDeliveryStream", &named("logs")).await.ok(), Value::Null, "deleting it again is fine");
    stand.call("CreateDeliveryStream", &stream("logs")).await.refused_as("ResourceInUseException");

    stand.clock.advance(Duration::from_secs(30));
    let text = "Firehose logs under account 000000000000 not found.";
    refuses(stand.call("DescribeDeliveryStream", &named("logs")).await, "ResourceNotFoundException", text);
    for (operation, request) in puts() {
        refuses(stand.call(operation, &request).await, "ResourceNotFoundException", text);
    }
    assert_eq!(names(&stand, json!({})).await["DeliveryStreamNames"], json!([]));
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    assert_eq!(status(&stand).await, "CREATING");
}

#[tokio::test]
async fn states_go_on_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    {
        let stand = slow(folder.path());
        stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    }
    {
        let stand = slow(folder.path());
        assert_eq!(status(&stand).await, "CREATING");
        stand.clock.advance(Duration::from_secs(90));
        assert_eq!(status(&stand).await, "ACTIVE");
        stand.call("DeleteDeliveryStream", &named("logs")).await.ok();
    }
    let stand = slow(folder.path());
    assert_eq!(status(&stand).await, "DELETING");
    stand.clock.advance(Duration::from_mins(3));
    stand.firehose.service.tasks.close();
    stand.firehose.service.tasks.wait().await;
    assert!(!stand.firehose.exists("logs"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_service_that_is_gone_leaves_nobody_who_waits_to_delete() {
    let folder = tempfile::tempdir().unwrap();
    let stand = slow(folder.path());
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    stand.clock.advance(Duration::from_secs(90));
    stand.call("DeleteDeliveryStream", &named("logs")).await.ok();
    let Stand { firehose, clock, router, .. } = stand;
    let service = Arc::downgrade(&firehose.service);
    let tasks = firehose.service.tasks.clone();
    drop((firehose, router));
    assert!(service.upgrade().is_none());
    clock.advance(Duration::from_secs(90));
    tasks.close();
    tasks.wait().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "it goes on after a restart");
}

#[tokio::test]
async fn only_a_change_of_the_destination_is_a_new_version() {
    let stand = Stand::with_stream("logs");
    let versions = async || {
        let described = stand.call("DescribeDeliveryStream", &named("logs")).await.ok();
        let description = &described["DeliveryStreamDescription"];
        (description["VersionId"].clone(), description["LastUpdateTimestamp"].clone())
    };
    let [update, others @ ..] = changes();
    for (operation, request) in others {
        stand.call(operation, &request).await.ok();
    }
    assert_eq!(versions().await, (json!("1"), Value::Null));
    stand.clock.advance(Duration::from_secs(10));
    assert_eq!(stand.call(update.0, &update.1).await.ok(), Value::Null);
    assert_eq!(versions().await, (json!("2"), json!(1_767_225_610.25)));
    let (code, text) = stand.call(update.0, &update.1).await.refused();
    assert_eq!(code, "ConcurrentModificationException");
    assert_eq!(
        text,
        "Cannot update firehose: logs since the current version id: 2 and specified version id: 1 do not match"
    );
}
