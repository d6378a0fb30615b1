//! Failures in the form that OpenSearch Dashboards answers: `{"statusCode", "error", "message"}`.

use std::fmt::Display;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use ekk_saved_objects::{Error, ItemError, Key};
use http::StatusCode;
use serde_json::{Value, json};

/// A failure of a request.
#[derive(Debug)]
pub(super) struct Boom {
    status: StatusCode,
    message: String,
    attributes: Option<Value>,
}

impl Boom {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), attributes: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A failure of ours; the client learns only that.
    pub(super) fn internal(error: &dyn Display) -> Self {
        tracing::error!(%error, "saved objects cannot be kept");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "An internal server error occurred.")
    }

    /// The body of the answer.
    pub(super) fn payload(&self) -> Value {
        let mut payload = json!({
            "statusCode": self.status.as_u16(),
            "error": self.status.canonical_reason().unwrap_or_default(),
            "message": self.message,
        });
        if let Some(attributes) = &self.attributes {
            payload["attributes"] = attributes.clone();
        }
        payload
    }

    /// The failure of one object among several.
    pub(super) fn of_item(error: Error) -> Self {
        match error {
            Error::Exists(key) | Error::Changed(key, _) => Self::new(StatusCode::CONFLICT, conflict(&key)),
            other => Self::from(other),
        }
    }
}

impl IntoResponse for Boom {
    fn into_response(self) -> Response {
        (self.status, Json(self.payload())).into_response()
    }
}

fn conflict(key: &Key) -> String {
    format!("Saved object [{}/{}] conflict", key.kind, key.id)
}

/// What one object of a list is answered with when it cannot be had.
pub(super) fn item(key: &Key, error: Error) -> Value {
    json!({"id": key.id, "type": key.kind, "error": Boom::of_item(error).payload()})
}

impl From<Error> for Boom {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::NotFound(_) => Self::new(StatusCode::NOT_FOUND, message),
            Error::Exists(_) | Error::Changed(..) => {
                // The words of OpenSearch, before the words of its client.
                let kind = "version_conflict_engine_exception";
                Self::new(StatusCode::CONFLICT, format!("{message}: {kind}: [{kind}] Reason: {message}"))
            }
            Error::UnsupportedType(_) | Error::NotUnique { .. } => Self::bad_request(format!("{message}: Bad Request")),
            Error::LaterVersion { .. } => Self::new(StatusCode::UNPROCESSABLE_ENTITY, message),
            Error::CannotExport(items) => {
                let objects: Vec<Value> = items.into_iter().map(|ItemError { key, error }| item(&key, error)).collect();
                Self { attributes: Some(json!({"objects": objects})), ..Self::bad_request(message) }
            }
            Error::Line { .. }
            | Error::Unusable(_)
            | Error::TooManyToImport(_)
            | Error::TooManyToExport(_)
            | Error::Circular(_)
            | Error::BadSelection(_)
            | Error::TypesNotExportable(_)
            | Error::ObjectsNotExportable(_)
            | Error::BadSort(_) => Self::bad_request(message),
            Error::Full => Self::new(StatusCode::PAYLOAD_TOO_LARGE, message),
            Error::Folder { path, source } => Self::internal(&format!("{}: {source}", path.display())),
            other => Self::internal(&other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_has_a_status_and_the_words_of_the_real_one() {
        let key = || Key::new("search", "s");
        let folder = Error::Folder { path: "secret".into(), source: std::io::Error::other("full") };
        let later = Error::LaterVersion { key: key(), version: "8.0.0".into(), known: "7.9.3" };
        let missing = Error::CannotExport(vec![ItemError { key: key(), error: Error::NotFound(key()) }]);
        let mut lines = Vec::new();
        for error in [
            Error::NotFound(key()),
            Error::Exists(key()),
            Error::UnsupportedType("x".into()),
            later,
            Error::TooManyToImport(1),
            Error::TooManyToExport(1),
            Error::NotUnique { what: "retry objects", keys: vec![key()] },
            Error::Circular(vec![key(), key()]),
            missing,
            Error::Full,
            folder,
        ] {
            lines.push(Boom::from(error).payload().to_string());
        }
        lines.push(Boom::of_item(Error::Exists(key())).payload().to_string());
        insta::assert_snapshot!(lines.join("\n"), @r#"
        {"error":"Not Found","message":"Saved object [search/s] not found","statusCode":404}
        {"error":"Conflict","message":"[search:s]: version conflict, document already exists (current version [1]): version_conflict_engine_exception: [version_conflict_engine_exception] Reason: [search:s]: version conflict, document already exists (current version [1])","statusCode":409}
        {"error":"Bad Request","message":"Unsupported saved object type: 'x': Bad Request","statusCode":400}
        {"error":"Unprocessable Entity","message":"Document \"s\" has property \"search\" which belongs to a more recent version of OpenSearch Dashboards [8.0.0]. The last known version is [7.9.3]","statusCode":422}
        {"error":"Bad Request","message":"Can't import more than 1 objects","statusCode":400}
        {"error":"Bad Request","message":"Can't export more than 1 objects","statusCode":400}
        {"error":"Bad Request","message":"Non-unique retry objects: [search:s]: Bad Request","statusCode":400}
        {"error":"Bad Request","message":"circular reference: [search:s] ref-> [search:s]","statusCode":400}
        {"attributes":{"objects":[{"error":{"error":"Not Found","message":"Saved object [search/s] not found","statusCode":404},"id":"s","type":"search"}]},"error":"Bad Request","message":"Bad Request","statusCode":400}
        {"error":"Payload Too Large","message":"the saved objects would be over the 268435456-byte limit","statusCode":413}
        {"error":"Internal Server Error","message":"An internal server error occurred.","statusCode":500}
        {"error":"Conflict","message":"Saved object [search/s] conflict","statusCode":409}
        "#);
    }
}
