//! The API over HTTP requests in process: every answer is checked for what all answers have.

mod faults;
mod front_end;
mod life_cycle;
mod properties;
mod puts;
mod sdk;

use std::path::Path;

use axum::{Router, body::Body, response::Response};
use ekk_clock::Clock;
use ekk_delivery::Delivery;
use ekk_faults::Faults;
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{Config, Error, Firehose};

pub(super) const ROLE: &str = "arn:aws:iam::000000000000:role/firehose";
const AUTHORIZATION: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/firehose/aws4_request, SignedHeaders=host, Signature=0";

/// A Firehose on a clock that stands still, so that nothing is delivered: records stay queued.
pub(super) struct Stand {
    pub(super) firehose: Firehose,
    pub(super) delivery: Delivery,
    pub(super) clock: Clock,
    pub(super) faults: Faults,
    router: Router,
}

/// An answer whose headers were found good.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Stand {
    pub(super) fn new() -> Self {
        Self::with(None, 1 << 20).unwrap()
    }

    pub(super) fn with(folder: Option<&Path>, queue_bytes: u64) -> Result<Self, Error> {
        let clock = Clock::frozen_at("2026-01-01T00:00:00.25Z".parse().unwrap());
        let faults = Faults::new(clock.clone(), 1);
        let delivery = ekk_delivery::Config {
            opensearch: "http://127.0.0.1:1".parse().unwrap(),
            s3: "http://127.0.0.1:1".parse().unwrap(),
            region: "us-east-1".to_owned(),
            folder: None,
            queue_bytes,
            seed: 1,
            faults: faults.clone(),
        };
        let delivery = Delivery::start(delivery, clock.clone()).unwrap();
        let config = Config {
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            folder: folder.map(Path::to_owned),
            allow_undelivered: false,
            seed: 1,
            faults: faults.clone(),
        };
        let firehose = Firehose::start(config, delivery.clone(), clock.clone())?;
        Ok(Self { router: firehose.router(), firehose, delivery, clock, faults })
    }

    /// A stand with one stream of this name.
    pub(super) fn with_stream(name: &str) -> Self {
        let stand = Self::new();
        stand.firehose.create_from_json(stream(name).to_string().as_bytes()).unwrap();
        stand
    }

    pub(super) fn router(&self) -> Router {
        self.router.clone()
    }

    /// Sends a signed request as an SDK does.
    pub(super) async fn call(&self, operation: &str, request: &Value) -> Answer {
        self.call_raw(operation, request.to_string()).await
    }

    pub(super) async fn call_raw(&self, operation: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Firehose_20150804.{operation}"))
            .header("authorization", AUTHORIZATION)
            .header("x-amz-date", "20260101T000000Z")
            .body(body.into())
            .unwrap();
        let response = self.send(request).await;
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status, body }
    }

    /// Sends any request; the ids that every answer carries are checked.
    pub(super) async fn send(&self, request: Request<Body>) -> Response {
        let response = self.router().oneshot(request).await.unwrap();
        check_ids(response.headers());
        response
    }
}

fn check_ids(headers: &HeaderMap) {
    let request_id = headers["x-amzn-requestid"].to_str().unwrap();
    assert!(request_id.len() == 36 && request_id.matches('-').count() == 4, "not a UUID: {request_id}");
    assert_eq!(headers["x-amz-id-2"].len(), 96);
}

/// The smallest request for a stream to an index.
pub(super) fn stream(name: &str) -> Value {
    json!({
        "DeliveryStreamName": name,
        "AmazonopensearchserviceDestinationConfiguration": {
            "RoleARN": ROLE,
            "DomainARN": "arn:aws:es:us-east-1:000000000000:domain/logs",
            "IndexName": "logs",
            "S3Configuration": bucket(),
        },
    })
}

/// The smallest configuration of a bucket.
pub(super) fn bucket() -> Value {
    json!({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::logs-backup"})
}

impl Answer {
    #[track_caller]
    pub(super) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The code and the text of an error of the client's.
    #[track_caller]
    pub(super) fn refused(self) -> (String, String) {
        assert_eq!(self.status, 400, "{}", self.body);
        let text = |name: &str| self.body[name].as_str().unwrap_or_default().to_owned();
        (text("__type"), text("message") + &text("Message"))
    }
}
