//! An OpenSearch that gives recorded answers (of version 3.4.0) and keeps what it was asked.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use ekk_server::listen;
use serde_json::Value;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

pub(super) const FIELD_CAPS: &str = include_str!("recorded/field_caps.json");
pub(super) const NO_FIELDS: &str = r#"{"indices":[],"fields":{}}"#;
pub(super) const COUNTS: &str = include_str!("recorded/counts.json");
pub(super) const COUNTS_EMPTY: &str = include_str!("recorded/counts_empty.json");
pub(super) const RECORDS: &str = include_str!("recorded/records.json");
pub(super) const REASONS_OUTSIDE: &str = include_str!("recorded/reasons_outside.json");
pub(super) const REASONS_EXCLUDED: &str = include_str!("recorded/reasons_excluded.json");
pub(super) const SYNTAX_ERROR: &str = include_str!("recorded/syntax_error.json");

/// What the stub answers.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    pub(super) field_caps: String,
    pub(super) counts: String,
    pub(super) records: String,
    pub(super) reasons: String,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            field_caps: FIELD_CAPS.to_owned(),
            counts: COUNTS.to_owned(),
            records: RECORDS.to_owned(),
            reasons: REASONS_OUTSIDE.to_owned(),
        }
    }
}

/// A running stub; it stops when dropped.
pub(super) struct Stub {
    pub(super) url: Url,
    asked: Asked,
    stop: CancellationToken,
}

type Asked = Arc<Mutex<Vec<(String, Value)>>>;

impl Stub {
    pub(super) async fn start(answers: Answers) -> Self {
        let asked = Asked::default();
        let router = Router::new()
            .route("/", get(|| async { include_str!("recorded/root.json") }))
            .route("/{pattern}/_field_caps", get(field_caps))
            .route("/{pattern}/_search", post(search))
            .with_state((answers, Arc::clone(&asked)));
        let (url, stop) = serve(router).await;
        Self { url, asked, stop }
    }

    /// The pattern and body of each search so far.
    pub(super) fn searches(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Serves a router on a port of the system's choice until the token is cancelled.
pub(super) async fn serve(router: Router) -> (Url, CancellationToken) {
    let listener = listen::bind("stub", ([127, 0, 0, 1], 0).into()).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    tasks.spawn(listen::serve(listener, router, stop.clone()));
    tasks.close();
    (url, stop)
}

async fn field_caps(State((answers, _)): State<(Answers, Asked)>) -> Response {
    answer(&answers.field_caps)
}

async fn search(
    State((answers, asked)): State<(Answers, Asked)>,
    Path(pattern): Path<String>,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap();
    asked.lock().unwrap().push((pattern, body.clone()));
    if body.pointer("/aggs/matching").is_some() {
        answer(&answers.reasons)
    } else if body["size"] == 0 {
        answer(&answers.counts)
    } else {
        answer(&answers.records)
    }
}

fn answer(text: &str) -> Response {
    let body: Value = serde_json::from_str(text).unwrap();
    let status = body["status"].as_u64().and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    (status.unwrap_or(StatusCode::OK), Json(body)).into_response()
}
