//! Searches: the request, what it finds, and how the best documents of many segments are chosen.
//!
//! A search sees one [`Snapshot`](crate::index::Snapshot) of each index. It runs the query on every segment, sorts over
//! fast columns with a bounded heap, aggregates in the same pass, and then fetches the hits. The REST edge parses the
//! request, checks `from + size` against its window and words the answer.

pub(crate) mod column;
mod error;
mod fetch;
mod request;
mod response;
mod run;
pub(crate) mod sort;
mod source_filter;
pub(crate) mod top;

pub use error::SearchError;
pub use request::{
    FieldFormat, FieldSort, Highlight, HighlightField, HighlightOptions, Missing, Order, SearchAfter, SearchRequest,
    SortKey, SortMode, SourceFilter, TrackTotalHits,
};
pub use response::{DocAddress, Hit, Relation, SearchResponse, SortValue, TotalHits};
pub use run::{count, search};
pub use source_filter::filter_source;

/// Default of `index.max_result_window`: `from + size` of a search.
pub const MAX_RESULT_WINDOW: usize = 10_000;

/// Default of `search.max_buckets`: buckets of one answer.
pub const MAX_BUCKETS: usize = 65_535;

/// Default of `index.max_inner_result_window`: `from + size` of a `top_hits` aggregation.
pub const MAX_INNER_RESULT_WINDOW: usize = 100;

/// Default of `index.max_terms_count`: values of a `terms` query.
pub const MAX_TERMS_COUNT: usize = 65_536;

/// Default of `indices.query.bool.max_clause_count`.
pub const MAX_CLAUSE_COUNT: usize = 1_024;

/// Hits counted by default before the total becomes "at least".
pub const TRACK_TOTAL_HITS_DEFAULT: u64 = 10_000;

#[cfg(test)]
mod tests;
