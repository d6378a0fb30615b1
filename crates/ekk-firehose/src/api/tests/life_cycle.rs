//! A stream's life: created, listed, found again after a restart, deleted.

use std::fs;

use serde_json::{Value, json};

use super::{Stand, stream};
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
        stand.firehose.service.streams.begin_deletion("logs").unwrap();
        let name = json!({"DeliveryStreamName": "logs"});
        let described = stand.call("DescribeDeliveryStream", &name).await.ok();
        assert_eq!(described["DeliveryStreamDescription"]["DeliveryStreamStatus"], "DELETING");
        let taken = stand.call("CreateDeliveryStream", &stream("logs")).await.refused();
        assert_eq!(taken.0, "ResourceInUseException");
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
