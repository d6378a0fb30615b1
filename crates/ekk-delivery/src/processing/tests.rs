//! Records through all processors but the function.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use jiff::tz::TimeZone;

use super::*;
use crate::spec::{CompressionFormat, DynamicPartitioning, ExtendedS3Destination, S3Destination};

fn spec(processors: Vec<Processor>, prefix: Option<&str>) -> StreamSpec {
    let objects = S3Destination {
        bucket: "logs".to_owned(),
        prefix: prefix.unwrap_or_default().to_owned(),
        error_output_prefix: Some("errors/".to_owned()),
        buffering_hints: BufferingHints::default(),
        compression: CompressionFormat::Uncompressed,
        custom_time_zone: TimeZone::UTC,
        file_extension: None,
    };
    let dynamic_partitioning =
        prefix.map(|_| DynamicPartitioning { retry_duration: std::time::Duration::from_mins(5) });
    StreamSpec {
        id: "s".to_owned(),
        name: "s".to_owned(),
        arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/s".to_owned(),
        version: 1,
        processors,
        destination: Destination::S3(ExtendedS3Destination { objects, source_backup: None, dynamic_partitioning }),
    }
}

fn plan(processors: Vec<Processor>) -> Plan {
    Plan::new(&spec(processors, None)).unwrap()
}

fn record(data: impl Into<Bytes>) -> Record {
    Record { epoch: 1, index: 5, piece: 0, arrival: "2026-11-23T09:00:00Z".parse().unwrap(), data: data.into() }
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn query(text: &str) -> Processor {
    Processor::MetadataExtraction { query: text.to_owned() }
}

fn pieces(plan: &Plan, data: impl Into<Bytes>) -> Vec<Piece> {
    match plan.unpack(record(data)) {
        Unpacked::Pieces(pieces) => pieces,
        other => panic!("{other:?}"),
    }
}

/// The records that come out, in order.
fn through(plan: &Plan, data: impl Into<Bytes>) -> Vec<(String, String)> {
    let finished = pieces(plan, data).into_iter().map(|piece| plan.finish(piece).unwrap());
    finished.map(|(partition, record)| (partition, String::from_utf8(record.data.to_vec()).unwrap())).collect()
}

#[test]
fn processors_work_in_the_order_of_aws_whatever_the_order_they_are_given_in() {
    let mut processors = vec![
        Processor::AppendDelimiterToRecord { delimiter: Bytes::from_static(b"\n") },
        query("{k: .k}"),
        Processor::RecordDeAggregation(SubRecordType::Json),
        Processor::CloudWatchLogProcessing,
        Processor::Decompression,
    ];
    let envelope = br#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":"{\"k\":\"a\"}"},
        {"id":"2","timestamp":2,"message":"{\"k\":\"b\"}"}]}"#;
    for _ in 0..2 {
        let plan = Plan::new(&spec(processors.clone(), Some("!{partitionKeyFromQuery:k}/!{timestamp:yyyy}/"))).unwrap();
        let expected = [("a/2026/", "{\"k\":\"a\"}\n"), ("b/2026/", "{\"k\":\"b\"}\n")];
        let expected = expected.map(|(partition, data)| (partition.to_owned(), data.to_owned()));
        assert_eq!(through(&plan, gzip(envelope)), expected);
        processors.reverse();
    }
}

#[test]
fn without_processors_a_record_is_left_as_it_is() {
    let plan = plan(Vec::new());
    assert!(!plan.does_anything());
    assert_eq!(through(&plan, "not JSON"), [(String::new(), "not JSON".to_owned())]);
}

#[test]
fn the_delimiter_ends_every_record() {
    let delimiter = Processor::AppendDelimiterToRecord { delimiter: Bytes::from_static(b"\n") };
    assert_eq!(through(&plan(vec![delimiter.clone()]), "{}"), [(String::new(), "{}\n".to_owned())]);
    let plan = plan(vec![delimiter, Processor::RecordDeAggregation(SubRecordType::Json)]);
    let pieces: Vec<String> = through(&plan, "{}{}").into_iter().map(|(_, data)| data).collect();
    assert_eq!(pieces, ["{}\n", "{}\n"]);
}

#[test]
fn pieces_are_numbered_and_show_themselves_when_they_fail() {
    let plan = plan(vec![Processor::RecordDeAggregation(SubRecordType::Json), query("{a: .a}")]);
    let pieces = pieces(&plan, "{\"a\":1}{\"a\":2}");
    let places: Vec<(u32, &[u8])> = pieces.iter().map(|piece| (piece.record.piece, piece.raw.as_ref())).collect();
    assert_eq!(places, [(0, b"{\"a\":1}".as_slice()), (1, b"{\"a\":2}".as_slice())]);
}

#[test]
fn what_cannot_be_decompressed_fails_as_it_came_in() {
    let plan = plan(vec![Processor::Decompression]);
    let Unpacked::Failed(failed) = plan.unpack(record("plain")) else { panic!("it is not GZIP") };
    assert_eq!(&*failed.raw, b"plain");
    assert_eq!(failed.failure.error_output_type, crate::key::ErrorOutputType::DecompressionFailed);
}

#[test]
fn a_control_message_leaves_nothing() {
    let plan = plan(vec![Processor::Decompression, Processor::CloudWatchLogProcessing]);
    let packed = gzip(br#"{"messageType":"CONTROL_MESSAGE","logEvents":[]}"#);
    assert_eq!(plan.unpack(record(packed.clone())), Unpacked::Nothing(record(packed)));
}

#[test]
fn a_failure_after_decompression_shows_the_record_in_its_compressed_form() {
    let prefix = "!{partitionKeyFromQuery:k}/";
    let plan = Plan::new(&spec(vec![Processor::Decompression, query("{k: .k}")], Some(prefix))).unwrap();
    let packed = gzip(b"{}");
    let piece = pieces(&plan, packed.clone()).pop().unwrap();
    let failed = plan.finish(piece).unwrap_err();
    assert_eq!(
        (&*failed.raw, failed.failure.code),
        (packed.as_slice(), "DynamicPartitioning.MetadataExtractionFailed".into())
    );
}

#[test]
fn a_record_without_its_partition_keys_fails_and_says_why() {
    let keys = "{id: .id, other: .other}";
    let plan = Plan::new(&spec(vec![query(keys)], Some("!{partitionKeyFromQuery:id}/"))).unwrap();
    for (data, message) in [
        ("{\"id\":null}", "partitionKeys values must not be null or empty"),
        ("{\"id\":\"\"}", "partitionKeys values must not be null or empty"),
        ("{}", "partitionKeys values must not be null or empty"),
        ("not JSON", "Non JSON record provided"),
        ("[1]", "Cannot index array with \"id\""),
    ] {
        let piece = pieces(&plan, data).pop().unwrap();
        let failed = plan.finish(piece).unwrap_err();
        assert_eq!(failed.failure.message, message, "{data}");
        assert_eq!(failed.failure.code, "DynamicPartitioning.MetadataExtractionFailed");
    }
    assert_eq!(through(&plan, "{\"id\":7}"), [("7/2026/11/23/09/".to_owned(), "{\"id\":7}".to_owned())]);
}

#[test]
fn more_than_50_partition_keys_fail() {
    let query_of = |count: usize| {
        let keys: Vec<String> = (0..count).map(|key| format!("k{key}: .a")).collect();
        query(&format!("{{{}}}", keys.join(",")))
    };
    for (count, fits) in [(50, true), (51, false)] {
        let plan = Plan::new(&spec(vec![query_of(count)], Some("!{partitionKeyFromQuery:k1}/"))).unwrap();
        let piece = pieces(&plan, "{\"a\":1}").pop().unwrap();
        assert_eq!(plan.finish(piece).is_ok(), fits, "{count} keys");
    }
}

#[test]
fn processors_that_do_not_go_together_are_refused_by_name() {
    for (processors, expected) in [
        (vec![Processor::CloudWatchLogProcessing], "CloudWatchLogProcessing without Decompression is not supported"),
        (
            vec![Processor::Decompression, Processor::Decompression],
            "more than one processor Decompression is not supported",
        ),
        (
            vec![Processor::RecordDeAggregation(SubRecordType::Delimited(Bytes::new()))],
            "RecordDeAggregation with an empty Delimiter is not supported",
        ),
        (
            vec![query("{a: now}")],
            "MetadataExtractionQuery {a: now} cannot be run: now/0 is not defined or not supported",
        ),
    ] {
        assert_eq!(Plan::new(&spec(processors, None)).unwrap_err().to_string(), expected);
    }
    assert!(matches!(Plan::new(&spec(Vec::new(), Some("a/"))), Err(Error::Prefix(_))), "a partition needs its keys");
}
