//! What a search found.

use std::sync::Arc;

use crate::aggregation::AggregationResults;

/// The answer to a search.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResponse {
    /// Documents that match; `None` when they were not to be counted.
    pub total: Option<TotalHits>,
    /// Best score; `None` (prints as null) when scores were not computed or nothing was asked back.
    pub max_score: Option<f32>,
    /// The hits, best first.
    pub hits: Vec<Hit>,
    /// Results, in the order of the request.
    pub aggregations: AggregationResults,
    /// Whether `terminate_after` stopped it; `None` when the request did not ask (the key is not printed).
    pub terminated_early: Option<bool>,
}

/// How many documents match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalHits {
    /// The number counted.
    pub value: u64,
    /// Whether it is all of them.
    pub relation: Relation,
}

/// What a total says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `eq`.
    Eq,
    /// `gte`.
    Gte,
}

/// One document found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its index.
    pub index: Arc<str>,
    /// Its id.
    pub id: String,
    /// Its score; `None` (prints as null) when not computed.
    pub score: Option<f32>,
    /// `_source`, filtered, as JSON text; `None` when not asked for.
    pub source: Option<Vec<u8>>,
    /// One value for each sort key; empty when the request has no sort.
    pub sort: Vec<SortValue>,
    /// `docvalue_fields`, `fields` and the collapse field, by name in print order.
    pub fields: Vec<(String, Vec<serde_json::Value>)>,
    /// Fragments by field, in print order.
    pub highlight: Vec<(String, Vec<String>)>,
    /// `_version`, when asked for.
    pub version: Option<u64>,
    /// `_seq_no`, when asked for; `_primary_term` is 1.
    pub seq_no: Option<u64>,
    /// `_name`s of the queries that it matches.
    pub matched_queries: Vec<String>,
    /// Where it is in the snapshots searched; good for [`SearchAfter`](super::SearchAfter) on the same snapshots.
    pub address: DocAddress,
}

/// A document's place among the snapshots of one search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocAddress {
    /// Position of the snapshot.
    pub snapshot: u32,
    /// Position of the segment in the snapshot.
    pub segment: u32,
    /// Document in the segment.
    pub doc: u32,
}

/// A value that a hit was sorted by, as it prints.
#[derive(Debug, Clone, PartialEq)]
pub enum SortValue {
    /// No value, for fields that are no numbers.
    Null,
    /// A whole number; a date in epoch milliseconds.
    Long(i64),
    /// A whole number of 64 unsigned bits.
    UnsignedLong(u64),
    /// A number with a fraction, and scores.
    Double(f64),
    /// A text.
    String(String),
}
