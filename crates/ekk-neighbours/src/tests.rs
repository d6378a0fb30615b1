//! The services as their clients see them: over the router, by hand and by the AWS SDK.

mod domains;
mod front_door;
mod iam;
mod properties;
mod restart;
mod sdk;
mod sts;
mod terraform;

use axum::{Router, body::Body};
use ekk_clock::Clock;
use http::{HeaderMap, Request, StatusCode, header::AUTHORIZATION};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{Config, Neighbours};

const ACCOUNT: &str = "000000000000";
const DATE: &str = "20261123T080000Z";
const START: &str = "2026-11-23T08:00:00Z";

/// The services on a clock that stands, and a client of them.
#[derive(Clone)]
struct Stand {
    neighbours: Neighbours,
    clock: Clock,
    access_key: String,
    region: &'static str,
}

/// What was answered, whichever the protocol.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Stand {
    fn new() -> Self {
        Self::with(None)
    }

    fn with(folder: Option<std::path::PathBuf>) -> Self {
        let clock = Clock::frozen_at(START.parse().unwrap());
        let config = Config {
            opensearch: "http://127.0.0.1:9200/".parse().unwrap(),
            region: "us-east-1".to_owned(),
            account: ACCOUNT.to_owned(),
            folder,
            seed: 7,
        };
        let neighbours = Neighbours::start(config, clock.clone()).unwrap();
        Self { neighbours, clock, access_key: "test".to_owned(), region: "us-east-1" }
    }

    fn router(&self) -> Router {
        self.neighbours.router()
    }

    /// The same services as another client sees them.
    fn as_client(&self, access_key: &str, region: &'static str) -> Self {
        Self { access_key: access_key.to_owned(), region, ..self.clone() }
    }

    fn authorization(&self, service: &str) -> String {
        let (key, region) = (&self.access_key, self.region);
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/20261123/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        )
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        self.send_to(self.router(), request).await
    }

    async fn send_to(&self, router: Router, request: Request<Body>) -> Answer {
        let response = router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// A request to `OpenSearch` Service.
    async fn es(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder().method(method).uri(path).header(AUTHORIZATION, self.authorization("es"));
        self.send(request.header("x-amz-date", DATE).body(body).unwrap()).await
    }

    /// The body of a request to `OpenSearch` Service that is answered with 200.
    #[track_caller]
    fn es_ok(&self, method: &str, path: &str, body: &Value) -> impl Future<Output = Value> {
        let (stand, method, path, body) = (self.clone(), method.to_owned(), path.to_owned(), body.clone());
        async move {
            let answer = stand.es(&method, &path, &body).await;
            assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
            answer.json()
        }
    }

    /// Status, code and message of a request to `OpenSearch` Service that is refused.
    async fn es_refused(&self, method: &str, path: &str, body: &Value) -> (u16, String, String) {
        let answer = self.es(method, path, body).await;
        let code = answer.headers.get("x-amzn-errortype").map(|code| code.to_str().unwrap().to_owned());
        let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
        (answer.status.as_u16(), code.unwrap_or_default(), message)
    }

    /// A request in the Query protocol; its API's version is put in.
    async fn query(&self, service: &str, members: &[(&str, &str)]) -> Answer {
        let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("Version", version).extend_pairs(members);
        let request = Request::post("/").header(AUTHORIZATION, self.authorization(service)).header("x-amz-date", DATE);
        self.send(request.body(Body::from(form.finish())).unwrap()).await
    }

    async fn iam(&self, action: &str, members: &[(&str, &str)]) -> Answer {
        self.query("iam", &[&[("Action", action)], members].concat()).await
    }

    async fn iam_ok(&self, action: &str, members: &[(&str, &str)]) -> Answer {
        let answer = self.iam(action, members).await;
        assert_eq!(answer.status, 200, "{action}: {answer:?}");
        answer
    }

    async fn iam_refused(&self, action: &str, members: &[(&str, &str)]) -> (u16, String, String) {
        self.iam(action, members).await.refusal()
    }
}

impl Answer {
    fn json(&self) -> Value {
        if self.text.is_empty() { Value::Null } else { serde_json::from_str(&self.text).unwrap() }
    }

    /// The text of the first element of this name.
    fn element(&self, name: &str) -> Option<String> {
        self.elements(name).into_iter().next()
    }

    /// The texts of all elements of this name.
    fn elements(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let parts = self.text.split(&open).skip(1);
        let text = |part: &str| part.split(&close).next().unwrap().to_owned();
        parts.map(|part| text(part).replace("&quot;", "\"").replace("&gt;", ">").replace("&amp;", "&")).collect()
    }

    /// Status, code and message of a refusal in the Query protocol.
    fn refusal(&self) -> (u16, String, String) {
        let part = |name| self.element(name).unwrap_or_default();
        (self.status.as_u16(), part("Code"), part("Message"))
    }
}

#[track_caller]
fn refused(found: &(u16, String, String), status: u16, code: &str, message: &str) {
    assert_eq!((found.0, found.1.as_str(), found.2.as_str()), (status, code, message));
}
