//! Results of metrics.

use jiff::tz::TimeZone;

use super::Finish;
use crate::{
    aggregation::{
        AggregationKind, AggregationResult, ExtendedStats, MetricField, MetricKind, PercentileValue, Stats,
        ValueAsString,
        partial::{Partial, PartialStats},
        plan::format_of,
        tdigest::TDigest,
    },
    mapping::FieldType,
};

impl Finish<'_> {
    pub(super) fn metric(&self, kind: &AggregationKind, partial: Option<Partial>) -> AggregationResult {
        let value = |kind, field: &MetricField, value: fn(&PartialStats) -> Option<f64>| {
            let value = value(&stats_of(partial.as_ref()));
            let value_as_string = value.and_then(|value| self.text(field, value));
            AggregationResult::Value { kind, value, value_as_string }
        };
        match kind {
            AggregationKind::Min(field) => {
                value(MetricKind::Min, field, |stats| (stats.count > 0).then_some(stats.min))
            }
            AggregationKind::Max(field) => {
                value(MetricKind::Max, field, |stats| (stats.count > 0).then_some(stats.max))
            }
            AggregationKind::Avg(field) => value(MetricKind::Avg, field, PartialStats::mean),
            AggregationKind::Sum(field) => value(MetricKind::Sum, field, |stats| Some(stats.sum())),
            AggregationKind::Stats(field) => AggregationResult::Stats(self.stats(field, &stats_of(partial.as_ref()))),
            AggregationKind::ExtendedStats(extended) => {
                let stats = stats_of(partial.as_ref());
                AggregationResult::ExtendedStats(extend(self.stats(&extended.field, &stats), &stats, extended.sigma))
            }
            AggregationKind::ValueCount(_) => {
                let value = if let Some(Partial::Count(count)) = partial { count } else { 0 };
                AggregationResult::Count { kind: MetricKind::ValueCount, value }
            }
            AggregationKind::Cardinality(_) => {
                let value = if let Some(Partial::Distinct(distinct)) = partial { distinct.count() } else { 0 };
                AggregationResult::Count { kind: MetricKind::Cardinality, value }
            }
            AggregationKind::Percentiles(percentiles) => {
                let digest = digest_of(partial);
                let values = percentiles.percents.iter().map(|percent| {
                    let value = digest.as_ref().and_then(|digest| digest.quantile(percent / 100.0));
                    self.percentile(&percentiles.field, *percent, value)
                });
                let (kind, keyed) = (MetricKind::Percentiles, percentiles.keyed);
                AggregationResult::Percentiles { kind, keyed, values: values.collect() }
            }
            AggregationKind::PercentileRanks(ranks) => {
                let digest = digest_of(partial);
                let values = ranks.values.iter().map(|key| {
                    let value = digest.as_ref().and_then(|digest| digest.rank(*key)).map(|rank| rank * 100.0);
                    PercentileValue { key: *key, value, value_as_string: None }
                });
                let (kind, keyed) = (MetricKind::PercentileRanks, ranks.keyed);
                AggregationResult::Percentiles { kind, keyed, values: values.collect() }
            }
            // Bucket aggregations and top_hits do not come here.
            _ => AggregationResult::Count { kind: MetricKind::ValueCount, value: 0 },
        }
    }

    fn percentile(&self, field: &MetricField, key: f64, value: Option<f64>) -> PercentileValue {
        PercentileValue { key, value, value_as_string: value.and_then(|value| self.text(field, value)) }
    }

    /// The text of a value, for dates and booleans.
    fn text(&self, metric: &MetricField, value: f64) -> Option<String> {
        let field = self.metric_field(metric)?;
        match field.kind {
            FieldType::Date { .. } => {
                let format = format_of(Some(field), metric.format.as_deref()).ok()?;
                #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
                Some(format.print(value as i64, &TimeZone::UTC))
            }
            FieldType::Boolean => Some(if value == 0.0 { "false" } else { "true" }.to_owned()),
            _ => None,
        }
    }

    fn stats(&self, metric: &MetricField, stats: &PartialStats) -> Stats {
        let any = |value| (stats.count > 0).then_some(value);
        let (min, max, avg, sum) = (any(stats.min), any(stats.max), stats.mean(), stats.sum());
        let text = |value: Option<f64>| self.text(metric, value?);
        let texts = (text(min), text(max), text(avg), text(Some(sum)));
        let as_string = match texts {
            (Some(min), Some(max), Some(avg), Some(sum)) => Some(ValueAsString { min, max, avg, sum }),
            _ => None,
        };
        Stats { count: stats.count, min, max, avg, sum, as_string }
    }
}

fn stats_of(partial: Option<&Partial>) -> PartialStats {
    if let Some(Partial::Stats(stats)) = partial { *stats } else { PartialStats::default() }
}

fn digest_of(partial: Option<Partial>) -> Option<TDigest> {
    let Some(Partial::Digest(mut digest)) = partial else { return None };
    digest.compress();
    Some(*digest)
}

/// Variances as OpenSearch computes them, from the sums.
pub(super) fn extend(stats: Stats, partial: &PartialStats, sigma: f64) -> ExtendedStats {
    let variances = variances(partial);
    let any = |value: f64| (partial.count > 0).then_some(value);
    ExtendedStats {
        stats,
        sum_of_squares: any(partial.sum_of_squares()),
        variance_population: any(variances.0),
        variance_sampling: any(variances.1),
        std_deviation_population: any(variances.0.sqrt()),
        std_deviation_sampling: any(variances.1.sqrt()),
        sigma,
    }
}

/// Variance of the population and of a sample; not numbers when there are too few values.
pub(super) fn variances(partial: &PartialStats) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "OpenSearch divides doubles")]
    let count = partial.count as f64;
    let sum = partial.sum();
    let squares = partial.sum_of_squares() - sum * sum / count;
    ((squares / count).max(0.0), if count < 2.0 { f64::NAN } else { (squares / (count - 1.0)).max(0.0) })
}
