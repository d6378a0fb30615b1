//! Bad input gets an error that names the thing, and nothing accepted is lost.

use std::net::SocketAddr;

use ekk::{Clock, Config, Ekk, Fixtures, HarnessError, Listen, Stack};
use serde_json::{Value, json};

async fn refusal(ekk: &Ekk, operation: &str, request: Value) -> String {
    match ekk.firehose(operation, &request).await {
        Err(HarnessError::Refused { status, body, .. }) => format!("{status} {body}"),
        other => panic!("{operation} {request} was not refused: {other:?}"),
    }
}

#[tokio::test]
async fn firehose_refuses_in_the_words_of_aws() {
    let ekk = Ekk::start().await.unwrap();
    let unknown = refusal(&ekk, "PutRecord", json!({ "DeliveryStreamName": "none", "Record": { "Data": "" } })).await;
    assert_eq!(
        unknown,
        r#"400 {"__type":"ResourceNotFoundException","message":"Firehose none under account 000000000000 not found."}"#
    );
    let large = "A".repeat(1_400_000);
    let over =
        refusal(&ekk, "PutRecord", json!({ "DeliveryStreamName": "logging-test", "Record": { "Data": large } })).await;
    assert!(
        over.contains(
            "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1050000 cap=1050000]' at \
             'record.data' failed to satisfy constraint: Member must have length less than or equal to 1024000"
        ),
        "{over}"
    );
    let broken = refusal(&ekk, "PutRecord", json!("not an object")).await;
    assert!(broken.contains("SerializationException"), "{broken}");
}

#[tokio::test]
async fn a_bucket_that_does_not_exist_holds_the_record_until_it_does() {
    let ekk = Ekk::start().await.unwrap();
    let request = json!({
        "DeliveryStreamName": "nowhere",
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": "arn:aws:iam::000000000000:role/firehose",
            "BucketARN": "arn:aws:s3:::missing",
        },
    });
    ekk.firehose("CreateDeliveryStream", &request).await.unwrap();
    ekk.put("nowhere", ["kept"]).await.unwrap();
    let client = reqwest::Client::new();
    let wait = client.post(format!("{}/_ekk/wait?timeout_secs=1", ekk.endpoint_url())).send().await.unwrap();
    assert_eq!(wait.status(), 504);
    let reason = wait.json::<Value>().await.unwrap()["error"].as_str().unwrap().to_owned();
    assert!(reason.contains("nowhere") && reason.contains("missing"), "{reason}");

    ekk_tests::clients::s3(&ekk).create_bucket().bucket("missing").send().await.unwrap();
    ekk.settle().await.unwrap();
    let objects = ekk_tests::clients::objects(&ekk, "missing").await;
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0].1, b"kept");
}

async fn start_error(config: Config) -> String {
    match Stack::start(config, Clock::system()).await {
        Ok(_) => panic!("the stack started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let aws = taken.local_addr().unwrap();
    let config = Config { listen: Listen { aws, ..Listen::any_port() }, ..Config::default() };
    let error = start_error(config).await;
    assert!(error.contains(&format!("port {} is in use", aws.port())) && error.contains("--listen-aws"), "{error}");
}

#[tokio::test]
async fn a_broken_fixture_is_named_with_the_reason() {
    let cases = [
        ("{\"DeliveryStreamName\": \"x\"", "EOF while parsing"),
        ("{\"DeliveryStreamName\": \"x\"}", "Exactly one destination"),
    ];
    for (text, reason) in cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("streams")).unwrap();
        std::fs::write(folder.path().join("streams/bad.json"), text).unwrap();
        let fixtures = Fixtures::read(folder.path()).unwrap();
        let error = start_error(Config { listen: Listen::any_port(), fixtures, ..Config::default() }).await;
        assert!(error.contains("streams/bad.json") && error.contains(reason), "{error}");
    }
    let missing = Fixtures::read(std::path::Path::new("/nowhere/at/all")).unwrap_err().to_string();
    assert!(missing.contains("/nowhere/at/all"), "{missing}");
}
