//! The API over HTTP requests in process: every answer is checked for what all answers have.

mod bounds;
mod constraints;
mod conversions;
mod destinations;
mod encryption;
mod faults;
mod front_end;
mod isolation;
mod life_cycle;
mod properties;
mod puts;
mod quotas;
mod requests;
mod sdk;
mod sdk_reads;
mod tags;

use std::{collections::BTreeMap, path::Path, time::Duration};

use axum::{Router, body::Body, response::Response};
use ekk_clock::Clock;
use ekk_delivery::Delivery;
use ekk_faults::Faults;
use http::{HeaderMap, Request, request::Builder};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{Config, Error, Firehose, Quotas};

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
        Self::started(queue_bytes, |config| config.folder = folder.map(Path::to_owned))
    }

    /// A stand whose service is told something else.
    pub(super) fn configured(configure: impl FnOnce(&mut Config)) -> Self {
        Self::started(1 << 20, configure).unwrap()
    }

    /// A stand that takes streams which are not delivered.
    pub(super) fn allowing_undelivered() -> Self {
        Self::configured(|config| config.allow_undelivered = true)
    }

    fn started(queue_bytes: u64, configure: impl FnOnce(&mut Config)) -> Result<Self, Error> {
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
            lambda: BTreeMap::new(),
        };
        let delivery = Delivery::start(delivery, clock.clone()).unwrap();
        let mut config = Config {
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            folder: None,
            allow_undelivered: false,
            transition_delay: Duration::ZERO,
            quotas: Quotas::Unlimited,
            seed: 1,
            faults: faults.clone(),
        };
        configure(&mut config);
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
        self.call_by("test/20260101/us-east-1", operation, body).await
    }

    /// Sends a put as `CloudWatch` Logs would.
    pub(super) async fn call_for_logs(&self, operation: &str, request: &Value) -> Answer {
        let request = signed(operation, "test/20260101/us-east-1")
            .header("x-amz-source-arn", "arn:aws:logs:us-east-1:000000000000:log-group:/app")
            .body(Body::from(request.to_string()))
            .unwrap();
        self.answer(request).await
    }

    /// Sends a request that another account signs, or for another region.
    pub(super) async fn call_by(&self, scope: &str, operation: &str, body: impl Into<Body>) -> Answer {
        self.answer(signed(operation, scope).body(body.into()).unwrap()).await
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.send(request).await;
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status, body }
    }

    /// The body of the answer to a good request, as it is on the wire.
    pub(super) async fn call_text(&self, operation: &str, request: &Value) -> String {
        let request = signed(operation, "test/20260101/us-east-1").body(Body::from(request.to_string())).unwrap();
        let bytes = self.send(request).await.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// Sends any request; the ids that every answer carries are checked.
    pub(super) async fn send(&self, request: Request<Body>) -> Response {
        let response = self.router().oneshot(request).await.unwrap();
        check_ids(response.headers());
        response
    }
}

/// A request for an operation, signed in the scope of a credential.
fn signed(operation: &str, scope: &str) -> Builder {
    Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("Firehose_20150804.{operation}"))
        .header("authorization", AUTHORIZATION.replace("test/20260101/us-east-1", scope))
        .header("x-amz-date", "20260101T000000Z")
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

/// The smallest request for a stream of a Kinesis stream, which is not delivered.
pub(super) fn kinesis_stream(name: &str) -> Value {
    json!({
        "DeliveryStreamName": name,
        "DeliveryStreamType": "KinesisStreamAsSource",
        "KinesisStreamSourceConfiguration": {
            "KinesisStreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/source",
            "RoleARN": ROLE,
        },
        "ExtendedS3DestinationConfiguration": bucket(),
    })
}

/// A request that has no more than a stream's name.
pub(super) fn named(name: &str) -> Value {
    json!({"DeliveryStreamName": name})
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

    /// The text of an error of the client's with this code.
    #[track_caller]
    pub(super) fn refused_as(self, code: &str) -> String {
        let (found, text) = self.refused();
        assert_eq!(found, code, "{text}");
        text
    }

    /// The code and the text of an error of the client's.
    #[track_caller]
    pub(super) fn refused(self) -> (String, String) {
        assert_eq!(self.status, 400, "{}", self.body);
        let text = |name: &str| self.body[name].as_str().unwrap_or_default().to_owned();
        (text("__type"), text("message") + &text("Message"))
    }
}
