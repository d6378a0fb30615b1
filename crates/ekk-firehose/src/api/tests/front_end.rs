//! What the front end refuses before it looks at an operation.

use axum::body::Body;
use bytes::Bytes;
use ekk_clock::Clock;
use ekk_server::aws::signature::{Credential, Rules, Verifier};
use http::{Request, request::Builder};
use http_body_util::BodyExt as _;
use jiff::SignedDuration;
use tower::ServiceExt as _;

use super::{AUTHORIZATION, Stand, check_ids};
use crate::limits;

fn signed(target: &str) -> Builder {
    Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", target)
        .header("authorization", AUTHORIZATION)
        .header("x-amz-date", "20260101T000000Z")
}

fn unsigned() -> Builder {
    Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "Firehose_20150804.ListDeliveryStreams")
}

#[track_caller]
fn body(builder: Builder, body: &str) -> Request<Body> {
    builder.body(Body::from(body.to_owned())).unwrap()
}

async fn check(name: &str, request: Request<Body>, status: u16, expected: &str) {
    check_response(name, Stand::new().send(request).await, status, expected).await;
}

async fn check_response(name: &str, response: axum::response::Response, status: u16, expected: &str) {
    check_ids(response.headers());
    let found_status = response.status().as_u16();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!((found_status, std::str::from_utf8(&text).unwrap()), (status, expected), "{name}");
}

#[tokio::test]
async fn a_request_of_another_protocol_is_refused_in_xml() {
    let denied = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized\
                  </Message>\n</AccessDeniedException>\n";
    check("GET", body(Request::get("/"), ""), 403, denied).await;
    check("no content type, no target", body(Request::post("/"), "{}"), 403, denied).await;
    let target = Request::post("/").header("x-amz-target", "Firehose_20150804.PutRecord");
    check("no content type", body(target, "{}"), 404, "<UnknownOperationException/>\n").await;
    let half = Request::post("/").header("x-amz-target", "Firehose_20150804.");
    check("half a target", body(half, "{}"), 403, denied).await;
    let response = Stand::new().send(body(Request::get("/"), "")).await;
    assert_eq!(response.headers().get("content-type"), None);
}

#[tokio::test]
async fn cbor_and_other_versions_of_the_protocol_are_not_spoken() {
    let unknown = "<UnknownOperationException/>\n";
    for content_type in [
        "application/x-amz-cbor-1.1",
        "application/cbor",
        "application/x-amz-json-1.0",
        "application/x-amz-json-1.1asdf",
        "application/x-www-form-urlencoded",
        "text/xml",
    ] {
        let target = Request::post("/").header("x-amz-target", "Firehose_20150804.ListDeliveryStreams");
        check(content_type, body(target.header("content-type", content_type), "\u{0}"), 404, unknown).await;
    }
    let denied = "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized\
                  </Message>\n</AccessDeniedException>\n";
    let rpc = Request::post("/service/Firehose_20150804/operation/ListDeliveryStreams")
        .header("smithy-protocol", "rpc-v2-cbor")
        .header("content-type", "application/cbor");
    check("Smithy's RPC", body(rpc, "\u{0}"), 403, denied).await;
}

#[tokio::test]
async fn the_path_and_the_parameters_of_the_content_type_do_not_matter() {
    let listed = r#"{"DeliveryStreamNames":[],"HasMoreDeliveryStreams":false}"#;
    let elsewhere = signed("Firehose_20150804.ListDeliveryStreams").uri("/any/path?of=all");
    check("a path", body(elsewhere, "{}"), 200, listed).await;
    for content_type in ["application/x-amz-json-1.1; charset=utf-8", "   application/x-amz-json-1.1   ;whatever"] {
        let mut request = body(signed("Firehose_20150804.ListDeliveryStreams"), "{}");
        request.headers_mut().insert("content-type", content_type.parse().unwrap());
        check(content_type, request, 200, listed).await;
    }
}

#[tokio::test]
async fn plain_json_is_answered_in_the_older_protocol() {
    let request = |text: &str| {
        let target = Request::post("/").header("x-amz-target", "Firehose_20150804.ListDeliveryStreams");
        body(target.header("content-type", "application/json"), text)
    };
    let unknown = r#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#;
    let not_json = r#"{"Output":{"__type":"com.amazon.coral.service#SerializationException"},"Version":"1.0"}"#;
    check("JSON", request("{}"), 404, unknown).await;
    check("not JSON", request("hello"), 400, not_json).await;
}

#[tokio::test]
async fn an_answer_has_the_content_type_of_the_protocol_also_when_it_is_an_error() {
    for target in ["Firehose_20150804.ListDeliveryStreams", "Firehose_20150804.Nothing"] {
        let response = Stand::new().send(body(signed(target), "{}")).await;
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1", "{target}");
    }
}

#[tokio::test]
async fn the_target_and_the_json_are_checked_before_the_signature() {
    let unknown = r#"{"__type":"UnknownOperationException"}"#;
    let not_json = r#"{"__type":"SerializationException"}"#;
    check("other operation", body(signed("Firehose_20150804.Nothing"), "{}"), 400, unknown).await;
    check("other service", body(signed("Kinesis_20131202.PutRecord"), "{}"), 400, unknown).await;
    check("no operation", body(signed("Firehose_20150804"), "{}"), 400, unknown).await;
    check("other operation, no body", body(signed("Firehose_20150804.Nothing"), ""), 400, unknown).await;
    check("other operation, a text", body(signed("Firehose_20150804.Nothing"), "\"text\""), 400, not_json).await;
    check("other operation, a list", body(signed("Firehose_20150804.Nothing"), "[]"), 400, unknown).await;
    check(
        "no target",
        body(Request::post("/").header("content-type", "application/x-amz-json-1.1"), "{}"),
        400,
        unknown,
    )
    .await;
    check("text, unsigned", body(unsigned(), "null"), 400, not_json).await;
    check("other operation, not JSON", body(signed("Firehose_20150804.Nothing"), "{"), 400, not_json).await;
    check("no body", body(signed("Firehose_20150804.PutRecord"), ""), 400, not_json).await;
    check("not JSON", body(signed("Firehose_20150804.PutRecord"), "{\"a\":"), 400, not_json).await;
    check("not JSON, unsupported", body(signed("Firehose_20150804.UpdateDestination"), "{"), 400, not_json).await;
    check("not JSON, unsigned", body(unsigned(), "{"), 400, not_json).await;
    check("text", body(signed("Firehose_20150804.PutRecord"), "\"text\""), 400, not_json).await;
    let list = r#"{"Message":"Start of list found where not expected","__type":"SerializationException"}"#;
    check("list", body(signed("Firehose_20150804.PutRecord"), "[]"), 400, list).await;
}

#[tokio::test]
async fn a_signature_must_be_there_once_and_whole() {
    check(
        "none",
        body(unsigned(), "{}"),
        400,
        r#"{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}"#,
    )
    .await;
    let twice = signed("Firehose_20150804.ListDeliveryStreams").uri("/?X-Amz-Algorithm=AWS4-HMAC-SHA256");
    check(
        "both",
        body(twice, "{}"),
        400,
        r#"{"__type":"InvalidSignatureException","message":"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."}"#,
    )
    .await;
}

#[tokio::test]
async fn what_is_missing_of_a_signature_in_the_header_is_named() {
    let (key, signature, headers) = ("Credential=a", "Signature=b", "SignedHeaders=c");
    let needs_key = "Authorization header requires 'Credential' parameter. ";
    let needs_signature = "Authorization header requires 'Signature' parameter. ";
    let needs_headers = "Authorization header requires 'SignedHeaders' parameter. ";
    let needs_date = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    let cases = [
        (format!("AWS4- {signature}, {headers}"), true, needs_key.to_owned()),
        (format!("AWS4- {key},{headers}"), true, needs_signature.to_owned()),
        (format!("AWS4- {signature} {key}"), true, needs_headers.to_owned()),
        (format!("AWS4- {key}, {signature}, {headers}"), false, needs_date.to_owned()),
        (format!("AWS4- {key}, Signature=, {headers}"), true, needs_signature.to_owned()),
        ("X".to_owned(), false, [needs_key, needs_signature, needs_headers, needs_date].concat()),
    ];
    for (value, has_date, missing) in cases {
        let mut request = unsigned().header("authorization", &value);
        if has_date {
            request = request.header("date", "a");
        }
        let message = format!("{missing}Authorization={value}");
        let expected = format!(r#"{{"__type":"IncompleteSignatureException","message":"{message}"}}"#);
        check(&value, body(request, "{}"), 400, &expected).await;
    }
}

#[tokio::test]
async fn what_is_missing_of_a_signature_in_the_query_is_named() {
    let names = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];
    let whole: Vec<String> = names.iter().map(|name| format!("{name}=a")).collect();
    let listed = r#"{"DeliveryStreamNames":[],"HasMoreDeliveryStreams":false}"#;
    check("whole", body(unsigned().uri(format!("/?{}", whole.join("&"))), "{}"), 200, listed).await;
    let refused = |missing: &[&str]| {
        let each = missing.iter().map(|name| format!("AWS query-string parameters must include '{name}'. "));
        let message = each.collect::<String>() + "Re-examine the query-string parameters.";
        format!(r#"{{"__type":"IncompleteSignatureException","message":"{message}"}}"#)
    };
    for name in names.iter().skip(1) {
        let others: Vec<&str> =
            whole.iter().map(String::as_str).filter(|pair| pair.split('=').next() != Some(name)).collect();
        let request = unsigned().uri(format!("/?{}", others.join("&")));
        check(name, body(request, "{}"), 400, &refused(&[name])).await;
    }
    check("all", body(unsigned().uri("/?X-Amz-Algorithm"), "{}"), 400, &refused(&names)).await;
    let without_algorithm = unsigned().uri("/?X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d");
    let missing = r#"{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}"#;
    check("no algorithm", body(without_algorithm, "{}"), 400, missing).await;
}

/// Sends `sent` under the signature that a client makes of `text`, its clock off by some seconds.
async fn send_verified(target: &str, client: &Credential, skew_secs: i64, text: &str, sent: &str) -> (u16, String) {
    let request = Request::post("/")
        .header("host", "localhost:4566")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("Firehose_20150804.{target}"))
        .body(Bytes::from(text.to_owned()))
        .unwrap();
    let now = Clock::system().now() + SignedDuration::from_secs(skew_secs);
    let signed = client.sign(Rules::of("firehose"), request, "us-east-1", now).map(|_| Body::from(sent.to_owned()));
    let router = Stand::new().firehose.router_verifying(Verifier::new([Credential::new("key", "secret")]));
    let response = router.oneshot(signed).await.unwrap();
    check_ids(response.headers());
    let status = response.status().as_u16();
    let text = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(text.to_vec()).unwrap())
}

#[tokio::test]
async fn a_verified_signature_must_be_right() {
    let (ours, list) = (Credential::new("key", "secret"), "ListDeliveryStreams");
    let wrong = r#"{"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}"#;
    let listed = r#"{"DeliveryStreamNames":[],"HasMoreDeliveryStreams":false}"#;
    assert_eq!(send_verified(list, &ours, 0, "{}", "{}").await, (200, listed.to_owned()));
    let other = Credential::new("key", "guess");
    assert_eq!(send_verified(list, &other, 0, "{}", "{}").await, (400, wrong.to_owned()));
    assert_eq!(send_verified(list, &ours, 0, "{}", "{ }").await, (400, wrong.to_owned()));
    let long = format!("{{\"Limit\":1{}}}", " ".repeat(limits::INLINE_BODY_BYTES));
    assert_eq!(send_verified(list, &ours, 0, &long, &long).await, (200, listed.to_owned()));
    assert_eq!(send_verified(list, &ours, 0, "{}", &long).await, (400, wrong.to_owned()));
    let unknown = r#"{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}"#;
    let nobody = Credential::new("nobody", "secret");
    assert_eq!(send_verified(list, &nobody, 0, "{}", "{}").await, (400, unknown.to_owned()));
    for (skew_secs, text) in [(-600, "Signature expired: "), (600, "Signature not yet current: ")] {
        let (status, answer) = send_verified(list, &ours, skew_secs, "{}", "{}").await;
        let start = format!(r#"{{"__type":"InvalidSignatureException","message":"{text}"#);
        assert!(status == 400 && answer.starts_with(&start), "{answer}");
    }
}

#[tokio::test]
async fn target_and_json_are_checked_before_a_signature_is_verified_and_types_after() {
    let nobody = Credential::new("nobody", "secret");
    let unknown = r#"{"__type":"UnknownOperationException"}"#;
    assert_eq!(unknown.len(), 38);
    assert_eq!(send_verified("Nothing", &nobody, 0, "{}", "{}").await, (400, unknown.to_owned()));
    let not_json = r#"{"__type":"SerializationException"}"#;
    assert_eq!(send_verified("PutRecord", &nobody, 0, "{", "{").await, (400, not_json.to_owned()));
    let (_, answer) = send_verified("PutRecord", &nobody, 0, "[]", "[]").await;
    assert!(answer.contains("UnrecognizedClientException"), "{answer}");
}

#[tokio::test]
async fn a_body_over_the_bound_is_answered_with_413_alone() {
    let long = " ".repeat(limits::BODY_BYTES + 1);
    check("too long", body(signed("Firehose_20150804.PutRecordBatch"), &long), 413, "").await;
}
