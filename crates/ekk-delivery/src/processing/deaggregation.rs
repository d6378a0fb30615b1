//! `RecordDeAggregation`: several records in one, one after the other as JSON objects or between delimiters.
//!
//! What cannot be taken apart stays whole: an array, text that is not JSON throughout, and more pieces than the bound,
//! for which the API reference says that de-aggregation is skipped.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html>

use bytes::Bytes;
use memchr::memmem;
use serde_json::{Deserializer, value::RawValue};

use crate::{limits::SUB_RECORDS, spec::SubRecordType};

/// The pieces of a record without what separates them; none when it stays whole.
pub(super) fn split(kind: &SubRecordType, data: &Bytes) -> Option<Vec<Bytes>> {
    let parts = match kind {
        SubRecordType::Json => objects(data)?,
        SubRecordType::Delimited(delimiter) => between(delimiter, data),
    };
    (!parts.is_empty() && parts.len() <= SUB_RECORDS).then_some(parts)
}

/// JSON objects with nothing or white space between them.
fn objects(data: &Bytes) -> Option<Vec<Bytes>> {
    let text = std::str::from_utf8(data).ok()?;
    let mut parts = Vec::new();
    for object in Deserializer::from_str(text).into_iter::<&RawValue>() {
        let object = object.ok()?.get();
        if !object.starts_with('{') || parts.len() == SUB_RECORDS {
            return None;
        }
        parts.push(data.slice_ref(object.as_bytes()));
    }
    Some(parts)
}

/// What is between delimiters, without line ends around it; a delimiter at the end begins no other piece.
fn between(delimiter: &[u8], data: &Bytes) -> Vec<Bytes> {
    let mut parts = Vec::new();
    let mut start = 0;
    for end in memmem::find_iter(data, delimiter).chain([data.len()]) {
        let part = data.get(start..end).map(trim_line_ends).unwrap_or_default();
        if !part.is_empty() {
            parts.push(data.slice_ref(part));
        }
        start = end + delimiter.len();
    }
    parts
}

fn trim_line_ends(part: &[u8]) -> &[u8] {
    let is_line_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = part.iter().position(|byte| !is_line_end(byte)).unwrap_or(part.len());
    let end = part.iter().rposition(|byte| !is_line_end(byte)).map_or(start, |last| last + 1);
    part.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &SubRecordType, data: &str, expected: Option<&[&str]>) {
        let parts = split(kind, &Bytes::copy_from_slice(data.as_bytes()));
        let parts: Option<Vec<&str>> =
            parts.as_ref().map(|parts| parts.iter().map(|part| std::str::from_utf8(part).unwrap()).collect());
        assert_eq!(parts.as_deref(), expected, "{data}");
    }

    #[test]
    fn json_objects_follow_one_another_with_or_without_line_feeds() {
        let json = SubRecordType::Json;
        check(&json, "{\"a\":1}{\"a\":2}", Some(&["{\"a\":1}", "{\"a\":2}"]));
        check(&json, "{\"a\":1}\n{\"a\":2}\n", Some(&["{\"a\":1}", "{\"a\":2}"]));
        check(&json, "{\"a\":\"}{\"}", Some(&["{\"a\":\"}{\"}"]));
    }

    #[test]
    fn what_is_not_json_objects_throughout_stays_whole() {
        for data in ["[{\"a\":1}, {\"a\":2}]", "{\"a\":1}garbage", "{\"a\":1}{\"a\"", "1 2", "", "plain"] {
            check(&SubRecordType::Json, data, None);
        }
        assert_eq!(split(&SubRecordType::Json, &Bytes::from_static(b"{\"a\":\"\xff\"}")), None);
    }

    #[test]
    fn delimited_records_lose_their_delimiter_and_line_ends() {
        let delimited = SubRecordType::Delimited(Bytes::from_static(b"####"));
        check(&delimited, "one####two\n####three", Some(&["one", "two", "three"]));
        check(&delimited, "one####", Some(&["one"]));
        check(&delimited, "one", Some(&["one"]));
        check(&delimited, "######one", Some(&["##one"]));
        check(&delimited, "####", None);
    }

    #[test]
    fn more_than_500_pieces_stay_whole() {
        for (pieces, splits) in [(500, true), (501, false)] {
            let data = Bytes::from("{}".repeat(pieces));
            assert_eq!(split(&SubRecordType::Json, &data).is_some(), splits, "{pieces} objects");
            let data = Bytes::from("a,".repeat(pieces));
            let kind = SubRecordType::Delimited(Bytes::from_static(b","));
            assert_eq!(split(&kind, &data).is_some(), splits, "{pieces} delimited");
        }
    }
}
