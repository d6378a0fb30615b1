//! What lies between HTTP and the operations: signatures are taken off, framed bodies are unpacked, answers get their ids.
//!
//! Unless signatures are verified any credentials are accepted, so nothing is left to check in a signature but its date:
//! a presigned URL expires, by real time as everywhere with signatures. s3s does the rest: it routes a request to its
//! operation and serializes.

mod error_body;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use axum::body::Body;
use bytes::Bytes;
use ekk_clock::Clock;
use ekk_server::aws::signature::{Verified, Verifier};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header, uri::PathAndQuery};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use s3s::{S3Error, S3ErrorCode, service::S3Service};

use crate::{
    aws_chunked::{ChunkError, Decoder},
    checksum::Algorithm,
    edge::error_body::Asked,
    error::Failure,
    signature::{self, ChunkChain},
};

/// What the headers say about the payload and the operations must know; an extension of every request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payload {
    /// The SHA-256 that was signed, in hex.
    pub(crate) sha256: Option<String>,
    /// The checksum that will follow as a trailer.
    pub(crate) announced: Option<Algorithm>,
    /// The trailers, once the body was read to its end.
    pub(crate) trailers: Arc<Mutex<HeaderMap>>,
    /// Whether the body broke off because a chunk of it was not signed rightly.
    pub(crate) is_forged: Arc<AtomicBool>,
}

/// Answers one request.
pub(crate) async fn serve(service: S3Service, verifier: Option<Verifier>, request: Request<Body>) -> Response<Body> {
    let asked = Asked::of(&request);
    let answer = match check(verifier.as_ref(), request).await {
        Err(refusal) => refusal.to_http_response().map_err(Into::into),
        Ok(request) => {
            service.call(admit(request).map(s3s::Body::http_body_unsync)).await.map_err(Into::<s3s::StdError>::into)
        }
    };
    let answer = answer.unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot answer an S3 request");
        let mut answer = Response::new(s3s::Body::empty());
        *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        answer
    });
    identify(answer.map(Body::new), &asked).await
}

/// Lets a request pass that may go further.
async fn check(verifier: Option<&Verifier>, request: Request<Body>) -> Result<Request<Body>, S3Error> {
    let content_type = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if request.method() == Method::POST && content_type.starts_with(b"multipart/form-data") {
        return Err(Failure::NotImplemented("An upload by an HTML form (POST Object)").into());
    }
    if let Some(verifier) = verifier {
        return signature::verify(verifier, request).await;
    }
    if has_expired(request.uri().query().unwrap_or_default(), Clock::system().now()) {
        return Err(S3Error::with_message(S3ErrorCode::AccessDenied, "Request has expired"));
    }
    Ok(request)
}

/// Turns a signed request into the same request without a signature.
fn admit(request: Request<Body>) -> Request<Body> {
    let (mut parts, mut body) = request.into_parts();
    let chain = ChunkChain::of(parts.extensions.get::<Verified>(), &parts.headers);
    let headers = &mut parts.headers;
    headers.remove(header::AUTHORIZATION);
    if let Some((uri, hoisted)) = strip_query(&parts.uri) {
        parts.uri = uri;
        for (name, value) in hoisted {
            headers.entry(name).or_insert(value);
        }
    }
    // S3 ignores a range that it does not understand, s3s refuses it.
    if headers
        .get(header::RANGE)
        .is_some_and(|range| !range.to_str().is_ok_and(|range| s3s::dto::Range::parse(range).is_ok()))
    {
        headers.remove(header::RANGE);
    }
    let mut payload = Payload::default();
    let content_sha256 = headers.remove("x-amz-content-sha256");
    let content_sha256 = content_sha256.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    if content_sha256.starts_with("STREAMING-") {
        let announced = headers.get("x-amz-trailer").and_then(|name| name.to_str().ok());
        payload.announced = Algorithm::ALL
            .into_iter()
            .find(|algorithm| announced.is_some_and(|name| name.eq_ignore_ascii_case(algorithm.header())));
        body = unpack(body, Decoder::checking(chain), payload.clone());
        forget_framing(headers);
    } else if content_sha256.len() == 64 {
        payload.sha256 = Some(content_sha256.to_owned());
    }
    parts.extensions.insert(payload);
    Request::from_parts(parts, body)
}

/// The URI without what a presigned URL adds, and the `x-amz-` headers that the presigner put into the query.
fn strip_query(uri: &Uri) -> Option<(Uri, Vec<(HeaderName, HeaderValue)>)> {
    let query = uri.query().filter(|query| query.contains("Signature="))?;
    let mut hoisted = Vec::new();
    let mut kept = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let signature = name.starts_with("X-Amz-") || matches!(name, "AWSAccessKeyId" | "Signature" | "Expires");
        if name.starts_with("x-amz-") {
            hoisted.extend(name.parse().ok().zip(percent_decode(value).parse().ok()));
        } else if !signature {
            kept.push(pair);
        }
    }
    let kept = if kept.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), kept.join("&")) };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(kept).ok()?);
    Some((Uri::from_parts(parts).ok()?, hoisted))
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.split_at_checked(2).filter(|_| *first == b'%');
        let code =
            code.and_then(|(digits, after)| Some((u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?, after)));
        let (byte, after) = code.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether `query` is that of a presigned URL whose time is over.
fn has_expired(query: &str, now: Timestamp) -> bool {
    let value = |name: &str| {
        query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value)
    };
    let until = if value("Signature").is_some() {
        value("Expires").and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok())
    } else {
        value("X-Amz-Date").zip(value("X-Amz-Expires")).and_then(|(date, seconds)| {
            let signed = TimeZone::UTC.to_timestamp(DateTime::strptime("%Y%m%dT%H%M%SZ", date).ok()?).ok()?;
            signed.checked_add(SignedDuration::from_secs(seconds.parse().ok()?)).ok()
        })
    };
    until.is_some_and(|until| until < now)
}

/// The headers say what they would say had the body been sent unframed.
fn forget_framing(headers: &mut HeaderMap) {
    match headers.remove("x-amz-decoded-content-length") {
        Some(length) => headers.insert(header::CONTENT_LENGTH, length),
        None => headers.remove(header::CONTENT_LENGTH),
    };
    let Some(encodings) = headers.remove(header::CONTENT_ENCODING) else { return };
    let encodings = encodings.to_str().unwrap_or_default().split(',').map(str::trim);
    let kept = encodings.filter(|encoding| !encoding.eq_ignore_ascii_case("aws-chunked")).collect::<Vec<_>>().join(",");
    if !kept.is_empty()
        && let Ok(kept) = HeaderValue::try_from(kept)
    {
        headers.insert(header::CONTENT_ENCODING, kept);
    }
}

fn unpack(body: Body, decoder: Decoder, payload: Payload) -> Body {
    let start = (body.into_data_stream(), decoder, Bytes::new());
    Body::from_stream(stream::try_unfold(start, move |(mut body, mut decoder, mut input)| {
        let Payload { trailers, is_forged, .. } = payload.clone();
        async move {
            let note = |error: ChunkError| {
                is_forged.fetch_or(error == ChunkError::Signature, Ordering::AcqRel);
                error
            };
            loop {
                if let Some(data) = decoder.decode(&mut input).map_err(note)? {
                    return Ok::<_, s3s::StdError>(Some((data, (body, decoder, input))));
                }
                let Some(more) = body.next().await else { break };
                input = more?;
            }
            *trailers.lock().expect("no one panics while holding this lock") = decoder.finish().map_err(note)?;
            Ok(None)
        }
    }))
}

/// Puts the two request ids on an answer, and completes what s3s leaves out of it.
async fn identify(answer: Response<Body>, asked: &Asked) -> Response<Body> {
    let request_id = format!("{:016X}", uuid::Uuid::new_v4().as_u64_pair().0);
    let host_id = ekk_server::aws::extended_request_id();
    let (mut parts, mut body) = answer.into_parts();
    if parts.status.is_client_error() || parts.status.is_server_error() {
        let text = axum::body::to_bytes(body, 64 * 1024).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let text = error_body::complete(&text, asked, parts.headers.get(header::CONTENT_RANGE), &request_id, &host_id);
        parts.headers.remove(header::CONTENT_LENGTH);
        body = Body::from(text);
    }
    if parts.status == StatusCode::NOT_MODIFIED {
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(header::CONTENT_TYPE);
        body = Body::empty();
    }
    if parts.status == StatusCode::OK && parts.headers.contains_key(header::CONTENT_RANGE) {
        parts.status = StatusCode::PARTIAL_CONTENT; // which s3s says of GET alone
    }
    for (name, id) in [("x-amz-request-id", &request_id), ("x-amz-id-2", &host_id)] {
        parts.headers.insert(name, HeaderValue::try_from(id).expect("hex and base64 are header values"));
    }
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests;
