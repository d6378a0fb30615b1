//! The quick way of reading a put finds what the model's way finds, or leaves the request to it.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn base64(data: &str) -> String {
    base64_simd::STANDARD.encode_to_string(data)
}

#[track_caller]
fn check(body: &str, is_usual: bool, expected: &[&str]) {
    let quick = read_usual(body.as_bytes(), "Records");
    assert_eq!(quick.is_some(), is_usual, "{body}");
    let put = read_batch(body.as_bytes()).unwrap();
    assert_eq!(put.stream_name, "logs");
    assert_eq!(put.records.into_slices(), expected);
}

#[test]
fn a_request_as_sdks_send_it_is_read_in_one_pass() {
    let (one, two) = (base64("one"), base64("{\"two\":2}\n"));
    let body = json!({"DeliveryStreamName": "logs", "Records": [{"Data": one}, {"Data": two}, {"Data": ""}]});
    check(&body.to_string(), true, &["one", "{\"two\":2}\n", ""]);
    let reversed =
        format!(r#" {{"Records":[{{"Other":[1],"Data":"{one}"}}],"Other":{{}},"DeliveryStreamName":"logs"}} "#);
    check(&reversed, true, &["one"]);
}

#[test]
fn escaped_slashes_are_read_as_php_sends_them() {
    let data = base64_simd::STANDARD.encode_to_string([0xff; 6]).replace('/', "\\/");
    let body = format!(r#"{{"DeliveryStreamName":"logs","Records":[{{"Data":"{data}"}}]}}"#);
    let put = read_usual(body.as_bytes(), "Records").unwrap();
    assert_eq!(put.records.into_slices(), [Bytes::from_static(&[0xff; 6])]);
}

#[test]
fn an_unusual_request_is_left_to_the_model() {
    let one = base64("one");
    let twice = format!(
        r#"{{"DeliveryStreamName":"other","DeliveryStreamName":"logs","Records":[{{"Data":"","Data":"{one}"}}]}}"#
    );
    check(&twice, false, &["one"]);
    let escaped = format!(r#"{{"DeliveryStreamName":"\u006cogs","Records":[{{"Data":"{one}"}}]}}"#);
    check(&escaped, false, &["one"]);
}

#[test]
fn records_of_one_put_share_one_allocation() {
    let body = json!({"DeliveryStreamName": "logs", "Record": {"Data": base64("one")}}).to_string();
    let put = read_one(body.as_bytes()).unwrap();
    assert_eq!((put.records.len(), put.records.bytes()), (1, 3));
    assert_eq!(put.records.into_slices(), ["one"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_ways_read_the_same(data in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..6)) {
        let records: Vec<_> =
            data.iter().map(|data| json!({"Data": base64_simd::STANDARD.encode_to_string(data)})).collect();
        let usual = json!({"DeliveryStreamName": "logs", "Records": records}).to_string();
        let unusual = json!({"DeliveryStreamName": "logs", "Records": records, "DeliveryStreamName ": null}).to_string();
        let unusual = unusual.replacen("logs", "\\u006cogs", 1);
        prop_assert!(read_usual(usual.as_bytes(), "Records").is_some());
        prop_assert!(read_usual(unusual.as_bytes(), "Records").is_none());
        for body in [usual, unusual] {
            prop_assert_eq!(read_batch(body.as_bytes()).unwrap().records.into_slices(), &data[..]);
        }
    }
}
