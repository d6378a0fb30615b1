//! The control API under `/_ekk/` on the AWS endpoint: what a script or a test in any language asks of a stack.
//!
//! `control/openapi.json` describes it and is served at `/_ekk/openapi.json`; a test holds the two together. Each area has
//! a module of its own; here are the routes, and what all of them share. Errors are `{"error": text}`.
//!
//! The id of a stream is its name, or `name@account.region` when that is not the stack's own account and region.

mod clock;
mod faults;
mod metrics;
mod openapi;
mod reset;
mod streams;
mod wait;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Query, State, rejection::QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use ekk_clock::{Clock, Pace};
use ekk_delivery::{Delivery, Stream};
use ekk_faults::Faults;
use ekk_firehose::Firehose;
use serde_json::{Value, json};

pub(crate) use self::reset::Contents;
pub use self::reset::ResetError;
use crate::{Addresses, provision::Provisioner};

/// What the control API acts on.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    pub(crate) delivery: Delivery,
    pub(crate) firehose: Firehose,
    pub(crate) addresses: Addresses,
    pub(crate) provisioner: Provisioner,
    pub(crate) clock: Clock,
    /// How the clock ran when the stack started.
    pub(crate) pace: Pace,
    pub(crate) faults: Faults,
    pub(crate) contents: Arc<Contents>,
}

/// How long a request waits when it is not told: long enough for a default buffer's delivery, short enough for a test.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(30);

/// The longest wait that can be asked for.
const MAX_PATIENCE: Duration = Duration::from_hours(1);

/// Bytes of a request's body; a rule of faults has a few hundred.
const BODY_BYTES: usize = 64 << 10;

/// One path with what answers there, by method.
type Route = (&'static str, &'static [&'static str], MethodRouter<Control>);

/// All paths of the API.
fn routes() -> Vec<Route> {
    vec![
        ("/_ekk/health", &["GET"], get(health)),
        ("/_ekk/streams", &["GET"], get(streams::list)),
        ("/_ekk/streams/{id}", &["GET"], get(streams::one)),
        ("/_ekk/streams/{id}/deliveries", &["GET"], get(streams::deliveries)),
        ("/_ekk/streams/{id}/records", &["GET"], get(streams::records)),
        ("/_ekk/flush", &["POST"], post(streams::flush)),
        ("/_ekk/wait", &["POST"], post(wait::wait)),
        ("/_ekk/clock", &["GET", "POST"], get(clock::show).post(clock::change)),
        ("/_ekk/faults", &["GET", "POST", "DELETE"], get(faults::list).post(faults::add).delete(faults::clear)),
        ("/_ekk/faults/{id}", &["DELETE"], axum::routing::delete(faults::remove)),
        ("/_ekk/metrics", &["GET"], get(metrics::metrics)),
        ("/_ekk/reset", &["POST"], post(reset::reset)),
        ("/_ekk/openapi.json", &["GET"], get(openapi::document)),
    ]
}

impl Control {
    /// The routes of the control API.
    pub(crate) fn router(self) -> Router {
        let router = routes().into_iter().fold(Router::new(), |router, (path, _, methods)| router.route(path, methods));
        router
            .fallback(unknown)
            .method_not_allowed_fallback(wrong_method)
            .layer(DefaultBodyLimit::max(BODY_BYTES))
            .with_state(self)
    }

    fn find(&self, id: &str) -> Result<Stream, Refusal> {
        self.delivery.stream(id).ok_or_else(|| no_stream(id))
    }
}

async fn health(State(control): State<Control>) -> Response {
    let mut parts = serde_json::Map::new();
    let mut broken = Vec::new();
    for (name, probe) in control.addresses.probes() {
        let state = match control.provisioner.probe(&probe).await {
            Ok(()) => "ok".to_owned(),
            Err(reason) => {
                broken.push(format!("{name}: {reason}"));
                reason
            }
        };
        parts.insert(name.to_owned(), Value::from(state));
    }
    if broken.is_empty() {
        return Json(json!({ "status": "ready", "parts": parts })).into_response();
    }
    let body = json!({ "status": "degraded", "parts": parts, "error": broken.join("; ") });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

async fn unknown() -> Refusal {
    let names: Vec<&str> = routes().iter().map(|(path, _, _)| path.trim_start_matches("/_ekk/")).collect();
    error(StatusCode::NOT_FOUND, &format!("the control API has {}; see /_ekk/openapi.json", names.join(", ")))
}

async fn wrong_method() -> Refusal {
    error(StatusCode::METHOD_NOT_ALLOWED, "this path takes other methods; see /_ekk/openapi.json")
}

/// The parameters of a request's query.
fn read<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Refusal> {
    query.map(|Query(query)| query).map_err(|rejection| error(StatusCode::BAD_REQUEST, &rejection.body_text()))
}

/// How long a request may wait, by its `timeout_secs`.
fn patience(timeout_secs: Option<f64>) -> Result<Duration, Refusal> {
    let Some(secs) = timeout_secs else { return Ok(DEFAULT_PATIENCE) };
    Duration::try_from_secs_f64(secs).ok().filter(|asked| *asked <= MAX_PATIENCE).ok_or_else(|| {
        error(StatusCode::BAD_REQUEST, &format!("timeout_secs={secs} is not in 0..={}", MAX_PATIENCE.as_secs()))
    })
}

fn no_stream(id: &str) -> Refusal {
    error(StatusCode::NOT_FOUND, &format!("no stream has the name {id}"))
}

/// An answer that says what is wrong.
type Refusal = (StatusCode, Json<Value>);

fn error(status: StatusCode, text: &str) -> Refusal {
    (status, Json(json!({ "error": text })))
}

#[cfg(test)]
mod tests;
