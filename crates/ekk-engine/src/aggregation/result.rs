//! The tree of results: everything that OpenSearch prints of an aggregation, as typed values in print order.

use crate::search::{Hit, TotalHits};

/// Named results, in the order of the request.
pub type AggregationResults = Vec<(String, AggregationResult)>;

/// The result of one aggregation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AggregationResult {
    /// `terms`.
    Terms(TermsResult),
    /// `date_histogram` and `histogram`.
    Histogram {
        /// Which of the two.
        kind: HistogramKind,
        /// Whether the buckets are an object, by `key_as_string` or the key's text.
        keyed: bool,
        /// The buckets.
        buckets: Vec<Bucket>,
    },
    /// `range`, `date_range` and `ip_range`.
    Range {
        /// Which of the three.
        kind: RangeKind,
        /// Whether the buckets are an object.
        keyed: bool,
        /// The buckets, by from, then to.
        buckets: Vec<RangeBucket>,
    },
    /// `filters`; keyed when the buckets have keys.
    Filters {
        /// Whether the buckets are an object.
        keyed: bool,
        /// The buckets, in the order of the request, the other bucket last.
        buckets: Vec<FilterBucket>,
    },
    /// `filter`, `missing` and `global`.
    Single {
        /// Which of the three.
        kind: SingleKind,
        /// Documents in the bucket.
        doc_count: u64,
        /// Computed in the bucket.
        aggregations: AggregationResults,
    },
    /// `min`, `max`, `avg` and `sum`: `value` (null when there is none) and `value_as_string` for dates.
    Value {
        /// Which of them.
        kind: MetricKind,
        /// The value.
        value: Option<f64>,
        /// Its text, for fields that print one.
        value_as_string: Option<String>,
    },
    /// `value_count` and `cardinality`: a whole number.
    Count {
        /// Which of them.
        kind: MetricKind,
        /// The count.
        value: u64,
    },
    /// `stats`.
    Stats(Stats),
    /// `extended_stats`.
    ExtendedStats(ExtendedStats),
    /// `percentiles` and `percentile_ranks`.
    Percentiles {
        /// `MetricKind::Percentiles` or `MetricKind::PercentileRanks`.
        kind: MetricKind,
        /// Whether the values are an object by the text of the key.
        keyed: bool,
        /// One for each asked.
        values: Vec<PercentileValue>,
    },
    /// `top_hits`.
    TopHits(TopHits),
}

impl AggregationResult {
    /// The name that `typed_keys` puts before the aggregation's, for example `sterms`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Terms(terms) => match terms.kind {
                TermsKind::String => "sterms",
                TermsKind::Long => "lterms",
                TermsKind::Double => "dterms",
                TermsKind::UnsignedLong => "ulterms",
                TermsKind::Unmapped => "umterms",
            },
            Self::Histogram { kind: HistogramKind::Date, .. } => "date_histogram",
            Self::Histogram { kind: HistogramKind::Numeric, .. } => "histogram",
            Self::Range { kind: RangeKind::Numeric, .. } => "range",
            Self::Range { kind: RangeKind::Date, .. } => "date_range",
            Self::Range { kind: RangeKind::Ip, .. } => "ip_range",
            Self::Filters { .. } => "filters",
            Self::Single { kind: SingleKind::Filter, .. } => "filter",
            Self::Single { kind: SingleKind::Missing, .. } => "missing",
            Self::Single { kind: SingleKind::Global, .. } => "global",
            Self::Value { kind, .. } | Self::Count { kind, .. } | Self::Percentiles { kind, .. } => kind.type_name(),
            Self::Stats(_) => "stats",
            Self::ExtendedStats(_) => "extended_stats",
            Self::TopHits(_) => "top_hits",
        }
    }
}

/// Which type of keys a terms result has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermsKind {
    /// Texts, and addresses printed as texts.
    String,
    /// Whole numbers, dates and booleans.
    Long,
    /// Numbers with a fraction.
    Double,
    /// Whole numbers of 64 unsigned bits.
    UnsignedLong,
    /// No index maps the field.
    Unmapped,
}

/// Result of a `terms` aggregation.
#[derive(Debug, Clone, PartialEq)]
pub struct TermsResult {
    /// The keys' type.
    pub kind: TermsKind,
    /// How far a count may be too low; 0 here, counts are exact.
    pub doc_count_error_upper_bound: i64,
    /// Documents in buckets not given back.
    pub sum_other_doc_count: u64,
    /// Whether each bucket prints `doc_count_error_upper_bound` too.
    pub show_term_doc_count_error: bool,
    /// The buckets.
    pub buckets: Vec<Bucket>,
}

/// A bucket with a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// The key.
    pub key: BucketKey,
    /// Its text, where OpenSearch prints one (dates, booleans).
    pub key_as_string: Option<String>,
    /// Documents in it.
    pub doc_count: u64,
    /// Computed in it.
    pub aggregations: AggregationResults,
}

/// A bucket's key.
#[derive(Debug, Clone, PartialEq)]
pub enum BucketKey {
    /// Prints as a string.
    String(String),
    /// Prints as a whole number.
    Long(i64),
    /// Prints as a whole number.
    UnsignedLong(u64),
    /// Prints with a fraction.
    Double(f64),
}

/// Which histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistogramKind {
    /// `date_histogram`: keys are epoch milliseconds.
    Date,
    /// `histogram`: keys are doubles.
    Numeric,
}

/// Which range aggregation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeKind {
    /// `range`.
    Numeric,
    /// `date_range`: ends print `from_as_string` too.
    Date,
    /// `ip_range`: ends print as strings.
    Ip,
}

/// A bucket of a range.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeBucket {
    /// The key.
    pub key: String,
    /// The lower end, if any.
    pub from: Option<RangeEnd>,
    /// The upper end, if any.
    pub to: Option<RangeEnd>,
    /// Documents in it.
    pub doc_count: u64,
    /// Computed in it.
    pub aggregations: AggregationResults,
}

/// An end of a range.
#[derive(Debug, Clone, PartialEq)]
pub enum RangeEnd {
    /// `range`: prints as a double.
    Number(f64),
    /// `date_range`: prints as a double and `…_as_string`.
    Date {
        /// Epoch milliseconds.
        millis: f64,
        /// In the aggregation's format.
        as_string: String,
    },
    /// `ip_range`: prints as a string.
    Ip(String),
}

/// A bucket of `filters`.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterBucket {
    /// The key; `None` for anonymous filters.
    pub key: Option<String>,
    /// Documents in it.
    pub doc_count: u64,
    /// Computed in it.
    pub aggregations: AggregationResults,
}

/// Which single bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SingleKind {
    /// `filter`.
    Filter,
    /// `missing`.
    Missing,
    /// `global`.
    Global,
}

/// Which metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `sum`.
    Sum,
    /// `avg`.
    Avg,
    /// `value_count`.
    ValueCount,
    /// `cardinality`.
    Cardinality,
    /// `percentiles`.
    Percentiles,
    /// `percentile_ranks`.
    PercentileRanks,
}

impl MetricKind {
    fn type_name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::ValueCount => "value_count",
            Self::Cardinality => "cardinality",
            Self::Percentiles => "tdigest_percentiles",
            Self::PercentileRanks => "tdigest_percentile_ranks",
        }
    }
}

/// Result of `stats`. With no values, min, max and avg print as null.
#[derive(Debug, Clone, PartialEq)]
pub struct Stats {
    /// Values seen.
    pub count: u64,
    /// Lowest.
    pub min: Option<f64>,
    /// Highest.
    pub max: Option<f64>,
    /// Mean.
    pub avg: Option<f64>,
    /// Sum, 0.0 of none.
    pub sum: f64,
    /// Texts of the four, for fields that print one (dates).
    pub as_string: Option<ValueAsString>,
}

/// `min_as_string` and its siblings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueAsString {
    /// `min_as_string`.
    pub min: String,
    /// `max_as_string`.
    pub max: String,
    /// `avg_as_string`.
    pub avg: String,
    /// `sum_as_string`.
    pub sum: String,
}

/// Result of `extended_stats`. With no values all but the count and the sum print as null; with one, the sampling ones
/// are not numbers and print as `"NaN"`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtendedStats {
    /// What `stats` has.
    pub stats: Stats,
    /// Sum of the squares.
    pub sum_of_squares: Option<f64>,
    /// `variance` and `variance_population`.
    pub variance_population: Option<f64>,
    /// `variance_sampling`.
    pub variance_sampling: Option<f64>,
    /// `std_deviation` and `std_deviation_population`.
    pub std_deviation_population: Option<f64>,
    /// `std_deviation_sampling`.
    pub std_deviation_sampling: Option<f64>,
    /// Standard deviations that the bounds are away from the mean.
    pub sigma: f64,
}

impl ExtendedStats {
    /// `std_deviation_bounds` of a deviation: upper, then lower.
    pub fn bounds(&self, deviation: Option<f64>) -> Option<(f64, f64)> {
        let (avg, deviation) = (self.stats.avg?, deviation?);
        Some((avg + deviation * self.sigma, avg - deviation * self.sigma))
    }
}

/// One percentile or rank.
#[derive(Debug, Clone, PartialEq)]
pub struct PercentileValue {
    /// The percent, or the value whose rank is told.
    pub key: f64,
    /// The value, or the rank; `None` when there are no values (prints as null).
    pub value: Option<f64>,
    /// Its text, for dates.
    pub value_as_string: Option<String>,
}

/// Result of `top_hits`.
#[derive(Debug, Clone, PartialEq)]
pub struct TopHits {
    /// Documents of the bucket.
    pub total: TotalHits,
    /// Best score; `None` when sorted by something else.
    pub max_score: Option<f32>,
    /// The hits.
    pub hits: Vec<Hit>,
}
