//! What every request passes: the cap on its body, the service that it is for, and the form of its answer.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::any,
};
use bytes::Bytes;
use ekk_server::{
    aws::{CredentialScope, RequestId},
    body::{self, BodyError},
};
use http::{HeaderName, HeaderValue, request::Parts};

use crate::{
    Service,
    error::{ApiError, Protocol},
    limits, opensearch, query,
};

pub(crate) fn router(service: Arc<Service>) -> Router {
    Router::new().fallback(any(answer)).with_state(service)
}

async fn answer(State(service): State<Arc<Service>>, request: Request) -> Response {
    let request_id = RequestId::random();
    let (parts, body) = request.into_parts();
    let body = body::read(body, limits::BODY_BYTES).await.map_err(|error| match error {
        BodyError::TooLarge { .. } => ApiError::BodyTooLarge,
        BodyError::Broken(_) => ApiError::BrokenBody,
    });
    let mut response = if service.durable {
        // It runs to its end even when the client goes away: what is created is kept, and what is kept is there.
        let work = tokio::task::spawn_blocking(move || serve(&service, &parts, body, request_id));
        work.await.unwrap_or_else(|source| {
            tracing::error!(error = %source, "an operation did not end");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    } else {
        serve(&service, &parts, body, request_id)
    };
    if let Ok(id) = HeaderValue::try_from(request_id.to_string()) {
        response.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    response
}

fn serve(service: &Service, parts: &Parts, body: Result<Bytes, ApiError>, request_id: RequestId) -> Response {
    match protocol_of(parts) {
        Protocol::RestJson => opensearch::serve(service, parts, body),
        Protocol::Query => query::serve(service, parts, body, request_id),
    }
}

/// The path says it, whatever was signed: what was signed is checked by the service.
fn protocol_of(parts: &Parts) -> Protocol {
    let path = parts.uri.path();
    let is_versioned = path.starts_with("/2021-01-01/") || path.starts_with("/2015-01-01/");
    let is_es = CredentialScope::of(&parts.headers, &parts.uri).is_some_and(|scope| scope.service == "es");
    if is_versioned || is_es { Protocol::RestJson } else { Protocol::Query }
}

/// Logs a fault of ours; what the client is told says no more than that there was one.
pub(crate) fn log_fault(error: &ApiError) {
    if let ApiError::Internal { doing, source } = error {
        tracing::error!(doing, error = %source, "a request failed");
    }
}
