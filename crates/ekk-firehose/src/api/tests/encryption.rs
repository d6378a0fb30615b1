//! Server-side encryption as clients see it: its states in descriptions and in the answers to puts.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};

use super::{Stand, kinesis_stream, named, stream};

const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn customer_managed() -> Value {
    json!({"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY})
}

fn start(key: &Value) -> Value {
    json!({"DeliveryStreamName": "logs", "DeliveryStreamEncryptionConfigurationInput": key})
}

fn slow(folder: Option<&Path>) -> Stand {
    Stand::configured(|config| {
        config.folder = folder.map(Path::to_owned);
        config.transition_delay = Duration::from_secs(5);
    })
}

async fn encryption(stand: &Stand) -> Value {
    let described = stand.call("DescribeDeliveryStream", &named("logs")).await.ok();
    described["DeliveryStreamDescription"]["DeliveryStreamEncryptionConfiguration"].clone()
}

/// What both puts say of it.
async fn encrypted(stand: &Stand) -> bool {
    let one = json!({"DeliveryStreamName": "logs", "Record": {"Data": "YQ=="}});
    let one = stand.call("PutRecord", &one).await.ok()["Encrypted"].clone();
    let batch = json!({"DeliveryStreamName": "logs", "Records": [{"Data": "YQ=="}]});
    let batch = stand.call("PutRecordBatch", &batch).await.ok()["Encrypted"].clone();
    assert_eq!(one, batch);
    one.as_bool().unwrap()
}

#[tokio::test]
async fn encryption_is_enabled_rekeyed_and_disabled_as_time_goes_by() {
    let folder = tempfile::tempdir().unwrap();
    let stand = slow(Some(folder.path()));
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    let pass = || stand.clock.advance(Duration::from_secs(5));
    pass();
    assert_eq!(encryption(&stand).await, json!({"Status": "DISABLED"}));
    assert!(!encrypted(&stand).await);

    assert_eq!(stand.call("StartDeliveryStreamEncryption", &named("logs")).await.ok(), Value::Null);
    assert_eq!(encryption(&stand).await, json!({"KeyType": "AWS_OWNED_CMK", "Status": "ENABLING"}));
    assert!(!encrypted(&stand).await);
    for operation in ["StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption"] {
        let text = stand.call(operation, &named("logs")).await.refused_as("ResourceInUseException");
        assert_eq!(text, "Server-side encryption of the Firehose is ENABLING.");
    }
    pass();
    assert_eq!(encryption(&stand).await, json!({"KeyType": "AWS_OWNED_CMK", "Status": "ENABLED"}));
    assert!(encrypted(&stand).await);

    stand.call("StartDeliveryStreamEncryption", &start(&customer_managed())).await.ok();
    let described = |status| json!({"KeyARN": KEY, "KeyType": "CUSTOMER_MANAGED_CMK", "Status": status});
    assert_eq!(encryption(&stand).await, described("ENABLING"));
    assert!(encrypted(&stand).await, "the former key is in force");
    pass();
    assert_eq!(encryption(&stand).await, described("ENABLED"));

    assert_eq!(stand.call("StopDeliveryStreamEncryption", &named("logs")).await.ok(), Value::Null);
    assert_eq!(encryption(&stand).await, described("DISABLING"));
    assert!(!encrypted(&stand).await);
    pass();
    assert_eq!(encryption(&stand).await, json!({"Status": "DISABLED"}));
}

#[tokio::test]
async fn encryption_goes_on_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = stream("logs");
    request["DeliveryStreamEncryptionConfigurationInput"] = customer_managed();
    slow(Some(folder.path())).call("CreateDeliveryStream", &request).await.ok();
    let stand = slow(Some(folder.path()));
    assert_eq!(encryption(&stand).await["Status"], "ENABLING");
    stand.clock.advance(Duration::from_secs(5));
    assert_eq!(encryption(&stand).await["Status"], "ENABLED");
    assert!(encrypted(&stand).await);
}

#[tokio::test]
async fn without_a_delay_encryption_is_in_force_at_once() {
    let stand = Stand::with_stream("logs");
    stand.call("StartDeliveryStreamEncryption", &start(&json!({"KeyType": "AWS_OWNED_CMK"}))).await.ok();
    assert_eq!(encryption(&stand).await, json!({"KeyType": "AWS_OWNED_CMK", "Status": "ENABLED"}));
    assert!(encrypted(&stand).await);
    stand.call("StopDeliveryStreamEncryption", &named("logs")).await.ok();
    assert_eq!(encryption(&stand).await, json!({"Status": "DISABLED"}));
    assert!(!encrypted(&stand).await);
}

#[tokio::test]
async fn a_key_and_its_type_must_fit() {
    let stand = Stand::with_stream("logs");
    let cases = [
        (json!({"KeyType": "CUSTOMER_MANAGED_CMK"}), "KeyARN has to be specified when KeyType is CUSTOMER_MANAGED_CMK"),
        (
            json!({"KeyType": "AWS_OWNED_CMK", "KeyARN": KEY}),
            "KeyARN cannot be specified when KeyType is AWS_OWNED_CMK",
        ),
        (
            json!({"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": KEY.replace("us-east-1", "eu-west-1")}),
            "Cross-region keys are not allowed for SSE. Please provide CMKs in the same region as firehose",
        ),
    ];
    for (key, text) in cases {
        let found = stand.call("StartDeliveryStreamEncryption", &start(&key)).await;
        assert_eq!(found.refused_as("InvalidArgumentException"), text);
        let mut create = stream("other");
        create["DeliveryStreamEncryptionConfigurationInput"] = key;
        let found = stand.call("CreateDeliveryStream", &create).await;
        assert_eq!(found.refused_as("InvalidArgumentException"), text);
    }
    let alias = json!({"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": "arn:aws:kms:us-east-1:000000000000:alias/a"});
    stand.call("StartDeliveryStreamEncryption", &start(&alias)).await.refused_as("ValidationException");
}

#[tokio::test]
async fn encryption_is_started_and_stopped_25_times_a_day() {
    let stand = Stand::with_stream("logs");
    let operations = ["StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption"];
    for operation in operations.iter().cycle().take(25) {
        stand.call(operation, &named("logs")).await.ok();
    }
    let text = stand.call("StopDeliveryStreamEncryption", &named("logs")).await.refused_as("LimitExceededException");
    assert_eq!(
        text,
        "StartDeliveryStreamEncryption and StopDeliveryStreamEncryption can be called 25 times in 24 hours for a Firehose."
    );
    stand.clock.advance(Duration::from_hours(24));
    stand.call("StopDeliveryStreamEncryption", &named("logs")).await.ok();
}

#[tokio::test]
async fn a_stream_with_a_source_is_not_encrypted_and_does_not_speak_of_it() {
    let stand = Stand::allowing_undelivered();
    stand.call("CreateDeliveryStream", &kinesis_stream("logs")).await.ok();
    assert_eq!(encryption(&stand).await, Value::Null);
    let text = "This operation is not permitted on KinesisStreamAsSource delivery stream type.";
    for operation in ["StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption"] {
        let refused = stand.call(operation, &named("logs")).await.refused_as("InvalidArgumentException");
        assert_eq!(refused, text);
    }
    let mut create = kinesis_stream("other");
    create["DeliveryStreamEncryptionConfigurationInput"] = customer_managed();
    assert_eq!(
        stand.call("CreateDeliveryStream", &create).await.refused_as("InvalidArgumentException"),
        "Server side encryption from firehose is only allowed for direct put delivery streams and database as a source \
         delivery streams"
    );
}

#[tokio::test]
async fn a_stream_that_does_not_exist_is_not_encrypted() {
    let stand = Stand::new();
    for operation in ["StartDeliveryStreamEncryption", "StopDeliveryStreamEncryption"] {
        let text = stand.call(operation, &named("logs")).await.refused_as("ResourceNotFoundException");
        assert_eq!(text, "Firehose logs under account 000000000000 not found.");
    }
}
