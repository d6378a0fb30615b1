//! The description of the control API, as it is checked in.

use axum::http::{HeaderName, header::CONTENT_TYPE};

/// The document, in version 3.1 of `OpenAPI`.
pub(super) const DOCUMENT: &str = include_str!("openapi.json");

pub(super) async fn document() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}
