//! Puts: what is taken, what is answered, and what is refused with which words.

use serde_json::{Value, json};

use super::{Stand, stream};

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
