//! A stand-in for a cluster and a bucket on one port: it keeps what it is given and answers as it is told.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::{HeaderMap, StatusCode},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{post, put},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::*;

/// Answers an event with a status, whether it is a function error, and the response.
pub(super) type Function = fn(&Value) -> (u16, bool, String);

/// What the stand-in answers. Documents that contain `conflict` are refused with 400, always.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    /// The status of bulk requests, instead of carrying them out.
    pub(super) bulk_status: Option<u16>,
    /// The status of documents that contain `busy`.
    pub(super) busy_status: Option<u16>,
    /// The most documents in a request; more are answered with 413.
    pub(super) most_documents: Option<usize>,
    /// Whether bulk requests are carried out but answered with 500.
    pub(super) loses_them: bool,
    /// The status of objects, instead of keeping them.
    pub(super) object_status: Option<u16>,
    /// What the function answers; without it, every record as it is.
    pub(super) function: Option<Function>,
    /// Requests with this in their body are not looked at while this is so; all requests have an empty text.
    pub(super) held: Option<String>,
    /// What the endpoint answers, instead of acknowledging.
    pub(super) endpoint: Option<(u16, &'static str)>,
}

/// What the stand-in was given.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    /// Documents by index and id.
    pub(super) documents: BTreeMap<(String, String), String>,
    /// How many documents each bulk request that was carried out had.
    pub(super) bulks: Vec<usize>,
    /// Objects by bucket and key.
    pub(super) objects: BTreeMap<String, Bytes>,
    /// Parts of uploads that are not complete, by bucket and key.
    pub(super) parts: BTreeMap<String, Vec<Bytes>>,
    /// How many parts each object has that was written in parts.
    pub(super) part_counts: Vec<usize>,
    /// The headers of objects, by bucket and key: type and encoding.
    pub(super) types: BTreeMap<String, (String, Option<String>)>,
    /// The events that the function got.
    pub(super) events: Vec<Value>,
    /// The requests that the endpoint got: their headers, path and query, and body.
    pub(super) requests: Vec<(BTreeMap<String, String>, String, Value)>,
    /// How many requests are held.
    pub(super) held: usize,
    answers: Answers,
}

#[derive(Clone, Debug)]
pub(super) struct Outside {
    pub(super) port: u16,
    given: watch::Sender<Given>,
}

impl Outside {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let outside = Self { port: listener.local_addr().unwrap().port(), given: watch::Sender::default() };
        let router = Router::new()
            .route("/_bulk", post(bulk))
            .route("/2015-03-31/functions/{function}/invocations", post(invoke))
            .route("/endpoint/{path}", post(endpoint))
            .route("/{bucket}/{*key}", put(object).post(upload).delete(abort))
            .layer(from_fn_with_state(outside.given.clone(), hold))
            .layer(DefaultBodyLimit::disable())
            .with_state(outside.given.clone());
        #[expect(clippy::disallowed_methods, reason = "the test's runtime ends with the test, and this task with it")]
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        outside
    }

    pub(super) fn config(&self) -> Config {
        let url = self.url("");
        Config {
            opensearch: url.clone(),
            s3: url,
            region: "us-east-1".to_owned(),
            folder: None,
            queue_bytes: crate::DEFAULT_QUEUE_BYTES,
            seed: 7,
            faults: ekk_faults::Faults::default(),
            lambda: BTreeMap::from([("*".to_owned(), LambdaTarget::Http(self.url("")))]),
        }
    }

    pub(super) fn url(&self, path: &str) -> Url {
        format!("http://127.0.0.1:{}/{path}", self.port).parse().unwrap()
    }

    pub(super) fn answer(&self, change: impl FnOnce(&mut Answers)) {
        self.given.send_modify(|given| change(&mut given.answers));
    }

    pub(super) fn given(&self) -> Given {
        self.given.borrow().clone()
    }

    /// Waits until what was given is as it shall be.
    pub(super) async fn wait(&self, reached: impl FnMut(&Given) -> bool) -> Given {
        let mut given = self.given.subscribe();
        let found = tokio::time::timeout(PATIENCE, given.wait_for(reached)).await;
        found.expect("the stand-in was not given what the test waits for").unwrap().clone()
    }
}

impl Given {
    /// The documents' texts with their indices, in the order of their ids.
    pub(super) fn texts(&self) -> Vec<(&str, &str)> {
        let mut documents: Vec<_> = self.documents.iter().collect();
        documents.sort_by_key(|((_, id), _)| id.as_str());
        documents.into_iter().map(|((index, _), text)| (index.as_str(), text.as_str())).collect()
    }

    /// The failed documents in all objects.
    pub(super) fn failed_documents(&self) -> Vec<Value> {
        self.lines_of("-failed/")
    }

    /// The lines of all objects whose key contains `part`.
    pub(super) fn lines_of(&self, part: &str) -> Vec<Value> {
        let objects = self.objects.iter().filter(|(key, _)| key.contains(part));
        objects
            .flat_map(|(_, body)| {
                String::from_utf8(body.to_vec()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .map(|line| serde_json::from_str(&line).unwrap())
            .collect()
    }
}

/// Holds a request back while it shall be held.
async fn hold(State(given): State<watch::Sender<Given>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let is_held = |given: &Given| {
        given.answers.held.as_ref().is_some_and(|text| memchr::memmem::find(&body, text.as_bytes()).is_some())
    };
    if is_held(&given.borrow()) {
        let mut news = given.subscribe();
        given.send_modify(|given| given.held += 1);
        news.wait_for(|given| !is_held(given)).await.unwrap();
        given.send_modify(|given| given.held -= 1);
    }
    next.run(Request::from_parts(head, body.into())).await
}

async fn bulk(State(given): State<watch::Sender<Given>>, body: Bytes) -> Response {
    let mut answer = (StatusCode::OK, String::new());
    given.send_modify(|given| answer = carry_out(given, &body));
    answer.into_response()
}

fn carry_out(given: &mut Given, body: &[u8]) -> (StatusCode, String) {
    if let Some(status) = given.answers.bulk_status {
        return (StatusCode::from_u16(status).unwrap(), format!("the stand-in was told to answer {status}"));
    }
    assert!(body.ends_with(b"\n"), "a bulk request ends with a line feed");
    let mut lines = body.split(|byte| *byte == b'\n').collect::<Vec<_>>();
    lines.pop();
    assert_eq!(lines.len() % 2, 0, "each document has its action: {}", body.escape_ascii());
    if given.answers.most_documents.is_some_and(|most| lines.len() / 2 > most) {
        return (StatusCode::PAYLOAD_TOO_LARGE, String::new());
    }
    given.bulks.push(lines.len() / 2);
    let items: Vec<Value> = lines
        .chunks(2)
        .map(|pair| {
            let [action, document] = pair else { unreachable!("the number of lines is even") };
            let action: Value = serde_json::from_slice(action).unwrap();
            item(given, action.get("index").unwrap(), &String::from_utf8_lossy(document))
        })
        .collect();
    let errors = items.iter().any(|item| item.pointer("/index/error").is_some());
    if given.answers.loses_them {
        return (StatusCode::INTERNAL_SERVER_ERROR, "the answer got lost".to_owned());
    }
    (StatusCode::OK, json!({ "took": 1, "errors": errors, "items": items }).to_string())
}

fn item(given: &mut Given, action: &Value, document: &str) -> Value {
    let index = action.get("_index").unwrap().as_str().unwrap();
    let id = action.get("_id").map_or_else(|| given.documents.len().to_string(), |id| id.as_str().unwrap().to_owned());
    let status = match document {
        _ if document.contains("conflict") => 400,
        _ if document.contains("busy") => given.answers.busy_status.unwrap_or(201),
        _ => 201,
    };
    if status == 201 {
        given.documents.insert((index.to_owned(), id.clone()), document.to_owned());
        return json!({ "index": { "_index": index, "_id": id, "status": status, "result": "created" } });
    }
    let error = json!({ "type": "stand_in_exception", "reason": format!("status {status}") });
    json!({ "index": { "_index": index, "_id": id, "status": status, "error": error } })
}

async fn object(
    State(given): State<watch::Sender<Given>>,
    Path((bucket, key)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let name = format!("{bucket}/{key}");
    let mut answer = StatusCode::OK.into_response();
    given.send_modify(|given| {
        if let Some(status) = given.answers.object_status {
            let error = "<Error><Code>NoSuchBucket</Code><Message>It is not there</Message></Error>";
            answer = (StatusCode::from_u16(status).unwrap(), error).into_response();
        } else if let Some(number) = query.get("partNumber") {
            let parts = given.parts.get_mut(&name).unwrap();
            parts.push(body);
            assert_eq!(parts.len().to_string(), *number);
            answer = [("etag", format!("\"{number}\""))].into_response();
        } else {
            given.types.insert(name.clone(), types(&headers));
            given.objects.insert(name, body);
        }
    });
    answer
}

fn types(headers: &HeaderMap) -> (String, Option<String>) {
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    (header("content-type").unwrap_or_default(), header("content-encoding"))
}

/// Begins or completes an upload in parts.
async fn upload(
    State(given): State<watch::Sender<Given>>,
    Path((bucket, key)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let name = format!("{bucket}/{key}");
    let mut answer = StatusCode::OK.into_response();
    given.send_modify(|given| {
        if let Some(status) = given.answers.object_status {
            answer = StatusCode::from_u16(status).unwrap().into_response();
        } else if query.contains_key("uploads") {
            given.parts.insert(name.clone(), Vec::new());
            given.types.insert(name, types(&headers));
            answer = "<InitiateMultipartUploadResult><UploadId>up/1</UploadId></InitiateMultipartUploadResult>"
                .into_response();
        } else {
            assert_eq!(query.get("uploadId").unwrap(), "up/1");
            let parts = given.parts.remove(&name).unwrap();
            assert_eq!(body.matches("<PartNumber>").count(), parts.len());
            assert!(body.contains("<ETag>\"1\"</ETag>"), "{body}");
            given.part_counts.push(parts.len());
            given.objects.insert(name, parts.concat().into());
            answer = "<CompleteMultipartUploadResult/>".into_response();
        }
    });
    answer
}

async fn abort(State(given): State<watch::Sender<Given>>, Path((bucket, key)): Path<(String, String)>) {
    given.send_modify(|given| drop(given.parts.remove(&format!("{bucket}/{key}"))));
}

async fn invoke(State(given): State<watch::Sender<Given>>, Path(function): Path<String>, body: Bytes) -> Response {
    assert!(function.starts_with("arn:aws:lambda:"), "{function}");
    let event: Value = serde_json::from_slice(&body).unwrap();
    let mut answer = StatusCode::OK.into_response();
    given.send_modify(|given| {
        let (status, is_error, response) = match given.answers.function {
            Some(function) => function(&event),
            None => (200, false, each(&event, |_, data| json!({ "result": "Ok", "data": data }))),
        };
        given.events.push(event);
        answer = (StatusCode::from_u16(status).unwrap(), response).into_response();
        if is_error {
            answer.headers_mut().insert("x-amz-function-error", "Unhandled".parse().unwrap());
        }
    });
    answer
}

/// A response that answers each record of an event by its place and data.
pub(super) fn each(event: &Value, answer: impl Fn(usize, &str) -> Value) -> String {
    let records = event.get("records").unwrap().as_array().unwrap().iter().enumerate().map(|(place, record)| {
        let mut answer = answer(place, record.get("data").unwrap().as_str().unwrap());
        answer.as_object_mut().unwrap().insert("recordId".to_owned(), record.get("recordId").unwrap().clone());
        answer
    });
    json!({ "records": records.collect::<Vec<_>>() }).to_string()
}

async fn endpoint(
    State(given): State<watch::Sender<Given>>,
    uri: axum::http::Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let body = match headers.get("content-encoding") {
        Some(_) => {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*body), &mut text).unwrap();
            text.into()
        }
        None => body,
    };
    let body: Value = serde_json::from_slice(&body).unwrap();
    let acknowledged = json!({ "requestId": body.get("requestId").unwrap(), "timestamp": 1 }).to_string();
    let mut answer = StatusCode::OK.into_response();
    given.send_modify(|given| {
        let (status, text) = match given.answers.endpoint {
            Some((status, text)) => (status, text.to_owned()),
            None => (200, acknowledged),
        };
        given.requests.push((headers, uri.to_string(), body));
        let headers = [("content-type", "application/json"), ("location", "/endpoint/elsewhere")];
        answer = (StatusCode::from_u16(status).unwrap(), headers, text).into_response();
    });
    answer
}
