//! Puts records by the AWS SDK, and says what each of its many errors means.

use std::{error::Error, io};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_firehose::{
    Client,
    config::retry::RetryConfig,
    error::{ConnectorError, ProvideErrorMetadata, SdkError},
    operation::put_record_batch::PutRecordBatchError,
    primitives::Blob,
    types::{PutRecordBatchResponseEntry, Record},
};

use crate::transport::{Entry, PutError, PutErrorKind, PutFuture, Transport};

/// Codes that mean: later, and more slowly.
const THROTTLING_CODES: [&str; 9] = [
    "ServiceUnavailableException",
    "ServiceUnavailable",
    "LimitExceededException",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "SlowDown",
];
/// Codes that mean that the call itself is at fault.
const MALFORMED_CODES: [&str; 3] = ["ValidationException", "ValidationError", "SerializationException"];
/// How the message of an `InvalidArgumentException` begins that is about the call. Any other is about the stream, which
/// may be one that takes no records from producers.
const CALL_TOO_LARGE: &str = "Records size exceeds";
/// Codes with a status of 400 that mean: later.
const PASSING_CODES: [&str; 5] =
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeout", "RequestTimeoutException"];

/// What the SDK says, with types that it keeps to itself, about a client that can never make a call.
const SETUP_TEXTS: [&str; 4] =
    ["failed to select an auth scheme", "No HTTP client was available", "Invalid Configuration", "Missing Region"];

/// What the HTTP client says, with types that it keeps to itself, when there is no connection.
const NO_CONNECTION_TEXTS: [&str; 3] = ["dns error", "failed to perform DNS lookup", "HTTP connect timeout"];

/// A stream, and the client of the user.
pub(crate) struct FirehoseTransport {
    client: Client,
    stream: String,
}

impl FirehoseTransport {
    /// The client keeps its endpoint, credentials and connections. Only its retries are turned off, for they would
    /// multiply with ours and know nothing of entries.
    pub(crate) fn new(client: &Client, stream: String) -> Self {
        let config = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), stream }
    }
}

impl Transport for FirehoseTransport {
    fn put<'a>(&'a self, records: &'a [&'a [u8]]) -> PutFuture<'a> {
        Box::pin(async {
            let records: Vec<Record> = records.iter().filter_map(|data| as_wire(data)).collect();
            let call = self.client.put_record_batch().delivery_stream_name(&self.stream);
            match call.set_records(Some(records)).send().await {
                Ok(answer) => Ok(answer.request_responses.into_iter().map(entry).collect()),
                Err(error) => Err(PutError { kind: kind(&error), message: message(&error) }),
            }
        })
    }

    fn destination(&self) -> String {
        format!("stream {}", self.stream)
    }
}

/// A record can be built whenever it has data, so none is left out.
fn as_wire(data: &[u8]) -> Option<Record> {
    Record::builder().data(Blob::new(data)).build().ok()
}

fn entry(answer: PutRecordBatchResponseEntry) -> Entry {
    match answer.error_code {
        None => Entry::Taken,
        Some(code) => Entry::Failed { code, message: answer.error_message.unwrap_or_default() },
    }
}

fn kind(error: &SdkError<PutRecordBatchError>) -> PutErrorKind {
    match error {
        SdkError::ConstructionFailure(_) => PutErrorKind::Unusable,
        SdkError::ServiceError(answer) => {
            let error = answer.err();
            kind_of_answer(
                error.code().unwrap_or_default(),
                error.message().unwrap_or_default(),
                answer.raw().status().as_u16(),
            )
        }
        SdkError::DispatchFailure(failure) => {
            failure.as_connector_error().map_or(PutErrorKind::Unanswered, kind_of_dispatch)
        }
        _ => PutErrorKind::Unanswered,
    }
}

/// What it means that a call could not be made, or was broken off.
fn kind_of_dispatch(failure: &ConnectorError) -> PutErrorKind {
    if failure.is_io() || failure.is_timeout() {
        return if causes(failure).any(is_before_the_call) { PutErrorKind::Trouble } else { PutErrorKind::Unanswered };
    }
    for cause in causes(failure) {
        let text = cause.to_string();
        if SETUP_TEXTS.iter().any(|setup| text.contains(setup)) {
            return PutErrorKind::Unusable;
        }
        if let Some(error) = cause.downcast_ref::<CredentialsError>() {
            return match error {
                CredentialsError::CredentialsNotLoaded(_) | CredentialsError::InvalidConfiguration(_) => {
                    PutErrorKind::Unusable
                }
                // A provider that is in trouble for the moment.
                _ => PutErrorKind::Trouble,
            };
        }
    }
    PutErrorKind::Unanswered
}

/// Whether there was no connection, so that nothing can have been taken.
fn is_before_the_call(cause: &(dyn Error + 'static)) -> bool {
    let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    let no_connection = matches!(
        kind,
        Some(io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable)
    );
    no_connection || NO_CONNECTION_TEXTS.iter().any(|text| cause.to_string().contains(text))
}

/// An error, its cause, the cause of that, and so on.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// What an answered error means, by its code or else by its status.
fn kind_of_answer(code: &str, message: &str, status: u16) -> PutErrorKind {
    let is_too_large = code == "InvalidArgumentException" && message.starts_with(CALL_TOO_LARGE);
    if THROTTLING_CODES.contains(&code) || status == 429 || status == 503 {
        PutErrorKind::Throttled
    } else if status >= 500 || PASSING_CODES.contains(&code) || status == 408 {
        PutErrorKind::Trouble
    } else if MALFORMED_CODES.contains(&code) || is_too_large || status == 413 {
        PutErrorKind::Malformed
    } else {
        PutErrorKind::Unusable
    }
}

fn message(error: &SdkError<PutRecordBatchError>) -> String {
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            match (answer.err().code(), answer.err().message()) {
                (Some(code), Some(message)) => format!("{code}: {message}"),
                (Some(code), None) => code.to_owned(),
                _ => format!("answered with status {status}"),
            }
        }
        _ => causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_judged_by_its_code_and_then_by_its_status() {
        for (code, message, status, expected) in [
            ("ServiceUnavailableException", "Slow down.", 500, PutErrorKind::Throttled),
            ("ThrottlingException", "", 400, PutErrorKind::Throttled),
            ("LimitExceededException", "", 400, PutErrorKind::Throttled),
            ("", "", 429, PutErrorKind::Throttled),
            ("", "", 503, PutErrorKind::Throttled),
            ("InternalFailure", "", 500, PutErrorKind::Trouble),
            ("", "", 502, PutErrorKind::Trouble),
            ("ExpiredTokenException", "", 400, PutErrorKind::Trouble),
            ("ValidationException", "", 400, PutErrorKind::Malformed),
            ("InvalidArgumentException", "Records size exceeds 4 MB limit", 400, PutErrorKind::Malformed),
            ("", "", 413, PutErrorKind::Malformed),
            ("InvalidArgumentException", "This operation is not permitted", 400, PutErrorKind::Unusable),
            ("ResourceNotFoundException", "", 400, PutErrorKind::Unusable),
            ("AccessDeniedException", "", 400, PutErrorKind::Unusable),
            ("UnrecognizedClientException", "", 400, PutErrorKind::Unusable),
            ("InvalidKMSResourceException", "", 400, PutErrorKind::Unusable),
            ("InvalidSourceException", "", 400, PutErrorKind::Unusable),
            ("", "", 404, PutErrorKind::Unusable),
        ] {
            assert_eq!(kind_of_answer(code, message, status), expected, "{code} {status}");
        }
    }
}
