//! Why a record could not be processed, and the line that the error prefix gets for it.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html>

use std::borrow::Cow;

use base64_simd::STANDARD;
use jiff::Timestamp;
use serde::Serialize;

use super::FailedPiece;
use crate::{key::ErrorOutputType, s3_client::S3Error};

/// A reason with its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Under which error prefix the record goes.
    pub(crate) error_output_type: ErrorOutputType,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
    /// Invocations of the function; 1 for every other processor.
    pub(crate) attempts_made: u32,
    /// The function, when it is about one.
    pub(crate) lambda_arn: Option<String>,
}

impl Failure {
    fn new(error_output_type: ErrorOutputType, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            error_output_type,
            code: Cow::Borrowed(code),
            message: message.into(),
            attempts_made: 1,
            lambda_arn: None,
        }
    }

    pub(super) fn decompression(message: String) -> Self {
        Self::new(ErrorOutputType::DecompressionFailed, "DecompressionFailed", message)
    }

    pub(super) fn extraction(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorOutputType::ProcessingFailed, "DynamicPartitioning.MetadataExtractionFailed", message)
    }

    pub(crate) fn active_partitions() -> Self {
        Self::new(
            ErrorOutputType::ActivePartitionExceeded,
            "DynamicPartitioning.ActivePartitionsExceeded",
            "The limit of active partitions of the stream is exceeded.",
        )
    }

    /// Of records whose partition the bucket did not take.
    pub(crate) fn undelivered(error: &S3Error, attempts_made: u32) -> Self {
        let failure = Self::new(ErrorOutputType::ProcessingFailed, "", error.reason.clone());
        Self { code: Cow::Owned(error.code.clone()), attempts_made, ..failure }
    }

    pub(crate) fn lambda(arn: &str, code: &'static str, message: &'static str, attempts_made: u32) -> Self {
        let lambda_arn = Some(arn.to_owned());
        Self { attempts_made, lambda_arn, ..Self::new(ErrorOutputType::ProcessingFailed, code, message) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    attempts_made: u32,
    arrival_timestamp: i64,
    error_code: &'a str,
    error_message: &'a str,
    attempt_ending_timestamp: i64,
    raw_data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lambda_arn: Option<&'a str>,
}

/// Appends the record as one line of JSON with its line feed.
pub(crate) fn write_line(out: &mut Vec<u8>, piece: &FailedPiece, ended: Timestamp) {
    let line = Line {
        attempts_made: piece.failure.attempts_made,
        arrival_timestamp: piece.record.arrival.as_millisecond(),
        error_code: &piece.failure.code,
        error_message: &piece.failure.message,
        attempt_ending_timestamp: ended.as_millisecond(),
        raw_data: STANDARD.encode_to_string(&piece.raw),
        lambda_arn: piece.failure.lambda_arn.as_deref(),
    };
    serde_json::to_writer(&mut *out, &line).expect("strings and numbers are JSON, and memory takes them");
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::queue::Record;

    fn line(failure: Failure) -> String {
        let record = Record {
            epoch: 1,
            index: 0,
            piece: 0,
            arrival: "2022-06-08T17:42:30.135Z".parse().unwrap(),
            data: Bytes::new(),
        };
        let piece = FailedPiece { record, raw: Bytes::from_static(b"{\"a\":1}"), failure };
        let mut out = Vec::new();
        write_line(&mut out, &piece, "2022-06-08T17:43:58.263Z".parse().unwrap());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_processing_failed_record_has_the_documented_members_in_their_order() {
        let failure = Failure::lambda(
            "arn:aws:lambda:us-east-1:000000000000:function:f",
            "Lambda.FunctionTimedOut",
            "The Lambda function invocation timed out. Increase the Timeout setting in the Lambda function.",
            4,
        );
        insta::assert_snapshot!(line(failure), @r#"{"attemptsMade":4,"arrivalTimestamp":1654710150135,"errorCode":"Lambda.FunctionTimedOut","errorMessage":"The Lambda function invocation timed out. Increase the Timeout setting in the Lambda function.","attemptEndingTimestamp":1654710238263,"rawData":"eyJhIjoxfQ==","lambdaArn":"arn:aws:lambda:us-east-1:000000000000:function:f"}"#);
    }

    #[test]
    fn a_record_that_no_function_saw_names_none() {
        insta::assert_snapshot!(line(Failure::extraction("Non JSON record provided")), @r#"{"attemptsMade":1,"arrivalTimestamp":1654710150135,"errorCode":"DynamicPartitioning.MetadataExtractionFailed","errorMessage":"Non JSON record provided","attemptEndingTimestamp":1654710238263,"rawData":"eyJhIjoxfQ=="}"#);
    }
}
