//! What can be wrong with a signature, in the words and with the codes of the front end of AWS's JSON services.
//!
//! The texts for the parts of a scope are those that AWS sends since about 2022; before, they repeated what was sent.

use std::fmt;

use crate::aws::JsonError;

/// A signature is not there, not whole, or not right. Its text is the one that AWS sends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Neither header nor query holds one.
    #[error("Missing Authentication Token")]
    Missing,
    /// Both of them do.
    #[error("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")]
    Ambiguous,
    /// Parts of it are missing; the text names them all.
    #[error("{0}")]
    Incomplete(String),
    /// Its date is not one.
    #[error("Date must be in ISO-8601 'basic format'. Got '{got}'. See http://en.wikipedia.org/wiki/ISO_8601")]
    Date {
        /// What stands in its place.
        got: String,
    },
    /// It was made too long ago.
    #[error("Signature expired: {signed} is now earlier than {earliest} ({now} - {minutes} min.)")]
    Expired {
        /// When it was made.
        signed: String,
        /// When it might have been made.
        earliest: String,
        /// The time of the service.
        now: String,
        /// The window.
        minutes: i64,
    },
    /// It was made for later.
    #[error("Signature not yet current: {signed} is still later than {latest} ({now} + {minutes} min.)")]
    NotYetCurrent {
        /// When it was made.
        signed: String,
        /// When it might have been made.
        latest: String,
        /// The time of the service.
        now: String,
        /// The window.
        minutes: i64,
    },
    /// It does not cover the header that says whom the request is for.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    HostNotSigned,
    /// It is of another kind.
    #[error("Unsupported AWS 'algorithm': '{got}' (only AWS4-HMAC-SHA256 for now). ")]
    Algorithm {
        /// The algorithm it names.
        got: String,
    },
    /// Its credential is not one.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{got}'"
    )]
    Credential {
        /// What stands in its place.
        got: String,
    },
    /// It was made for something else.
    #[error("{0}")]
    Scope(ScopeMismatch),
    /// Nobody has this access key id.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// It is not what the secret gives for this request.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details."
    )]
    Mismatch,
    /// The temporary credentials have expired.
    #[error("The security token included in the request is expired")]
    TokenExpired,
    /// The session token is another, or there should be none.
    #[error("The security token included in the request is invalid")]
    Token,
}

/// The parts of a credential scope that do not fit the request; at least one does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeMismatch {
    /// The region is empty or cannot be one.
    pub region: bool,
    /// The service that the request is for, where the scope names another.
    pub service: Option<&'static str>,
    /// It does not end in `aws4_request`.
    pub terminator: bool,
    /// Its day is not that of the request.
    pub date: bool,
}

impl SignatureError {
    /// The code that AWS's JSON services answer.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete(_) | Self::Date { .. } | Self::Algorithm { .. } | Self::Credential { .. } => {
                "IncompleteSignatureException"
            }
            Self::Ambiguous
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::HostNotSigned
            | Self::Scope(_)
            | Self::Mismatch => "InvalidSignatureException",
            Self::TokenExpired => "ExpiredTokenException",
            Self::UnknownKey | Self::Token => "UnrecognizedClientException",
        }
    }
}

impl From<SignatureError> for JsonError {
    fn from(error: SignatureError) -> Self {
        Self::client(error.code(), error.to_string())
    }
}

impl ScopeMismatch {
    pub(super) fn is_any(self) -> bool {
        self != Self::default()
    }
}

impl fmt::Display for ScopeMismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.region {
            formatter.write_str("Credential should be scoped to a valid region. ")?;
        }
        if let Some(service) = self.service {
            write!(formatter, "Credential should be scoped to correct service: '{service}'. ")?;
        }
        if self.terminator {
            formatter.write_str("Credential should be scoped with a valid terminator: 'aws4_request'. ")?;
        }
        if self.date {
            formatter.write_str(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP. ",
            )?;
        }
        Ok(())
    }
}
