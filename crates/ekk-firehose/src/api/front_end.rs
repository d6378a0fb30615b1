//! What stands before every operation: method, content type, body, target and the form of the signature.
//!
//! The checks and their order are those of the front end that AWS's JSON services share. Signatures are not verified,
//! only their presence and form; whose request it is does not matter here.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use ekk_server::{
    aws::{CredentialScope, JSON_1_1, JsonError, RequestId, extended_request_id},
    body::{self, BodyError},
};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, DATE},
    request::Parts,
};
use serde::de::IgnoredAny;

use super::{Caller, Operation, route};
use crate::{Service, error::ApiError, limits};

/// A request that does not reach an operation or is refused by it.
enum Refusal {
    /// In the JSON protocol.
    Json(ApiError),
    /// A request that is not of the JSON protocol, answered in XML.
    Xml(StatusCode, &'static str),
    /// Too long to be read; AWS says no more than the status.
    TooLarge,
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
pub(super) async fn answer(State(service): State<Arc<Service>>, request: Request) -> Response {
    let request_id = RequestId::random();
    let (parts, body) = request.into_parts();
    let mut response = match dispatch(&service, &parts, body).await {
        Ok(body) => (StatusCode::OK, [(CONTENT_TYPE, HeaderValue::from_static(JSON_1_1))], body).into_response(),
        Err(refusal) => refuse(refusal, request_id),
    };
    let headers = response.headers_mut();
    headers.insert("x-amzn-requestid", ascii(&request_id.to_string()));
    headers.insert("x-amz-id-2", ascii(&extended_request_id()));
    response
}

async fn dispatch(service: &Arc<Service>, parts: &Parts, body: Body) -> Result<String, Refusal> {
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
    if !is_json_1_1(&parts.headers) {
        return Err(if target.contains('.') { UNKNOWN_OPERATION } else { ACCESS_DENIED });
    }
    let Some(operation) = operation else { return Err(unknown(&body).into()) };
    if let Err(error) = check_signature(parts) {
        return Err(if is_json(&body) { error } else { ApiError::NotJson }.into());
    }
    let caller = Caller::of(CredentialScope::of(&parts.headers, &parts.uri).as_ref(), service);
    Ok(route(service, &caller, operation, body).await?)
}

/// An empty body does not keep the front end from seeing that the operation is unknown, one that is not JSON does.
fn unknown(body: &Bytes) -> ApiError {
    if body.is_empty() || is_json(body) { ApiError::UnknownOperation } else { ApiError::NotJson }
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

fn is_json_1_1(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().is_some_and(|media_type| media_type.trim() == JSON_1_1)
}

fn check_signature(parts: &Parts) -> Result<(), ApiError> {
    let in_query =
        parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("X-Amz-Algorithm=")));
    match (parts.headers.get(AUTHORIZATION), in_query) {
        (Some(_), true) => Err(ApiError::AmbiguousSignature),
        (None, false) => Err(ApiError::MissingAuthenticationToken),
        (None, true) => Ok(()),
        (Some(value), false) => check_authorization(&String::from_utf8_lossy(value.as_bytes()), &parts.headers),
    }
}

fn check_authorization(value: &str, headers: &HeaderMap) -> Result<(), ApiError> {
    let parameters: Vec<_> = value.split([',', ' ']).skip(1).filter_map(|part| part.trim().split_once('=')).collect();
    let is_missing = |name: &str| !parameters.iter().any(|(key, value)| *key == name && !value.is_empty());
    let mut missing: Vec<_> = ["Credential", "Signature", "SignedHeaders"]
        .into_iter()
        .filter(|name| is_missing(name))
        .map(|name| format!("Authorization header requires '{name}' parameter. "))
        .collect();
    if !headers.contains_key("x-amz-date") && !headers.contains_key(DATE) {
        let text = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
        missing.push(text.to_owned());
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(ApiError::IncompleteSignature(missing.concat() + "Authorization=" + value))
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
        Refusal::Xml(status, body) => (status, body).into_response(),
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn ascii(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("ids are ASCII")
}
