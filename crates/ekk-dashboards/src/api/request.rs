//! Holds requests to their shapes, and refuses in the words of OpenSearch Dashboards:
//! `[request body.attributes]: expected value of type [object] but got [undefined]`.

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use ekk_saved_objects::Reference;
use ekk_server::body::{self, BodyError};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::error::Boom;
use crate::limits::API_BODY_BYTES;

/// The parameters of a request.
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a query string that may have these parameters only.
    pub(super) fn read(query_string: Option<&str>, known: &[&str]) -> Result<Self, Boom> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query_string.unwrap_or_default().as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                Err(Boom::bad_request(format!("[request query.{name}]: definition for this key is missing")))
            }
            None => Ok(Self { pairs }),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(found, _)| found == name).map(|(_, value)| value.clone()).collect()
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Boom> {
        let mut texts = self.texts(name);
        if texts.len() > 1 {
            return Err(wrong(&format!("query.{name}"), "string", "Array"));
        }
        Ok(texts.pop())
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Boom> {
        match self.text(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(wrong(&format!("query.{name}"), "boolean", "string")),
        }
    }

    pub(super) fn number(&self, name: &str, default: usize) -> Result<usize, Boom> {
        let Some(text) = self.text(name)? else { return Ok(default) };
        let number: f64 = text.trim().parse().map_err(|_| wrong(&format!("query.{name}"), "number", "string"))?;
        if number < 0.0 {
            let message = format!("[request query.{name}]: Value must be equal to or greater than [0].");
            return Err(Boom::bad_request(message));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, and a cast saturates"
        )]
        Ok(number as usize)
    }
}

/// Reads a body of JSON; none at all is `null`.
pub(super) async fn json(headers: &HeaderMap, body: Body) -> Result<Value, Boom> {
    let bytes = bytes(body, API_BODY_BYTES).await?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).map(|value| value.trim().to_ascii_lowercase());
    if essence.is_some_and(|essence| essence != "application/json" && !essence.ends_with("+json")) {
        return Err(unsupported_media_type());
    }
    serde_json::from_slice(&bytes).map_err(|_| Boom::bad_request("Invalid request payload JSON format"))
}

pub(super) fn unsupported_media_type() -> Boom {
    Boom::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type")
}

pub(super) async fn bytes(body: Body, limit_bytes: usize) -> Result<Bytes, Boom> {
    body::read(body, limit_bytes).await.map_err(|error| match error {
        BodyError::TooLarge { limit_bytes } => {
            let message = format!("Payload content length greater than maximum allowed: {limit_bytes}");
            Boom::new(StatusCode::PAYLOAD_TOO_LARGE, message)
        }
        BodyError::Broken(_) => Boom::bad_request("Invalid request payload"),
    })
}

/// A value within a request, and where it stands.
#[derive(Clone)]
pub(super) struct Part<'a> {
    path: String,
    value: Option<&'a Value>,
}

impl<'a> Part<'a> {
    /// The whole body.
    pub(super) fn body(value: &'a Value) -> Self {
        Self { path: "body".to_owned(), value: Some(value) }
    }

    /// A value at a path of its own.
    pub(super) fn at(path: &str, value: Option<&'a Value>) -> Self {
        Self { path: path.to_owned(), value }
    }

    /// An object that may have these members only.
    pub(super) fn object(&self, known: &[&str]) -> Result<Object<'a>, Boom> {
        let Some(Value::Object(members)) = self.value else {
            let found = kind(self.value);
            let message =
                format!("[request {}]: expected a plain object value, but found [{found}] instead.", self.path);
            return Err(Boom::bad_request(message));
        };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => {
                let message = format!("[request {}.{name}]: definition for this key is missing", self.path);
                Err(Boom::bad_request(message))
            }
            None => Ok(Object { path: self.path.clone(), members }),
        }
    }

    /// An object of any members.
    pub(super) fn record(&self) -> Result<Map<String, Value>, Boom> {
        match self.value {
            Some(Value::Object(members)) => Ok(members.clone()),
            other => Err(wrong(&self.path, "object", kind(other))),
        }
    }

    pub(super) fn list(&self) -> Result<Vec<Self>, Boom> {
        match self.value {
            Some(Value::Array(values)) => {
                let part = |(index, value)| Self { path: format!("{}.{index}", self.path), value: Some(value) };
                Ok(values.iter().enumerate().map(part).collect())
            }
            other => Err(wrong(&self.path, "array", kind(other))),
        }
    }

    pub(super) fn text(&self) -> Result<String, Boom> {
        match self.value {
            Some(Value::String(text)) => Ok(text.clone()),
            other => Err(wrong(&self.path, "string", kind(other))),
        }
    }

    pub(super) fn flag(&self) -> Result<bool, Boom> {
        match self.value {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            other => Err(wrong(&self.path, "boolean", kind(other))),
        }
    }

    /// Whatever it is.
    pub(super) fn any(&self) -> Option<Value> {
        self.value.cloned()
    }

    /// Nothing when it is not there.
    pub(super) fn optional<T>(&self, read: impl FnOnce(&Self) -> Result<T, Boom>) -> Result<Option<T>, Boom> {
        self.value.map(|_| read(self)).transpose()
    }

    /// One text, or a list of them.
    pub(super) fn text_or_list(&self) -> Result<Vec<String>, Boom> {
        match self.value {
            Some(Value::Array(_)) => self.list()?.iter().map(Self::text).collect(),
            _ => Ok(vec![self.text()?]),
        }
    }

    pub(super) fn references(&self) -> Result<Vec<Reference>, Boom> {
        let read = |part: &Self| {
            let object = part.object(&["name", "type", "id"])?;
            let text = |name| object.part(name).text();
            Ok(Reference { name: text("name")?, kind: text("type")?, id: text("id")? })
        };
        self.list()?.iter().map(read).collect()
    }

    /// An object whose members are texts.
    pub(super) fn texts(&self) -> Result<Map<String, Value>, Boom> {
        let record = self.record()?;
        for (name, value) in &record {
            Part { path: format!("{}.{name}", self.path), value: Some(value) }.text()?;
        }
        Ok(record)
    }
}

/// An object within a request.
pub(super) struct Object<'a> {
    path: String,
    members: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    pub(super) fn part(&self, name: &str) -> Part<'a> {
        Part { path: format!("{}.{name}", self.path), value: self.members.get(name) }
    }
}

fn wrong(path: &str, expected: &str, found: &str) -> Boom {
    Boom::bad_request(format!("[request {path}]: expected value of type [{expected}] but got [{found}]"))
}

/// A value's type by the names of JavaScript.
fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "Array",
        Some(Value::Object(_)) => "Object",
    }
}
