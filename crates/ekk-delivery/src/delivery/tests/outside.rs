//! A stand-in for a cluster and a bucket on one port: it keeps what it is given and answers as it is told.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{post, put},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::*;

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
    answers: Answers,
}

#[derive(Clone, Debug)]
pub(super) struct Outside {
    port: u16,
    given: watch::Sender<Given>,
}

impl Outside {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let outside = Self { port: listener.local_addr().unwrap().port(), given: watch::Sender::default() };
        let router = Router::new()
            .route("/_bulk", post(bulk))
            .route("/{bucket}/{*key}", put(object))
            .layer(DefaultBodyLimit::disable())
            .with_state(outside.given.clone());
        #[expect(clippy::disallowed_methods, reason = "the test's runtime ends with the test, and this task with it")]
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        outside
    }

    pub(super) fn config(&self) -> Config {
        let url: Url = format!("http://127.0.0.1:{}", self.port).parse().unwrap();
        Config {
            opensearch: url.clone(),
            s3: url,
            region: "us-east-1".to_owned(),
            folder: None,
            queue_bytes: crate::DEFAULT_QUEUE_BYTES,
            seed: 7,
            faults: ekk_faults::Faults::default(),
        }
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
        let objects = self.objects.iter().filter(|(key, _)| key.contains("-failed/"));
        objects
            .flat_map(|(_, body)| {
                String::from_utf8(body.to_vec()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .map(|line| serde_json::from_str(&line).unwrap())
            .collect()
    }
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
    body: Bytes,
) -> Response {
    let mut answer = StatusCode::OK.into_response();
    given.send_modify(|given| match given.answers.object_status {
        Some(status) => {
            let error = "<Error><Code>NoSuchBucket</Code><Message>It is not there</Message></Error>";
            answer = (StatusCode::from_u16(status).unwrap(), error).into_response();
        }
        None => drop(given.objects.insert(format!("{bucket}/{key}"), body)),
    });
    answer
}
