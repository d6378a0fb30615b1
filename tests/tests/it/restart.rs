//! A stack with a data folder comes back with everything.

use ekk::{Ekk, StartError};
use ekk_tests::clients;
use serde_json::json;

#[tokio::test]
async fn a_graceful_stop_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ekk = Ekk::builder().data(folder.path()).start().await.unwrap();
    ekk.put("logging-test", (0..50).map(|number| json!({ "number": number }).to_string())).await.unwrap();
    ekk.settle().await.unwrap();
    ekk.put("logging-test", [r#"{"number": 50}"#, "not json"]).await.unwrap();
    let farewell = ekk.stop().await;
    let (name, account) = &farewell.accounts[0];
    assert_eq!((name.as_str(), account.accepted, account.queued), ("logging-test", 52, 0));

    let ekk = Ekk::builder().data(folder.path()).start().await.unwrap();
    assert_eq!(ekk.count("logging-test-*").await.unwrap(), 51);
    assert_eq!(ekk.account("logging-test").unwrap(), *account);
    let objects = clients::objects(&ekk, "logging-test-backup").await;
    assert!(objects.iter().any(|(key, _)| key.starts_with("AmazonOpenSearchService-failed/")), "{objects:?}");
    ekk.put("logging-test", [r#"{"number": 51}"#]).await.unwrap();
    ekk.settle().await.unwrap();
    assert_eq!(ekk.count("logging-test-*").await.unwrap(), 52);
    ekk.stop().await;
}

#[tokio::test]
async fn streams_that_were_created_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let ekk = Ekk::builder().data(folder.path()).start().await.unwrap();
    let request = json!({
        "DeliveryStreamName": "mine",
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": "arn:aws:iam::000000000000:role/firehose",
            "BucketARN": "arn:aws:s3:::logging-test-backup",
        },
    });
    ekk.firehose("CreateDeliveryStream", &request).await.unwrap();
    let before = ekk.firehose("DescribeDeliveryStream", &json!({ "DeliveryStreamName": "mine" })).await.unwrap();
    ekk.stop().await;
    let ekk = Ekk::builder().data(folder.path()).start().await.unwrap();
    let after = ekk.firehose("DescribeDeliveryStream", &json!({ "DeliveryStreamName": "mine" })).await.unwrap();
    assert_eq!(before, after);
    ekk.stop().await;
}

#[tokio::test]
async fn a_data_folder_serves_one_stack_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = Ekk::builder().data(folder.path()).start().await.unwrap();
    let second = Ekk::builder().data(folder.path()).start().await.unwrap_err();
    assert!(matches!(second, StartError::DataFolder(_)), "{second}");
    assert!(second.to_string().contains("is in use by another ekk"), "{second}");
    first.stop().await;
}
