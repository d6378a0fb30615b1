//! What became of the records of each stream: accounts, attempts to deliver, and what came in lately.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use ekk_delivery::AcceptedRecord;
use ekk_firehose::StreamSummary;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, Refusal, error, no_stream, read};
use crate::explain;

impl Control {
    pub(super) fn all_streams(&self) -> Json<Value> {
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

    fn exists(&self, id: &str) -> Result<StreamSummary, Refusal> {
        self.firehose.streams().into_iter().find(|stream| stream.id == id).ok_or_else(|| no_stream(id))
    }
}

pub(super) async fn list(State(control): State<Control>) -> Json<Value> {
    control.all_streams()
}

pub(super) async fn one(State(control): State<Control>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let mut described = control.describe(control.exists(&id)?);
    if let Some(stream) = control.delivery.stream(&id) {
        described["recent"] = json!(stream.recent());
        described["explained"] = json!(explain::all(&stream));
    }
    Ok(Json(described))
}

pub(super) async fn deliveries(State(control): State<Control>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    control.exists(&id)?;
    let attempts = control.delivery.stream(&id).map(|stream| stream.recent()).unwrap_or_default();
    Ok(Json(json!({ "deliveries": attempts })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Last {
    last: Option<usize>,
}

pub(super) async fn records(
    State(control): State<Control>,
    Path(id): Path<String>,
    options: Result<Query<Last>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let last = read(options)?.last.unwrap_or(usize::MAX);
    if last == 0 {
        return Err(error(StatusCode::BAD_REQUEST, "last=0 is not in 1.."));
    }
    control.exists(&id)?;
    let newest = control.delivery.stream(&id).map(|stream| stream.newest()).unwrap_or_default();
    let skipped = newest.len().saturating_sub(last);
    let records: Vec<Value> = newest.iter().skip(skipped).map(shown).collect();
    Ok(Json(json!({ "records": records })))
}

fn shown(record: &AcceptedRecord) -> Value {
    json!({
        "arrived": record.arrived,
        "document_id": record.document_id,
        "data": base64_simd::STANDARD.encode_to_string(&record.data),
        "text": std::str::from_utf8(&record.data).ok(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FlushOptions {
    stream: Option<String>,
}

pub(super) async fn flush(
    State(control): State<Control>,
    options: Result<Query<FlushOptions>, QueryRejection>,
) -> Result<Json<Value>, Refusal> {
    let streams = match &read(options)?.stream {
        Some(id) => vec![control.find(id)?],
        None => control.delivery.streams(),
    };
    for stream in streams {
        stream.flush().await;
    }
    Ok(control.all_streams())
}
