//! Puts: what is taken, what is answered, and what is refused with which words.

use serde_json::{Value, json};

use super::{Stand, bucket, kinesis_stream, stream};

fn base64(data: impl AsRef<[u8]>) -> String {
    base64_simd::STANDARD.encode_to_string(data)
}

fn batch(records: &[Vec<u8>]) -> Value {
    let records: Vec<_> = records.iter().map(|data| json!({"Data": base64(data)})).collect();
    json!({"DeliveryStreamName": "logs", "Records": records})
}

fn one(data: impl AsRef<[u8]>) -> Value {
    json!({"DeliveryStreamName": "logs", "Record": {"Data": base64(data)}})
}

/// The smallest request for a stream to Splunk, which is not delivered.
fn splunk(name: &str) -> Value {
    json!({
        "DeliveryStreamName": name,
        "SplunkDestinationConfiguration": {
            "HECEndpoint": "https://splunk.example:8088",
            "HECEndpointType": "Raw",
            "HECToken": "token",
            "S3Configuration": bucket(),
        },
    })
}

fn queued(stand: &Stand) -> (u64, u64) {
    let account = stand.delivery.stream("logs").unwrap().account();
    (account.accepted, account.accepted_bytes)
}

#[tokio::test]
async fn each_record_of_a_batch_gets_an_id() {
    let stand = Stand::with_stream("logs");
    let answer = stand.call("PutRecordBatch", &batch(&[b"one".to_vec(), Vec::new(), b"three".to_vec()])).await.ok();
    assert_eq!((&answer["FailedPutCount"], &answer["Encrypted"]), (&json!(0), &json!(false)));
    let entries = answer["RequestResponses"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        assert_eq!(entry.as_object().unwrap().len(), 1);
        assert_eq!(entry["RecordId"].as_str().unwrap().len(), 224);
    }
    assert_eq!(queued(&stand), (3, 8));
}

#[tokio::test]
async fn a_record_gets_an_id() {
    let stand = Stand::with_stream("logs");
    let answer = stand.call("PutRecord", &one("one")).await.ok();
    assert_eq!(answer["RecordId"].as_str().unwrap().len(), 224);
    assert_eq!(answer["Encrypted"], false);
    assert_eq!(queued(&stand), (1, 3));
}

#[tokio::test]
async fn a_full_queue_refuses_for_now() {
    let stand = Stand::with(None, 10).unwrap();
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    let answer = stand.call("PutRecordBatch", &batch(&[vec![0; 6], vec![0; 6]])).await.ok();
    let entry = json!({"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."});
    assert_eq!(answer, json!({"Encrypted": false, "FailedPutCount": 2, "RequestResponses": [entry, entry]}));
    let answer = stand.call("PutRecord", &one([0; 11])).await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.body, json!({"__type": "ServiceUnavailableException", "message": "Slow down."}));
    assert_eq!(queued(&stand), (0, 0));
}

#[tokio::test]
async fn a_stopping_service_refuses_puts_and_nothing_else() {
    let stand = Stand::with_stream("logs");
    stand.firehose.refuse_puts();
    for (operation, request) in [("PutRecord", one("x")), ("PutRecordBatch", batch(&[b"x".to_vec()]))] {
        let answer = stand.call(operation, &request).await;
        assert_eq!((answer.status, &answer.body["__type"]), (500, &json!("ServiceUnavailableException")));
    }
    stand.call("DescribeDeliveryStream", &json!({"DeliveryStreamName": "logs"})).await.ok();
}

#[tokio::test]
async fn the_limits_of_a_batch_are_those_of_aws() {
    let stand = Stand::with(None, 1 << 30).unwrap();
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    let mebibytes_4 = [vec![b'a'; 1_024_000], vec![b'a'; 1_024_000], vec![b'a'; 1_024_000], vec![b'a'; 1_024_000]];
    let mut exact = mebibytes_4.to_vec();
    exact.push(vec![b'a'; 4 * 1024 * 1024 - 4 * 1_024_000]);
    stand.call("PutRecordBatch", &batch(&exact)).await.ok();
    assert_eq!(queued(&stand), (5, 4 * 1024 * 1024));
    exact.push(vec![b'a']);
    let refused = stand.call("PutRecordBatch", &batch(&exact)).await.refused();
    assert_eq!(refused, ("InvalidArgumentException".to_owned(), "Records size exceeds 4 MB limit".to_owned()));
    stand.call("PutRecordBatch", &batch(&vec![Vec::new(); 500])).await.ok();
    assert_eq!(queued(&stand).0, 505);
}

#[tokio::test]
async fn a_request_that_breaks_the_model_is_refused_whole() {
    let stand = Stand::with_stream("logs");
    let over = base64(vec![0; 1_024_001]);
    let cases = [
        (
            "PutRecord",
            json!({"DeliveryStreamName": "logs", "Record": {"Data": over}}),
            "lim=1024001 cap=1024001]' at 'record.data'",
        ),
        ("PutRecord", json!({"DeliveryStreamName": "logs"}), "Value null at 'record'"),
        ("PutRecord", json!({"DeliveryStreamName": "logs", "Record": {}}), "Value null at 'record.data'"),
        (
            "PutRecordBatch",
            json!({"DeliveryStreamName": "arn:x/y", "Records": [{"Data": ""}]}),
            "at 'deliveryStreamName'",
        ),
        ("PutRecordBatch", json!({"DeliveryStreamName": "logs", "Records": []}), "greater than or equal to 1"),
        (
            "PutRecordBatch",
            json!({"DeliveryStreamName": "logs", "Records": [null]}),
            "Value null at 'records.1.member'",
        ),
        (
            "PutRecordBatch",
            json!({"DeliveryStreamName": "logs", "Records": vec![json!({"Data": ""}); 501]}),
            "less than or equal to 500",
        ),
    ];
    for (operation, request, text) in cases {
        let (code, message) = stand.call(operation, &request).await.refused();
        assert_eq!(code, "ValidationException", "{message}");
        assert!(message.contains(text), "{message} should contain {text}");
    }
    let not_base64 = json!({"DeliveryStreamName": "logs", "Records": [{"Data": "YQ=="}, {"Data": "YQ="}]});
    let (code, message) = stand.call("PutRecordBatch", &not_base64).await.refused();
    assert_eq!(code, "SerializationException");
    assert!(message.starts_with("'YQ=' can not be converted to a Blob"), "{message}");
    assert_eq!(queued(&stand), (0, 0));
}

#[tokio::test]
async fn an_unknown_stream_is_named() {
    let stand = Stand::new();
    for (operation, request) in [("PutRecord", one("x")), ("PutRecordBatch", batch(&[b"x".to_vec()]))] {
        let refused = stand.call(operation, &request).await.refused();
        let text = "Firehose logs under account 000000000000 not found.";
        assert_eq!(refused, ("ResourceNotFoundException".to_owned(), text.to_owned()));
    }
}

#[tokio::test]
async fn a_stream_with_a_source_takes_no_puts() {
    let stand = Stand::allowing_undelivered();
    stand.call("CreateDeliveryStream", &kinesis_stream("logs")).await.ok();
    for (operation, request) in [("PutRecord", one("x")), ("PutRecordBatch", batch(&[b"x".to_vec()]))] {
        let text = stand.call(operation, &request).await.refused_as("InvalidArgumentException");
        assert_eq!(text, "This operation is not permitted on KinesisStreamAsSource delivery stream type.");
    }
}

#[tokio::test]
async fn a_stream_that_is_not_delivered_refuses_puts_by_the_name_of_what_is_missing() {
    let stand = Stand::allowing_undelivered();
    stand.call("CreateDeliveryStream", &splunk("logs")).await.ok();
    for (operation, request) in [("PutRecord", one("x")), ("PutRecordBatch", batch(&[b"x".to_vec()]))] {
        let text = stand.call(operation, &request).await.refused_as("InvalidArgumentException");
        assert_eq!(text, "SplunkDestination is not supported by ekk yet");
    }
    assert_eq!(stand.firehose.streams()[0].undelivered.as_deref(), Some("SplunkDestination"));
}

#[tokio::test]
async fn a_stream_that_decompresses_takes_the_records_of_cloudwatch_logs_only() {
    let stand = Stand::new();
    let mut request = stream("logs");
    let gzip = json!([{"ParameterName": "CompressionFormat", "ParameterValue": "GZIP"}]);
    request["AmazonopensearchserviceDestinationConfiguration"]["ProcessingConfiguration"] =
        json!({"Enabled": true, "Processors": [{"Type": "Decompression", "Parameters": gzip}]});
    stand.call("CreateDeliveryStream", &request).await.ok();
    for (operation, request) in [("PutRecord", one("x")), ("PutRecordBatch", batch(&[b"x".to_vec()]))] {
        let answer = stand.call(operation, &request).await;
        assert_eq!(answer.body["code"], "InvalidSourceException");
        assert_eq!(
            answer.refused_as("InvalidSourceException"),
            "Put to Firehose failed for AccountId: 000000000000, FirehoseName: logs because the request is not \
             originating from allowed source types."
        );
        stand.call_for_logs(operation, &request).await.ok();
    }
    assert_eq!(queued(&stand).0, 2);
}

#[tokio::test]
async fn a_put_is_checked_for_its_limits_before_its_stream() {
    let stand = Stand::new();
    let over = batch(&vec![vec![0; 1_000_000]; 5]);
    let text = stand.call("PutRecordBatch", &over).await.refused_as("InvalidArgumentException");
    assert_eq!(text, "Records size exceeds 4 MB limit");
    let over = one(vec![0; 1_024_001]);
    stand.call("PutRecord", &over).await.refused_as("ValidationException");
}

#[tokio::test]
async fn the_answers_have_the_members_of_aws_in_its_order() {
    let stand = Stand::with(None, 150).unwrap();
    stand.call("CreateDeliveryStream", &stream("logs")).await.ok();
    let id = |text: &str| text.split("\"RecordId\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let text = stand.call_text("PutRecord", &one("x")).await;
    assert_eq!(text, format!(r#"{{"RecordId":"{}","Encrypted":false}}"#, id(&text)));
    let text = stand.call_text("PutRecordBatch", &batch(&[b"x".to_vec()])).await;
    let expected =
        format!(r#"{{"Encrypted":false,"FailedPutCount":0,"RequestResponses":[{{"RecordId":"{}"}}]}}"#, id(&text));
    assert_eq!(text, expected);
    let entry = r#"{"ErrorCode":"ServiceUnavailableException","ErrorMessage":"Slow down."}"#;
    assert_eq!(
        stand.call_text("PutRecordBatch", &batch(&[vec![0; 9], Vec::new()])).await,
        format!(r#"{{"Encrypted":false,"FailedPutCount":2,"RequestResponses":[{entry},{entry}]}}"#)
    );
}
