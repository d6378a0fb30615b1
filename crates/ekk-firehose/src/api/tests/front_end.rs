//! What the front end refuses before it looks at an operation.

use axum::body::Body;
use http::{Request, request::Builder};
use http_body_util::BodyExt as _;

use super::{AUTHORIZATION, Stand, stream};
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
    let response = Stand::new().send(request).await;
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
}

#[tokio::test]
async fn the_target_and_the_json_are_checked_before_the_signature() {
    let unknown = r#"{"__type":"UnknownOperationException"}"#;
    let not_json = r#"{"__type":"SerializationException"}"#;
    check("other operation", body(signed("Firehose_20150804.Nothing"), "{}"), 400, unknown).await;
    check("other service", body(signed("Kinesis_20131202.PutRecord"), "{}"), 400, unknown).await;
    check("no operation", body(signed("Firehose_20150804"), "{}"), 400, unknown).await;
    check("other operation, no body", body(signed("Firehose_20150804.Nothing"), ""), 400, unknown).await;
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
    check(
        "parts are missing",
        body(unsigned().header("authorization", "AWS4-HMAC-SHA256 Credential=a/b"), "{}"),
        400,
        r#"{"__type":"IncompleteSignatureException","message":"Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256 Credential=a/b"}"#,
    )
    .await;
    let presigned = unsigned().uri("/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0");
    check("query", body(presigned, "{}"), 200, r#"{"DeliveryStreamNames":[],"HasMoreDeliveryStreams":false}"#).await;
}

#[tokio::test]
async fn a_body_over_the_bound_is_answered_with_413_alone() {
    let long = " ".repeat(limits::BODY_BYTES + 1);
    check("too long", body(signed("Firehose_20150804.PutRecordBatch"), &long), 413, "").await;
}

#[tokio::test]
async fn an_operation_that_is_not_built_is_refused_by_its_name() {
    let stand = Stand::new();
    for operation in [
        "ListTagsForDeliveryStream",
        "StartDeliveryStreamEncryption",
        "StopDeliveryStreamEncryption",
        "TagDeliveryStream",
        "UntagDeliveryStream",
        "UpdateDestination",
    ] {
        let (code, message) = stand.call(operation, &stream("logs")).await.refused();
        assert_eq!(code, "InvalidArgumentException");
        assert_eq!(message, format!("{operation} is not supported by ekk yet"));
    }
}
