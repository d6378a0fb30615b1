//! What is in the index and what is in S3 after a delivery, to the key and the byte.

use ekk::{Clock, Ekk};
use ekk_tests::clients;
use serde_json::{Value, json};

/// A stack at one instant, and the failed documents that `records` leave, with what differs each time redacted.
async fn failed_documents(records: &[&str]) -> (Vec<String>, Vec<String>) {
    let clock = Clock::frozen_at("2026-11-23T14:05:06.789Z".parse().unwrap());
    let ekk = Ekk::builder().clock(clock).start().await.unwrap();
    ekk.put("logging-test", records).await.unwrap();
    ekk.settle().await.unwrap();
    let mut keys = Vec::new();
    let mut documents = Vec::new();
    for (key, bytes) in clients::objects(&ekk, "logging-test-backup").await {
        keys.push(redact_uuid(&key));
        if key.starts_with("AmazonOpenSearchService-failed/") {
            let text = String::from_utf8(bytes).unwrap();
            documents.extend(text.lines().map(ToOwned::to_owned));
        }
    }
    (keys, documents)
}

/// The uuid at the end of a key is random.
fn redact_uuid(key: &str) -> String {
    let (head, _) = key.split_at(key.len() - 36);
    format!("{head}[uuid]")
}

#[tokio::test]
async fn objects_have_the_keys_of_aws() {
    let (keys, _) = failed_documents(&["not json"]).await;
    assert_eq!(
        keys,
        [
            "2026/11/23/14/logging-test-1-2026-11-23-14-05-06-[uuid]",
            "AmazonOpenSearchService-failed/2026/11/23/14/logging-test-1-2026-11-23-14-05-06-[uuid]",
        ]
    );
}

#[tokio::test]
async fn a_failed_document_says_why_and_keeps_the_record() {
    let (_, documents) = failed_documents(&[r#"{"number": 1}"#, r#"{"number": "one"}"#]).await;
    let document: Value = serde_json::from_str(&documents[0]).unwrap();
    let text = documents[0].replace(document["esDocumentId"].as_str().unwrap(), "[id]");
    insta::assert_snapshot!(text, @r##"{"attemptsMade":1,"arrivalTimestamp":1795442706789,"errorCode":"400","errorMessage":"{\"type\":\"mapper_parsing_exception\",\"reason\":\"failed to parse field [number] of type [long] in document with id '[id]'. Preview of field's value: 'one'\",\"caused_by\":{\"type\":\"illegal_argument_exception\",\"reason\":\"For input string: \\\"one\\\"\"}}","attemptEndingTimestamp":1795442706789,"esDocumentId":"[id]","esIndexName":"logging-test-2026-11-23","esTypeName":"","rawData":"eyJudW1iZXIiOiAib25lIn0="}"##);
}

#[tokio::test]
async fn a_record_that_is_no_json_object_fails_with_the_reason_of_opensearch() {
    let records = ["not json", "[1, 2]", "12", "", "{\"open\": ", "{\"a\": 1}\n{\"b\": 2}"];
    let (_, documents) = failed_documents(&records).await;
    let reasons: Vec<(String, String)> = documents
        .iter()
        .map(|document| {
            let document: Value = serde_json::from_str(document).unwrap();
            let raw = base64_decode(document["rawData"].as_str().unwrap());
            let error: Value = serde_json::from_str(document["errorMessage"].as_str().unwrap()).unwrap();
            (raw, error["type"].as_str().unwrap().to_owned())
        })
        .collect();
    for record in records {
        let found = reasons.iter().find(|(raw, _)| raw == record);
        assert!(found.is_some_and(|(_, reason)| reason.ends_with("_exception")), "{record:?}: {reasons:?}");
    }
}

#[tokio::test]
async fn a_document_with_a_metadata_field_in_it_fails_with_the_reason_of_opensearch() {
    let (_, documents) = failed_documents(&[r#"{"_id": "mine", "a": 1}"#, r#"{"a": 2}"#]).await;
    let [document] = documents.as_slice() else { panic!("{documents:?}") };
    let document: Value = serde_json::from_str(document).unwrap();
    assert_eq!(base64_decode(document["rawData"].as_str().unwrap()), r#"{"_id": "mine", "a": 1}"#);
    let reason = document["errorMessage"].as_str().unwrap();
    assert!(reason.contains("Field [_id] is a metadata field and cannot be added inside a document"), "{reason}");
}

#[tokio::test]
async fn a_document_keeps_its_id_and_its_source() {
    let ekk = Ekk::start().await.unwrap();
    let source = "{\"b\": 1.0,  \"a\": \"\\u00e9\"}";
    ekk.put("logging-test", [source]).await.unwrap();
    ekk.settle().await.unwrap();
    let found = ekk.search("logging-test-*", &json!({})).await.unwrap();
    let id = found["hits"]["hits"][0]["_id"].as_str().unwrap();
    let (sequence, rest) = id.split_once('.').unwrap();
    assert!(sequence.len() == 56 && sequence.bytes().all(|byte| byte.is_ascii_digit()) && rest == "0", "{id}");
    assert_eq!(found["hits"]["hits"][0]["_source"], serde_json::from_str::<Value>(source).unwrap());
}

fn base64_decode(text: &str) -> String {
    String::from_utf8(base64_simd::STANDARD.decode_to_vec(text).unwrap()).unwrap()
}
