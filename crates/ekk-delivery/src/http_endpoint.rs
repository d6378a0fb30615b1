//! The contract with HTTP endpoints: the body of a request, what its answer means, and the record of what failed.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html>

use std::{io::Write, time::Duration};

use base64_simd::STANDARD;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    limits::{ENDPOINT_BODY_BYTES, ENDPOINT_RECORDS, ENDPOINT_RETRY_BASE, ENDPOINT_RETRY_CAP, ERROR_BODY_BYTES},
    queue::Record,
    spec::{ContentEncoding, HttpEndpointDestination},
};

/// Bytes of a body besides its records.
const ENVELOPE_BYTES: usize = 128;

/// Bytes of a record in a body besides its data, `{"data":""},`.
const RECORD_BYTES: usize = 12;

/// How many of `records` go into one request; at least one.
pub(crate) fn request_length(records: &[Record]) -> usize {
    let mut total = ENVELOPE_BYTES;
    let fitting = records.iter().take(ENDPOINT_RECORDS).take_while(|record| {
        total += STANDARD.encoded_length(record.data.len()) + RECORD_BYTES;
        total <= ENDPOINT_BODY_BYTES
    });
    fitting.count().max(1)
}

/// The body of a request.
pub(crate) fn body(encoding: ContentEncoding, request_id: &str, at: Timestamp, records: &[Record]) -> Bytes {
    let data: usize = records.iter().map(|record| STANDARD.encoded_length(record.data.len()) + RECORD_BYTES).sum();
    let mut body = Vec::with_capacity(data + ENVELOPE_BYTES);
    write!(body, "{{\"requestId\":\"{request_id}\",\"timestamp\":{},\"records\":[", at.as_millisecond()).expect(MEMORY);
    for (place, record) in records.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(b"{\"data\":\"");
        STANDARD.encode_append(&*record.data, &mut body);
        body.extend_from_slice(b"\"}");
    }
    body.extend_from_slice(b"]}");
    match encoding {
        ContentEncoding::None => body.into(),
        ContentEncoding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&body).expect(MEMORY);
            encoder.finish().expect(MEMORY).into()
        }
    }
}

const MEMORY: &str = "memory takes what is written to it";

/// The header of the common attributes, when there are any.
pub(crate) fn common_attributes(destination: &HttpEndpointDestination) -> Option<String> {
    if destination.common_attributes.is_empty() {
        return None;
    }
    let attributes: Vec<String> =
        destination.common_attributes.iter().map(|(name, value)| format!("{}:{}", json(name), json(value))).collect();
    Some(format!("{{\"commonAttributes\":{{{}}}}}", attributes.join(",")))
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

/// An answer, as far as the contract is about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) has_content_length: bool,
    pub(crate) has_content_encoding: bool,
    pub(crate) body: Bytes,
}

/// Why a request was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Whether it is not tried again.
    pub(crate) is_permanent: bool,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), is_permanent: false }
    }

    fn invalid(reason: &str) -> Self {
        let message = format!(
            "The response received from the endpoint is invalid. See Troubleshooting HTTP Endpoints in the Firehose \
             documentation for more information. Reason:. {reason}"
        );
        Self::new("HttpEndpoint.InvalidResponseFromDestination", message)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Acknowledgement {
    request_id: String,
    #[serde(rename = "timestamp")]
    _timestamp: u64,
    error_message: Option<String>,
}

/// Characters of an `errorMessage`.
const ERROR_MESSAGE_CHARS: usize = 8192;

/// Judges the answer to a request.
pub(crate) fn judge(answer: &Answer, request_id: &str) -> Result<(), Refusal> {
    if answer.status != 200 {
        let text = answer.body.get(..answer.body.len().min(ERROR_BODY_BYTES)).unwrap_or_default();
        let message = format!(
            "Received the following response from the endpoint destination. {}: {}",
            answer.status,
            String::from_utf8_lossy(text)
        );
        let refusal = Refusal::new("HttpEndpoint.DestinationException", message);
        return Err(Refusal { is_permanent: answer.status == 413, ..refusal });
    }
    let media_type = answer.content_type.as_deref().and_then(|given| given.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::invalid("The Content-Type is not application/json."));
    }
    if answer.has_content_encoding {
        return Err(Refusal::invalid("The response has a Content-Encoding."));
    }
    if !answer.has_content_length {
        return Err(Refusal::invalid("The response has no Content-Length."));
    }
    let acknowledgement: Acknowledgement = serde_json::from_slice(&answer.body)
        .map_err(|error| Refusal::invalid(&format!("The body is not that of a response: {error}.")))?;
    if acknowledgement.request_id != request_id {
        return Err(Refusal::invalid("The requestId is not that of the request."));
    }
    let message = acknowledgement.error_message.unwrap_or_default();
    if message.chars().count() > ERROR_MESSAGE_CHARS {
        return Err(Refusal::invalid("The errorMessage is longer than 8192 characters."));
    }
    Ok(())
}

/// The pause after the attempt number `made`: doubling from one second up to two minutes, give or take 15 % by `jitter`
/// (0.0..1.0).
pub(crate) fn pause(made: u32, jitter: f64) -> Duration {
    let full = ENDPOINT_RETRY_BASE.saturating_mul(1 << made.saturating_sub(1).min(16)).min(ENDPOINT_RETRY_CAP);
    full.mul_f64(0.85 + 0.3 * jitter.clamp(0.0, 1.0))
}

/// A record that was not acknowledged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailedRecord<'a> {
    pub(crate) record: &'a Record,
    pub(crate) attempts_made: u32,
    pub(crate) refusal: &'a Refusal,
    pub(crate) attempt_ending: Timestamp,
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
    subsequence_number: u32,
    data_id: String,
}

/// Appends the record as one line of JSON with its line feed.
pub(crate) fn write_line(out: &mut Vec<u8>, failed: &FailedRecord<'_>, shard: u32) {
    let line = Line {
        attempts_made: failed.attempts_made,
        arrival_timestamp: failed.record.arrival.as_millisecond(),
        error_code: failed.refusal.code,
        error_message: &failed.refusal.message,
        attempt_ending_timestamp: failed.attempt_ending.as_millisecond(),
        raw_data: STANDARD.encode_to_string(&failed.record.data),
        subsequence_number: failed.record.piece,
        data_id: failed.record.document_id(shard),
    };
    serde_json::to_writer(&mut *out, &line).expect("texts and numbers are JSON, and memory takes them");
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn record(index: u64, data: &'static [u8]) -> Record {
        let arrival = "2022-12-31T23:55:12.040Z".parse().unwrap();
        Record { epoch: 1_606_570_908, index, piece: 0, arrival, data: Bytes::from_static(data) }
    }

    fn answer(body: &'static str) -> Answer {
        Answer {
            status: 200,
            content_type: Some("application/json".to_owned()),
            has_content_length: true,
            has_content_encoding: false,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn a_body_has_the_request_id_the_time_and_the_records_in_base64() {
        let at = "2023-01-01T00:00:00.001Z".parse().unwrap();
        let records = [record(0, b"{\"a\":1}"), record(1, b"")];
        let body = body(ContentEncoding::None, "ed4acda5", at, &records);
        let expected =
            r#"{"requestId":"ed4acda5","timestamp":1672531200001,"records":[{"data":"eyJhIjoxfQ=="},{"data":""}]}"#;
        assert_eq!(body, expected);
        let zipped = super::body(ContentEncoding::Gzip, "ed4acda5", at, &records);
        let mut text = String::new();
        flate2::read::GzDecoder::new(&*zipped).read_to_string(&mut text).unwrap();
        assert_eq!(text, expected);
    }

    #[test]
    fn a_request_has_at_most_10000_records_and_64_mib() {
        let small: Vec<Record> = (0..10_001).map(|index| record(index, b"x")).collect();
        assert_eq!(request_length(&small), 10_000);
        let large: &'static [u8] = vec![b'x'; 1_024_000].leak();
        let large: Vec<Record> = (0..60).map(|index| record(index, large)).collect();
        let length = request_length(&large);
        assert_eq!(length, 49);
        let bytes = body(ContentEncoding::None, "id", Timestamp::UNIX_EPOCH, large.get(..length).unwrap()).len();
        assert!(bytes <= 64 << 20 && bytes + 1_366_000 > 64 << 20, "{bytes}");
        let huge: &'static [u8] = vec![b'x'; 100 << 20].leak();
        assert_eq!(request_length(&[record(0, huge)]), 1, "at least one");
    }

    #[test]
    fn only_a_conforming_answer_acknowledges() {
        for body in [
            r#"{"requestId":"id","timestamp":1578090903599}"#,
            r#"{"timestamp":1,"requestId":"id","errorMessage":"ignored"}"#,
        ] {
            assert_eq!(judge(&answer(body), "id"), Ok(()), "{body}");
        }
        let ok = r#"{"requestId":"id","timestamp":1}"#;
        for (name, answer) in [
            ("another id", answer(r#"{"requestId":"other","timestamp":1}"#)),
            ("no id", answer(r#"{"timestamp":1}"#)),
            ("no time", answer(r#"{"requestId":"id"}"#)),
            ("the time as a text", answer(r#"{"requestId":"id","timestamp":"1"}"#)),
            ("the time with a fraction", answer(r#"{"requestId":"id","timestamp":1.5}"#)),
            ("another member", answer(r#"{"requestId":"id","timestamp":1,"status":"ok"}"#)),
            ("no JSON", answer("ok")),
            ("nothing", answer("")),
            ("another type", Answer { content_type: Some("text/plain".to_owned()), ..answer(ok) }),
            ("no type", Answer { content_type: None, ..answer(ok) }),
            ("an encoding", Answer { has_content_encoding: true, ..answer(ok) }),
            ("no length", Answer { has_content_length: false, ..answer(ok) }),
        ] {
            let refusal = judge(&answer, "id").unwrap_err();
            assert_eq!(refusal.code, "HttpEndpoint.InvalidResponseFromDestination", "{name}");
            assert!(!refusal.is_permanent, "{name}");
        }
        let charset = Answer { content_type: Some("application/json; charset=utf-8".to_owned()), ..answer(ok) };
        assert_eq!(judge(&charset, "id"), Ok(()));
    }

    #[test]
    fn every_other_status_is_tried_again_but_413() {
        for (status, is_permanent) in [
            (201, false),
            (204, false),
            (302, false),
            (400, false),
            (403, false),
            (413, true),
            (429, false),
            (500, false),
        ] {
            let refusal = judge(&Answer { status, ..answer("{\"no\":1}") }, "id").unwrap_err();
            assert_eq!((refusal.code, refusal.is_permanent), ("HttpEndpoint.DestinationException", is_permanent));
            let expected =
                format!("Received the following response from the endpoint destination. {status}: {{\"no\":1}}");
            assert_eq!(refusal.message, expected);
        }
    }

    #[test]
    fn pauses_double_up_to_two_minutes_with_15_percent_of_jitter() {
        for (made, seconds) in [(1, 1), (2, 2), (3, 4), (7, 64), (8, 120), (9, 120), (u32::MAX, 120)] {
            let full = Duration::from_secs(seconds);
            assert_eq!(pause(made, 0.5), full, "after attempt {made}");
            assert_eq!(pause(made, 0.0), full.mul_f64(0.85));
            assert_eq!(pause(made, 1.0), full.mul_f64(1.15));
        }
    }

    #[test]
    fn the_line_of_a_failed_record_has_the_documented_members_in_their_order() {
        let refusal = Refusal::new("HttpEndpoint.DestinationException", "no");
        let record = record(2_030_654_510, b"{}");
        let failed = FailedRecord {
            record: &record,
            attempts_made: 5,
            refusal: &refusal,
            attempt_ending: "2023-01-01T00:00:00Z".parse().unwrap(),
        };
        let mut out = Vec::new();
        write_line(&mut out, &failed, 0);
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"{"attemptsMade":5,"arrivalTimestamp":1672530912040,"errorCode":"HttpEndpoint.DestinationException","errorMessage":"no","attemptEndingTimestamp":1672531200000,"rawData":"e30=","subsequenceNumber":0,"dataId":"49613100963111323203250405402193283799280698951332790274.0"}"#);
    }
}
