//! A search request, parsed.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/search/>

use std::sync::Arc;

use super::response::{DocAddress, SortValue};
use crate::aggregation::Aggregations;
use crate::query::{Query, Scalar};

/// What a search asks for; [`Default`] is OpenSearch's default of each part.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchRequest {
    /// What hits and aggregations are about; all documents when `None`.
    pub query: Option<Query>,
    /// Computed over what the query matches.
    pub aggregations: Aggregations,
    /// Sort keys; by score when empty.
    pub sort: Vec<SortKey>,
    /// Hits left out at the start.
    pub from: usize,
    /// Hits given back, 10 by default.
    pub size: usize,
    /// Only hits that sort after this one.
    pub search_after: Option<SearchAfter>,
    /// How far hits are counted.
    pub track_total_hits: TrackTotalHits,
    /// Whether scores are computed although the sort does not need them.
    pub track_scores: bool,
    /// What of `_source` comes with a hit.
    pub source: SourceFilter,
    /// Narrows hits, not aggregations.
    pub post_filter: Option<Query>,
    /// Hits and aggregations leave out documents scored below.
    pub min_score: Option<f32>,
    /// Stop after this many documents of an index.
    pub terminate_after: Option<u64>,
    /// `docvalue_fields`.
    pub docvalue_fields: Vec<FieldFormat>,
    /// `fields`, read from the source.
    pub fields: Vec<FieldFormat>,
    /// Marks what matched.
    pub highlight: Option<Highlight>,
    /// Whether hits tell their `_version`.
    pub version: bool,
    /// Whether hits tell `_seq_no` and `_primary_term`.
    pub seq_no_primary_term: bool,
    /// `collapse.field`: only the best hit of each value.
    pub collapse: Option<String>,
    /// `indices_boost`: factors on the scores of indices; the first that names an index counts.
    pub index_boosts: Vec<(Arc<str>, f32)>,
    /// `search.max_buckets`, 65,535 by default.
    pub max_buckets: usize,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            query: None,
            aggregations: Vec::new(),
            sort: Vec::new(),
            from: 0,
            size: 10,
            search_after: None,
            track_total_hits: TrackTotalHits::UpTo(super::TRACK_TOTAL_HITS_DEFAULT),
            track_scores: false,
            source: SourceFilter::All,
            post_filter: None,
            min_score: None,
            terminate_after: None,
            docvalue_fields: Vec::new(),
            fields: Vec::new(),
            highlight: None,
            version: false,
            seq_no_primary_term: false,
            collapse: None,
            index_boosts: Vec::new(),
            max_buckets: super::MAX_BUCKETS,
        }
    }
}

/// `track_total_hits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackTotalHits {
    /// `true`: all of them.
    All,
    /// `false`: the answer has no total.
    No,
    /// Up to this many; beyond it the total is "at least" this.
    UpTo(u64),
}

/// Direction of a sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Lowest first.
    #[default]
    Asc,
    /// Highest first.
    Desc,
}

/// One key of the sort.
#[derive(Debug, Clone, PartialEq)]
pub enum SortKey {
    /// `_score`, descending by default.
    Score {
        /// The direction.
        order: Order,
    },
    /// `_doc`: index order.
    Doc {
        /// The direction.
        order: Order,
    },
    /// A field.
    Field(FieldSort),
}

/// A field of the sort.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldSort {
    /// Path of the field; `_id` is allowed.
    pub field: String,
    /// The direction.
    pub order: Order,
    /// Where documents without a value go.
    pub missing: Missing,
    /// Which of several values counts; by default the lowest when ascending and the highest when descending.
    pub mode: Option<SortMode>,
    /// Type of the field in indices that do not map it; without it they fail the search.
    pub unmapped_type: Option<String>,
}

impl FieldSort {
    /// The field in a direction, documents without a value last.
    pub fn new(field: impl Into<String>, order: Order) -> Self {
        Self { field: field.into(), order, missing: Missing::Last, mode: None, unmapped_type: None }
    }
}

/// Where documents without a value sort.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Missing {
    /// `_last`.
    #[default]
    Last,
    /// `_first`.
    First,
    /// As if they had this value.
    Value(Scalar),
}

/// Which of several values a sort takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortMode {
    /// Lowest.
    Min,
    /// Highest.
    Max,
    /// Mean.
    Avg,
    /// Sum.
    Sum,
    /// Median.
    Median,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchAfter {
    /// One value for each sort key, as a hit's `sort` printed them.
    pub values: Vec<SortValue>,
    /// The document itself, for a scroll over one and the same snapshots: hits equal in all keys are told apart by it.
    pub address: Option<DocAddress>,
}

/// `_source` of a search or a get.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SourceFilter {
    /// As it was indexed.
    #[default]
    All,
    /// Not at all.
    None,
    /// Some of it; `*` is a wildcard, and a path includes what is below it.
    Paths {
        /// Taken; all when empty.
        includes: Vec<String>,
        /// Left out of what is taken.
        excludes: Vec<String>,
    },
}

/// An entry of `docvalue_fields` or `fields`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFormat {
    /// Path; `*` is a wildcard.
    pub field: String,
    /// Date format; the field's own by default.
    pub format: Option<String>,
}

/// `highlight`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Highlight {
    /// Fields, in order; `*` is a wildcard over text and keyword fields.
    pub fields: Vec<HighlightField>,
    /// Options of fields that do not say otherwise.
    pub options: HighlightOptions,
}

/// A field to highlight.
#[derive(Debug, Clone, PartialEq)]
pub struct HighlightField {
    /// Path; `*` is a wildcard.
    pub field: String,
    /// Options of this field alone.
    pub options: HighlightOptions,
}

/// Options of highlighting; `None` means the surrounding option, then OpenSearch's default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HighlightOptions {
    /// `["<em>"]` by default; the first one is used.
    pub pre_tags: Option<Vec<String>>,
    /// `["</em>"]` by default; the first one is used.
    pub post_tags: Option<Vec<String>>,
    /// Characters of a fragment, 100 by default.
    pub fragment_size: Option<usize>,
    /// Fragments given back, 5 by default; 0 gives the whole field.
    pub number_of_fragments: Option<usize>,
    /// Characters of the field's start given back when nothing matched, 0 by default.
    pub no_match_size: Option<usize>,
    /// Whether only fields that the query names are marked, true by default.
    pub require_field_match: Option<bool>,
    /// Highlighted instead of the search's query.
    pub highlight_query: Option<Box<Query>>,
    /// Whether fragments come best first instead of in the text's order.
    pub order_by_score: Option<bool>,
}
