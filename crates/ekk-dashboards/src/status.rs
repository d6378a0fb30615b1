//! `GET /api/status`, in the form of OpenSearch Dashboards, which scripts wait for before they go on.
//!
//! Green with 200 when the engine answers, red with 503 when it does not. Differs from OpenSearch Dashboards: there is
//! one status, the engine's, instead of one for each plugin, and there are no metrics of a Node.js process. The version
//! is the engine's, because a Dashboards always has the version of the engine it works on.

use std::sync::Arc;

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use http::StatusCode;
use serde_json::json;

use crate::{Site, time_range::wire};

pub(crate) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/api/status", get(status))
}

async fn status(State(site): State<Arc<Site>>) -> impl IntoResponse {
    let since = wire(site.clock.now());
    let (code, state, title, nickname, icon, message, version) = match site.opensearch.version().await {
        Ok(version) => {
            (StatusCode::OK, "green", "Green", "Looking good", "success", "OpenSearch is available".to_owned(), version)
        }
        Err(error) => {
            let code = StatusCode::SERVICE_UNAVAILABLE;
            (code, "red", "Red", "Danger Will Robinson! Danger!", "danger", error.to_string(), String::new())
        }
    };
    let body = json!({
        "name": "ekk-dashboards",
        "version": {"number": version, "build_snapshot": false},
        "status": {
            "overall": {"since": since, "state": state, "title": title, "nickname": nickname, "icon": icon},
            "statuses": [{"id": format!("core:opensearch@{version}"), "message": message, "since": since, "state": state}],
        },
    });
    (code, Json(body))
}
