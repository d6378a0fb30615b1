//! The account of a stream: every accepted record ends in exactly one place, and the sums say so.

use ekk::Ekk;
use ekk_tests::clients;
use serde_json::{Value, json};

#[tokio::test]
async fn the_sums_match_what_was_accepted() {
    let ekk = Ekk::start().await.unwrap();
    let good = (0..300).map(|number| json!({ "number": number, "message": "fine" }).to_string());
    ekk.put("logging-test", good).await.unwrap();
    ekk.put("logging-test", ["not json", r#"{"number": "not a number"}"#, "[1, 2]"]).await.unwrap();
    ekk.settle().await.unwrap();

    let account = ekk.account("logging-test").unwrap();
    assert_eq!((account.accepted, account.indexed, account.failed), (303, 300, 3));
    assert_eq!((account.queued, account.backup_queued, account.backed_up), (0, 0, 303));
    assert_eq!(ekk.count("logging-test-*").await.unwrap(), 300);
}

#[tokio::test]
async fn the_backup_holds_the_records_byte_for_byte_in_their_order() {
    let ekk = Ekk::start().await.unwrap();
    let records: Vec<String> = (0..1000).map(|number| format!("{{\"number\": {number}}}\n")).collect();
    for part in records.chunks(500) {
        ekk.put("logging-test", part).await.unwrap();
    }
    ekk.settle().await.unwrap();
    let backup: Vec<u8> =
        clients::objects(&ekk, "logging-test-backup").await.into_iter().flat_map(|object| object.1).collect();
    assert_eq!(String::from_utf8(backup).unwrap(), records.concat());
}

#[tokio::test]
async fn the_control_api_shows_the_account() {
    let ekk = Ekk::start().await.unwrap();
    ekk.put("logging-test", [r#"{"message": "hello"}"#]).await.unwrap();
    let client = reqwest::Client::new();
    let wait = client.post(format!("{}/_ekk/wait?timeout_secs=20", ekk.endpoint_url())).send().await.unwrap();
    assert_eq!(wait.status(), 200);
    let answer: Value = wait.json().await.unwrap();
    assert_eq!(answer["streams"][0]["name"], "logging-test");
    assert_eq!(answer["streams"][0]["account"]["indexed"], 1);

    let health = client.get(format!("{}/_ekk/health", ekk.endpoint_url())).send().await.unwrap();
    let answer: Value = health.json().await.unwrap();
    let parts = json!({ "opensearch": "ok", "s3": "ok", "dashboards": "ok" });
    assert_eq!(answer, json!({ "status": "ready", "parts": parts }));

    let missing = client.get(format!("{}/_ekk/streams/none", ekk.endpoint_url())).send().await.unwrap();
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.json::<Value>().await.unwrap(), json!({ "error": "no stream has the name none" }));

    for (path, reason) in [
        ("wait?timeout_secs=x", "invalid float"),
        ("wait?timeout_secs=-1", "is not in 0..=3600"),
        ("flush?strem=a", "unknown field `strem`"),
    ] {
        let refused = client.post(format!("{}/_ekk/{path}", ekk.endpoint_url())).send().await.unwrap();
        assert_eq!(refused.status(), 400, "{path}");
        let text = refused.json::<Value>().await.unwrap()["error"].as_str().unwrap().to_owned();
        assert!(text.contains(reason), "{path}: {text}");
    }
}

#[tokio::test]
async fn the_control_api_says_whose_a_stream_is_and_what_is_not_delivered() {
    let ekk = Ekk::builder().allow_undelivered().start().await.unwrap();
    let bucket = json!({ "RoleARN": "arn:aws:iam::000000000000:role/firehose", "BucketARN": "arn:aws:s3:::backup" });
    let splunk = json!({
        "DeliveryStreamName": "to-splunk",
        "SplunkDestinationConfiguration": {
            "HECEndpoint": "https://splunk.example:8088",
            "HECEndpointType": "Raw",
            "HECToken": "token",
            "S3Configuration": bucket,
        },
    });
    ekk.firehose("CreateDeliveryStream", &splunk).await.unwrap();
    let streams: Value =
        reqwest::get(format!("{}/_ekk/streams", ekk.endpoint_url())).await.unwrap().json().await.unwrap();
    let [logs, splunk] = streams["streams"].as_array().unwrap().as_slice() else { panic!("{streams}") };
    assert_eq!(logs["id"], "logging-test");
    assert_eq!((&logs["account_id"], &logs["region"]), (&json!("000000000000"), &json!("us-east-1")));
    assert_eq!((&logs["status"], &logs["account"]["accepted"]), (&json!("ACTIVE"), &json!(0)));
    assert_eq!(splunk["undelivered"], "SplunkDestination");
    assert_eq!(splunk.get("account"), None);
    let one = reqwest::get(format!("{}/_ekk/streams/to-splunk", ekk.endpoint_url())).await.unwrap();
    assert_eq!(one.json::<Value>().await.unwrap(), *splunk);
}
