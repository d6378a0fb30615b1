//! Rules of what fails: added, listed with their hits, taken away.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use bytes::Bytes;
use ekk_faults::Rule;
use serde_json::{Value, json};

use super::{Control, Refusal, error};

pub(super) async fn list(State(control): State<Control>) -> Json<Value> {
    Json(json!({ "faults": control.faults.list() }))
}

pub(super) async fn add(State(control): State<Control>, body: Bytes) -> Result<(StatusCode, Json<Value>), Refusal> {
    let added = Rule::from_json(&body).and_then(|rule| control.faults.add(rule));
    let id = added.map_err(|wrong| error(StatusCode::BAD_REQUEST, &wrong.to_string()))?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

pub(super) async fn clear(State(control): State<Control>) -> Json<Value> {
    control.faults.clear();
    list(State(control)).await
}

pub(super) async fn remove(State(control): State<Control>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let removed = id.parse().is_ok_and(|id| control.faults.remove(id));
    if !removed {
        return Err(error(StatusCode::NOT_FOUND, &format!("no fault has the id {id}")));
    }
    Ok(list(State(control)).await)
}
