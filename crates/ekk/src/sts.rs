//! STS, as far as AWS clients and infrastructure tools ask before they do anything else: `GetCallerIdentity`.
//!
//! Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use axum::{
    Form, Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::any,
};
use ekk_server::aws::{CredentialScope, RequestId};
use serde::Deserialize;

/// The routes of STS; `account` is the caller's when the credential names none.
pub(crate) fn router(account: String) -> Router {
    Router::new().fallback(any(answer)).with_state(account)
}

/// The members of a Query-protocol request that choose the operation.
#[derive(Deserialize)]
struct Request {
    #[serde(rename = "Action")]
    action: Option<String>,
}

async fn answer(State(account): State<String>, headers: HeaderMap, uri: Uri, Form(request): Form<Request>) -> Response {
    let scope = CredentialScope::of(&headers, &uri);
    let account = scope.as_ref().and_then(CredentialScope::account).unwrap_or(&account);
    let request_id = RequestId::random();
    match request.action.as_deref() {
        Some("GetCallerIdentity") => xml(StatusCode::OK, caller_identity(account, request_id)),
        action => xml(StatusCode::BAD_REQUEST, unsupported(action.unwrap_or("none"), request_id)),
    }
}

fn caller_identity(account: &str, request_id: RequestId) -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Arn>arn:aws:iam::{account}:root</Arn><UserId>{account}</UserId>\
         <Account>{account}</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
}

fn unsupported(action: &str, request_id: RequestId) -> String {
    let action: String = action.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>InvalidAction</Code><Message>ekk answers STS GetCallerIdentity only, not {action}</Message></Error>\
         <RequestId>{request_id}</RequestId></ErrorResponse>"
    )
}

fn xml(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}
