//! Reads the records of `PutRecord` and `PutRecordBatch`, which differ in one member's name.
//!
//! A request as the SDKs send it is parsed and decoded in one pass, all records into one piece of memory. Anything
//! unusual (an error, a null, a member given twice) sends the request down the model's path, which is slow and knows
//! every rule and every text; what is wrong is found there and nowhere else.

use std::fmt;

use bytes::Bytes;
use serde::{
    Deserializer as _,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::{
    error::ApiError,
    limits, model,
    wire::{PutRecordBatchInput, PutRecordInput, Record},
};

/// A put whose request is in order.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) stream_name: String,
    pub(super) records: Records,
}

/// The decoded data of some records, end to end.
#[derive(Debug, Default)]
pub(super) struct Records {
    data: Vec<u8>,
    /// Where each record ends in `data`.
    ends: Vec<usize>,
}

impl Records {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all records together.
    pub(super) fn bytes(&self) -> usize {
        self.data.len()
    }

    /// Bytes of each record.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| end - start)
    }

    /// The records as slices of one allocation.
    pub(super) fn into_slices(self) -> Vec<Bytes> {
        let data = Bytes::from(self.data);
        let mut start = 0;
        let slice = |end| {
            let record = data.slice(start..end);
            start = end;
            record
        };
        self.ends.into_iter().map(slice).collect()
    }

    /// Decodes one more record; `None` when it is not base64 or over the limit.
    fn push(&mut self, base64: &[u8]) -> Option<()> {
        let start = self.ends.last().copied().unwrap_or(0);
        base64_simd::STANDARD.decode_append(base64, &mut self.data).ok()?;
        self.ends.push(self.data.len());
        (self.data.len() - start <= limits::RECORD_BYTES).then_some(())
    }
}

/// Reads a `PutRecord` request, which has one record.
///
/// # Errors
/// `SerializationException`, `ValidationException`.
pub(super) fn read_one(body: &[u8]) -> Result<Put, ApiError> {
    if let Some(put) = read_usual(body, "Record") {
        return Ok(put);
    }
    let input: PutRecordInput = model::read(body)?;
    decode(input.delivery_stream_name, &[input.record])
}

/// Reads a `PutRecordBatch` request, which has 1 to 500 records.
///
/// # Errors
/// `SerializationException`, `ValidationException`.
pub(super) fn read_batch(body: &[u8]) -> Result<Put, ApiError> {
    if let Some(put) = read_usual(body, "Records") {
        return Ok(put);
    }
    let input: PutRecordBatchInput = model::read(body)?;
    decode(input.delivery_stream_name, &input.records)
}

/// Decodes records that the model found good.
fn decode(stream_name: String, given: &[Record]) -> Result<Put, ApiError> {
    let mut records = Records::default();
    for record in given {
        records.push(record.data.as_bytes()).ok_or_else(|| ApiError::Internal {
            doing: "decode a record that the model found good",
            source: "the model and the decoder differ".into(),
        })?;
    }
    Ok(Put { stream_name, records })
}

/// Reads a request of the usual form whose records are under `member`, or nothing.
fn read_usual(body: &[u8], member: &'static str) -> Option<Put> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let put = deserializer.deserialize_map(PutVisitor { member, body_bytes: body.len() }).ok()?;
    deserializer.end().ok()?;
    let counts = 1..=limits::BATCH_RECORDS;
    (counts.contains(&put.records.len()) && is_stream_name(&put.stream_name)).then_some(put)
}

fn is_stream_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// Bytes of the shortest record, `{"Data":""}`.
const EMPTY_RECORD_BYTES: usize = 11;

/// Reads the request's object.
struct PutVisitor {
    member: &'static str,
    body_bytes: usize,
}

impl<'de> Visitor<'de> for PutVisitor {
    type Value = Put;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a put")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Put, A::Error> {
        let mut stream_name: Option<&'de str> = None;
        let mut records: Option<Records> = None;
        while let Some(name) = members.next_key::<&'de str>()? {
            if name == "DeliveryStreamName" {
                if stream_name.replace(members.next_value()?).is_some() {
                    return Err(A::Error::custom("name given twice"));
                }
            } else if name == self.member {
                if records.is_some() {
                    return Err(A::Error::custom("records given twice"));
                }
                let mut taken = Records {
                    data: Vec::with_capacity(self.body_bytes / 4 * 3),
                    ends: Vec::with_capacity(limits::BATCH_RECORDS.min(self.body_bytes / EMPTY_RECORD_BYTES)),
                };
                match self.member {
                    "Record" => members.next_value_seed(RecordSeed(&mut taken))?,
                    _ => members.next_value_seed(RecordsSeed(&mut taken))?,
                }
                records = Some(taken);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        match (stream_name, records) {
            (Some(stream_name), Some(records)) => Ok(Put { stream_name: stream_name.to_owned(), records }),
            _ => Err(A::Error::custom("a member is missing")),
        }
    }
}

/// Reads a list of records.
struct RecordsSeed<'a>(&'a mut Records);

impl<'de> DeserializeSeed<'de> for RecordsSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RecordsSeed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(RecordSeed(self.0))?.is_some() {
            if self.0.len() > limits::BATCH_RECORDS {
                return Err(A::Error::custom("too many records"));
            }
        }
        Ok(())
    }
}

/// Reads one record.
struct RecordSeed<'a>(&'a mut Records);

impl<'de> DeserializeSeed<'de> for RecordSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let before = self.0.len();
        while let Some(name) = members.next_key::<&'de str>()? {
            if name == "Data" {
                members.next_value_seed(DataSeed(self.0))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        if self.0.len() == before + 1 { Ok(()) } else { Err(A::Error::custom("data is not given once")) }
    }
}

/// Reads the data of one record as bytes: base64 is ASCII, so the text need not be checked for UTF-8 first.
struct DataSeed<'a>(&'a mut Records);

impl<'de> DeserializeSeed<'de> for DataSeed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for DataSeed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("base64")
    }

    fn visit_bytes<E: serde::de::Error>(self, base64: &[u8]) -> Result<(), E> {
        self.0.push(base64).ok_or_else(|| E::custom("not base64 or too long"))
    }
}

#[cfg(test)]
mod tests;
