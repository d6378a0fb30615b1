//! Signatures on request: whose request it is, in S3's codes and words, and whether the body is the one that was signed.
//!
//! Without a verifier nobody comes here: then any credentials are accepted, and none. Signatures live by real time. The
//! chunks of a framed body are checked where it is unpacked, the hash of an upload where it is stored; every other body
//! is short, and is read and hashed here.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>

use axum::body::Body;
use ekk_clock::Clock;
use ekk_server::{
    aws::signature::{self, Payload, Presented, Rules, ScopeMismatch, SignatureError, Verified, Verifier},
    body::{self, BodyError},
};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header::AUTHORIZATION, request::Parts};
use s3s::{S3Error, S3ErrorCode};
use sha2::{Digest as _, Sha256};

use crate::{error::Failure, limits};

const CONTENT_SHA256: &str = "x-amz-content-sha256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Lets a request pass whose signature is right, with what its chunks are checked by as an extension.
pub(crate) async fn verify(verifier: &Verifier, request: Request<Body>) -> Result<Request<Body>, S3Error> {
    let (mut parts, body) = request.into_parts();
    check_form(&parts)?;
    let in_query = !parts.headers.contains_key(AUTHORIZATION);
    let declared = declared_payload(&parts, in_query)?;
    let verified = verifier
        .verify(Rules::of_s3(), &parts, Payload::Declared(&declared), Clock::system().now())
        .map_err(|error| refusal(error, &parts, in_query))?;
    check_signed_headers(&parts)?;
    let body = if is_hash(&declared) && !is_upload(&parts) { check_body(body, &declared).await? } else { body };
    parts.extensions.insert::<Verified>(verified);
    Ok(Request::from_parts(parts, body))
}

/// Refuses what is no request signed by version 4 before anything of it is computed.
fn check_form(parts: &Parts) -> Result<(), S3Error> {
    let names = |name: &str| query(&parts.uri).any(|(key, _)| key == name);
    let authorization = parts.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    if authorization.is_some() && (names("X-Amz-Algorithm") || names("Signature")) {
        let text = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string \
                    parameter or the Authorization header should be specified";
        return Err(error(S3ErrorCode::InvalidArgument, text));
    }
    if authorization.is_some_and(|value| value.starts_with(b"AWS ")) || names("AWSAccessKeyId") {
        let text = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
        return Err(error(S3ErrorCode::InvalidRequest, text));
    }
    if !names("X-Amz-Algorithm") {
        return Ok(());
    }
    let expires = query(&parts.uri).find(|(name, _)| *name == "X-Amz-Expires").map(|(_, value)| value.parse::<i64>());
    let text = match expires {
        None => QUERY_PARAMETERS,
        Some(Err(_)) => "X-Amz-Expires should be a number",
        Some(Ok(..0)) => "X-Amz-Expires must be non-negative",
        Some(Ok(604_801..)) => {
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds"
        }
        Some(Ok(_)) => return Ok(()),
    };
    Err(error(S3ErrorCode::AuthorizationQueryParametersError, text))
}

const QUERY_PARAMETERS: &str = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                                X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";

/// What the client says of the body: it must, unless the signature is in the query.
fn declared_payload(parts: &Parts, in_query: bool) -> Result<String, S3Error> {
    let Some(value) = parts.headers.get(CONTENT_SHA256) else {
        let in_uri = query(&parts.uri).find(|(name, _)| name.eq_ignore_ascii_case(CONTENT_SHA256));
        return match in_uri {
            Some((_, value)) => Ok(value.to_owned()),
            None if in_query || !parts.headers.contains_key(AUTHORIZATION) => Ok(UNSIGNED.to_owned()),
            None => {
                let text = "Missing required header for this request: x-amz-content-sha256";
                Err(error(S3ErrorCode::InvalidRequest, text))
            }
        };
    };
    let value = value.to_str().unwrap_or_default();
    let is_known = matches!(
        value,
        UNSIGNED
            | "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
            | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
            | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    );
    if is_known || is_hash(value) {
        return Ok(value.to_owned());
    }
    let text = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
                STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.";
    Err(error(S3ErrorCode::InvalidArgument, text))
}

fn is_hash(declared: &str) -> bool {
    declared.len() == 64 && declared.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// S3 takes no header of its own that is not signed: somebody on the way may have added it.
fn check_signed_headers(parts: &Parts) -> Result<(), S3Error> {
    let presented = Presented::of(parts).map_err(|error| refusal(error, parts, false))?;
    let is_unsigned = |name: &str| name.starts_with("x-amz-") && !presented.signs(name);
    if parts.headers.keys().any(|name| is_unsigned(name.as_str())) {
        return Err(error(S3ErrorCode::AccessDenied, HEADERS_NOT_SIGNED));
    }
    Ok(())
}

const HEADERS_NOT_SIGNED: &str = "There were headers present in the request which were not signed";

/// Whether the body is an object's or a part's, whose hash is compared when it is stored.
fn is_upload(parts: &Parts) -> bool {
    let names_key = parts.uri.path().trim_start_matches('/').split_once('/').is_some_and(|(_, key)| !key.is_empty());
    let is_plain = |name: &str| matches!(name, "partNumber" | "uploadId" | "x-id") || name.starts_with("X-Amz-");
    parts.method == Method::PUT && names_key && query(&parts.uri).all(|(name, _)| is_plain(name))
}

async fn check_body(body: Body, declared: &str) -> Result<Body, S3Error> {
    let body = body::read(body, limits::DOCUMENT_BYTES).await.map_err(|failure| match failure {
        BodyError::TooLarge { .. } => error(S3ErrorCode::MaxMessageLengthExceeded, "Your request was too big."),
        BodyError::Broken(_) => Failure::IncompleteBody.into(),
    })?;
    if !signature::hex(&Sha256::digest(&body)).eq_ignore_ascii_case(declared) {
        return Err(Failure::ContentSha256Mismatch.into());
    }
    Ok(Body::from(body))
}

/// A wrong signature in S3's codes and words.
fn refusal(wrong: SignatureError, parts: &Parts, in_query: bool) -> S3Error {
    let header_or_query = |text: &str| {
        if in_query {
            return error(S3ErrorCode::AuthorizationQueryParametersError, text);
        }
        let text = format!("The authorization header is malformed; {text}");
        S3Error::with_message(S3ErrorCode::AuthorizationHeaderMalformed, text)
    };
    match wrong {
        SignatureError::Missing => error(S3ErrorCode::AccessDenied, "Access Denied"),
        SignatureError::Incomplete(_) if in_query => {
            error(S3ErrorCode::AuthorizationQueryParametersError, QUERY_PARAMETERS)
        }
        SignatureError::Incomplete(text) if !text.contains("parameter. ") => no_date(),
        SignatureError::Ambiguous | SignatureError::Incomplete(_) => header_or_query(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ),
        SignatureError::Date { .. } if in_query => {
            header_or_query("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        }
        SignatureError::Date { .. } => no_date(),
        SignatureError::Expired { .. } if in_query => error(S3ErrorCode::AccessDenied, "Request has expired"),
        SignatureError::NotYetCurrent { .. } if in_query => {
            error(S3ErrorCode::AccessDenied, "Request is not valid yet")
        }
        SignatureError::Expired { .. } | SignatureError::NotYetCurrent { .. } => error(
            S3ErrorCode::RequestTimeTooSkewed,
            "The difference between the request time and the current time is too large.",
        ),
        SignatureError::HostNotSigned => error(S3ErrorCode::AccessDenied, HEADERS_NOT_SIGNED),
        SignatureError::Algorithm { .. } if in_query => {
            header_or_query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
        }
        SignatureError::Algorithm { .. } => error(S3ErrorCode::InvalidArgument, "Unsupported Authorization Type"),
        SignatureError::Credential { .. } => header_or_query(
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ),
        SignatureError::Scope(mismatch) => header_or_query(&scope_text(mismatch, parts)),
        SignatureError::UnknownKey => {
            error(S3ErrorCode::InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records.")
        }
        SignatureError::Mismatch => Failure::SignatureDoesNotMatch.into(),
        SignatureError::TokenExpired => error(S3ErrorCode::ExpiredToken, "The provided token has expired."),
        SignatureError::Token => {
            error(S3ErrorCode::InvalidToken, "The provided token is malformed or otherwise invalid.")
        }
    }
}

fn no_date() -> S3Error {
    error(S3ErrorCode::AccessDenied, "AWS authentication requires a valid Date or x-amz-date header")
}

/// The first part of a scope that does not fit; S3 names one, with what was sent.
fn scope_text(mismatch: ScopeMismatch, parts: &Parts) -> String {
    let presented = Presented::of(parts).ok();
    let credential = presented.as_ref().map(Presented::credential).unwrap_or_default();
    let sent: Vec<&str> = credential.split('/').collect();
    let part = |place: usize| sent.get(place).copied().unwrap_or_default();
    if mismatch.terminator {
        return format!("incorrect terminal \"{}\". This endpoint uses \"aws4_request\".", part(4));
    }
    if mismatch.service.is_some() {
        return format!("incorrect service \"{}\". This endpoint belongs to \"s3\".", part(3));
    }
    if mismatch.region {
        return format!("the region '{}' is wrong; expecting 'us-east-1'", part(2));
    }
    let date = presented.as_ref().map(Presented::date).unwrap_or_default();
    let day = date.split('T').next().unwrap_or_default();
    format!("Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{day}\".", part(1))
}

fn query(uri: &Uri) -> impl Iterator<Item = (&str, &str)> {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn error(code: S3ErrorCode, text: &str) -> S3Error {
    S3Error::with_message(code, text.to_owned())
}

/// Checks the chunks of a framed body one after the other: each signature covers the one before.
#[derive(Clone, Debug)]
pub(crate) struct ChunkChain {
    verified: Verified,
    previous: String,
}

impl ChunkChain {
    /// The chain of a body that is signed by chunks; no other body has one.
    pub(crate) fn of(verified: Option<&Verified>, headers: &HeaderMap) -> Option<Self> {
        let verified = verified?.clone();
        let is_signed = headers.get(CONTENT_SHA256)?.to_str().ok()?.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        is_signed.then(|| Self { previous: verified.signature.clone(), verified })
    }

    /// Whether `signature` is that of the next chunk, whose hash is given in hex.
    pub(crate) fn signs_chunk(&mut self, hash: &str, signature: &str) -> bool {
        let empty = signature::hex(&Sha256::digest(b""));
        self.signs("PAYLOAD", &format!("{empty}\n{hash}"), signature)
    }

    /// Whether `signature` is that of the trailers, each a line of name, colon and value.
    pub(crate) fn signs_trailers(&mut self, lines: &str, signature: &str) -> bool {
        let hash = signature::hex(&Sha256::digest(lines));
        self.signs("TRAILER", &hash, signature)
    }

    fn signs(&mut self, what: &str, hashes: &str, signature: &str) -> bool {
        let Verified { date, scope, .. } = &self.verified;
        let text = format!("AWS4-HMAC-SHA256-{what}\n{date}\n{scope}\n{}\n{hashes}", self.previous);
        let is_right = self.verified.signs(&text, signature);
        signature.clone_into(&mut self.previous);
        is_right
    }
}
