//! The event that a function gets, and what its response means for each record.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html>

use std::{borrow::Cow, collections::BTreeMap};

use base64_simd::STANDARD;
use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::{FailedPiece, Failure, Piece};
use crate::{limits::LAMBDA_PAYLOAD_BYTES, queue::Record};

/// Bytes of an event besides its records, names and ids of the longest.
const ENVELOPE_BYTES: usize = 1024;

/// Bytes of a record in an event besides its data: its id of 62 digits, its time, and names.
const RECORD_BYTES: usize = 160;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    invocation_id: &'a str,
    delivery_stream_arn: &'a str,
    region: &'a str,
    records: Vec<EventRecord>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord {
    record_id: String,
    approximate_arrival_timestamp: i64,
    data: String,
}

/// The id of a record in an event: its sequence number and the place of the piece, as seen in events of AWS.
fn record_id(record: &Record, shard: u32) -> String {
    format!("{}{:06}", record.sequence_number(shard), record.piece)
}

/// How many of `pieces` fit into one event; at least one.
pub(crate) fn event_length(pieces: &[Piece]) -> usize {
    let mut total = ENVELOPE_BYTES;
    let fitting = pieces.iter().take_while(|piece| {
        total += STANDARD.encoded_length(piece.record.data.len()) + RECORD_BYTES;
        total <= LAMBDA_PAYLOAD_BYTES
    });
    fitting.count().max(1)
}

/// The JSON of an event.
pub(crate) fn event(stream_arn: &str, invocation_id: &str, pieces: &[Piece], shard: u32) -> Bytes {
    let records = pieces.iter().map(|piece| EventRecord {
        record_id: record_id(&piece.record, shard),
        approximate_arrival_timestamp: piece.record.arrival.as_millisecond(),
        data: STANDARD.encode_to_string(&piece.record.data),
    });
    let event = Event {
        invocation_id,
        delivery_stream_arn: stream_arn,
        region: stream_arn.split(':').nth(3).unwrap_or_default(),
        records: records.collect(),
    };
    serde_json::to_vec(&event).expect("texts and numbers are JSON").into()
}

/// What a response comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    /// Transformed pieces, with the function's partition keys.
    pub(crate) ok: Vec<Piece>,
    pub(crate) dropped: Vec<Record>,
    pub(crate) failed: Vec<FailedPiece>,
}

/// A record of a response.
#[derive(Clone, Debug)]
struct Returned<'a> {
    result: Option<&'a str>,
    data: Option<&'a str>,
    keys: Option<&'a serde_json::Map<String, Value>>,
}

/// Reads a response, in which each piece must be once. An id that was not sent is passed over.
pub(crate) fn read_response(arn: &str, response: &[u8], pieces: Vec<Piece>, shard: u32, attempts: u32) -> Answered {
    let fail = |code, message| Failure::lambda(arn, code, message, attempts);
    let mut answered = Answered::default();
    let Ok(response) = serde_json::from_slice::<Value>(response) else {
        let failure = fail(
            "Lambda.JsonProcessingException",
            "There was an error parsing returned records from the Lambda function. Ensure that the returned records follow \
             the status model required by Amazon Data Firehose.",
        );
        answered.failed = pieces.into_iter().map(|piece| piece.fail(failure.clone())).collect();
        return answered;
    };
    let returned = by_id(&response);
    for piece in pieces {
        let failure = match returned.get(record_id(&piece.record, shard).as_str()).map(Vec::as_slice) {
            None => fail(
                "Lambda.MissingRecordId",
                "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
            ),
            Some([one]) => match one.verdict() {
                Verdict::Ok(data) => {
                    let keys = one.partition_keys();
                    answered.ok.push(Piece {
                        record: Record { data, ..piece.record },
                        lambda_keys: keys,
                        raw: piece.raw,
                    });
                    continue;
                }
                Verdict::Dropped => {
                    answered.dropped.push(piece.record);
                    continue;
                }
                Verdict::Failed(code, message) => fail(code, message),
            },
            Some(_) => fail(
                "Lambda.DuplicatedRecordId",
                "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique \
                 record Id for each record.",
            ),
        };
        answered.failed.push(piece.fail(failure));
    }
    answered
}

fn by_id(response: &Value) -> BTreeMap<&str, Vec<Returned<'_>>> {
    let mut returned: BTreeMap<&str, Vec<Returned<'_>>> = BTreeMap::new();
    for record in response.get("records").and_then(Value::as_array).into_iter().flatten() {
        let text = |name| record.get(name).and_then(Value::as_str);
        if let Some(id) = text("recordId") {
            let keys = record.pointer("/metadata/partitionKeys").and_then(Value::as_object);
            returned.entry(id).or_default().push(Returned { result: text("result"), data: text("data"), keys });
        }
    }
    returned
}

enum Verdict {
    Ok(Bytes),
    Dropped,
    Failed(&'static str, &'static str),
}

impl Returned<'_> {
    fn verdict(&self) -> Verdict {
        match (self.result, self.data) {
            (Some("Dropped"), _) => Verdict::Dropped,
            (Some("ProcessingFailed"), _) => {
                Verdict::Failed("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record")
            }
            (Some("Ok"), None) => Verdict::Failed(
                "Lambda.InvalidReturnFormat",
                "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing \
                 result is Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result is \
                 Ok.",
            ),
            (Some("Ok"), Some(data)) => match STANDARD.decode_to_vec(data) {
                Ok(data) => Verdict::Ok(data.into()),
                Err(_) => Verdict::Failed("Lambda.InvalidReturnFormat", "The data field must be base64."),
            },
            _ => Verdict::Failed(
                "Lambda.InvalidReturnFormat",
                "The result field must be one of Ok, Dropped, or ProcessingFailed.",
            ),
        }
    }

    /// The partition keys as texts; null is empty, which no partition may be named by.
    fn partition_keys(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.keys.into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
    }
}

/// Why an invocation brought no response; every one of these is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InvokeError {
    TimedOut,
    /// The function itself says that it failed, or has answered too much.
    Function,
    Throttled,
    NotFound,
    AccessDenied,
    /// In a developer's words.
    Unreachable(String),
}

impl InvokeError {
    /// The error of an answer with a status other than 200; `reason` says what else is known of it.
    pub(crate) fn of_status(status: u16, reason: impl FnOnce() -> String) -> Self {
        match status {
            403 => Self::AccessDenied,
            404 => Self::NotFound,
            429 => Self::Throttled,
            other => Self::Unreachable(format!("it answers {other}: {}", reason())),
        }
    }

    /// The failure of every record of the invocation.
    pub(crate) fn failure(&self, arn: &str, attempts: u32) -> Failure {
        let (code, message) = match self {
            Self::TimedOut => (
                "Lambda.FunctionTimedOut",
                "The Lambda function invocation timed out. Increase the Timeout setting in the Lambda function.",
            ),
            Self::Function => (
                "Lambda.FunctionError",
                "The Lambda function was successfully invoked but it returned an error result.",
            ),
            Self::Throttled => (
                "Lambda.InvokeLimitExceeded",
                "The Lambda concurrent execution limit is exceeded. Increase the concurrent execution limit.",
            ),
            Self::NotFound => (
                "Lambda.ResourceNotFound",
                "The specified Lambda function does not exist. Use a different function that does exist.",
            ),
            Self::AccessDenied => (
                "Lambda.InvokeAccessDenied",
                "Access was denied. Ensure that the access policy allows access to the Lambda function.",
            ),
            Self::Unreachable(reason) => {
                let message = format!("The Lambda function could not be invoked: {reason}");
                let failure = Failure::lambda(arn, "Lambda.InternalServerError", "", attempts);
                return Failure { message: Cow::Owned(message), ..failure };
            }
        };
        Failure::lambda(arn, code, message, attempts)
    }
}

#[cfg(test)]
mod tests;
