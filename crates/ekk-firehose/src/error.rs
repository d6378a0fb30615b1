//! Every way in which this crate can fail, and how each failure of a request looks on the wire.

use std::{borrow::Cow, path::PathBuf};

use ekk_faults::ErrorCode;
use ekk_server::aws::{JsonError, signature::SignatureError};

use crate::{
    limits,
    model::{ConversionError, Violations},
};

/// The service could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of the stream definitions cannot be read or written.
    #[error("cannot use the folder of stream definitions {}", folder.display())]
    Folder {
        /// The folder that was asked for.
        folder: PathBuf,
        /// What the system answered.
        #[source]
        source: std::io::Error,
    },
    /// A file in the folder is not a stream definition; repairing or removing it lets the service start.
    #[error("{} is not a stream definition; repair it or move it away", file.display())]
    Definition {
        /// The file.
        file: PathBuf,
        /// What is wrong in it.
        #[source]
        source: serde_json::Error,
    },
    /// A stream that was defined before cannot be opened for delivery.
    #[error("cannot open the delivery of stream {stream}")]
    Delivery {
        /// The stream's name.
        stream: String,
        /// What delivery answered.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A request that is answered with an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The body is empty or not JSON.
    #[error("body is not JSON")]
    NotJson,
    #[error("{0}")]
    Conversion(#[from] ConversionError),
    #[error("{0}")]
    Validation(#[from] Violations),
    #[error("unknown operation")]
    UnknownOperation,
    #[error("{0}")]
    Signature(#[from] SignatureError),
    /// A request whose members do not go together, in AWS's words where they are known.
    #[error("{0}")]
    InvalidArgument(Cow<'static, str>),
    /// A feature of AWS's that is not built here.
    #[error("{what} is not supported by ekk yet")]
    Unsupported { what: Cow<'static, str> },
    #[error("stream {stream} of account {account} does not exist")]
    StreamNotFound { stream: String, account: String },
    #[error("stream {stream} of account {account} exists")]
    StreamExists { stream: String, account: String },
    /// A put to a stream that is being created or deleted.
    #[error("stream {stream} of account {account} is not active")]
    StreamNotActive { stream: String, account: String },
    /// What the state of a stream forbids, in our words: AWS's are not known.
    #[error("{0}")]
    InUse(String),
    #[error("{} streams exist, which is the quota", streams.len())]
    StreamQuota { streams: Vec<String> },
    /// A quota other than that of streams, in our words: AWS's are not known.
    #[error("{0}")]
    LimitExceeded(String),
    /// An operation that only streams with puts of their own have.
    #[error("stream type {0} does not permit this operation")]
    NotPermittedOnType(&'static str),
    /// A put to a stream that takes the records of `CloudWatch` Logs alone.
    #[error("stream {stream} of account {account} takes records of CloudWatch Logs only")]
    InvalidSource { stream: String, account: String },
    /// More calls of an operation in a second than the quota allows.
    #[error("too many calls of account {account} in a second")]
    Throttled { account: String },
    #[error("stream {stream} is at version {current}, the request is for {given}")]
    VersionMismatch { stream: String, current: u64, given: String },
    /// The stream's queue is full, or the service is stopping.
    #[error("put is refused for now")]
    SlowDown,
    /// A failure that the stack was told to show.
    #[error("{}", message.as_deref().unwrap_or(code.message()))]
    Fault { code: ErrorCode, message: Option<String> },
    /// A fault of ours; the client is told no more than that.
    #[error("cannot {doing}")]
    Internal {
        doing: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The code and text of a put that is refused for now, for a whole `PutRecord` and for one entry of a batch.
pub(crate) const SLOW_DOWN: (&str, &str) = ("ServiceUnavailableException", "Slow down.");

impl ApiError {
    pub(crate) fn unsupported(what: impl Into<Cow<'static, str>>) -> Self {
        Self::Unsupported { what: what.into() }
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::InvalidArgument(message.into())
    }
}

impl From<ApiError> for JsonError {
    fn from(error: ApiError) -> Self {
        let text = error.to_string();
        match error {
            ApiError::NotJson | ApiError::Conversion(ConversionError::NotAnObject) => {
                Self::code_only("SerializationException")
            }
            ApiError::Conversion(_) => Self::front_end("SerializationException", text),
            ApiError::Validation(_) => Self::client("ValidationException", text),
            ApiError::UnknownOperation => Self::code_only("UnknownOperationException"),
            ApiError::Signature(error) => error.into(),
            ApiError::InvalidArgument(_) | ApiError::Unsupported { .. } => {
                Self::client("InvalidArgumentException", text)
            }
            ApiError::StreamNotFound { stream, account } => Self::client(
                "ResourceNotFoundException",
                format!("Firehose {stream} under account {account} not found."),
            ),
            ApiError::StreamExists { stream, account } => Self::client(
                "ResourceInUseException",
                format!("Firehose {stream} under accountId {account} already exists"),
            ),
            // The words are those of another emulator; AWS's are not known.
            ApiError::StreamNotActive { stream, account } => Self::client(
                "ResourceNotFoundException",
                format!("Firehose {stream} is not active in {account} account."),
            ),
            ApiError::InUse(_) => Self::client("ResourceInUseException", text),
            ApiError::LimitExceeded(_) => Self::client("LimitExceededException", text),
            ApiError::NotPermittedOnType(stream_type) => Self::client(
                "InvalidArgumentException",
                format!("This operation is not permitted on {stream_type} delivery stream type."),
            ),
            ApiError::InvalidSource { stream, account } => Self::client(
                "InvalidSourceException",
                format!(
                    "Put to Firehose failed for AccountId: {account}, FirehoseName: {stream} because the request is not \
                     originating from allowed source types."
                ),
            )
            .with_member("code", "InvalidSourceException"),
            // The answers that were seen end before they say for what; an account is what people cut out.
            ApiError::Throttled { account } => Self::client(
                "ThrottlingException",
                format!(
                    "Please slow down. Max limit of {} RPS has breached for {account}",
                    limits::CALLS_A_SECOND
                ),
            ),
            ApiError::StreamQuota { streams } => Self::client(
                "LimitExceededException",
                format!(
                    "You have already consumed your firehose quota of {} hoses. Firehose names: [{}]",
                    streams.len(),
                    streams.join(", ")
                ),
            ),
            ApiError::VersionMismatch { stream, current, given } => Self::client(
                "ConcurrentModificationException",
                format!(
                    "Cannot update firehose: {stream} since the current version id: {current} and specified version \
                     id: {given} do not match"
                ),
            ),
            ApiError::Fault { code, .. } => injected(code, text),
            ApiError::SlowDown => Self::server(SLOW_DOWN.0, SLOW_DOWN.1),
            ApiError::Internal { .. } => Self::server("InternalFailure", "The request failed; the log says why."),
        }
    }
}

/// A failure that was asked for, in the form that AWS gives this code.
fn injected(code: ErrorCode, text: String) -> JsonError {
    let name = code.name();
    match code {
        ErrorCode::AccessDeniedException => JsonError::front_end(name, text),
        // The model gives it a `code`, as it does to `InvalidSourceException`; the values are not known.
        ErrorCode::InvalidKMSResourceException => JsonError::client(name, text).with_member("code", name),
        _ if code.status() == 500 => JsonError::server(name, text),
        _ => JsonError::client(name, text),
    }
}

#[cfg(test)]
mod tests {
    use ekk_server::aws::MessageKey;

    use super::*;

    #[track_caller]
    fn check(error: ApiError, status: u16, code: &str, message: Option<(MessageKey, &str)>) {
        let found = JsonError::from(error);
        let text = found.message.as_ref().map(|(key, text)| (*key, text.as_ref()));
        assert_eq!((found.status.as_u16(), found.code, text), (status, code, message));
    }

    #[test]
    fn every_error_has_its_status_code_and_text() {
        let lower = |text| Some((MessageKey::Lower, text));
        let upper = |text| Some((MessageKey::Upper, text));
        check(ApiError::NotJson, 400, "SerializationException", None);
        check(ConversionError::NotAnObject.into(), 400, "SerializationException", None);
        check(ConversionError::ListExpected.into(), 400, "SerializationException", upper("Expected list or null"));
        check(ApiError::UnknownOperation, 400, "UnknownOperationException", None);
        let input = &crate::model::shapes::DELETE_DELIVERY_STREAM_INPUT_MEMBERS;
        let missing = "1 validation error detected: Value null at 'deliveryStreamName' failed to satisfy constraint: \
                       Member must not be null";
        check(crate::model::check_structure(input, b"{}").unwrap_err(), 400, "ValidationException", lower(missing));
        check(
            SignatureError::Missing.into(),
            400,
            "MissingAuthenticationTokenException",
            lower("Missing Authentication Token"),
        );
        check(ApiError::invalid("x"), 400, "InvalidArgumentException", lower("x"));
        check(
            ApiError::unsupported("TagDeliveryStream"),
            400,
            "InvalidArgumentException",
            lower("TagDeliveryStream is not supported by ekk yet"),
        );
        let fault = |code| ApiError::Fault { code, message: None };
        check(fault(ErrorCode::InternalFailure), 500, "InternalFailure", lower("Internal service failure."));
        check(fault(ErrorCode::ThrottlingException), 400, "ThrottlingException", lower("Rate exceeded"));
        check(
            ApiError::Fault { code: ErrorCode::AccessDeniedException, message: Some("no".to_owned()) },
            400,
            "AccessDeniedException",
            upper("no"),
        );
        let kms = JsonError::from(fault(ErrorCode::InvalidKMSResourceException));
        assert_eq!((kms.status.as_u16(), kms.members), (400, vec![("code", "InvalidKMSResourceException")]));
        check(ApiError::SlowDown, 500, "ServiceUnavailableException", lower("Slow down."));
        check(
            ApiError::Internal { doing: "save a stream", source: "disk full".into() },
            500,
            "InternalFailure",
            lower("The request failed; the log says why."),
        );
    }

    #[test]
    fn every_error_about_a_stream_has_its_status_code_and_text() {
        let lower = |text| Some((MessageKey::Lower, text));
        let (stream, account) = ("logs".to_owned(), "000000000000".to_owned());
        check(
            ApiError::StreamNotFound { stream: stream.clone(), account: account.clone() },
            400,
            "ResourceNotFoundException",
            lower("Firehose logs under account 000000000000 not found."),
        );
        check(
            ApiError::StreamExists { stream: stream.clone(), account: account.clone() },
            400,
            "ResourceInUseException",
            lower("Firehose logs under accountId 000000000000 already exists"),
        );
        check(
            ApiError::StreamNotActive { stream: stream.clone(), account: account.clone() },
            400,
            "ResourceNotFoundException",
            lower("Firehose logs is not active in 000000000000 account."),
        );
        check(ApiError::InUse("x".to_owned()), 400, "ResourceInUseException", lower("x"));
        check(ApiError::LimitExceeded("x".to_owned()), 400, "LimitExceededException", lower("x"));
        check(
            ApiError::NotPermittedOnType("KinesisStreamAsSource"),
            400,
            "InvalidArgumentException",
            lower("This operation is not permitted on KinesisStreamAsSource delivery stream type."),
        );
        check(
            ApiError::Throttled { account: account.clone() },
            400,
            "ThrottlingException",
            lower("Please slow down. Max limit of 5 RPS has breached for 000000000000"),
        );
        let source = ApiError::InvalidSource { stream, account };
        let text = "Put to Firehose failed for AccountId: 000000000000, FirehoseName: logs because the request is not \
                    originating from allowed source types.";
        check(source, 400, "InvalidSourceException", lower(text));
        check(
            ApiError::StreamQuota { streams: vec!["a".into(), "b".into()] },
            400,
            "LimitExceededException",
            lower("You have already consumed your firehose quota of 2 hoses. Firehose names: [a, b]"),
        );
        check(
            ApiError::VersionMismatch { stream: "logs".into(), current: 2, given: "1".into() },
            400,
            "ConcurrentModificationException",
            lower(
                "Cannot update firehose: logs since the current version id: 2 and specified version id: 1 do not match",
            ),
        );
    }
}
