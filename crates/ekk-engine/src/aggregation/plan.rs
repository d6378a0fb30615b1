//! What the aggregations of a request mean in one index: fields found and checked, dates read, filters resolved.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{
    Aggregation, AggregationKind, Aggregations, DateHistogramAggregation, DateRangeAggregation, FiltersAggregation,
    HardBounds, HistogramAggregation, IncludeExclude, IpRange, MetricField, NamedFilters, TermsAggregation,
    partial::Key, rounding::Rounding,
};
use crate::{
    error::Exception,
    mapping::{DateFormat, Field, FieldType, date_format},
    query::{
        Query, QueryKind, Scalar,
        clause::{Clause, Pattern},
        date_math,
        resolve::{Resolver, address, network},
    },
    search::{
        SortKey,
        column::check_sortable,
        sort::{self, PlannedKey},
    },
};

/// An aggregation in one index.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) kind: PlanKind<'a>,
    pub(crate) inner: Vec<Plan<'a>>,
}

/// What is collected.
#[derive(Debug)]
pub(crate) enum PlanKind<'a> {
    Terms {
        field: Option<&'a Field>,
        missing: Option<Key>,
        terms: Arc<TermFilter>,
        all_terms: bool,
    },
    DateHistogram {
        field: Option<&'a Field>,
        rounding: Box<Rounding>,
        missing: Option<i64>,
        bounds: (i64, i64),
    },
    Histogram {
        field: Option<&'a Field>,
        interval: f64,
        offset: f64,
        missing: Option<f64>,
        bounds: (f64, f64),
    },
    Ranges {
        field: Option<&'a Field>,
        ranges: Vec<(f64, f64)>,
        missing: Option<f64>,
    },
    IpRanges {
        field: Option<&'a Field>,
        ranges: Vec<(u128, u128)>,
    },
    /// Documents of each filter, and those of none when there is another bucket.
    Filters {
        filters: Vec<Clause>,
        other: bool,
    },
    Missing {
        field: Option<&'a Field>,
    },
    Global,
    Stats {
        field: Option<&'a Field>,
        missing: Option<f64>,
    },
    Count {
        field: Option<&'a Field>,
        missing: bool,
    },
    Distinct {
        field: Option<&'a Field>,
        missing: Option<Key>,
        threshold: usize,
    },
    Digest {
        field: Option<&'a Field>,
        missing: Option<f64>,
        compression: f64,
    },
    TopHits {
        sort: Vec<PlannedKey<'a>>,
        limit: usize,
    },
}

/// Which terms get a bucket.
#[derive(Debug, Default)]
pub(crate) struct TermFilter {
    include: Option<Accepts>,
    exclude: Option<Accepts>,
}

#[derive(Debug)]
enum Accepts {
    Pattern(Pattern),
    Values(Vec<Key>),
    Partition(u64, u64),
}

impl TermFilter {
    pub(crate) fn takes(&self, key: &Key) -> bool {
        self.include.as_ref().is_none_or(|include| include.takes(key))
            && !self.exclude.as_ref().is_some_and(|exclude| exclude.takes(key))
    }
}

impl Accepts {
    fn takes(&self, key: &Key) -> bool {
        match (self, key) {
            (Self::Pattern(pattern), Key::Str(term)) => pattern.is_match(term),
            (Self::Pattern(_), _) => false,
            (Self::Values(keys), key) => keys.contains(key),
            (Self::Partition(partition, of), key) => super::distinct::hash(key) % of == *partition,
        }
    }
}

/// Plans the aggregations of a request in one index.
///
/// # Errors
/// The exception of the index: a field of the wrong type, a date that cannot be read, a filter that cannot be resolved.
pub(crate) fn plan<'a>(resolver: &Resolver<'a>, aggregations: &Aggregations) -> Result<Vec<Plan<'a>>, Exception> {
    aggregations.iter().map(|(_, aggregation)| plan_one(resolver, aggregation)).collect()
}

fn plan_one<'a>(resolver: &Resolver<'a>, aggregation: &Aggregation) -> Result<Plan<'a>, Exception> {
    let planner = Planner { resolver };
    let kind = match &aggregation.kind {
        AggregationKind::Terms(terms) => planner.terms(terms)?,
        AggregationKind::DateHistogram(histogram) => planner.date_histogram(histogram)?,
        AggregationKind::Histogram(histogram) => planner.histogram(histogram)?,
        AggregationKind::Range(range) => {
            let field = planner.numeric(&range.field, "range")?;
            let ends = |range: &super::Range<f64>| {
                (range.from.unwrap_or(f64::NEG_INFINITY), range.to.unwrap_or(f64::INFINITY))
            };
            let ranges = range.ranges.iter().map(ends).collect();
            PlanKind::Ranges { field, ranges, missing: planner.missing_number(field, range.missing.as_ref())? }
        }
        AggregationKind::DateRange(range) => planner.date_range(range)?,
        AggregationKind::IpRange(range) => {
            let field = planner.of_type(&range.field, "ip_range", |kind| *kind == FieldType::Ip)?;
            PlanKind::IpRanges { field, ranges: range.ranges.iter().map(ip_range).collect::<Result<_, _>>()? }
        }
        AggregationKind::Filter(filter) => planner.filters(std::iter::once(filter.as_ref()), false)?,
        AggregationKind::Filters(filters) => {
            let other = filters.other_bucket;
            match &filters.filters {
                NamedFilters::Keyed(keyed) => {
                    planner.filters(sorted(keyed).into_iter().map(|(_, query)| query), other)?
                }
                NamedFilters::Anonymous(queries) => planner.filters(queries.iter(), other)?,
            }
        }
        AggregationKind::Missing { field, missing: None } => PlanKind::Missing { field: planner.any(field)? },
        AggregationKind::Missing { missing: Some(_), .. } => {
            planner.filters(std::iter::once(&Query::new(QueryKind::MatchNone)), false)?
        }
        AggregationKind::Global => PlanKind::Global,
        AggregationKind::Min(field) => planner.stats(field, "min")?,
        AggregationKind::Max(field) => planner.stats(field, "max")?,
        AggregationKind::Sum(field) => planner.stats(field, "sum")?,
        AggregationKind::Avg(field) => planner.stats(field, "avg")?,
        AggregationKind::Stats(field) => planner.stats(field, "stats")?,
        AggregationKind::ExtendedStats(stats) => planner.stats(&stats.field, "extended_stats")?,
        AggregationKind::ValueCount(field) => {
            PlanKind::Count { field: planner.any(&field.field)?, missing: field.missing.is_some() }
        }
        AggregationKind::Cardinality(cardinality) => {
            let field = planner.any(&cardinality.field.field)?;
            let missing = planner.missing_key(field, cardinality.field.missing.as_ref())?;
            PlanKind::Distinct { field, missing, threshold: cardinality.precision_threshold.min(40_000) }
        }
        AggregationKind::Percentiles(percentiles) => {
            planner.digest(&percentiles.field, percentiles.compression, "percentiles")?
        }
        AggregationKind::PercentileRanks(ranks) => {
            planner.digest(&ranks.field, ranks.compression, "percentile_ranks")?
        }
        AggregationKind::TopHits(hits) => PlanKind::TopHits {
            sort: sort::plan(resolver, &hits.request.sort)?,
            limit: hits.request.from + hits.request.size,
        },
    };
    Ok(Plan { kind, inner: plan(resolver, &aggregation.aggregations)? })
}

/// Keyed filters in the order OpenSearch keeps them.
pub(crate) fn sorted(filters: &[(String, Query)]) -> Vec<(&str, &Query)> {
    let mut filters: Vec<_> = filters.iter().map(|(key, query)| (key.as_str(), query)).collect();
    filters.sort_by_key(|(key, _)| *key);
    filters
}

/// Whether any of the aggregations looks at scores.
pub(crate) fn needs_scores(aggregations: &Aggregations) -> bool {
    aggregations.iter().any(|(_, aggregation)| {
        let own = match &aggregation.kind {
            AggregationKind::TopHits(hits) => {
                let by_score = |key: &SortKey| matches!(key, SortKey::Score { .. });
                hits.request.sort.is_empty() || hits.request.track_scores || hits.request.sort.iter().any(by_score)
            }
            _ => false,
        };
        own || needs_scores(&aggregation.aggregations)
    })
}

struct Planner<'p, 'a> {
    resolver: &'p Resolver<'a>,
}

impl<'a> Planner<'_, 'a> {
    /// The field, which must have a column; `None` when the index does not map it.
    fn any(&self, path: &str) -> Result<Option<&'a Field>, Exception> {
        let field = self.resolver.snapshot.mapping.field(path);
        field.map_or(Ok(()), check_sortable)?;
        Ok(field)
    }

    fn of_type(
        &self,
        path: &str,
        aggregation: &str,
        accepts: impl Fn(&FieldType) -> bool,
    ) -> Result<Option<&'a Field>, Exception> {
        let field = self.any(path)?;
        match field.filter(|field| !accepts(&field.kind)) {
            None => Ok(field),
            Some(field) => {
                let kind = field.kind.name();
                let reason =
                    format!("Field [{path}] of type [{kind}] is not supported for aggregation [{aggregation}]");
                Err(Exception::illegal_argument(reason))
            }
        }
    }

    fn numeric(&self, path: &str, aggregation: &str) -> Result<Option<&'a Field>, Exception> {
        self.of_type(path, aggregation, |kind| {
            kind.is_number() || matches!(kind, FieldType::Date { .. } | FieldType::Boolean)
        })
    }

    fn terms(&self, terms: &TermsAggregation) -> Result<PlanKind<'a>, Exception> {
        let field = self.any(&terms.field)?;
        let accepts = |filter: &Option<IncludeExclude>| -> Result<Option<Accepts>, Exception> {
            Ok(match filter {
                None => None,
                Some(IncludeExclude::Regex(regex)) => {
                    if field.is_some_and(|field| !matches!(field.kind, FieldType::Keyword { .. })) {
                        let path = &terms.field;
                        let reason = format!(
                            "Aggregation [{path}] cannot support regular expression style include/exclude settings as they \
                             can only be applied to string fields. Use an array of values for include/exclude clauses"
                        );
                        return Err(Exception::illegal_argument(reason));
                    }
                    Some(Accepts::Pattern(Pattern::regexp(regex, false)?))
                }
                Some(IncludeExclude::Values(values)) => {
                    let keys: Result<Vec<_>, _> = values.iter().map(|value| self.key(field, value)).collect();
                    Some(Accepts::Values(keys?))
                }
                Some(IncludeExclude::Partition { partition, of }) => {
                    Some(Accepts::Partition(u64::from(*partition), u64::from((*of).max(1))))
                }
            })
        };
        let filter = TermFilter { include: accepts(&terms.include)?, exclude: accepts(&terms.exclude)? };
        let missing = self.missing_key(field, terms.missing.as_ref())?;
        Ok(PlanKind::Terms { field, missing, terms: Arc::new(filter), all_terms: terms.min_doc_count == 0 })
    }

    fn date_histogram(&self, histogram: &DateHistogramAggregation) -> Result<PlanKind<'a>, Exception> {
        let field = self.of_type(&histogram.field, "date_histogram", |kind| {
            matches!(kind, FieldType::Date { .. } | FieldType::Boolean) || kind.is_whole_number()
        })?;
        let zone = zone_of(histogram.time_zone.as_deref())?;
        let bounds = histogram.hard_bounds.as_ref();
        let at = |end: Option<&Scalar>| {
            end.map(|value| self.millis(field, value, histogram.format.as_deref(), &zone)).transpose()
        };
        let low = at(bounds.and_then(|bounds| bounds.min.as_ref()))?.unwrap_or(i64::MIN);
        let high = at(bounds.and_then(|bounds| bounds.max.as_ref()))?.unwrap_or(i64::MAX);
        let missing = at(histogram.missing.as_ref())?;
        let rounding = Box::new(Rounding::new(histogram.interval, zone, histogram.offset_millis));
        Ok(PlanKind::DateHistogram { field, rounding, missing, bounds: (low, high) })
    }

    fn histogram(&self, histogram: &HistogramAggregation) -> Result<PlanKind<'a>, Exception> {
        let field = self.numeric(&histogram.field, "histogram")?;
        let (low, high) = number_bounds(histogram.hard_bounds.as_ref())?;
        Ok(PlanKind::Histogram {
            field,
            interval: histogram.interval,
            offset: histogram.offset,
            missing: self.missing_number(field, histogram.missing.as_ref())?,
            bounds: (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY)),
        })
    }

    fn date_range(&self, range: &DateRangeAggregation) -> Result<PlanKind<'a>, Exception> {
        let field = self
            .of_type(&range.field, "date_range", |kind| matches!(kind, FieldType::Date { .. }) || kind.is_number())?;
        let ends = date_range_ends(self.resolver, range, field)?;
        let ranges =
            ends.into_iter().map(|(from, to)| (from.unwrap_or(f64::NEG_INFINITY), to.unwrap_or(f64::INFINITY)));
        Ok(PlanKind::Ranges {
            field,
            ranges: ranges.collect(),
            missing: self.missing_number(field, range.missing.as_ref())?,
        })
    }

    fn filters<'q>(&self, queries: impl Iterator<Item = &'q Query>, other: bool) -> Result<PlanKind<'a>, Exception> {
        let unscored = Resolver { scoring: false, ..*self.resolver };
        let filters = queries.map(|query| unscored.query(query)).collect::<Result<_, _>>()?;
        Ok(PlanKind::Filters { filters, other })
    }

    fn stats(&self, metric: &MetricField, aggregation: &str) -> Result<PlanKind<'a>, Exception> {
        let field = self.numeric(&metric.field, aggregation)?;
        Ok(PlanKind::Stats { field, missing: self.missing_number(field, metric.missing.as_ref())? })
    }

    fn digest(&self, metric: &MetricField, compression: f64, aggregation: &str) -> Result<PlanKind<'a>, Exception> {
        let field = self.numeric(&metric.field, aggregation)?;
        Ok(PlanKind::Digest { field, missing: self.missing_number(field, metric.missing.as_ref())?, compression })
    }

    fn millis(
        &self,
        field: Option<&Field>,
        value: &Scalar,
        format: Option<&str>,
        zone: &TimeZone,
    ) -> Result<i64, Exception> {
        if let Scalar::Long(millis) = value {
            return Ok(*millis);
        }
        let format = format_of(field, format)?;
        date_math::resolve(&value.to_string(), &format, zone, date_format::Rounding::Down, self.resolver.now)
    }

    fn missing_number(&self, field: Option<&Field>, missing: Option<&Scalar>) -> Result<Option<f64>, Exception> {
        let Some(value) = missing else { return Ok(None) };
        #[expect(clippy::cast_precision_loss, reason = "OpenSearch computes with doubles")]
        let number = match (value, field.map(|field| &field.kind)) {
            (Scalar::Long(value), _) => *value as f64,
            (Scalar::UnsignedLong(value), _) => *value as f64,
            (Scalar::Double(value), _) => *value,
            (Scalar::Bool(value), _) => f64::from(u8::from(*value)),
            (Scalar::String(_), Some(FieldType::Date { .. })) => {
                self.millis(field, value, None, &TimeZone::UTC)? as f64
            }
            (Scalar::String(text), _) => text.parse().map_err(|_| not_a_number(text))?,
        };
        Ok(Some(number))
    }

    fn missing_key(&self, field: Option<&Field>, missing: Option<&Scalar>) -> Result<Option<Key>, Exception> {
        missing.map(|value| self.key(field, value)).transpose()
    }

    /// The key of a value that a request names.
    fn key(&self, field: Option<&Field>, value: &Scalar) -> Result<Key, Exception> {
        let Some(field) = field else {
            return Ok(match value {
                Scalar::Long(value) => Key::Long(*value),
                Scalar::Double(value) => Key::Double(super::partial::OrderedDouble(*value)),
                Scalar::Bool(value) => Key::Bool(*value),
                other => Key::Str(other.to_string().into()),
            });
        };
        let text = value.to_string();
        Ok(match &field.kind {
            FieldType::Boolean => Key::Bool(matches!(text.as_str(), "true" | "1")),
            FieldType::Ip => Key::Ip(address(&text)?.into()),
            FieldType::Date { .. } => Key::Long(self.millis(Some(field), value, None, &TimeZone::UTC)?),
            FieldType::UnsignedLong => Key::UnsignedLong(text.parse().map_err(|_| not_a_number(&text))?),
            kind if kind.is_fraction() => {
                Key::Double(super::partial::OrderedDouble(text.parse().map_err(|_| not_a_number(&text))?))
            }
            kind if kind.is_whole_number() => Key::Long(text.parse().map_err(|_| not_a_number(&text))?),
            _ => Key::Str(text.into()),
        })
    }
}

fn not_a_number(text: &str) -> Exception {
    Exception::new("number_format_exception", format!("For input string: \"{text}\""))
}

/// The zone that a request names; UTC by default.
pub(crate) fn zone_of(name: Option<&str>) -> Result<TimeZone, Exception> {
    name.map_or(Ok(TimeZone::UTC), date_math::time_zone)
}

/// The format of dates: the one a request names, the field's, or the default.
pub(crate) fn format_of(field: Option<&Field>, named: Option<&str>) -> Result<DateFormat, Exception> {
    match (named, field.map(|field| &field.kind)) {
        (Some(named), _) => DateFormat::new(named),
        (None, Some(FieldType::Date { format })) => Ok(format.clone()),
        (None, _) => Ok(DateFormat::default()),
    }
}

/// The ends of numeric bounds.
pub(crate) fn number_bounds(bounds: Option<&HardBounds>) -> Result<Ends, Exception> {
    let number = |value: Option<&Scalar>| {
        value.map(|value| value.to_string().parse().map_err(|_| not_a_number(&value.to_string()))).transpose()
    };
    let bounds = bounds.map_or((None, None), |bounds| (bounds.min.as_ref(), bounds.max.as_ref()));
    Ok((number(bounds.0)?, number(bounds.1)?))
}

/// The ends of a range, `None` when open.
pub(crate) type Ends = (Option<f64>, Option<f64>);

/// The ends of date ranges in epoch milliseconds, in the order of the request.
pub(crate) fn date_range_ends(
    resolver: &Resolver<'_>,
    range: &DateRangeAggregation,
    field: Option<&Field>,
) -> Result<Vec<Ends>, Exception> {
    let zone = zone_of(range.time_zone.as_deref())?;
    let format = format_of(field, range.format.as_deref())?;
    #[expect(clippy::cast_precision_loss, reason = "OpenSearch computes with doubles")]
    let end = |value: Option<&Scalar>| -> Result<Option<f64>, Exception> {
        Ok(match value {
            None => None,
            Some(Scalar::Long(millis)) => Some(*millis as f64),
            Some(Scalar::Double(millis)) => Some(*millis),
            Some(value) => {
                let rounding = date_format::Rounding::Down;
                let millis = date_math::resolve(&value.to_string(), &format, &zone, rounding, resolver.now)?;
                Some(millis as f64)
            }
        })
    };
    range.ranges.iter().map(|range| Ok((end(range.from.as_ref())?, end(range.to.as_ref())?))).collect()
}

/// First address within, first beyond.
pub(crate) fn ip_range(range: &IpRange) -> Result<(u128, u128), Exception> {
    match range {
        IpRange::Mask { mask, .. } => {
            let (first, last) = network(mask)?;
            Ok((first.into(), u128::from(last).saturating_add(1)))
        }
        IpRange::FromTo(range) => {
            let from = range.from.as_deref().map_or(Ok(0), |from| address(from).map(u128::from))?;
            let to = range.to.as_deref().map_or(Ok(u128::MAX), |to| address(to).map(u128::from))?;
            Ok((from, to))
        }
    }
}

/// Whether the filters have a bucket for documents of none.
pub(crate) fn filter_count(filters: &FiltersAggregation) -> usize {
    let filters_count = match &filters.filters {
        NamedFilters::Keyed(keyed) => keyed.len(),
        NamedFilters::Anonymous(queries) => queries.len(),
    };
    filters_count + usize::from(filters.other_bucket)
}
