//! What stands before every operation: method, content type, body, target and signature.
//!
//! The checks and their order are those of the front end that AWS's JSON services share. A signature must be there, once
//! and whole; whether it is right is asked of a [`Verifier`], where there is one.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use ekk_clock::Clock;
use ekk_server::{
    aws::{
        JSON_1_1, JsonError, RequestId, extended_request_id,
        signature::{Payload, Presented, Rules, SignatureError, Verifier},
    },
    body::{self, BodyError},
    hang_up::hang_up,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_TYPE, request::Parts};
use serde::de::IgnoredAny;
use serde_json::json;

use super::{Operation, fault, route};
use crate::{Service, caller::Caller, error::ApiError, limits};

/// What every request comes through.
#[derive(Clone, Debug)]
pub(super) struct FrontEnd {
    pub(super) service: Arc<Service>,
    /// Computes signatures; without one any credentials do.
    pub(super) verifier: Option<Verifier>,
}

/// A request that does not reach an operation or is refused by it.
pub(super) enum Refusal {
    /// In the JSON protocol.
    Json(ApiError),
    /// In an older JSON protocol, whose errors are within an `Output` and have no text.
    OldJson(StatusCode, &'static str),
    /// A request that is not of the JSON protocol, answered in XML, of which no content type is said.
    Xml(StatusCode, &'static str),
    /// Too long to be read; AWS says no more than the status.
    TooLarge,
    /// Not answered at all: a fault that was asked for.
    HangUp,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Json(error)
    }
}

const ACCESS_DENIED: Refusal = Refusal::Xml(
    StatusCode::FORBIDDEN,
    "<AccessDeniedException>\n  <Message>Unable to determine service/operation name to be authorized</Message>\n\
     </AccessDeniedException>\n",
);
const UNKNOWN_OPERATION: Refusal = Refusal::Xml(StatusCode::NOT_FOUND, "<UnknownOperationException/>\n");

/// Answers any request that is sent to the service.
pub(super) async fn answer(State(front_end): State<FrontEnd>, request: Request) -> Response {
    let request_id = RequestId::random();
    let (parts, body) = request.into_parts();
    let mut response = match dispatch(&front_end, parts, body).await {
        Ok(body) => (StatusCode::OK, [(CONTENT_TYPE, HeaderValue::from_static(JSON_1_1))], body).into_response(),
        Err(refusal) => refuse(refusal, request_id),
    };
    let headers = response.headers_mut();
    headers.insert("x-amzn-requestid", ascii(&request_id.to_string()));
    headers.insert("x-amz-id-2", ascii(&extended_request_id()));
    response
}

async fn dispatch(front_end: &FrontEnd, parts: Parts, body: Body) -> Result<String, Refusal> {
    if parts.method != Method::POST {
        return Err(ACCESS_DENIED);
    }
    let target = header(&parts.headers, "x-amz-target");
    let operation = Operation::of_target(target);
    let body = match body::read(body, limits::BODY_BYTES).await {
        Ok(body) => body,
        Err(BodyError::TooLarge { .. }) => return Err(Refusal::TooLarge),
        Err(BodyError::Broken(_)) => return Err(ApiError::NotJson.into()),
    };
    check_content_type(&parts.headers, target, &body)?;
    let Some(operation) = operation else { return Err(unknown(&body).into()) };
    let mut caller = Caller::of(&parts.headers, &parts.uri, &front_end.service);
    match check_signature(front_end.verifier.as_ref(), parts, &body).await {
        Ok(account) => caller.owner.account = account.unwrap_or(caller.owner.account),
        Err(error) => return Err(if is_structure(&body) { error } else { ApiError::NotJson }.into()),
    }
    let sending = fault::before(&front_end.service, operation, &body).await?;
    sending.of(route(&front_end.service, &caller, operation, body).await)
}

fn check_content_type(headers: &HeaderMap, target: &str, body: &[u8]) -> Result<(), Refusal> {
    let content_type = header(headers, CONTENT_TYPE.as_str());
    match content_type.split(';').next().unwrap_or_default().trim() {
        JSON_1_1 => Ok(()),
        "application/json" if is_structure(body) => {
            Err(Refusal::OldJson(StatusCode::NOT_FOUND, "UnknownOperationException"))
        }
        "application/json" => Err(Refusal::OldJson(StatusCode::BAD_REQUEST, "SerializationException")),
        _ => {
            let names_both = target.split_once('.').is_some_and(|(api, name)| !api.is_empty() && !name.is_empty());
            Err(if names_both { UNKNOWN_OPERATION } else { ACCESS_DENIED })
        }
    }
}

/// An empty body does not keep the front end from seeing that the operation is unknown, one that is not JSON does.
fn unknown(body: &Bytes) -> ApiError {
    if body.is_empty() || is_structure(body) { ApiError::UnknownOperation } else { ApiError::NotJson }
}

/// Whether a body is a structure or a list in JSON, which is all that the front end takes for JSON.
fn is_structure(body: &[u8]) -> bool {
    body.trim_ascii_start().first().is_some_and(|first| matches!(first, b'{' | b'['))
        && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

/// Checks the form of the signature and, with a verifier, the signature; a long body is hashed where blocking is allowed.
/// Answers the account of temporary credentials.
async fn check_signature(verifier: Option<&Verifier>, parts: Parts, body: &Bytes) -> Result<Option<String>, ApiError> {
    let Some(verifier) = verifier else {
        Presented::of(&parts)?;
        return Ok(None);
    };
    let (verifier, hashed) = (verifier.clone(), body.clone());
    let verify = move || -> Result<_, SignatureError> {
        let now = Clock::system().now();
        Ok(verifier.verify(Rules::of("firehose"), &parts, Payload::Body(&hashed), now)?.account)
    };
    if body.len() <= limits::INLINE_BODY_BYTES {
        return Ok(verify()?);
    }
    let verified = tokio::task::spawn_blocking(verify).await;
    Ok(verified.map_err(|source| ApiError::Internal { doing: "verify a signature", source: source.into() })??)
}

fn refuse(refusal: Refusal, request_id: RequestId) -> Response {
    match refusal {
        Refusal::Json(error) => {
            match &error {
                ApiError::Internal { source, .. } => tracing::error!(%request_id, %error, %source, "request failed"),
                error => tracing::debug!(%request_id, %error, "request refused"),
            }
            JsonError::from(error).into_response()
        }
        Refusal::OldJson(status, code) => {
            let code = format!("com.amazon.coral.service#{code}");
            (status, axum::Json(json!({ "Output": { "__type": code }, "Version": "1.0" }))).into_response()
        }
        Refusal::Xml(status, body) => (status, Body::from(body)).into_response(),
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Refusal::HangUp => hang_up(),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn ascii(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("ids are ASCII")
}
