//! Signature Version 4, on the side of the service: is a request signed by somebody known, just now, and unchanged?
//!
//! [`Presented::of`] reads what a request says of its signature and refuses what is incomplete; that costs nothing and
//! is what a stack does by default. A [`Verifier`] computes the signature too. The order of the checks and their texts
//! are those of the front end that AWS's JSON services share. Which error a service makes of a [`SignatureError`] is the
//! service's subject, and so is the time: signatures live by real time, not by a stack's clock.
//!
//! - `presented`: what the request says
//! - `canonical`: what was signed
//! - `credential`: who may sign
//! - `error`: what can be wrong, in AWS's words
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

mod canonical;
mod credential;
mod error;
mod presented;

use std::{collections::HashMap, fmt, sync::Arc};

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{
    HeaderName, HeaderValue, Request,
    header::{AUTHORIZATION, HOST},
    request::Parts,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

pub use self::{
    credential::{Credential, CredentialError, Issuer, Temporary},
    error::{ScopeMismatch, SignatureError},
    presented::Presented,
};

/// The one algorithm there is.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The end of every credential scope.
const TERMINATOR: &str = "aws4_request";

/// Seconds that a presigned URL of S3 may be valid at most: a week.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
const MAX_EXPIRES_SECS: i64 = 604_800;

/// How one service wants its requests signed.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    service: &'static str,
    window: SignedDuration,
    is_s3: bool,
}

/// What stands for the body in the signed text.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// The body itself, to be hashed here.
    Body(&'a [u8]),
    /// What the client says of it: a hash that the service compares later, or a word such as `UNSIGNED-PAYLOAD`.
    Declared(&'a str),
}

/// Knows credentials, and computes signatures with them. Clones share the credentials.
#[derive(Clone, Debug)]
pub struct Verifier {
    credentials: Arc<HashMap<String, Credential>>,
    issuer: Option<Arc<dyn Issuer>>,
}

/// A request whose signature was found right; what is signed after it (chunks of a body) goes on from here.
#[derive(Clone)]
pub struct Verified {
    key: [u8; 32],
    /// The signature, 64 hex digits.
    pub signature: String,
    /// `yyyyMMddTHHmmssZ`.
    pub date: String,
    /// `<date>/<region>/<service>/aws4_request`.
    pub scope: String,
    /// The account of temporary credentials; others name none but by their access key id.
    pub account: Option<String>,
}

impl Rules {
    /// The rules of all services but S3: five minutes of skew, a path that is normalised and encoded twice.
    pub fn of(service: &'static str) -> Self {
        Self { service, window: SignedDuration::from_mins(5), is_s3: false }
    }

    /// The rules of the services of the Query protocol, such as STS and IAM: as others, with fifteen minutes of skew.
    pub fn of_query(service: &'static str) -> Self {
        Self { window: SignedDuration::from_mins(15), ..Self::of(service) }
    }

    /// The rules of S3: fifteen minutes, a path as it is, and presigned URLs that say how long they live.
    pub fn of_s3() -> Self {
        Self { service: "s3", window: SignedDuration::from_mins(15), is_s3: true }
    }
}

impl Verifier {
    /// A verifier that knows `credentials`; of two with one access key id the later counts.
    pub fn new(credentials: impl IntoIterator<Item = Credential>) -> Self {
        let by_key = credentials.into_iter().map(|credential| (credential.access_key.clone(), credential));
        Self { credentials: Arc::new(by_key.collect()), issuer: None }
    }

    /// The same verifier, which knows what `issuer` gave out, too.
    #[must_use]
    pub fn with_issuer(self, issuer: Arc<dyn Issuer>) -> Self {
        Self { issuer: Some(issuer), ..self }
    }

    /// The credential of an access key id, and its account if it is a temporary one.
    fn find(&self, access_key: &str) -> Result<(Credential, Option<String>), SignatureError> {
        if let Some(credential) = self.credentials.get(access_key) {
            return Ok((credential.clone(), None));
        }
        let issued = self.issuer.as_ref().and_then(|issuer| issuer.find(access_key));
        match issued.ok_or(SignatureError::UnknownKey)? {
            Temporary { is_expired: true, .. } => Err(SignatureError::TokenExpired),
            Temporary { credential, account, .. } => Ok((credential, Some(account))),
        }
    }

    /// Checks the signature of a request against the credentials and against `now`, which is real time.
    ///
    /// # Errors
    /// The first thing that is wrong, in AWS's order: the form, the date and its skew, the signed headers, the
    /// algorithm, the scope, the access key id, the signature, the session token.
    pub fn verify(
        &self,
        rules: Rules,
        parts: &Parts,
        payload: Payload<'_>,
        now: Timestamp,
    ) -> Result<Verified, SignatureError> {
        let presented = Presented::of(parts)?;
        let signed_at = presented.signed_at()?;
        check_time(rules, &presented, signed_at, now)?;
        if !presented.signs("host") {
            return Err(SignatureError::HostNotSigned);
        }
        if presented.algorithm != ALGORITHM {
            return Err(SignatureError::Algorithm { got: presented.algorithm });
        }
        let date = basic(signed_at);
        let (access_key, scope) = check_scope(rules, &presented.credential, &date)?;
        let (credential, account) = self.find(access_key)?;
        if credential.session_token.is_some() && presented.session_token.is_none() {
            return Err(SignatureError::UnknownKey);
        }
        let payload = match payload {
            Payload::Body(body) => hex(&Sha256::digest(body)),
            Payload::Declared(declared) => declared.to_owned(),
        };
        let canonical = canonical::request(parts, &presented, rules.is_s3, &payload);
        let text = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
        let key = signing_key(&credential.secret, scope);
        if !matches(&key, &text, &presented.signature) {
            tracing::debug!(%canonical, string_to_sign = %text, "signature does not match");
            return Err(SignatureError::Mismatch);
        }
        if presented.session_token != credential.session_token {
            return Err(SignatureError::Token);
        }
        Ok(Verified { key, date, scope: scope.to_owned(), signature: presented.signature, account })
    }
}

impl Verified {
    /// Whether `signature` is that of `text` under the key of this request.
    pub fn signs(&self, text: &str, signature: &str) -> bool {
        matches(&self.key, text, signature)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Verified").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Credential {
    /// Signs a request in its `Authorization` header, for a service in `region` at `now`, with its body hashed.
    ///
    /// Sets `x-amz-date`, `x-amz-security-token` where the credential has one, and for S3 `x-amz-content-sha256`; every
    /// header that is there is signed.
    ///
    /// # Panics
    /// When the request has no `Host` header, or the access key id or the region is not visible ASCII.
    #[must_use]
    pub fn sign(&self, rules: Rules, request: Request<Bytes>, region: &str, now: Timestamp) -> Request<Bytes> {
        let (mut parts, body) = request.into_parts();
        assert!(parts.headers.contains_key(HOST), "a request that is signed names its host");
        let (date, body_hash) = (basic(now), hex(&Sha256::digest(body.as_ref())));
        let ascii = |text: &str| HeaderValue::from_str(text).expect("credentials and scopes are visible ASCII");
        parts.headers.insert("x-amz-date", ascii(&date));
        if let Some(token) = &self.session_token {
            parts.headers.insert("x-amz-security-token", ascii(token));
        }
        if rules.is_s3 {
            parts.headers.insert("x-amz-content-sha256", ascii(&body_hash));
        }
        let day = date.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{region}/{}/{TERMINATOR}", rules.service);
        let mut names: Vec<&str> = parts.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let presented = Presented {
            algorithm: ALGORITHM.to_owned(),
            credential: format!("{}/{scope}", self.access_key),
            signed_headers: names.join(";"),
            signature: String::new(),
            session_token: self.session_token.clone(),
            date,
            in_query: false,
            expires_secs: None,
        };
        let canonical = canonical::request(&parts, &presented, rules.is_s3, &body_hash);
        let text = format!("{ALGORITHM}\n{}\n{scope}\n{}", presented.date, hex(&Sha256::digest(&canonical)));
        let signature = hex(&mac(&signing_key(&self.secret, &scope), &text).finalize().into_bytes());
        let Presented { credential, signed_headers, .. } = presented;
        let authorization =
            format!("{ALGORITHM} Credential={credential}, SignedHeaders={signed_headers}, Signature={signature}");
        parts.headers.insert(AUTHORIZATION, ascii(&authorization));
        Request::from_parts(parts, body)
    }
}

fn check_time(rules: Rules, presented: &Presented, signed_at: Timestamp, now: Timestamp) -> Result<(), SignatureError> {
    let lives_on = presented.expires_secs.filter(|_| rules.is_s3).unwrap_or(rules.window.as_secs());
    let lives_on = SignedDuration::from_secs(lives_on.clamp(0, MAX_EXPIRES_SECS));
    let earliest = now.saturating_sub(lives_on).unwrap_or(Timestamp::MIN);
    let latest = now.saturating_add(rules.window).unwrap_or(Timestamp::MAX);
    let (signed, minutes) = (basic(signed_at), rules.window.as_mins());
    if signed_at < earliest {
        return Err(SignatureError::Expired { signed, earliest: basic(earliest), now: basic(now), minutes });
    }
    if signed_at > latest {
        return Err(SignatureError::NotYetCurrent { signed, latest: basic(latest), now: basic(now), minutes });
    }
    Ok(())
}

/// The access key id and the scope of a credential that fits the service and the date of the request.
fn check_scope<'a>(rules: Rules, credential: &'a str, date: &str) -> Result<(&'a str, &'a str), SignatureError> {
    let whole = credential.trim_end_matches('/');
    let malformed = || SignatureError::Credential { got: credential.to_owned() };
    let (access_key, scope) = whole.split_once('/').ok_or_else(malformed)?;
    let &[day, region, service, terminator] = scope.split('/').collect::<Vec<_>>().as_slice() else {
        return Err(malformed());
    };
    let is_region = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let mismatch = ScopeMismatch {
        region: region.is_empty() || !region.bytes().all(is_region),
        service: (service != rules.service).then_some(rules.service),
        terminator: terminator != TERMINATOR,
        date: date.split('T').next() != Some(day),
    };
    if mismatch.is_any() { Err(SignatureError::Scope(mismatch)) } else { Ok((access_key, scope)) }
}

/// Whether `signature`, 64 lower-case hex digits, is that of `text`; takes the same time for every wrong one.
fn matches(key: &[u8; 32], text: &str, signature: &str) -> bool {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = signature
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            let &[high, low] = pair else { return None };
            Some(digit(high)? << 4 | digit(low)?)
        })
        .collect();
    bytes.is_some_and(|bytes| mac(key, text).verify_slice(&bytes).is_ok())
}

/// The key of a day, region and service: the scope's members, each signed with the key before.
fn signing_key(secret: &str, scope: &str) -> [u8; 32] {
    let secret = [b"AWS4", secret.as_bytes()].concat();
    let mut key = None;
    for member in scope.split('/') {
        let mac = key.as_ref().map_or_else(|| mac(&secret, member), |key: &[u8; 32]| mac(key, member));
        key = Some(mac.finalize().into_bytes().into());
    }
    key.unwrap_or_default()
}

fn mac(key: &[u8], text: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac
}

/// A time as signatures write it: `yyyyMMddTHHmmssZ`.
fn basic(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Bytes in lower-case hex, as signatures and hashes of payloads are written.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

#[cfg(test)]
mod tests;
