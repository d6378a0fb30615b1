//! Bodies as they go out, answers as they come in.

use std::time::Duration;

use bytes::Bytes;
use jiff::tz::TimeZone;

use super::*;
use crate::spec::{
    BufferingHints, CompressionFormat, Endpoint, Flavour, IndexRotationPeriod, S3BackupMode, S3Destination,
};

fn destination(document_id: DefaultDocumentIdFormat) -> OpenSearchDestination {
    OpenSearchDestination {
        flavour: Flavour::OpenSearch,
        endpoint: Endpoint::Stack,
        index_name: "log".to_owned(),
        rotation: IndexRotationPeriod::OneHour,
        buffering_hints: BufferingHints::default(),
        retry_duration: Duration::from_mins(5),
        document_id,
        backup_mode: S3BackupMode::FailedDocumentsOnly,
        backup: S3Destination {
            bucket: "backup".to_owned(),
            prefix: String::new(),
            error_output_prefix: None,
            buffering_hints: BufferingHints::default(),
            compression: CompressionFormat::Uncompressed,
            custom_time_zone: TimeZone::UTC,
            file_extension: None,
        },
    }
}

fn record(index: u64, arrival: &str, data: &'static [u8]) -> Record {
    Record { epoch: 1_767_225_600, index, piece: 0, arrival: arrival.parse().unwrap(), data: Bytes::from_static(data) }
}

#[test]
fn every_document_names_its_index_and_its_id() {
    let destination = destination(DefaultDocumentIdFormat::FirehoseDefault);
    let mut body = BulkBody::with_capacity(&destination, 5, 0);
    body.push(&record(0, "2026-12-31T23:59:59.999Z", br#"{"a":1}"#));
    body.push(&record(1, "2027-01-01T00:00:00Z", b"{\"a\":2}\n"));
    insta::assert_snapshot!(String::from_utf8(body.finish()).unwrap(), @r#"
    {"index":{"_index":"log-2026-12-31-23","_id":"49670424472842673587054547498850564018795619881557426258.0"}}
    {"a":1}
    {"index":{"_index":"log-2027-01-01-00","_id":"49670424472842673587054547498851772944615234579451609170.0"}}
    {"a":2}
    "#);
}

#[test]
fn no_document_id_sends_none() {
    let destination = destination(DefaultDocumentIdFormat::NoDocumentId);
    let mut body = BulkBody::with_capacity(&destination, 5, 0);
    body.push(&record(0, "2026-12-31T23:59:59.999Z", br#"{"a":1}"#));
    insta::assert_snapshot!(String::from_utf8(body.finish()).unwrap(), @r#"
    {"index":{"_index":"log-2026-12-31-23"}}
    {"a":1}
    "#);
}

#[test]
fn an_index_name_cannot_break_out_of_its_action() {
    let destination =
        OpenSearchDestination { index_name: "a\"b\n".to_owned(), ..destination(DefaultDocumentIdFormat::NoDocumentId) };
    let mut body = BulkBody::with_capacity(&destination, 5, 0);
    body.push(&record(0, "2026-12-31T23:59:59.999Z", b"{}"));
    assert_eq!(body.finish(), b"{\"index\":{\"_index\":\"a\\\"b\\n-2026-12-31-23\"}}\n{}\n");
}

#[test]
fn a_record_stays_on_its_line() {
    for (record, expected) in [
        (&b"{}"[..], &b"{}\n"[..]),
        (b"{}\n", b"{}\n"),
        (b"{}\r\n\r\n", b"{}\n"),
        (b"", b"\n"),
        (b"\n\n", b"\n"),
        (b"{\n  \"a\": 1\n}\n", b"{\r  \"a\": 1\r}\n"),
        (b"{\"a\":1}\n{\"delete\":{\"_index\":\"x\"}}", b"{\"a\":1}\r{\"delete\":{\"_index\":\"x\"}}\n"),
        (b"\xff\n\x00", b"\xff\r\x00\n"),
    ] {
        let mut body = Vec::new();
        write_document(&mut body, record);
        assert_eq!(body, expected, "{}", record.escape_ascii());
    }
}

#[test]
fn a_frame_is_never_larger_than_reckoned() {
    for document_id in [DefaultDocumentIdFormat::FirehoseDefault, DefaultDocumentIdFormat::NoDocumentId] {
        let destination = OpenSearchDestination { index_name: "\"".repeat(80), ..destination(document_id) };
        let mut body = BulkBody::with_capacity(&destination, u32::MAX, 0);
        body.push(&record(u64::MAX, "2026-12-31T23:59:59.999Z", b"{}"));
        assert!(body.finish().len() <= framed_bytes(&destination, 2));
    }
}

#[test]
fn an_answer_without_errors_is_read_by_its_head() {
    for answer in [
        r#"{"took":3,"errors":false,"items":[]}"#,
        r#"{"took":3,"ingest_took":1,"errors":false,"items":[{"index":{"status":201}}]}"#,
        "{\n  \"took\" : 3,\n  \"errors\" : false,\n  \"items\" : [ ]\n}\n",
    ] {
        assert_eq!(read_answer(answer.as_bytes(), 1), Ok(BulkAnswer::AllIndexed), "{answer}");
    }
}

#[test]
fn an_answer_with_errors_has_one_item_a_document() {
    let answer = r#"{"took":36,"errors":true,"items":[
        {"index":{"_index":"log2","_id":"c1","status":400,"error":{"type":"mapper_parsing_exception","reason":"no"}}},
        {"index":{"_index":"log2","_id":"c2","_version":1,"result":"created","status":201}}]}"#;
    let items = vec![
        ItemAnswer { status: 400, error: r#"{"type":"mapper_parsing_exception","reason":"no"}"#.to_owned() },
        ItemAnswer { status: 201, error: String::new() },
    ];
    assert_eq!(read_answer(answer.as_bytes(), 2), Ok(BulkAnswer::Items(items)));
}

#[test]
fn an_error_of_opensearch_is_told_in_words_and_another_text_as_it_is() {
    for (error, expected) in [
        (r#"{"type":"a_exception","reason":"too busy","caused_by":{}}"#, "429 a_exception: too busy"),
        (r#"{"error":{"root_cause":[],"type":"b_exception","reason":"no"},"status":429}"#, "429 b_exception: no"),
        (r#"{"error":"text","status":429}"#, r#"{"error":"text","status":429}"#),
        ("Too Many Requests", "Too Many Requests"),
        ("", ""),
    ] {
        assert_eq!(in_words("429", error), expected);
    }
}

#[test]
fn what_is_no_bulk_answer_is_named() {
    for (answer, documents, expected) in [
        ("<html>", 1, "the answer is not that of a bulk request: expected value at line 1 column 1"),
        (r#"{"errors":true,"items":[]}"#, 2, "the answer has 0 items for 2 documents"),
        (
            r#"{"took":3,"errors":false,"items":["#,
            1,
            "the answer is not that of a bulk request: EOF while parsing a list at line 1 column 34",
        ),
        (
            r#"{"errors":true,"items":[{}]}"#,
            1,
            "the answer is not that of a bulk request: invalid length 0, expected one action at line 1 column 26",
        ),
    ] {
        assert_eq!(read_answer(answer.as_bytes(), documents), Err(expected.to_owned()), "{answer}");
    }
}
