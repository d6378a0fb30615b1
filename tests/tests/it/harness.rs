//! What a test asks of its stack: waits that say why they fail, and a stack that is emptied between two tests.

use std::time::Duration;

use ekk::{
    Ekk, Stream,
    faults::{Destination, Effect, Rule},
};

#[tokio::test]
async fn a_wait_that_fails_says_what_is_missing_and_why() {
    let ekk = Ekk::builder().patience(Duration::from_millis(300)).start().await.unwrap();
    ekk.put("logging-test", [r#"{"took_ms":1}"#]).await.unwrap();
    ekk.settle().await.unwrap();
    ekk.put("logging-test", [r#"{"took_ms":"long"}"#]).await.unwrap();
    let error = ekk.wait_for("logging-test", "indexed", 3).await.unwrap_err().to_string();
    let expected = [
        "stream logging-test: indexed is 1, not 3; only 2 records were accepted; ",
        "1 of 2 documents refused: mapper_parsing_exception on field took_ms: failed to parse field [took_ms]",
        "(first: record {\"took_ms\":\"long\"})",
    ];
    assert!(expected.iter().all(|part| error.contains(part)), "{error}");
    let error = ekk.wait_for("logging-test", "done", 1).await.unwrap_err().to_string();
    assert!(error.starts_with("line=done is none of the account's: accepted, "), "{error}");
}

#[tokio::test]
async fn what_is_buffered_is_told_with_the_time_until_when() {
    let stream = Stream::to_index("app").buffering(Duration::from_mins(1), 5).backing_up_all();
    let builder = Ekk::builder().frozen_at("2026-11-23T09:00:00Z".parse().unwrap()).stream(stream);
    let ekk = builder.patience(Duration::from_millis(100)).start().await.unwrap();
    assert_eq!(ekk.explain("app").unwrap(), "");
    ekk.put("app", [r#"{"n":1}"#]).await.unwrap();
    let told = ekk.explain("app").unwrap();
    insta::assert_snapshot!(told, @"stream app: 1 of 1 records not delivered, 1 not backed up: delivery: buffered until 2026-11-23T09:01:00Z or until the buffer is full, the stack's clock stands at 2026-11-23T09:00:00Z: advance it, or flush; backup: buffered until 2026-11-23T09:05:00Z or until the buffer is full, the stack's clock stands at 2026-11-23T09:00:00Z: advance it, or flush");
    ekk.faults().add(Rule::behind(Destination::OpenSearch, Effect::Status(429))).unwrap();
    ekk.advance(Duration::from_mins(1)).await.unwrap();
    let told = ekk.explain("app").unwrap();
    assert!(told.contains("1 of 1 records not delivered, 1 not backed up: delivery: "), "{told}");
    let why =
        "429 rejected_execution_exception: rejected execution of coordinating operation (fault 1); next attempt at 2";
    assert!(told.contains(why), "{told}");
}

#[tokio::test]
async fn a_reset_stack_is_as_it_was_at_the_start() {
    let ekk = Ekk::builder().frozen_at("2026-11-23T09:00:00Z".parse().unwrap()).start().await.unwrap();
    ekk.faults().add(Rule::behind(Destination::S3, Effect::Gone)).unwrap();
    ekk.advance(Duration::from_hours(1)).await.unwrap();
    ekk.put("logging-test", [r#"{"message":"hello"}"#]).await.unwrap();
    ekk.firehose("CreateDeliveryStream", &Stream::to_bucket("another").into_json()).await.unwrap();
    ekk.reset().await.unwrap();
    assert!(ekk.account("another").is_err());
    assert_eq!(ekk.clock().now().to_string(), "2026-11-23T09:00:00Z");
    assert_eq!(ekk.account("logging-test").unwrap().accepted, 0);
    assert!(ekk.faults().list().is_empty());
    ekk.put("logging-test", [r#"{"message":"anew"}"#]).await.unwrap();
    ekk.settle().await.unwrap();
    assert_eq!(ekk.delivered("logging-test-*").await.unwrap().documents.len(), 1);
    assert_eq!(ekk.objects("logging-test-backup", "").await.unwrap().len(), 1);
}
