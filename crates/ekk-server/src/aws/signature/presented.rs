//! What a request says of its signature, in the `Authorization` header or in its query; nothing of it is computed.

use http::{
    HeaderMap, Uri,
    header::{AUTHORIZATION, DATE},
    request::Parts,
};
use jiff::{Timestamp, civil::DateTime, fmt::rfc2822, tz::TimeZone};

use super::{SignatureError, canonical};

/// A signature with all its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    pub(super) algorithm: String,
    pub(super) credential: String,
    pub(super) signed_headers: String,
    pub(super) signature: String,
    pub(super) session_token: Option<String>,
    pub(super) date: String,
    pub(super) in_query: bool,
    pub(super) expires_secs: Option<i64>,
}

impl Presented {
    /// Reads the signature of a request.
    ///
    /// # Errors
    /// - [`SignatureError::Missing`]: there is none.
    /// - [`SignatureError::Ambiguous`]: there are two.
    /// - [`SignatureError::Incomplete`]: parts of it are missing, all of which are named.
    pub fn of(parts: &Parts) -> Result<Self, SignatureError> {
        let header = parts.headers.get(AUTHORIZATION).filter(|value| !value.is_empty());
        match (header, is_in_query(&parts.uri)) {
            (Some(_), true) => Err(SignatureError::Ambiguous),
            (None, false) => Err(SignatureError::Missing),
            (None, true) => Self::of_query(&parts.uri),
            (Some(value), false) => Self::of_header(&String::from_utf8_lossy(value.as_bytes()), &parts.headers),
        }
    }

    fn of_header(value: &str, headers: &HeaderMap) -> Result<Self, SignatureError> {
        let mut words = value.split([',', ' ']);
        let algorithm = words.next().unwrap_or_default().to_owned();
        let parameters: Vec<_> = words.filter_map(|part| part.trim().split_once('=')).collect();
        let parameter = |name: &str| {
            let found = parameters.iter().rfind(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
        };
        let presented = Self {
            algorithm,
            credential: parameter("Credential"),
            signed_headers: parameter("SignedHeaders"),
            signature: parameter("Signature"),
            session_token: header(headers, "x-amz-security-token"),
            date: header(headers, "x-amz-date").or_else(|| header(headers, DATE.as_str())).unwrap_or_default(),
            in_query: false,
            expires_secs: None,
        };
        let parameters = [
            ("Credential", &presented.credential),
            ("Signature", &presented.signature),
            ("SignedHeaders", &presented.signed_headers),
        ];
        let mut missing = missing(&parameters, "Authorization header requires '", "' parameter. ");
        if presented.date.is_empty() {
            missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
        }
        if missing.is_empty() {
            return Ok(presented);
        }
        Err(SignatureError::Incomplete(missing + "Authorization=" + value))
    }

    fn of_query(uri: &Uri) -> Result<Self, SignatureError> {
        let pairs = canonical::query_pairs(uri.query().unwrap_or_default());
        let parameter = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name.as_bytes());
            found.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
        };
        let presented = Self {
            algorithm: parameter("X-Amz-Algorithm"),
            credential: parameter("X-Amz-Credential"),
            signed_headers: parameter("X-Amz-SignedHeaders"),
            signature: parameter("X-Amz-Signature"),
            session_token: Some(parameter("X-Amz-Security-Token")).filter(|token| !token.is_empty()),
            date: parameter("X-Amz-Date"),
            in_query: true,
            expires_secs: parameter("X-Amz-Expires").parse().ok(),
        };
        let parameters = [
            ("X-Amz-Algorithm", &presented.algorithm),
            ("X-Amz-Credential", &presented.credential),
            ("X-Amz-Signature", &presented.signature),
            ("X-Amz-SignedHeaders", &presented.signed_headers),
            ("X-Amz-Date", &presented.date),
        ];
        let missing = missing(&parameters, "AWS query-string parameters must include '", "'. ");
        if missing.is_empty() {
            return Ok(presented);
        }
        Err(SignatureError::Incomplete(missing + "Re-examine the query-string parameters."))
    }

    /// Who signed for what, as it was sent: `<access key id>/<date>/<region>/<service>/aws4_request`.
    pub fn credential(&self) -> &str {
        &self.credential
    }

    /// The date of the signature, as it was sent.
    pub fn date(&self) -> &str {
        &self.date
    }

    /// Whether the signature covers a header, by its lower-case name.
    pub fn signs(&self, name: &str) -> bool {
        self.signed_headers.split(';').any(|signed| signed.eq_ignore_ascii_case(name))
    }

    /// When the request was signed: `X-Amz-Date`, or a `Date` in that form or in HTTP's.
    pub(super) fn signed_at(&self) -> Result<Timestamp, SignatureError> {
        let basic = DateTime::strptime("%Y%m%dT%H%M%SZ", &self.date).ok().filter(|_| self.date.len() == 16);
        let basic = basic.and_then(|date| TimeZone::UTC.to_timestamp(date).ok());
        basic
            .or_else(|| Some(rfc2822::parse(&self.date).ok()?.timestamp()))
            .ok_or_else(|| SignatureError::Date { got: self.date.clone() })
    }
}

/// A sentence for each parameter that is empty.
fn missing(parameters: &[(&str, &String)], before: &str, after: &str) -> String {
    let empty = parameters.iter().filter(|(_, value)| value.is_empty());
    empty.flat_map(|(name, _)| [before, name, after]).collect()
}

/// A bare `X-Amz-Algorithm` counts.
fn is_in_query(uri: &Uri) -> bool {
    let names = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split('=').next());
    names.into_iter().any(|name| name == "X-Amz-Algorithm")
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name).filter(|value| !value.is_empty())?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}
