//! A bulk request's body from records, and what its answer means for each of them.
//!
//! Records are framed by line feeds. One that holds line feeds itself must not end its line early, so each of them
//! is sent as a carriage return: between tokens both are white space, inside a string both are refused with the same
//! error, so that `OpenSearch` judges the record as it is, and its neighbours are not touched.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/document-apis/bulk/>

use std::io::Write;

use jiff::Timestamp;
use serde::{Deserialize, de};
use serde_json::value::RawValue;

use crate::{
    queue::Record,
    rotation,
    spec::{DefaultDocumentIdFormat, OpenSearchDestination},
};

/// How one document of an answered request went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ItemAnswer {
    /// The HTTP status of the item.
    pub(crate) status: u16,
    /// The item's `error` as JSON, empty when there is none.
    pub(crate) error: String,
}

/// What a bulk request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BulkAnswer {
    /// Every document is in its index.
    AllIndexed,
    /// One answer a document, in their order.
    Items(Vec<ItemAnswer>),
}

/// Writes action lines and documents into one body.
pub(crate) struct BulkBody<'a> {
    destination: &'a OpenSearchDestination,
    shard: u32,
    hour: Option<i64>,
    action: String,
    body: Vec<u8>,
}

impl<'a> BulkBody<'a> {
    pub(crate) fn with_capacity(destination: &'a OpenSearchDestination, shard: u32, bytes: usize) -> Self {
        Self { destination, shard, hour: None, action: String::new(), body: Vec::with_capacity(bytes) }
    }

    /// Appends one record: the only time that its bytes are copied.
    pub(crate) fn push(&mut self, record: &Record) {
        self.set_action(record.arrival);
        self.body.extend_from_slice(self.action.as_bytes());
        if self.destination.document_id == DefaultDocumentIdFormat::FirehoseDefault {
            self.body.extend_from_slice(&record.sequence_number(self.shard).digits());
            writeln!(self.body, ".{}\"}}}}", record.piece).expect("memory takes what is written to it");
        } else {
            self.body.extend_from_slice(b"}}\n");
        }
        write_document(&mut self.body, &record.data);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.body
    }

    /// Makes the start of the action line, which is the same for all records of an hour whatever the rotation.
    fn set_action(&mut self, arrival: Timestamp) {
        let hour = arrival.as_second().div_euclid(3600);
        if self.hour == Some(hour) {
            return;
        }
        let index = rotation::index_name(&self.destination.index_name, self.destination.rotation, arrival);
        let index = serde_json::to_string(&index).expect("a string is JSON");
        self.action = match self.destination.document_id {
            DefaultDocumentIdFormat::FirehoseDefault => format!("{{\"index\":{{\"_index\":{index},\"_id\":\""),
            DefaultDocumentIdFormat::NoDocumentId => format!("{{\"index\":{{\"_index\":{index}"),
        };
        self.hour = Some(hour);
    }
}

/// Bytes that a record takes in a body at most.
pub(crate) fn framed_bytes(destination: &OpenSearchDestination, record_bytes: usize) -> usize {
    /// Action line without the name, id, line feeds, and the rotation suffix.
    const FRAME_BYTES: usize = 110;
    record_bytes + FRAME_BYTES + 2 * destination.index_name.len()
}

/// Appends one line: the record without the line ends at its end, and with carriage returns for those within.
fn write_document(body: &mut Vec<u8>, record: &[u8]) {
    let end = record.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
    let mut rest = record.get(..end).unwrap_or(record);
    while let Some(position) = memchr::memchr(b'\n', rest) {
        let (line, after) = rest.split_at(position);
        body.extend_from_slice(line);
        body.push(b'\r');
        rest = after.get(1..).unwrap_or_default();
    }
    body.extend_from_slice(rest);
    body.push(b'\n');
}

/// Reads the answer to a request of `documents` documents; the error says why it is none.
pub(crate) fn read_answer(answer: &[u8], documents: usize) -> Result<BulkAnswer, String> {
    if has_no_errors(answer) {
        return Ok(BulkAnswer::AllIndexed);
    }
    let answer: Answer<'_> =
        serde_json::from_slice(answer).map_err(|error| format!("the answer is not that of a bulk request: {error}"))?;
    if !answer.errors {
        return Ok(BulkAnswer::AllIndexed);
    }
    if answer.items.len() != documents {
        return Err(format!("the answer has {} items for {documents} documents", answer.items.len()));
    }
    let items = answer.items.into_iter().map(|Action(item)| ItemAnswer {
        status: item.status,
        error: item.error.map_or_else(String::new, |error| error.get().to_owned()),
    });
    Ok(BulkAnswer::Items(items.collect()))
}

/// An error of OpenSearch's in words: status, kind and reason where they are told as OpenSearch tells them, else the text.
pub(crate) fn in_words(status: &str, error: &str) -> String {
    #[derive(Deserialize)]
    struct Told {
        #[serde(rename = "type")]
        kind: String,
        reason: String,
    }
    #[derive(Deserialize)]
    struct Body {
        error: Told,
    }
    let told = serde_json::from_str::<Body>(error).map(|body| body.error);
    match told.or_else(|_| serde_json::from_str::<Told>(error)) {
        Ok(Told { kind, reason }) => format!("{status} {kind}: {reason}"),
        Err(_) => error.to_owned(),
    }
}

/// Whether the answer says so before its items, which it usually does, and is whole.
fn has_no_errors(answer: &[u8]) -> bool {
    const HEAD_BYTES: usize = 128;
    let head = answer.get(..HEAD_BYTES.min(answer.len())).unwrap_or_default();
    let before_items = head.windows(7).position(|window| window == b"\"items\"").unwrap_or(head.len());
    head.starts_with(b"{")
        && answer.trim_ascii_end().ends_with(b"}")
        && head.windows(14).take(before_items).any(|window| window == b"\"errors\":false")
}

#[derive(Deserialize)]
struct Answer<'a> {
    errors: bool,
    #[serde(borrow)]
    items: Vec<Action<'a>>,
}

/// `{"index": {…}}`
struct Action<'a>(Item<'a>);

#[derive(Deserialize)]
struct Item<'a> {
    status: u16,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Action<'a> {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ActionVisitor;
        impl<'de> de::Visitor<'de> for ActionVisitor {
            type Value = Action<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an item of a bulk answer")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let Some((_action, item)) = map.next_entry::<de::IgnoredAny, Item<'de>>()? else {
                    return Err(de::Error::invalid_length(0, &"one action"));
                };
                while map.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {}
                Ok(Action(item))
            }
        }
        deserializer.deserialize_map(ActionVisitor)
    }
}

#[cfg(test)]
mod tests;
