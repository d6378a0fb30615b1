//! Aggregations: what a search may count and measure, as parsed types, and the tree of results.
//!
//! Names and defaults are OpenSearch's; parsing the JSON is the REST edge's. The aggregators run over tantivy's fast
//! columns, one pass a segment, and their results merge over segments and over indices.
//!
//! Source: <https://docs.opensearch.org/latest/aggregations/>

mod bucket;
pub(crate) mod collect;
mod distinct;
pub(crate) mod finish;
mod interval;
mod metric;
pub(crate) mod partial;
pub(crate) mod plan;
mod result;
mod rounding;
mod tdigest;

pub use bucket::{
    DateHistogramAggregation, DateRangeAggregation, FiltersAggregation, HardBounds, HistogramAggregation,
    IncludeExclude, IpRange, IpRangeAggregation, NamedFilters, Range, RangeAggregation, TermsAggregation, TermsOrder,
};
pub use interval::{CalendarUnit, Interval};
pub use metric::{
    CardinalityAggregation, ExtendedStatsAggregation, MetricField, PercentileRanksAggregation, PercentilesAggregation,
    TopHitsAggregation,
};
pub use result::{
    AggregationResult, AggregationResults, Bucket, BucketKey, ExtendedStats, FilterBucket, HistogramKind, MetricKind,
    PercentileValue, RangeBucket, RangeEnd, RangeKind, SingleKind, Stats, TermsKind, TermsResult, TopHits,
    ValueAsString,
};

use crate::query::{Query, Scalar};

/// Named aggregations, in the order of the request.
pub type Aggregations = Vec<(String, Aggregation)>;

/// One aggregation with those inside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// What is computed.
    pub kind: AggregationKind,
    /// Computed for each bucket; empty for metrics.
    pub aggregations: Aggregations,
    /// `meta`, given back with the result.
    pub meta: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Aggregation {
    /// The aggregation alone.
    pub fn new(kind: AggregationKind) -> Self {
        Self { kind, aggregations: Vec::new(), meta: None }
    }

    /// The same aggregation with `name` computed in each bucket.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, inner: Aggregation) -> Self {
        self.aggregations.push((name.into(), inner));
        self
    }
}

/// Every kind of aggregation the engine computes; the edge refuses others by name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AggregationKind {
    /// `terms`.
    Terms(TermsAggregation),
    /// `date_histogram`.
    DateHistogram(DateHistogramAggregation),
    /// `histogram`.
    Histogram(HistogramAggregation),
    /// `range`.
    Range(RangeAggregation),
    /// `date_range`.
    DateRange(DateRangeAggregation),
    /// `ip_range`.
    IpRange(IpRangeAggregation),
    /// `filter`.
    Filter(Box<Query>),
    /// `filters`.
    Filters(FiltersAggregation),
    /// `missing`: documents without a value.
    Missing {
        /// Path of the field.
        field: String,
        /// Counts for documents without a value, so that none of them is missing one.
        missing: Option<Scalar>,
    },
    /// `global`: all documents, whatever the query.
    Global,
    /// `min`.
    Min(MetricField),
    /// `max`.
    Max(MetricField),
    /// `sum`.
    Sum(MetricField),
    /// `avg`.
    Avg(MetricField),
    /// `value_count`.
    ValueCount(MetricField),
    /// `stats`.
    Stats(MetricField),
    /// `extended_stats`.
    ExtendedStats(ExtendedStatsAggregation),
    /// `cardinality`.
    Cardinality(CardinalityAggregation),
    /// `percentiles`.
    Percentiles(PercentilesAggregation),
    /// `percentile_ranks`.
    PercentileRanks(PercentileRanksAggregation),
    /// `top_hits`.
    TopHits(Box<TopHitsAggregation>),
}

impl AggregationKind {
    /// Whether the kind makes buckets, so that others may stand inside it.
    pub fn makes_buckets(&self) -> bool {
        matches!(
            self,
            Self::Terms(_)
                | Self::DateHistogram(_)
                | Self::Histogram(_)
                | Self::Range(_)
                | Self::DateRange(_)
                | Self::IpRange(_)
                | Self::Filter(_)
                | Self::Filters(_)
                | Self::Missing { .. }
                | Self::Global
        )
    }
}
