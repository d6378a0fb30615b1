//! One request from the socket to the handler and back: body, compression, content type, route, parameters.
//!
//! Handlers are synchronous and run on the blocking pool, because most of them read or write an index.

use std::{io::Read as _, io::Write as _, sync::Arc};

use bytes::Bytes;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    error::{Exception, RestError, Result},
    limits::{GZIP_FROM_BYTES, MAX_CONTENT_BYTES},
    node::Node,
    request::Request,
    response::{self, Response},
    route,
    routes::ROUTES,
};

static OPAQUE_ID: HeaderName = HeaderName::from_static("x-opaque-id");

/// Answers one request.
pub(crate) async fn serve(node: Arc<Node>, request: axum::extract::Request) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let accepts_gzip = accepts_gzip(&parts.headers);
    let opaque_id = parts.headers.get(&OPAQUE_ID).cloned();
    let path = parts.uri.path().to_owned();
    let query = route::query_pairs(parts.uri.query().unwrap_or_default());
    let accept = parts.headers.get(header::ACCEPT).map(HeaderValue::as_bytes).unwrap_or_default();
    let accepts_yaml = accept.starts_with(b"application/yaml");
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    let mut request =
        Request { method: parts.method, path, captures: Vec::new(), query, body: Bytes::new(), accepts_yaml, host };

    let mut http = match read_body(&parts.headers, body).await {
        Err(error) => finish(&request, error.into(), accepts_gzip),
        Ok(bytes) => {
            request.body = bytes;
            let uri = parts.uri.path_and_query().map_or_else(|| request.path.clone(), ToString::to_string);
            answer(node, request, uri, parts.headers, accepts_gzip).await
        }
    };
    if let Some(opaque_id) = opaque_id {
        http.headers_mut().insert(OPAQUE_ID.clone(), opaque_id);
    }
    http
}

async fn answer(
    node: Arc<Node>,
    mut request: Request,
    uri: String,
    headers: HeaderMap,
    accepts_gzip: bool,
) -> axum::response::Response {
    let tracker = node.work.clone();
    let work = move || {
        let response = match dispatch(&node, &mut request, &uri, &headers) {
            Ok(response) => response,
            Err(error) => {
                let allow = (error.status == StatusCode::METHOD_NOT_ALLOWED)
                    .then(|| route::allowed(ROUTES, &request.path).join(","));
                Response { allow, ..error.into() }
            }
        };
        finish(&request, response, accepts_gzip)
    };
    match tracker.spawn_blocking(work).await {
        Ok(http) => http,
        Err(error) => {
            tracing::error!(%error, "a handler panicked");
            let error = Exception::new("exception", "internal error").status(StatusCode::INTERNAL_SERVER_ERROR);
            response::into_http(Response::from(error.clone()), (error.to_json().to_bytes(), "application/json"), None)
        }
    }
}

fn dispatch(node: &Node, request: &mut Request, uri: &str, headers: &HeaderMap) -> Result<Response> {
    if request.method == Method::OPTIONS {
        let allow = route::allowed(ROUTES, &request.path).join(",");
        return Ok(Response { allow: Some(allow), ..Response::text(String::new()) });
    }
    let found = route::find(ROUTES, &request.method, &request.path, uri)?;
    if !request.body.is_empty() {
        check_content_type(headers)?;
    }
    request.captures = found.captures;
    request.check_params(found.route.params)?;
    (found.route.handler)(node, request)
}

/// Shapes and packs the answer.
fn finish(request: &Request, response: Response, accepts_gzip: bool) -> axum::response::Response {
    let Response { status, content, location, warning, allow } = response;
    let (body, content_type, status) = match response::format(request, content) {
        Ok((body, content_type)) => (body, content_type, status),
        Err(error) => (error.to_json().to_bytes(), "application/json; charset=UTF-8", error.status),
    };
    let packed = if accepts_gzip && body.len() >= GZIP_FROM_BYTES { pack(&body) } else { None };
    let encoding = packed.is_some().then_some("gzip");
    let head = Response { status, content: response::Content::Text(String::new()), location, warning, allow };
    response::into_http(head, (packed.unwrap_or(body), content_type), encoding)
}

async fn read_body(headers: &HeaderMap, body: axum::body::Body) -> Result<Bytes> {
    let too_large = || {
        RestError::text(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("request body is over the {MAX_CONTENT_BYTES}-byte limit of http.max_content_length"),
        )
    };
    let bytes = ekk_server::body::read(body, MAX_CONTENT_BYTES).await.map_err(|error| match error {
        ekk_server::body::BodyError::TooLarge { .. } => too_large(),
        ekk_server::body::BodyError::Broken(_) => RestError::parse(error.to_string()),
    })?;
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity" | b"") => Ok(bytes),
        Some(b"gzip" | b"x-gzip") => {
            let unpacked = tokio::task::spawn_blocking(move || unpack(&bytes)).await.unwrap_or_default();
            match unpacked {
                Some(unpacked) if unpacked.len() > MAX_CONTENT_BYTES => Err(too_large()),
                Some(unpacked) => Ok(unpacked.into()),
                None => Err(RestError::parse("request body is not gzip, as its Content-Encoding says")),
            }
        }
        Some(other) => Err(RestError::text(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!("Content-Encoding [{}] is not supported; use gzip", String::from_utf8_lossy(other)),
        )),
    }
}

/// Unpacks at most one byte more than the cap, so that the caller sees the excess.
fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let cap = u64::try_from(MAX_CONTENT_BYTES).unwrap_or(u64::MAX) + 1;
    let mut unpacked = Vec::with_capacity(bytes.len().saturating_mul(4).min(MAX_CONTENT_BYTES));
    MultiGzDecoder::new(bytes).take(cap).read_to_end(&mut unpacked).ok()?;
    Some(unpacked)
}

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim().eq_ignore_ascii_case("gzip") && weight.replace(' ', "") != "q=0"
        })
    })
}

fn check_content_type(headers: &HeaderMap) -> Result<()> {
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let content_type = content_type.as_deref().unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if matches!(media_type.as_str(), "application/json" | "application/x-ndjson") {
        return Ok(());
    }
    Err(RestError::text(StatusCode::NOT_ACCEPTABLE, format!("Content-Type header [{content_type}] is not supported")))
}
