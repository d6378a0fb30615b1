//! Errors as OpenSearch answers them: `{"error":{"root_cause":[…],"type","reason",…},"status"}`.
//!
//! The exceptions' texts come from where they arise; here are the envelope, the root causes, and the status of each of
//! the engine's errors.

use std::borrow::Cow;

use ekk_engine::error::{Error as EngineError, Exception as EngineException, IndexBlock, WriteError};
use http::StatusCode;

use crate::json::{
    Json, Object,
    parse::{Position, SyntaxError},
};

/// An exception with the members that OpenSearch shows beside its reason.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exception {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) reason: String,
    pub(crate) metadata: Object,
    pub(crate) caused_by: Option<Box<Exception>>,
}

/// A request's failure: a status and what the body says.
#[derive(Clone, Debug)]
pub(crate) struct RestError {
    pub(crate) status: StatusCode,
    envelope: Box<Envelope>,
}

#[derive(Clone, Debug)]
enum Envelope {
    /// `root_causes` are found in the chain of causes when there are none given.
    Exception { exception: Exception, root_causes: Option<Vec<Exception>> },
    /// `{"error": text, "status": …}`.
    Text(String),
    /// `{"error": text}`: a path that nothing handles.
    TextWithoutStatus(String),
}

/// The result of a handler's steps.
pub(crate) type Result<T, E = RestError> = std::result::Result<T, E>;

impl Exception {
    /// An exception without a cause.
    pub(crate) fn new(kind: impl Into<Cow<'static, str>>, reason: impl Into<String>) -> Self {
        Self { kind: kind.into(), reason: reason.into(), metadata: Object::new(), caused_by: None }
    }

    /// The same with one more member.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Json>) -> Self {
        self.metadata.put(name, value);
        self
    }

    /// The same with `cause` nested in it.
    #[must_use]
    pub(crate) fn caused_by(mut self, cause: Exception) -> Self {
        self.caused_by = Some(Box::new(cause));
        self
    }

    /// An `illegal_argument_exception`.
    pub(crate) fn illegal_argument(reason: impl Into<String>) -> Self {
        Self::new("illegal_argument_exception", reason)
    }

    /// A `parsing_exception` at a place of the body.
    pub(crate) fn parsing(reason: impl Into<String>, at: Position) -> Self {
        Self::new("parsing_exception", reason).with("line", at.line).with("col", at.column)
    }

    /// An `x_content_parse_exception`, whose reason begins with the place.
    pub(crate) fn x_content(reason: &str, at: Position) -> Self {
        Self::new("x_content_parse_exception", format!("[{at}] {reason}"))
    }

    /// The exception with its causes, as it stands under `error` or in a bulk item.
    pub(crate) fn to_json(&self) -> Object {
        let object = self.to_json_without_cause();
        match &self.caused_by {
            Some(cause) => object.with("caused_by", cause.to_json()),
            None => object,
        }
    }

    fn to_json_without_cause(&self) -> Object {
        let mut object = Object::new().with("type", self.kind.clone().into_owned()).with("reason", self.reason.clone());
        object.members.extend(self.metadata.members.iter().cloned());
        object
    }

    /// The exception that OpenSearch would show as the root cause of this one.
    pub(crate) fn root_cause(&self) -> &Exception {
        let Some(cause) = &self.caused_by else { return self };
        let unwraps = is_opensearch_exception(&self.kind) && is_opensearch_exception(&cause.kind)
            || self.kind == "x_content_parse_exception"
                && (is_opensearch_exception(&cause.kind)
                    || matches!(cause.kind.as_ref(), "x_content_parse_exception" | "named_object_not_found_exception"));
        if unwraps { cause.root_cause() } else { self }
    }

    /// The envelope's content: root causes first.
    pub(crate) fn to_error_json(&self, root_causes: Option<&[Exception]>) -> Object {
        let roots: Vec<Json> = match root_causes {
            Some(roots) => roots.iter().map(|root| root.to_json_without_cause().into()).collect(),
            None => vec![self.root_cause().to_json_without_cause().into()],
        };
        let mut object = Object::new().with("root_cause", roots);
        object.members.extend(self.to_json().members);
        object
    }

    /// The exception as an answer of `status`.
    pub(crate) fn status(self, status: StatusCode) -> RestError {
        RestError { status, envelope: Box::new(Envelope::Exception { exception: self, root_causes: None }) }
    }

    /// The exception as a 400.
    pub(crate) fn bad_request(self) -> RestError {
        self.status(StatusCode::BAD_REQUEST)
    }
}

/// Whether Java's class extends `OpenSearchException`; the others end the search for a root cause.
fn is_opensearch_exception(kind: &str) -> bool {
    !matches!(
        kind,
        "illegal_argument_exception"
            | "illegal_state_exception"
            | "number_format_exception"
            | "json_parse_exception"
            | "json_e_o_f_exception"
            | "input_coercion_exception"
            | "named_object_not_found_exception"
            | "x_content_parse_exception"
            | "date_time_parse_exception"
            | "not_x_content_exception"
            | "e_o_f_exception"
            | "array_index_out_of_bounds_exception"
            | "class_cast_exception"
            | "unsupported_operation_exception"
    )
}

impl RestError {
    /// A 400 `illegal_argument_exception`.
    pub(crate) fn illegal_argument(reason: impl Into<String>) -> Self {
        Exception::illegal_argument(reason).bad_request()
    }

    /// A 400 `action_request_validation_exception` with its numbered problems.
    pub(crate) fn validation(problems: &[&str]) -> Self {
        let numbered: Vec<String> =
            problems.iter().enumerate().map(|(at, problem)| format!("{}: {problem};", at + 1)).collect();
        let reason = format!("Validation Failed: {}", numbered.concat());
        Exception::new("action_request_validation_exception", reason).bad_request()
    }

    /// A 400 `parse_exception`.
    pub(crate) fn parse(reason: impl Into<String>) -> Self {
        Exception::new("parse_exception", reason).bad_request()
    }

    /// The index, or what an expression names, is not there (404).
    ///
    /// `resource` is the kind that OpenSearch gives: `index_or_alias` or `index_expression`.
    pub(crate) fn index_not_found(name: &str, resource: &'static str) -> Self {
        index_not_found(name, resource).status(StatusCode::NOT_FOUND)
    }

    /// A status whose body says the text only.
    pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, envelope: Box::new(Envelope::Text(text.into())) }
    }

    /// The answer to a path that nothing handles.
    pub(crate) fn no_handler(uri: &str, method: &str) -> Self {
        let text = format!("no handler found for uri [{uri}] and method [{method}]");
        Self { status: StatusCode::BAD_REQUEST, envelope: Box::new(Envelope::TextWithoutStatus(text)) }
    }

    /// The same error with root causes of its own.
    #[must_use]
    pub(crate) fn with_root_causes(mut self, causes: Vec<Exception>) -> Self {
        if let Envelope::Exception { root_causes, .. } = self.envelope.as_mut() {
            *root_causes = Some(causes);
        }
        self
    }

    /// The exception, unless the error is a mere text.
    pub(crate) fn exception(&self) -> Option<&Exception> {
        match self.envelope.as_ref() {
            Envelope::Exception { exception, .. } => Some(exception),
            _ => None,
        }
    }

    /// What stands under `error`.
    pub(crate) fn to_error_json(&self) -> Json {
        match self.envelope.as_ref() {
            Envelope::Exception { exception, root_causes } => exception.to_error_json(root_causes.as_deref()).into(),
            Envelope::Text(text) | Envelope::TextWithoutStatus(text) => text.clone().into(),
        }
    }

    /// The whole body.
    pub(crate) fn to_json(&self) -> Json {
        let body = Object::new().with("error", self.to_error_json());
        match self.envelope.as_ref() {
            Envelope::TextWithoutStatus(_) => body.into(),
            _ => body.with("status", self.status.as_u16()).into(),
        }
    }
}

/// An `index_not_found_exception`.
pub(crate) fn index_not_found(name: &str, resource: &'static str) -> Exception {
    Exception::new("index_not_found_exception", format!("no such index [{name}]"))
        .with("index", name.to_owned())
        .with("resource.id", name.to_owned())
        .with("resource.type", resource)
        .with("index_uuid", "_na_")
}

/// An `invalid_index_name_exception`.
pub(crate) fn invalid_index_name(name: &str, reason: &str) -> Exception {
    Exception::new("invalid_index_name_exception", format!("Invalid index name [{name}], {reason}"))
        .with("index", name.to_owned())
        .with("index_uuid", "_na_")
}

/// An `index_closed_exception`.
pub(crate) fn index_closed(name: &str, uuid: &str) -> Exception {
    Exception::new("index_closed_exception", "closed")
        .with("index", name.to_owned())
        .with("index_uuid", uuid.to_owned())
}

impl From<SyntaxError> for RestError {
    fn from(error: SyntaxError) -> Self {
        Exception::new(error.kind(), error.to_string()).bad_request()
    }
}

impl From<EngineException> for Exception {
    fn from(exception: EngineException) -> Self {
        let mut converted = Self::new(exception.kind, exception.reason);
        converted.caused_by = exception.caused_by.map(|cause| Box::new(Self::from(*cause)));
        converted
    }
}

impl From<EngineException> for RestError {
    fn from(exception: EngineException) -> Self {
        Exception::from(exception).bad_request()
    }
}

impl From<EngineError> for RestError {
    fn from(error: EngineError) -> Self {
        match &error {
            EngineError::IndexExists { name, uuid } => Exception::from(error.exception())
                .with("index", name.clone())
                .with("index_uuid", uuid.clone())
                .bad_request(),
            EngineError::InvalidIndexName { name, reason } => invalid_index_name(name, reason).bad_request(),
            EngineError::IndexNotFound { name } => Self::index_not_found(name, "index_or_alias"),
            EngineError::Rejected(exception) => exception.clone().into(),
            _ => {
                tracing::error!(%error, "the engine failed");
                Exception::from(error.exception()).status(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

/// The status and exception of one failed write into `index`.
pub(crate) fn write_error(error: &WriteError, index: &str, uuid: &str) -> (StatusCode, Exception) {
    let exception = Exception::from(error.exception());
    let of_shard = |exception: Exception| {
        exception.with("index", index.to_owned()).with("shard", "0").with("index_uuid", uuid.to_owned())
    };
    match error {
        WriteError::VersionConflict { .. } => (StatusCode::CONFLICT, of_shard(exception)),
        WriteError::DocumentMissing { .. } => (StatusCode::NOT_FOUND, of_shard(exception)),
        WriteError::Blocked(IndexBlock { level: "TOO_MANY_REQUESTS", .. }) => {
            (StatusCode::TOO_MANY_REQUESTS, exception)
        }
        WriteError::Blocked(_) => (StatusCode::FORBIDDEN, exception),
        WriteError::Closed => (StatusCode::BAD_REQUEST, index_closed(index, uuid)),
        WriteError::Storage(_) => {
            tracing::error!(%error, index, "a write could not be made durable");
            (StatusCode::INTERNAL_SERVER_ERROR, exception)
        }
        _ => (StatusCode::BAD_REQUEST, exception),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(error: &RestError) -> String {
        String::from_utf8(error.to_json().to_bytes()).unwrap()
    }

    #[test]
    fn the_root_cause_is_the_innermost_exception_of_opensearch() {
        let inner = Exception::new("mapper_parsing_exception", "No handler for type [nope] declared on field [a]");
        let outer = Exception::new("mapper_parsing_exception", "Failed to parse mapping [_doc]: x").caused_by(inner);
        assert_eq!(outer.root_cause().reason, "No handler for type [nope] declared on field [a]");

        let inner = Exception::illegal_argument("unit is missing");
        let outer = Exception::new("x_content_parse_exception", "[1:88] [date_histogram] failed").caused_by(inner);
        assert_eq!(outer.root_cause().kind, "x_content_parse_exception");
    }

    #[test]
    fn bodies_read_as_opensearch_writes_them() {
        for (error, expected) in [
            (
                RestError::no_handler("/_no/x", "GET"),
                r#"{"error":"no handler found for uri [/_no/x] and method [GET]"}"#,
            ),
            (
                RestError::text(StatusCode::NOT_FOUND, "alias [nope] missing"),
                r#"{"error":"alias [nope] missing","status":404}"#,
            ),
            (
                RestError::validation(&["index is missing"]),
                r#"{"error":{"root_cause":[{"type":"action_request_validation_exception","reason":"Validation Failed: 1: index is missing;"}],"type":"action_request_validation_exception","reason":"Validation Failed: 1: index is missing;"},"status":400}"#,
            ),
            (
                RestError::index_not_found("n", "index_or_alias"),
                r#"{"error":{"root_cause":[{"type":"index_not_found_exception","reason":"no such index [n]","index":"n","resource.id":"n","resource.type":"index_or_alias","index_uuid":"_na_"}],"type":"index_not_found_exception","reason":"no such index [n]","index":"n","resource.id":"n","resource.type":"index_or_alias","index_uuid":"_na_"},"status":404}"#,
            ),
        ] {
            assert_eq!(body(&error), expected);
        }
    }
}
