//! What a handler answers, and how the common parameters (`pretty`, `filter_path`, `format`) shape it on the way out.

use axum::body::Body;
use http::{HeaderValue, StatusCode, header};

use crate::{
    error::{RestError, Result},
    json::{Json, Object, filter, parse, yaml},
    request::Request,
};

const JSON: &str = "application/json; charset=UTF-8";
const TEXT: &str = "text/plain; charset=UTF-8";
const YAML: &str = "application/yaml";

/// An answer before it is formatted.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) content: Content,
    pub(crate) location: Option<String>,
    pub(crate) warning: Option<String>,
    pub(crate) allow: Option<String>,
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Content {
    Json(Json),
    /// JSON that a handler wrote itself.
    Written(Vec<u8>),
    Text(String),
}

impl Response {
    /// A 200 with a JSON body.
    pub(crate) fn ok(json: impl Into<Json>) -> Self {
        Self::json(StatusCode::OK, json)
    }

    /// A JSON body.
    pub(crate) fn json(status: StatusCode, json: impl Into<Json>) -> Self {
        Self::new(status, Content::Json(json.into()))
    }

    /// A 200 with plain text.
    pub(crate) fn text(text: String) -> Self {
        Self::new(StatusCode::OK, Content::Text(text))
    }

    /// `{"acknowledged":true}`.
    pub(crate) fn acknowledged() -> Self {
        Self::ok(Object::new().with("acknowledged", true))
    }

    /// A status without a body, as `HEAD` answers: JSON nevertheless.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self::new(status, Content::Written(Vec::new()))
    }

    pub(crate) fn new(status: StatusCode, content: Content) -> Self {
        Self { status, content, location: None, warning: None, allow: None }
    }
}

impl From<RestError> for Response {
    fn from(error: RestError) -> Self {
        Self::json(error.status, error.to_json())
    }
}

/// The body's bytes and content type, shaped by the request's common parameters.
pub(crate) fn format(request: &Request, content: Content) -> Result<(Vec<u8>, &'static str)> {
    let filter_path = request.param("filter_path").filter(|paths| !paths.is_empty());
    let pretty = request.flag("pretty", false)?;
    let as_yaml = match request.param("format").or(request.accepts_yaml.then_some("yaml")) {
        Some("yaml") => true,
        Some(binary @ ("cbor" | "smile")) => {
            return Err(RestError::illegal_argument(format!("format [{binary}] is not supported; use json or yaml")));
        }
        _ => false,
    };
    let json = match content {
        Content::Text(text) => return Ok((text.into_bytes(), TEXT)),
        Content::Written(bytes) if bytes.is_empty() => return Ok((bytes, JSON)),
        Content::Written(bytes) if filter_path.is_none() && !pretty && !as_yaml => return Ok((bytes, JSON)),
        Content::Json(json) if filter_path.is_none() && !pretty && !as_yaml => return Ok((json.to_bytes(), JSON)),
        // Raw parts have to be read before they can be filtered or spread over lines.
        Content::Json(json) => parse::parse(&json.to_bytes())?.to_json(),
        Content::Written(bytes) => parse::parse(&bytes)?.to_json(),
    };
    let json = match filter_path {
        Some(paths) => filter::apply(json, paths).unwrap_or(Json::Object(Object::new())),
        None => json,
    };
    if as_yaml {
        return Ok((yaml::to_yaml(&json).into_bytes(), YAML));
    }
    let mut bytes = Vec::new();
    if pretty {
        json.write_pretty(0, &mut bytes);
        bytes.push(b'\n');
    } else {
        json.write_compact(&mut bytes);
    }
    Ok((bytes, JSON))
}

/// The HTTP response with its headers.
pub(crate) fn into_http(
    response: Response,
    (body, content_type): (Vec<u8>, &'static str),
    encoding: Option<&'static str>,
) -> axum::response::Response {
    let mut http = axum::response::Response::new(Body::from(body));
    *http.status_mut() = response.status;
    let headers = http.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert("X-OpenSearch-Version", HeaderValue::from_static("OpenSearch/3.4.0 (opensearch)"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    for (name, value) in
        [(header::LOCATION, response.location), (header::WARNING, response.warning), (header::ALLOW, response.allow)]
    {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    http
}
