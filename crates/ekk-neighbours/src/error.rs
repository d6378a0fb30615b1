//! Every way in which this crate can fail, and how each failure of a request looks on the wire.

use std::{borrow::Cow, path::PathBuf};

use ekk_server::aws::signature::SignatureError;
use http::StatusCode;

use crate::constraint::Violations;

/// The services could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of what was created before cannot be read or written.
    #[error("cannot use the folder {}", folder.display())]
    Folder {
        /// The folder that was asked for.
        folder: PathBuf,
        /// What the system answered.
        #[source]
        source: std::io::Error,
    },
    /// A file in the folder is not what was kept there; repairing or removing it lets the services start.
    #[error("{} does not hold what was kept there; repair it or move it away", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong in it.
        #[source]
        source: serde_json::Error,
    },
}

/// A protocol of AWS's: the same failure has other codes and another form in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// JSON over REST, which `OpenSearch` Service speaks.
    RestJson,
    /// Forms answered with XML, which IAM and STS speak.
    Query,
}

/// A request that is answered with an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    // the front door
    #[error("{0}")]
    Signature(#[from] SignatureError),
    #[error("the security token has expired")]
    ExpiredToken,
    #[error("the body is over the limit")]
    BodyTooLarge,
    #[error("the body could not be read")]
    BrokenBody,
    #[error("the form has no Action")]
    MissingAction,
    /// An action that is not there, or not in this version.
    #[error("{0}")]
    InvalidAction(String),
    #[error("{0}")]
    UnknownOperation(String),
    // the request's form and meaning
    /// A value of the wrong type, or a body of the wrong form.
    #[error("{0}")]
    Malformed(String),
    #[error("{0}")]
    Violations(#[from] Violations),
    #[error("{0}")]
    Validation(Cow<'static, str>),
    #[error("{0}")]
    LimitExceeded(Cow<'static, str>),
    #[error("{0}")]
    AlreadyExists(String),
    // OpenSearch Service
    #[error("domain {0} does not exist")]
    DomainNotFound(String),
    #[error("{0}")]
    InvalidType(String),
    // IAM and STS
    #[error("{0}")]
    NoSuchEntity(String),
    #[error("{0}")]
    DeleteConflict(&'static str),
    #[error("{0}")]
    MalformedPolicyDocument(Cow<'static, str>),
    #[error("{0}")]
    InvalidInput(&'static str),
    #[error("{0}")]
    InvalidIdentityToken(&'static str),
    #[error("{0}")]
    ExpiredIdentityToken(String),
    /// A fault of ours; the client is told no more than that.
    #[error("cannot {doing}")]
    Internal {
        doing: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ApiError {
    /// The status and the wire code.
    #[rustfmt::skip]
    pub(crate) fn status_and_code(&self, protocol: Protocol) -> (StatusCode, &'static str) {
        let (status, rest, query) = match self {
            Self::Signature(error) => of_signature(error),
            Self::ExpiredToken => (403, "ExpiredTokenException", "ExpiredToken"),
            Self::BodyTooLarge => (413, "RequestEntityTooLargeException", "RequestEntityTooLarge"),
            Self::BrokenBody => (400, "BadRequestException", "MalformedInput"),
            Self::MissingAction => (400, "MissingAction", "MissingAction"),
            Self::InvalidAction(_) => (400, "InvalidAction", "InvalidAction"),
            Self::UnknownOperation(_) => (404, "UnknownOperationException", "InvalidAction"),
            Self::Malformed(_) => (400, "SerializationException", "MalformedInput"),
            Self::Violations(_) | Self::Validation(_) => (400, "ValidationException", "ValidationError"),
            Self::LimitExceeded(_) => (409, "LimitExceededException", "LimitExceeded"),
            Self::DomainNotFound(_) => (409, "ResourceNotFoundException", "NoSuchEntity"),
            Self::AlreadyExists(_) => (409, "ResourceAlreadyExistsException", "EntityAlreadyExists"),
            Self::InvalidType(_) => (409, "InvalidTypeException", "InvalidInput"),
            Self::NoSuchEntity(_) => (404, "ResourceNotFoundException", "NoSuchEntity"),
            Self::DeleteConflict(_) => (409, "ConflictException", "DeleteConflict"),
            Self::MalformedPolicyDocument(_) => (400, "InvalidTypeException", "MalformedPolicyDocument"),
            Self::InvalidInput(_) => (400, "ValidationException", "InvalidInput"),
            Self::InvalidIdentityToken(_) => (400, "ValidationException", "InvalidIdentityToken"),
            Self::ExpiredIdentityToken(_) => (400, "ExpiredTokenException", "ExpiredTokenException"),
            Self::Internal { .. } => (500, "InternalException", "ServiceFailure"),
        };
        let status = StatusCode::from_u16(status).expect("all of them are statuses");
        (status, match protocol { Protocol::RestJson => rest, Protocol::Query => query })
    }

    /// The text for the client.
    pub(crate) fn message(&self, protocol: Protocol) -> Cow<'static, str> {
        match (self, protocol) {
            (Self::Signature(SignatureError::Missing), Protocol::Query) => {
                "Request is missing Authentication Token".into()
            }
            (Self::ExpiredToken, _) => "The security token included in the request is expired".into(),
            (Self::BodyTooLarge, _) => "Request body is too large".into(),
            (Self::BrokenBody, _) => "Request body ended early".into(),
            (Self::MissingAction, _) => "Missing Action".into(),
            (Self::DomainNotFound(name), _) => format!("Domain not found: {name}").into(),
            (Self::Internal { .. }, _) => "The request failed; the log says why.".into(),
            (other, _) => other.to_string().into(),
        }
    }
}

/// The status and the code in each protocol: what cannot be read is malformed, anything else is forbidden.
fn of_signature(error: &SignatureError) -> (u16, &'static str, &'static str) {
    let code = error.code();
    match code {
        "MissingAuthenticationTokenException" => (403, code, "MissingAuthenticationToken"),
        "IncompleteSignatureException" => (400, code, "IncompleteSignature"),
        "UnrecognizedClientException" => (403, code, "InvalidClientTokenId"),
        _ => (403, code, "SignatureDoesNotMatch"),
    }
}

#[cfg(test)]
mod tests {
    use ekk_server::aws::signature::ScopeMismatch;

    use super::*;

    #[track_caller]
    fn check(error: &ApiError, protocol: Protocol, expected: (u16, &str, &str)) {
        let (status, code) = error.status_and_code(protocol);
        assert_eq!((status.as_u16(), code, error.message(protocol).as_ref()), expected);
    }

    #[test]
    fn every_error_of_opensearch_service_has_its_status_code_and_text() {
        let text = || "text".to_owned();
        let cases = [
            (
                SignatureError::Missing.into(),
                (403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
            ),
            (SignatureError::Incomplete(text()).into(), (400, "IncompleteSignatureException", "text")),
            (
                SignatureError::Scope(ScopeMismatch { service: Some("es"), ..ScopeMismatch::default() }).into(),
                (403, "InvalidSignatureException", "Credential should be scoped to correct service: 'es'. "),
            ),
            (
                SignatureError::UnknownKey.into(),
                (403, "UnrecognizedClientException", "The security token included in the request is invalid."),
            ),
            (
                ApiError::ExpiredToken,
                (403, "ExpiredTokenException", "The security token included in the request is expired"),
            ),
            (ApiError::BodyTooLarge, (413, "RequestEntityTooLargeException", "Request body is too large")),
            (ApiError::BrokenBody, (400, "BadRequestException", "Request body ended early")),
            (ApiError::UnknownOperation(text()), (404, "UnknownOperationException", "text")),
            (ApiError::Malformed(text()), (400, "SerializationException", "text")),
            (ApiError::Validation("text".into()), (400, "ValidationException", "text")),
            (ApiError::LimitExceeded("text".into()), (409, "LimitExceededException", "text")),
            (ApiError::DomainNotFound("logs".into()), (409, "ResourceNotFoundException", "Domain not found: logs")),
            (ApiError::AlreadyExists(text()), (409, "ResourceAlreadyExistsException", "text")),
            (ApiError::InvalidType(text()), (409, "InvalidTypeException", "text")),
            (
                ApiError::Internal { doing: "save a domain", source: "disk full".into() },
                (500, "InternalException", "The request failed; the log says why."),
            ),
        ];
        for (error, expected) in cases {
            check(&error, Protocol::RestJson, expected);
        }
    }

    #[test]
    fn every_error_of_iam_and_sts_has_its_status_code_and_text() {
        let text = || "text".to_owned();
        let cases = [
            (
                SignatureError::Missing.into(),
                (403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
            ),
            (SignatureError::Incomplete(text()).into(), (400, "IncompleteSignature", "text")),
            (
                SignatureError::Date { got: text() }.into(),
                (
                    400,
                    "IncompleteSignature",
                    "Date must be in ISO-8601 'basic format'. Got 'text'. See http://en.wikipedia.org/wiki/ISO_8601",
                ),
            ),
            (
                SignatureError::Token.into(),
                (403, "InvalidClientTokenId", "The security token included in the request is invalid"),
            ),
            (ApiError::ExpiredToken, (403, "ExpiredToken", "The security token included in the request is expired")),
            (ApiError::BodyTooLarge, (413, "RequestEntityTooLarge", "Request body is too large")),
            (ApiError::MissingAction, (400, "MissingAction", "Missing Action")),
            (ApiError::InvalidAction(text()), (400, "InvalidAction", "text")),
            (ApiError::Malformed(text()), (400, "MalformedInput", "text")),
            (ApiError::Validation("text".into()), (400, "ValidationError", "text")),
            (ApiError::LimitExceeded("text".into()), (409, "LimitExceeded", "text")),
            (ApiError::NoSuchEntity(text()), (404, "NoSuchEntity", "text")),
            (ApiError::AlreadyExists(text()), (409, "EntityAlreadyExists", "text")),
            (ApiError::DeleteConflict("text"), (409, "DeleteConflict", "text")),
            (ApiError::MalformedPolicyDocument("text".into()), (400, "MalformedPolicyDocument", "text")),
            (ApiError::InvalidInput("text"), (400, "InvalidInput", "text")),
            (ApiError::InvalidIdentityToken("text"), (400, "InvalidIdentityToken", "text")),
            (ApiError::ExpiredIdentityToken(text()), (400, "ExpiredTokenException", "text")),
            (
                ApiError::Internal { doing: "save a role", source: "disk full".into() },
                (500, "ServiceFailure", "The request failed; the log says why."),
            ),
        ];
        for (error, expected) in cases {
            check(&error, Protocol::Query, expected);
        }
    }
}
