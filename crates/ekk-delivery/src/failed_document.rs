//! The line that stands in S3 for a document that could not be indexed.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/retry.html>

use base64_simd::STANDARD;
use jiff::Timestamp;
use serde::Serialize;

use crate::spec::Flavour;

/// A document that could not be indexed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FailedDocument<'a> {
    /// What it could not be indexed into; it decides the names of the members.
    pub(crate) flavour: Flavour,
    /// Bulk requests that it was in.
    pub(crate) attempts_made: u32,
    /// When the record arrived.
    pub(crate) arrival: Timestamp,
    /// The HTTP status that the cluster gave the document or its request, or a code of ours when it gave none.
    pub(crate) error_code: &'a str,
    /// The error as the cluster worded it: the JSON of the item's `error`, or the body of the answer.
    pub(crate) error_message: &'a str,
    /// When the last attempt ended.
    pub(crate) attempt_ending: Timestamp,
    /// The intended document id; empty when the cluster was to make it.
    pub(crate) document_id: &'a str,
    /// The intended index.
    pub(crate) index_name: &'a str,
    /// The record.
    pub(crate) data: &'a [u8],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    attempts_made: u32,
    arrival_timestamp: i64,
    error_code: &'a str,
    error_message: &'a str,
    attempt_ending_timestamp: i64,
    #[serde(flatten)]
    place: Place<'a>,
    raw_data: String,
}

/// The intended place of the document. A collection of `OpenSearch` Serverless knows no types.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Place<'a> {
    Cluster { es_document_id: &'a str, es_index_name: &'a str, es_type_name: &'a str },
    Collection { os_document_id: &'a str, os_index_name: &'a str },
}

/// Appends the document as one line of JSON with its line feed.
pub(crate) fn write_line(out: &mut Vec<u8>, document: &FailedDocument<'_>) {
    let FailedDocument { document_id, index_name, .. } = *document;
    let place = match document.flavour {
        Flavour::OpenSearch | Flavour::Elasticsearch => {
            Place::Cluster { es_document_id: document_id, es_index_name: index_name, es_type_name: "" }
        }
        Flavour::OpenSearchServerless => Place::Collection { os_document_id: document_id, os_index_name: index_name },
    };
    let line = Line {
        attempts_made: document.attempts_made,
        arrival_timestamp: document.arrival.as_millisecond(),
        error_code: document.error_code,
        error_message: document.error_message,
        attempt_ending_timestamp: document.attempt_ending.as_millisecond(),
        place,
        raw_data: STANDARD.encode_to_string(document.data),
    };
    serde_json::to_writer(&mut *out, &line).expect("strings and numbers are JSON, and memory takes them");
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_has_the_documented_members_in_their_order() {
        let line = |flavour| {
            let mut out = Vec::new();
            let document = FailedDocument {
                flavour,
                attempts_made: 1,
                arrival: "2019-11-29T09:34:27.711Z".parse().unwrap(),
                error_code: "400",
                error_message: r#"{"type":"mapper_parsing_exception"}"#,
                attempt_ending: "2019-11-29T09:34:28Z".parse().unwrap(),
                document_id: "49613100963111323203250405402193283794773886550985932802.0",
                index_name: "logging-test-2019-11-29",
                data: b"not JSON\n",
            };
            write_line(&mut out, &document);
            String::from_utf8(out).unwrap()
        };
        insta::assert_snapshot!(line(Flavour::OpenSearchServerless), @r#"{"attemptsMade":1,"arrivalTimestamp":1575020067711,"errorCode":"400","errorMessage":"{\"type\":\"mapper_parsing_exception\"}","attemptEndingTimestamp":1575020068000,"osDocumentId":"49613100963111323203250405402193283794773886550985932802.0","osIndexName":"logging-test-2019-11-29","rawData":"bm90IEpTT04K"}"#);
        insta::assert_snapshot!(line(Flavour::OpenSearch), @r#"{"attemptsMade":1,"arrivalTimestamp":1575020067711,"errorCode":"400","errorMessage":"{\"type\":\"mapper_parsing_exception\"}","attemptEndingTimestamp":1575020068000,"esDocumentId":"49613100963111323203250405402193283794773886550985932802.0","esIndexName":"logging-test-2019-11-29","esTypeName":"","rawData":"bm90IEpTT04K"}"#);
    }
}
