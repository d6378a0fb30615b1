//! The stack's clock: shown, set, frozen, moved on.

use std::{str::FromStr as _, time::Duration};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use bytes::Bytes;
use ekk_clock::{Clock, Pace};
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, Refusal, error, patience, read};

pub(super) async fn show(State(control): State<Control>) -> Json<Value> {
    shown(&control.clock)
}

/// What is to happen to the clock: in the order of the members, each when it is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// Lets it stand (`true`) or run (`false`).
    #[serde(default)]
    freeze: Option<bool>,
    /// Lets it run.
    #[serde(default)]
    resume: Option<bool>,
    /// Jumps to an instant.
    #[serde(default)]
    set: Option<Timestamp>,
    /// Moves through so much time: `1h 30m`, `PT1H`, `2 days`, or a number of seconds.
    #[serde(default)]
    pub(super) advance: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    timeout_secs: Option<f64>,
}

/// Changes the clock, and answers when what is due by then is done.
pub(super) async fn change(
    State(control): State<Control>,
    options: Result<Query<Options>, QueryRejection>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let patience = patience(read(options)?.timeout_secs)?;
    let change = change_of(&body)?;
    let advance = change.advance.as_ref().map(duration).transpose()?;
    let clock = &control.clock;
    if change.freeze == Some(true) {
        clock.freeze();
    } else if change.freeze == Some(false) || change.resume == Some(true) {
        clock.resume();
    }
    if let Some(at) = change.set {
        clock.set(at);
    }
    let moved = tokio::time::timeout(patience, clock.advance_through(advance.unwrap_or_default())).await;
    moved.map(|()| shown(clock)).map_err(|_| late(&control))
}

fn shown(clock: &Clock) -> Json<Value> {
    let (pace, now) = match clock.pace() {
        Pace::Frozen { at } => ("frozen", at),
        Pace::Running { .. } => ("running", clock.now()),
    };
    Json(json!({ "now": now, "pace": pace }))
}

fn late(control: &Control) -> Refusal {
    let busy: Vec<String> = control
        .delivery
        .streams()
        .iter()
        .filter(|stream| !stream.account().is_settled())
        .map(|stream| stream.spec().id.clone())
        .collect();
    let what = if busy.is_empty() { "something".to_owned() } else { format!("stream {}", busy.join(", ")) };
    let text = format!("{what} still delivers what is due; the clock stands at {}", control.clock.now());
    error(StatusCode::GATEWAY_TIMEOUT, &text)
}

pub(super) fn change_of(body: &[u8]) -> Result<Change, Refusal> {
    let bad = |text: &str| error(StatusCode::BAD_REQUEST, text);
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let change: Change =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| bad(&error.to_string()))?;
    if change.freeze.is_none() && change.resume.is_none() && change.set.is_none() && change.advance.is_none() {
        return Err(bad(r#"give one of set, advance, freeze and resume, such as {"advance": "1h"}"#));
    }
    if change.freeze == Some(true) && change.resume == Some(true) {
        return Err(bad("freeze and resume contradict"));
    }
    Ok(change)
}

/// A length of time, as a number of seconds or in words.
pub(super) fn duration(given: &Value) -> Result<Duration, Refusal> {
    let bad = || {
        let text =
            format!("advance: {given} is no length of time; write \"1h 30m\", \"2 days\" or a number of seconds");
        error(StatusCode::BAD_REQUEST, &text)
    };
    match given {
        Value::Number(secs) => secs.as_f64().and_then(|secs| Duration::try_from_secs_f64(secs).ok()).ok_or_else(bad),
        Value::String(text) => {
            let span = Span::from_str(text).map_err(|_| bad())?;
            let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| bad())?;
            Duration::try_from(length).map_err(|_| bad())
        }
        _ => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_write_them() {
        let read = |value: Value| duration(&value).ok();
        for (given, expected) in [
            (json!(90), Some(Duration::from_secs(90))),
            (json!(0.25), Some(Duration::from_millis(250))),
            (json!("1h 30m"), Some(Duration::from_mins(90))),
            (json!("PT1H"), Some(Duration::from_hours(1))),
            (json!("2 days"), Some(Duration::from_hours(48))),
            (json!("1 week"), Some(Duration::from_hours(168))),
            (json!("1 month"), None),
            (json!("-1h"), None),
            (json!(-1), None),
            (json!("soon"), None),
            (json!(true), None),
        ] {
            assert_eq!(read(given.clone()), expected, "{given}");
        }
    }
}
