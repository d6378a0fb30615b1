//! What the processors of a stream make of a record, step by step, without time or network.
//!
//! A [`Plan`] has the processors in the order in which AWS lets them work, whatever the order in which they were given:
//! `Decompression`, `CloudWatchLogProcessing`, `RecordDeAggregation`, then the function, then `MetadataExtraction` and
//! `AppendDelimiterToRecord`. The worker invokes the function between [`Plan::unpack`] and [`Plan::finish`].
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html>

mod deaggregation;
mod decompression;
mod failure;
mod jq;
pub(crate) mod lambda;
mod partition;

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

use crate::{
    Error,
    queue::Record,
    spec::{BufferingHints, Destination, LambdaProcessor, Processor, StreamSpec, SubRecordType},
};
pub(crate) use failure::{Failure, write_line};
pub(crate) use partition::Partition;

/// The processors of a stream, ready to work.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    decompresses: bool,
    extracts_messages: bool,
    sub_records: Option<SubRecordType>,
    lambda: Option<LambdaProcessor>,
    query: Option<jq::Program>,
    delimiter: Option<Bytes>,
    partition: Option<Partition>,
}

/// A record, or a piece of one, between two processors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) record: Record,
    /// What its error record shows when it fails.
    pub(crate) raw: Bytes,
    /// The partition keys that the function returned.
    pub(crate) lambda_keys: BTreeMap<String, String>,
}

/// A piece that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedPiece {
    pub(crate) record: Record,
    pub(crate) raw: Bytes,
    pub(crate) failure: Failure,
}

impl Piece {
    pub(crate) fn fail(self, failure: Failure) -> FailedPiece {
        FailedPiece { record: self.record, raw: self.raw, failure }
    }
}

/// What one record came to before the function.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unpacked {
    Pieces(Vec<Piece>),
    /// There was nothing in it, as in the control messages of `CloudWatch` Logs.
    Nothing(Record),
    Failed(Box<FailedPiece>),
}

impl Plan {
    /// Puts the processors of a stream into their order.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for processors that AWS does not take together, [`Error::Query`] for a jq program that
    /// cannot be run, [`Error::Prefix`] for the prefixes of a partitioned bucket.
    pub(crate) fn new(spec: &StreamSpec) -> Result<Self, Error> {
        let mut plan = Self::default();
        for processor in &spec.processors {
            plan.add(processor)?;
        }
        if plan.extracts_messages && !plan.decompresses {
            return Err(Error::Unsupported("CloudWatchLogProcessing without Decompression".to_owned()));
        }
        if let Destination::S3(destination) = &spec.destination
            && destination.dynamic_partitioning.is_some()
        {
            plan.partition = Some(Partition::new(&destination.objects)?);
        }
        Ok(plan)
    }

    fn add(&mut self, processor: &Processor) -> Result<(), Error> {
        let (name, is_there) = match processor {
            Processor::Decompression => ("Decompression", std::mem::replace(&mut self.decompresses, true)),
            Processor::CloudWatchLogProcessing => {
                ("CloudWatchLogProcessing", std::mem::replace(&mut self.extracts_messages, true))
            }
            Processor::RecordDeAggregation(SubRecordType::Delimited(delimiter)) if delimiter.is_empty() => {
                return Err(Error::Unsupported("RecordDeAggregation with an empty Delimiter".to_owned()));
            }
            Processor::RecordDeAggregation(kind) => {
                ("RecordDeAggregation", self.sub_records.replace(kind.clone()).is_some())
            }
            Processor::Lambda(lambda) => ("Lambda", self.lambda.replace(lambda.clone()).is_some()),
            Processor::MetadataExtraction { query } => {
                let program =
                    jq::Program::parse(query).map_err(|reason| Error::Query { query: query.clone(), reason })?;
                ("MetadataExtraction", self.query.replace(program).is_some())
            }
            Processor::AppendDelimiterToRecord { delimiter } => {
                ("AppendDelimiterToRecord", self.delimiter.replace(delimiter.clone()).is_some())
            }
        };
        if is_there { Err(Error::Unsupported(format!("more than one processor {name}"))) } else { Ok(()) }
    }

    /// Whether there is any processor.
    pub(crate) fn does_anything(&self) -> bool {
        self.decompresses
            || self.sub_records.is_some()
            || self.lambda.is_some()
            || self.query.is_some()
            || self.delimiter.is_some()
            || self.partition.is_some()
    }

    /// The function, when there is one.
    pub(crate) fn lambda(&self) -> Option<&LambdaProcessor> {
        self.lambda.as_ref()
    }

    /// When records are given to the function, when there is one.
    pub(crate) fn buffering_hints(&self) -> Option<BufferingHints> {
        self.lambda.as_ref().map(|lambda| lambda.buffering_hints)
    }

    /// Whether records go to partitions.
    pub(crate) fn partition(&self) -> Option<&Partition> {
        self.partition.as_ref()
    }

    /// Whether there is a jq program.
    pub(crate) fn has_query(&self) -> bool {
        self.query.is_some()
    }

    /// Takes a record out of what it is packed in.
    pub(crate) fn unpack(&self, record: Record) -> Unpacked {
        let data = match self.decompress(&record.data) {
            Ok(data) if data.is_empty() && self.extracts_messages => return Unpacked::Nothing(record),
            Ok(data) => data,
            Err(failure) => {
                let raw = record.data.clone();
                return Unpacked::Failed(Box::new(FailedPiece { record, raw, failure }));
            }
        };
        let Some(parts) = self.sub_records.as_ref().and_then(|kind| deaggregation::split(kind, &data)) else {
            let raw = record.data.clone();
            let piece = Piece { record: Record { data, ..record }, raw, lambda_keys: BTreeMap::new() };
            return Unpacked::Pieces(vec![piece]);
        };
        let pieces = (0..).zip(parts).map(|(place, part)| Piece {
            // What was decompressed is shown as it came in, also when a later step fails.
            raw: if self.decompresses { record.data.clone() } else { part.clone() },
            record: Record { piece: place, data: part, ..record },
            lambda_keys: BTreeMap::new(),
        });
        Unpacked::Pieces(pieces.collect())
    }

    fn decompress(&self, data: &Bytes) -> Result<Bytes, Failure> {
        if !self.decompresses {
            return Ok(data.clone());
        }
        let data = decompression::gunzip(data)?;
        if self.extracts_messages { decompression::messages(&data) } else { Ok(data) }
    }

    /// Finds the partition of a piece, if there are partitions, and ends it with the delimiter.
    pub(crate) fn finish(&self, piece: Piece) -> Result<(String, Record), Box<FailedPiece>> {
        let partition = match self.partition_of(&piece) {
            Ok(partition) => partition,
            Err(failure) => return Err(Box::new(piece.fail(failure))),
        };
        let mut record = piece.record;
        if let Some(delimiter) = &self.delimiter {
            let mut data = BytesMut::with_capacity(record.data.len() + delimiter.len());
            data.extend_from_slice(&record.data);
            data.extend_from_slice(delimiter);
            record.data = data.freeze();
        }
        Ok((partition, record))
    }

    fn partition_of(&self, piece: &Piece) -> Result<String, Failure> {
        let query_keys = match &self.query {
            Some(query) => partition::extract(query, &piece.record.data)?,
            None => BTreeMap::new(),
        };
        match &self.partition {
            Some(partition) => partition.evaluate(piece.record.arrival, &query_keys, &piece.lambda_keys),
            None => Ok(String::new()),
        }
    }
}

#[cfg(test)]
mod tests;
