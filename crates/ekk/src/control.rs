//! The control API under `/_ekk/` on the AWS endpoint: what a script or a test in any language asks of a stack.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /_ekk/health` | 200 once every part answers, else 503; `{"status", "parts": {name: "ok" or why not}}` |
//! | `GET /_ekk/streams` | `{"streams": [{"id", "name", "arn", "account_id", "region", "status", …}]}`, each with the `account` of its records or with what is `undelivered` |
//! | `GET /_ekk/streams/{id}` | one of them, with `recent` attempts to deliver; 404 when there is none of that id |
//! | `POST /_ekk/flush?stream=ID` | delivers what is buffered now, of one stream or of all; answers as `GET /_ekk/streams` |
//! | `POST /_ekk/wait?timeout_secs=30` | flushes and waits until all is delivered and searchable; 504 says what is missing |
//!
//! The id of a stream is its name, or `name@account.region` when that is not the stack's own account and region.
//! Errors are `{"error": text}`.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use ekk_delivery::{Delivery, Stream};
use ekk_firehose::{Firehose, StreamSummary};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Addresses, provision::Provisioner};

/// What the control API acts on.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    pub(crate) delivery: Delivery,
    pub(crate) firehose: Firehose,
    pub(crate) addresses: Addresses,
    pub(crate) provisioner: Provisioner,
}

/// How long `wait` waits when it is not told: long enough for a default buffer's delivery, short enough for a test.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// The longest wait that can be asked for.
const MAX_WAIT: Duration = Duration::from_hours(1);

impl Control {
    /// The routes of the control API.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/_ekk/health", get(health))
            .route("/_ekk/streams", get(streams))
            .route("/_ekk/streams/{name}", get(stream))
            .route("/_ekk/flush", post(flush))
            .route("/_ekk/wait", post(wait))
            .fallback(unknown)
            .with_state(self)
    }

    fn find(&self, id: &str) -> Result<Stream, Refusal> {
        self.delivery.stream(id).ok_or_else(|| no_stream(id))
    }

    fn all_streams(&self) -> Json<Value> {
        let streams: Vec<Value> = self.firehose.streams().into_iter().map(|stream| self.describe(stream)).collect();
        Json(json!({ "streams": streams }))
    }

    fn describe(&self, summary: StreamSummary) -> Value {
        let StreamSummary { id, name, arn, account, region, status, undelivered } = summary;
        let mut described = json!({
            "id": id, "name": name, "arn": arn, "account_id": account, "region": region, "status": status,
        });
        if let Some(stream) = self.delivery.stream(&id) {
            described["account"] = json!(stream.account());
        }
        if let Some(what) = undelivered {
            described["undelivered"] = what.into();
        }
        described
    }
}

async fn health(State(control): State<Control>) -> Response {
    let mut parts = serde_json::Map::new();
    let mut healthy = true;
    for (name, probe) in control.addresses.probes() {
        let state = match control.provisioner.probe(&probe).await {
            Ok(()) => "ok".to_owned(),
            Err(reason) => {
                healthy = false;
                reason
            }
        };
        parts.insert(name.to_owned(), Value::from(state));
    }
    let status = if healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if healthy { "ready" } else { "degraded" };
    (status, Json(json!({ "status": word, "parts": parts }))).into_response()
}

async fn streams(State(control): State<Control>) -> Json<Value> {
    control.all_streams()
}

async fn stream(State(control): State<Control>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let summary = control.firehose.streams().into_iter().find(|stream| stream.id == id);
    let mut described = control.describe(summary.ok_or_else(|| no_stream(&id))?);
    if let Some(stream) = control.delivery.stream(&id) {
        described["recent"] = json!(stream.recent());
    }
    Ok(Json(described))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlushOptions {
    stream: Option<String>,
}

async fn flush(
    State(control): State<Control>,
    options: Result<Query<FlushOptions>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(options) = options.map_err(|rejection| error(StatusCode::BAD_REQUEST, &rejection.body_text()))?;
    let streams = match &options.stream {
        Some(name) => vec![control.find(name)?],
        None => control.delivery.streams(),
    };
    for stream in streams {
        stream.flush().await;
    }
    Ok(control.all_streams())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaitOptions {
    timeout_secs: Option<f64>,
}

async fn wait(
    State(control): State<Control>,
    options: Result<Query<WaitOptions>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let Query(options) = options.map_err(|rejection| error(StatusCode::BAD_REQUEST, &rejection.body_text()))?;
    let patience = match options.timeout_secs {
        None => DEFAULT_WAIT,
        Some(secs) => Duration::try_from_secs_f64(secs).ok().filter(|asked| *asked <= MAX_WAIT).ok_or_else(|| {
            error(StatusCode::BAD_REQUEST, &format!("timeout_secs={secs} is not in 0..={}", MAX_WAIT.as_secs()))
        })?,
    };
    if let Err(unsettled) = control.delivery.settle(patience).await {
        return Err(error(StatusCode::GATEWAY_TIMEOUT, &unsettled.to_string()));
    }
    control.provisioner.refresh().await.map_err(|reason| error(StatusCode::BAD_GATEWAY, &reason.to_string()))?;
    Ok(control.all_streams())
}

async fn unknown() -> Refusal {
    error(StatusCode::NOT_FOUND, "the control API has health, streams, streams/NAME, flush and wait")
}

fn no_stream(id: &str) -> Refusal {
    error(StatusCode::NOT_FOUND, &format!("no stream has the name {id}"))
}

/// An answer that says what is wrong.
type Refusal = (StatusCode, Json<Value>);

fn error(status: StatusCode, text: &str) -> Refusal {
    (status, Json(json!({ "error": text })))
}
