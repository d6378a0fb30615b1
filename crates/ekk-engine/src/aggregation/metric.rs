//! The aggregations that measure the documents of a bucket.
//!
//! Source: <https://docs.opensearch.org/latest/aggregations/metric/index/>

use crate::query::Scalar;
use crate::search::SearchRequest;

/// The field of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricField {
    /// Path of the field.
    pub field: String,
    /// Value that documents without one count as.
    pub missing: Option<Scalar>,
    /// Format of `value_as_string`, for dates.
    pub format: Option<String>,
}

impl MetricField {
    /// The field, documents without a value left out.
    pub fn new(field: impl Into<String>) -> Self {
        Self { field: field.into(), missing: None, format: None }
    }
}

/// `extended_stats`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtendedStatsAggregation {
    /// What is measured.
    pub field: MetricField,
    /// Standard deviations of the bounds, 2.0 by default.
    pub sigma: f64,
}

/// `cardinality`: how many different values.
#[derive(Debug, Clone, PartialEq)]
pub struct CardinalityAggregation {
    /// What is counted.
    pub field: MetricField,
    /// Up to here the count is exact, 3,000 by default, at most 40,000.
    pub precision_threshold: usize,
}

/// `percentiles`.
#[derive(Debug, Clone, PartialEq)]
pub struct PercentilesAggregation {
    /// What is measured.
    pub field: MetricField,
    /// From 0 to 100; `1, 5, 25, 50, 75, 95, 99` by default.
    pub percents: Vec<f64>,
    /// Whether the values are an object, true by default.
    pub keyed: bool,
    /// t-digest `compression`, 100 by default.
    pub compression: f64,
}

impl PercentilesAggregation {
    /// `percents` by default.
    pub const PERCENTS: [f64; 7] = [1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0];
}

/// `percentile_ranks`.
#[derive(Debug, Clone, PartialEq)]
pub struct PercentileRanksAggregation {
    /// What is measured.
    pub field: MetricField,
    /// Values whose percentile is told.
    pub values: Vec<f64>,
    /// Whether the values are an object, true by default.
    pub keyed: bool,
    /// t-digest `compression`, 100 by default.
    pub compression: f64,
}

/// `top_hits`: the best documents of a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct TopHitsAggregation {
    /// Sort, from, size (3 by default), source filter and field options. Its query, aggregations and `search_after` are
    /// not looked at.
    pub request: SearchRequest,
}
