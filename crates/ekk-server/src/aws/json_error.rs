//! The error body of the AWS JSON 1.1 protocol.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value};

use super::JSON_1_1;

/// An error as AWS answers it: a status, a wire code and mostly a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// 400 for a fault of the client's, 500 for one of the service's.
    pub status: StatusCode,
    /// The code in `__type`, for instance `ResourceNotFoundException`.
    pub code: &'static str,
    /// The text, and the key it stands under; AWS's front end leaves it out of some errors.
    pub message: Option<(MessageKey, Cow<'static, str>)>,
    /// Further members of the body; some modelled exceptions have a `code`.
    pub members: Vec<(&'static str, &'static str)>,
}

/// The member that holds an error's text: AWS's services and its front end spell it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKey {
    /// `message`, as modelled exceptions have it.
    Lower,
    /// `Message`, as the front end's own errors have it.
    Upper,
}

impl JsonError {
    /// A modelled fault of the client's: status 400, key `message`.
    pub fn client(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, Some((MessageKey::Lower, message.into())))
    }

    /// A fault of the front end's: status 400, key `Message`.
    pub fn front_end(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, Some((MessageKey::Upper, message.into())))
    }

    /// A fault of the client's that AWS answers with a code alone.
    pub fn code_only(code: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, None)
    }

    /// A fault of the service's: status 500, key `message`.
    pub fn server(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, Some((MessageKey::Lower, message.into())))
    }

    /// This error with one more member in its body.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: &'static str) -> Self {
        self.members.push((name, value));
        self
    }

    fn new(status: StatusCode, code: &'static str, message: Option<(MessageKey, Cow<'static, str>)>) -> Self {
        Self { status, code, message, members: Vec::new() }
    }

    fn body(&self) -> String {
        let mut members = Map::new();
        members.insert("__type".to_owned(), self.code.into());
        if let Some((key, text)) = &self.message {
            let key = match key {
                MessageKey::Lower => "message",
                MessageKey::Upper => "Message",
            };
            members.insert(key.to_owned(), Value::from(text.as_ref()));
        }
        members.extend(self.members.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))));
        Value::Object(members).to_string()
    }
}

impl IntoResponse for JsonError {
    fn into_response(self) -> Response {
        (self.status, [(CONTENT_TYPE, HeaderValue::from_static(JSON_1_1))], self.body()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_the_type_and_the_message_under_its_key() {
        let cases = [
            (
                JsonError::client("ResourceNotFoundException", "no"),
                r#"{"__type":"ResourceNotFoundException","message":"no"}"#,
            ),
            (
                JsonError::front_end("SerializationException", "Start of list found where not expected"),
                r#"{"Message":"Start of list found where not expected","__type":"SerializationException"}"#,
            ),
            (
                JsonError::client("InvalidSourceException", "no").with_member("code", "x"),
                r#"{"__type":"InvalidSourceException","code":"x","message":"no"}"#,
            ),
            (JsonError::code_only("UnknownOperationException"), r#"{"__type":"UnknownOperationException"}"#),
        ];
        for (error, expected) in cases {
            assert_eq!(error.body(), expected);
        }
    }
}
