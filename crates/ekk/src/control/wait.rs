//! Waiting for deliveries, with an answer that says what is missing and why.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, Refusal, error, no_stream, patience, read};
use crate::wait::{Until, Wait, WaitError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    timeout_secs: Option<f64>,
    stream: Option<String>,
    line: Option<String>,
    count: Option<u64>,
    flush: Option<bool>,
}

pub(super) async fn wait(
    State(control): State<Control>,
    options: Result<Query<Options>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let options = read(options)?;
    let bad = |text: &str| error(StatusCode::BAD_REQUEST, text);
    let until = match (options.line, options.count) {
        (None, None) => Until::Delivered,
        (line, Some(count)) => Until::Count { line: line.unwrap_or_else(|| "indexed".to_owned()), count },
        (Some(_), None) => return Err(bad("line without count: say how many to wait for")),
    };
    let wait = Wait {
        stream: options.stream,
        until,
        flush: options.flush.unwrap_or(true),
        patience: patience(options.timeout_secs)?,
    };
    control.wait(&wait).await.map_err(|failure| match failure {
        WaitError::NoStream(id) => no_stream(&id),
        WaitError::Asked(text) => bad(&text),
        WaitError::Missing(missing) => {
            let text = missing.to_string();
            (StatusCode::GATEWAY_TIMEOUT, Json(json!({ "error": text, "missing": missing.reasons })))
        }
        WaitError::Refresh(reason) => error(StatusCode::BAD_GATEWAY, &reason.to_string()),
    })?;
    Ok(control.all_streams())
}
