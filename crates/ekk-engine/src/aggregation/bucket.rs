//! The aggregations that sort documents into buckets.
//!
//! Source: <https://docs.opensearch.org/latest/aggregations/bucket/index/>

use super::interval::Interval;
use crate::query::{Query, Scalar};
use crate::search::Order;

/// `terms`: one bucket a value.
#[derive(Debug, Clone, PartialEq)]
pub struct TermsAggregation {
    /// Path of the field.
    pub field: String,
    /// Buckets given back, 10 by default; at least 1.
    pub size: usize,
    /// Terms taken from each index, `size * 1.5 + 10` by default. Candidates here are exact, so it only bounds work.
    pub shard_size: Option<usize>,
    /// Documents a bucket needs to be given back, 1 by default; 0 lists all terms of the field.
    pub min_doc_count: u64,
    /// `order`; by count descending when empty. The key breaks ties.
    pub order: Vec<TermsOrder>,
    /// Terms taken.
    pub include: Option<IncludeExclude>,
    /// Terms left out.
    pub exclude: Option<IncludeExclude>,
    /// Value that documents without one count as.
    pub missing: Option<Scalar>,
    /// Whether each bucket tells its possible error.
    pub show_term_doc_count_error: bool,
    /// Format of date keys.
    pub format: Option<String>,
}

impl TermsAggregation {
    /// The ten most frequent values.
    pub fn new(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            size: 10,
            shard_size: None,
            min_doc_count: 1,
            order: Vec::new(),
            include: None,
            exclude: None,
            missing: None,
            show_term_doc_count_error: false,
            format: None,
        }
    }
}

/// One entry of `order`, also for histograms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsOrder {
    /// `_count`, `_key`, or a path to a metric such as `a`, `a.avg`, `p.99`, `filter>avg`.
    pub by: String,
    /// Ascending or descending.
    pub order: Order,
}

/// `include` or `exclude` of a terms aggregation.
#[derive(Debug, Clone, PartialEq)]
pub enum IncludeExclude {
    /// A regular expression of the whole term.
    Regex(String),
    /// These values.
    Values(Vec<Scalar>),
    /// `{"partition": n, "num_partitions": m}`.
    Partition {
        /// From 0.
        partition: u32,
        /// How many there are.
        of: u32,
    },
}

/// `date_histogram`.
#[derive(Debug, Clone, PartialEq)]
pub struct DateHistogramAggregation {
    /// Path of a date field.
    pub field: String,
    /// Width of a bucket.
    pub interval: Interval,
    /// Zone whose days and hours count; UTC by default.
    pub time_zone: Option<String>,
    /// Shift of every bucket's start, in milliseconds.
    pub offset_millis: i64,
    /// Format of `key_as_string`; the field's own by default.
    pub format: Option<String>,
    /// Whether the buckets are an object.
    pub keyed: bool,
    /// Documents a bucket needs, 0 by default; 0 also makes the empty buckets between.
    pub min_doc_count: u64,
    /// Empty buckets are made at least from and to here (dates with math, or epoch milliseconds).
    pub extended_bounds: Option<HardBounds>,
    /// No bucket is made outside of these.
    pub hard_bounds: Option<HardBounds>,
    /// Date that documents without one count as.
    pub missing: Option<Scalar>,
    /// `order`; by key ascending when empty.
    pub order: Vec<TermsOrder>,
}

impl DateHistogramAggregation {
    /// Buckets of `interval` in UTC.
    pub fn new(field: impl Into<String>, interval: Interval) -> Self {
        Self {
            field: field.into(),
            interval,
            time_zone: None,
            offset_millis: 0,
            format: None,
            keyed: false,
            min_doc_count: 0,
            extended_bounds: None,
            hard_bounds: None,
            missing: None,
            order: Vec::new(),
        }
    }
}

/// `extended_bounds` or `hard_bounds`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HardBounds {
    /// Lowest value.
    pub min: Option<Scalar>,
    /// Highest value.
    pub max: Option<Scalar>,
}

/// `histogram`.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramAggregation {
    /// Path of a numeric field.
    pub field: String,
    /// Width of a bucket, above 0.
    pub interval: f64,
    /// Shift of every bucket's start, from 0 to below `interval`.
    pub offset: f64,
    /// Whether the buckets are an object.
    pub keyed: bool,
    /// Documents a bucket needs, 0 by default; 0 also makes the empty buckets between.
    pub min_doc_count: u64,
    /// Empty buckets are made at least from and to here.
    pub extended_bounds: Option<HardBounds>,
    /// No bucket is made outside of these.
    pub hard_bounds: Option<HardBounds>,
    /// Value that documents without one count as.
    pub missing: Option<Scalar>,
    /// `order`; by key ascending when empty.
    pub order: Vec<TermsOrder>,
}

impl HistogramAggregation {
    /// Buckets of `interval` from 0.
    pub fn new(field: impl Into<String>, interval: f64) -> Self {
        Self {
            field: field.into(),
            interval,
            offset: 0.0,
            keyed: false,
            min_doc_count: 0,
            extended_bounds: None,
            hard_bounds: None,
            missing: None,
            order: Vec::new(),
        }
    }
}

/// `range`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RangeAggregation {
    /// Path of a numeric field.
    pub field: String,
    /// The ranges, from inclusive, to exclusive; they may overlap.
    pub ranges: Vec<Range<f64>>,
    /// Whether the buckets are an object.
    pub keyed: bool,
    /// Value that documents without one count as.
    pub missing: Option<Scalar>,
}

/// `date_range`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DateRangeAggregation {
    /// Path of a date field.
    pub field: String,
    /// The ranges: dates with math, or epoch milliseconds.
    pub ranges: Vec<Range<Scalar>>,
    /// Format of the ranges and of the keys; the field's own by default.
    pub format: Option<String>,
    /// Zone of dates that name none, and of the keys.
    pub time_zone: Option<String>,
    /// Whether the buckets are an object.
    pub keyed: bool,
    /// Date that documents without one count as.
    pub missing: Option<Scalar>,
}

/// One range with an optional name.
#[derive(Debug, Clone, PartialEq)]
pub struct Range<V> {
    /// The bucket's key; made of the ends by default.
    pub key: Option<String>,
    /// Lowest value within.
    pub from: Option<V>,
    /// Lowest value beyond.
    pub to: Option<V>,
}

/// `ip_range`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IpRangeAggregation {
    /// Path of an ip field.
    pub field: String,
    /// The ranges.
    pub ranges: Vec<IpRange>,
    /// Whether the buckets are an object.
    pub keyed: bool,
}

/// One range of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IpRange {
    /// A network such as `10.0.0.0/24`.
    Mask {
        /// The bucket's key; the mask by default.
        key: Option<String>,
        /// The network.
        mask: String,
    },
    /// From inclusive, to exclusive.
    FromTo(Range<String>),
}

impl Eq for Range<String> {}

/// `filters`.
#[derive(Debug, Clone, PartialEq)]
pub struct FiltersAggregation {
    /// The filters.
    pub filters: NamedFilters,
    /// Whether documents of no filter get a bucket (`other_bucket`, or an `other_bucket_key` given).
    pub other_bucket: bool,
    /// Key of that bucket, `_other_` by default.
    pub other_bucket_key: Option<String>,
}

/// The filters of a `filters` aggregation.
#[derive(Debug, Clone, PartialEq)]
pub enum NamedFilters {
    /// An object: buckets have keys.
    Keyed(Vec<(String, Query)>),
    /// An array: buckets have none.
    Anonymous(Vec<Query>),
}
