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
    aws::{CredentialScope, RequestId, signature::Verifier},
    body::{self, BodyError},
};
use http::{HeaderName, HeaderValue, StatusCode, request::Parts};

use crate::{
    Service,
    error::{ApiError, Protocol},
    limits, opensearch, query,
};

/// What stands behind the door.
#[derive(Clone, Debug)]
struct Door {
    service: Arc<Service>,
    /// Computes signatures; any do when there is none.
    verifier: Option<Verifier>,
}

/// A request whose body was read.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) service: &'a Service,
    pub(crate) verifier: Option<&'a Verifier>,
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a [u8],
}

pub(crate) fn router(service: Arc<Service>, verifier: Option<Verifier>) -> Router {
    Router::new().fallback(any(answer)).with_state(Door { service, verifier })
}

async fn answer(State(door): State<Door>, request: Request) -> Response {
    let request_id = RequestId::random();
    let (parts, body) = request.into_parts();
    let body = body::read(body, limits::BODY_BYTES).await.map_err(|error| match error {
        BodyError::TooLarge { .. } => ApiError::BodyTooLarge,
        BodyError::Broken(_) => ApiError::BrokenBody,
    });
    let is_long = body.as_ref().is_ok_and(|body| body.len() > limits::INLINE_BODY_BYTES);
    let mut response = if door.service.durable || is_long {
        // It runs to its end even when the client goes away: what is created is kept, and what is kept is there.
        let work = tokio::task::spawn_blocking(move || serve(&door, &parts, body, request_id));
        work.await.unwrap_or_else(|source| {
            tracing::error!(error = %source, "an operation did not end");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    } else {
        serve(&door, &parts, body, request_id)
    };
    if let Ok(id) = HeaderValue::try_from(request_id.to_string()) {
        response.headers_mut().insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    response
}

fn serve(door: &Door, parts: &Parts, body: Result<Bytes, ApiError>, request_id: RequestId) -> Response {
    let (body, error) = match body {
        Ok(body) => (body, None),
        Err(error) => (Bytes::new(), Some(error)),
    };
    let incoming = Incoming { service: &door.service, verifier: door.verifier.as_ref(), parts, body: &body };
    match protocol_of(parts) {
        Protocol::RestJson => opensearch::serve(&incoming, error),
        Protocol::Query => query::serve(&incoming, error, request_id),
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
