//! Whatever a client sends is answered in the form of AWS, and never with a fault of ours.

use axum::body::Body;
use http::{Request, Uri};
use proptest::{prelude::*, sample::select, test_runner::TestCaseError};
use serde_json::{Map, Value, json};

use super::{Answer, Stand, named, requests, stream};
use crate::model::shapes::OPERATIONS;

fn operation() -> impl Strategy<Value = &'static str> {
    select(OPERATIONS.iter().map(|operation| operation.name).collect::<Vec<_>>())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("")),
        Just(Value::from("a".repeat(2000))),
        select(vec!["YQ==", "https://logs", "NoEncryption", "OneDay", "arn:aws:s3:::b", "!{", "\u{0}"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[A-Za-z]{1,8}", inner, 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A request of the model's shape, about a stream that there is.
fn good_request() -> impl Strategy<Value = (&'static str, Value)> {
    (operation(), any::<u64>(), any::<bool>()).prop_map(|(operation, seed, is_there)| {
        let mut request = requests::random_request(operation, seed);
        if is_there && operation != "ListDeliveryStreams" {
            request["DeliveryStreamName"] = "there".into();
        }
        (operation, request)
    })
}

/// A good request whose text is broken at some place.
fn broken_text() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let scars: Vec<&[u8]> = vec![
        b"",
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"1e400",
        b"-1e400",
        b"-0",
        b"18446744073709551616",
        b"1e-400",
        b"00",
        b"NaN",
        b"{",
        b"]",
        b"\"",
        b"\\u12",
        b"\\ud800",
        b"\0",
        b",",
        b"\"DeliveryStreamName\":0,",
    ];
    (good_request(), any::<prop::sample::Index>(), 0..9_usize, select(scars)).prop_map(
        |((operation, request), place, cut, scar)| {
            let mut text = request.to_string().into_bytes();
            let start = place.index(text.len());
            let end = text.len().min(start + cut);
            text.splice(start..end, scar.iter().copied());
            (operation, text)
        },
    )
}

/// The answer of a stand that takes all streams and has one.
fn answer(operation: &str, body: Vec<u8>) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stand = Stand::allowing_undelivered();
        stand.firehose.create_from_json(stream("there").to_string().as_bytes()).unwrap();
        stand.call_raw(operation, body).await
    })
}

fn check(operation: &str, body: Vec<u8>) -> Result<Answer, TestCaseError> {
    let answer = answer(operation, body);
    prop_assert!(answer.status == 200 || answer.status == 400, "{answer:?}");
    if answer.status == 400 {
        let code = answer.body["__type"].as_str().unwrap_or_default();
        let is_known = FRONT_END.contains(&code) || modelled_errors(operation).contains(&code);
        prop_assert!(is_known, "{operation} has no such error: {answer:?}");
    }
    Ok(answer)
}

/// Errors that any operation may have, and that AWS's model does not list.
const FRONT_END: [&str; 2] = ["ValidationException", "SerializationException"];

/// The errors that the model lists for an operation; those of status 500 and of keys are not ours to make.
fn modelled_errors(operation: &str) -> &'static [&'static str] {
    const ARGUMENT: &str = "InvalidArgumentException";
    const IN_USE: &str = "ResourceInUseException";
    const LIMIT: &str = "LimitExceededException";
    const NOT_FOUND: &str = "ResourceNotFoundException";
    match operation {
        "CreateDeliveryStream" => &[ARGUMENT, LIMIT, IN_USE],
        "DeleteDeliveryStream" => &[IN_USE, NOT_FOUND],
        "DescribeDeliveryStream" => &[NOT_FOUND],
        "ListDeliveryStreams" => &[],
        "ListTagsForDeliveryStream" => &[NOT_FOUND, ARGUMENT, LIMIT],
        "PutRecord" | "PutRecordBatch" => &[NOT_FOUND, ARGUMENT, "InvalidSourceException"],
        "UpdateDestination" => &[ARGUMENT, IN_USE, NOT_FOUND, "ConcurrentModificationException"],
        _ => &[NOT_FOUND, IN_USE, ARGUMENT, LIMIT],
    }
}

/// A text for a header that may be one of those which the front end looks at.
fn header_value() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "",
            "application/x-amz-json-1.1",
            "application/json",
            "application/cbor",
            "Firehose_20150804.ListDeliveryStreams",
            "Firehose_20150804.",
            ".",
            "AWS4-HMAC-SHA256 Credential=a/b/c/firehose/aws4_request, SignedHeaders=host, Signature=0",
            "AWS4-HMAC-SHA256 Credential=",
            "20260101T000000Z",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_answered(operation in operation(), body in any_json()) {
        check(operation, body.to_string().into_bytes())?;
    }

    #[test]
    fn any_bytes_are_answered(operation in operation(), body in prop::collection::vec(any::<u8>(), 0..64)) {
        check(operation, body)?;
    }

    #[test]
    fn any_value_of_any_member_is_answered(place in select(requests::places()), value in any_json()) {
        check(place.operation, place.with(value).to_string().into_bytes())?;
    }

    #[test]
    fn a_request_of_the_models_shape_is_not_refused_for_its_shape((operation, request) in good_request()) {
        let answer = check(operation, request.to_string().into_bytes())?;
        let code = answer.body["__type"].as_str().unwrap_or_default();
        prop_assert!(!["ValidationException", "SerializationException"].contains(&code), "{answer:?}");
    }

    #[test]
    fn a_spoiled_request_is_answered((operation, body) in broken_text()) {
        check(operation, body)?;
    }

    #[test]
    fn a_truncated_request_is_refused((operation, request) in good_request(), end in any::<prop::sample::Index>()) {
        let mut body = request.to_string().into_bytes();
        body.truncate(end.index(body.len()));
        let answer = check(operation, body)?;
        prop_assert_eq!((answer.status, answer.body), (400, json!({"__type": "SerializationException"})));
    }

    #[test]
    fn the_second_of_two_members_counts_in_every_operation((operation, request) in good_request(), bad in any_json()) {
        let good = request.to_string();
        let members = good.strip_prefix('{').unwrap();
        let all: Map<_, _> = request.as_object().unwrap().keys().map(|name| (name.clone(), bad.clone())).collect();
        let bad = Value::from(all).to_string();
        let bad_members = bad.strip_suffix('}').unwrap();
        if request.as_object().is_some_and(|members| !members.is_empty()) {
            let answered = check(operation, format!("{bad_members},{members}").into_bytes())?;
            let alone = check(operation, good.into_bytes())?;
            prop_assert_eq!(&answered.body["__type"], &alone.body["__type"]);
        }
    }

    #[test]
    fn any_headers_are_answered(
        names in prop::collection::vec(
            select(vec!["content-type", "x-amz-target", "authorization", "x-amz-date", "date", "host", "origin"]), 0..7),
        values in prop::collection::vec(header_value(), 7),
        path in "/[!-;=?-~]{0,20}",
        body in prop_oneof![Just("{}"), Just(""), Just("["), Just("null")],
    ) {
        let mut request = Request::post(Uri::try_from(path).unwrap_or_default());
        for (name, value) in names.into_iter().zip(values) {
            request = request.header(name, value);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let request = request.body(Body::from(body)).unwrap();
        let response = runtime.block_on(async { Stand::new().send(request).await });
        prop_assert!([200, 400, 403, 404].contains(&response.status().as_u16()), "{response:?}");
    }

    #[test]
    fn a_text_of_any_length_is_answered(place in select(requests::places()), length in 0..50_000_usize) {
        check(place.operation, place.with("a".repeat(length).into()).to_string().into_bytes())?;
    }
}

#[test]
fn deep_nesting_is_answered() {
    for operation in &OPERATIONS {
        for (open, close) in [("[", "]"), ("{\"Tags\":", "}"), ("{\"Unknown\":", "}")] {
            for depth in [100, 10_000] {
                let body = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                check(operation.name, body.into_bytes()).unwrap();
            }
            check(operation.name, open.repeat(100_000).into_bytes()).unwrap();
        }
    }
}

#[test]
fn a_member_that_is_given_twice_counts_as_the_second() {
    let there = r#"{"DeliveryStreamName": "none", "DeliveryStreamName": "there"}"#;
    assert_eq!(answer("DescribeDeliveryStream", there.into()).status, 200);
    let record = r#"{"DeliveryStreamName": "there", "Record": {"Data": "*"}, "Record": {"Data": "YQ=="}}"#;
    assert_eq!(answer("PutRecord", record.into()).status, 200);
}

#[test]
fn numbers_beyond_every_type_are_answered() {
    let list = |limit: &str| answer("ListDeliveryStreams", format!(r#"{{"Limit": {limit}}}"#).into());
    for limit in ["18446744073709551616", "9223372036854775808", "1e300"] {
        let text = list(limit).refused_as("ValidationException");
        assert!(text.ends_with("Member must have value less than or equal to 10000"), "{limit}: {text}");
    }
    for limit in ["-0", "0", "0.9", "1e-400", "-18446744073709551616"] {
        let text = list(limit).refused_as("ValidationException");
        assert!(text.ends_with("Member must have value greater than or equal to 1"), "{limit}: {text}");
    }
    for limit in ["1e400", "-1e400", "NaN", "01", "+1", ".5"] {
        assert_eq!(list(limit).body, json!({"__type": "SerializationException"}), "{limit}");
    }
    assert_eq!(list("1.9").ok()["DeliveryStreamNames"], json!(["there"]));
}

#[test]
fn text_that_is_not_unicode_is_not_json() {
    for bytes in [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80"] {
        let body = [br#"{"DeliveryStreamName": ""#, bytes, br#""}"#].concat();
        assert_eq!(answer("DescribeDeliveryStream", body).body, json!({"__type": "SerializationException"}));
    }
    let escaped = r#"{"DeliveryStreamName": "\u0074here"}"#;
    assert_eq!(answer("DescribeDeliveryStream", escaped.into()).status, 200);
    let pair = named("\u{1F600}").to_string();
    let text = answer("DescribeDeliveryStream", pair.into()).refused_as("ValidationException");
    assert!(text.starts_with("1 validation error detected: Value '\u{1F600}' at 'deliveryStreamName'"), "{text}");
}
