//! The order of buckets: by count, key, or a metric inside.

use std::cmp::Ordering;

use super::metric::variances;
use crate::{
    aggregation::{
        AggregationKind, Aggregations, TermsOrder,
        partial::{Key, Partial, PartialBucket},
    },
    error::Exception,
    search::Order,
};

/// Sorts buckets as asked, ties by key, and keeps the first `size`.
pub(super) fn sort(buckets: &mut Vec<(Key, PartialBucket)>, inner: &Aggregations, order: &[TermsOrder], size: usize) {
    let by_metric = order.iter().any(|order| !matches!(order.by.as_str(), "_count" | "_key" | "_term"));
    let mut ranked: Vec<(Vec<f64>, (Key, PartialBucket))> = std::mem::take(buckets)
        .into_iter()
        .map(|(key, mut bucket)| {
            let value = |order: &TermsOrder| metric(inner, &mut bucket.inner, &order.by).unwrap_or(f64::NAN);
            let metrics = if by_metric { order.iter().map(value).collect() } else { Vec::new() };
            (metrics, (key, bucket))
        })
        .collect();
    let compare = |left: &(Vec<f64>, (Key, PartialBucket)), right: &(Vec<f64>, (Key, PartialBucket))| {
        compare(order, (&left.1.0, &left.1.1), (&right.1.0, &right.1.1), (&left.0, &right.0))
    };
    if size > 0 && ranked.len() > size {
        ranked.select_nth_unstable_by(size - 1, compare);
    }
    ranked.truncate(size);
    ranked.sort_unstable_by(compare);
    buckets.extend(ranked.into_iter().map(|(_, bucket)| bucket));
}

fn compare(
    order: &[TermsOrder],
    (left_key, left): (&Key, &PartialBucket),
    (right_key, right): (&Key, &PartialBucket),
    metrics: (&[f64], &[f64]),
) -> Ordering {
    for (at, order) in order.iter().enumerate() {
        let ordering = match order.by.as_str() {
            "_count" => left.doc_count.cmp(&right.doc_count),
            "_key" | "_term" => left_key.cmp(right_key),
            _ => {
                let value = |metrics: &[f64]| metrics.get(at).copied().unwrap_or(f64::NAN);
                let (left, right) = (value(metrics.0), value(metrics.1));
                // What is not a number comes last in either direction.
                match (left.is_nan(), right.is_nan()) {
                    (true, true) => Ordering::Equal,
                    (true, false) => return Ordering::Greater,
                    (false, true) => return Ordering::Less,
                    (false, false) => left.total_cmp(&right),
                }
            }
        };
        let ordering = if order.order == Order::Desc { ordering.reverse() } else { ordering };
        if ordering.is_ne() {
            return ordering;
        }
    }
    left_key.cmp(right_key)
}

/// The value at a path such as `a`, `a.avg`, `p.99`, `p[99]` or `filter>a`.
fn metric(inner: &Aggregations, partials: &mut [Partial], path: &str) -> Option<f64> {
    let (step, rest) = path.split_once('>').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let (name, property) = split_property(inner, step);
    let at = inner.iter().position(|(known, _)| known == name)?;
    let aggregation = &inner.get(at)?.1;
    match (partials.get_mut(at)?, rest) {
        (Partial::Fixed(buckets), Some(rest)) => {
            metric(&aggregation.aggregations, &mut buckets.first_mut()?.inner, rest)
        }
        (Partial::Fixed(buckets), None) => buckets.first().map(|bucket| count(bucket.doc_count)),
        (Partial::Count(value), _) => Some(count(*value)),
        (Partial::Distinct(distinct), _) => Some(count(distinct.count())),
        (Partial::Digest(digest), _) => {
            digest.compress();
            digest.quantile(property?.parse::<f64>().ok()? / 100.0)
        }
        (Partial::Stats(stats), _) => {
            let name = property.unwrap_or(match aggregation.kind {
                AggregationKind::Min(_) => "min",
                AggregationKind::Max(_) => "max",
                AggregationKind::Sum(_) => "sum",
                _ => "avg",
            });
            let any = |value| (stats.count > 0).then_some(value);
            match name {
                "min" => any(stats.min),
                "max" => any(stats.max),
                "sum" => Some(stats.sum()),
                "count" => Some(count(stats.count)),
                "sum_of_squares" => any(stats.sum_of_squares()),
                "variance" | "variance_population" => any(variances(stats).0),
                "variance_sampling" => any(variances(stats).1),
                "std_deviation" | "std_deviation_population" => any(variances(stats).0.sqrt()),
                "std_deviation_sampling" => any(variances(stats).1.sqrt()),
                _ => stats.mean(),
            }
        }
        (Partial::Keyed(_) | Partial::TopHits(_), _) => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "OpenSearch orders by doubles")]
fn count(value: u64) -> f64 {
    value as f64
}

fn split_property<'p>(inner: &Aggregations, step: &'p str) -> (&'p str, Option<&'p str>) {
    if inner.iter().any(|(name, _)| name == step) {
        return (step, None);
    }
    if let Some((name, property)) = step.split_once('[') {
        return (name, property.strip_suffix(']'));
    }
    step.split_once('.').map_or((step, None), |(name, property)| (name, Some(property)))
}

/// Refuses orders by aggregations that are not there.
///
/// # Errors
/// `aggregation_execution_exception`, `Invalid aggregator order path [x]. …`.
pub(super) fn check(inner: &Aggregations, order: &[TermsOrder]) -> Result<(), Exception> {
    for TermsOrder { by, .. } in order {
        if matches!(by.as_str(), "_count" | "_key" | "_term") {
            continue;
        }
        let first = by.split('>').next().unwrap_or(by);
        let (name, _) = split_property(inner, first);
        if !inner.iter().any(|(known, _)| known == name) {
            let reason = format!(
                "Invalid aggregator order path [{by}]. The provided aggregation [{name}] either does not exist, or is a \
                 pipeline aggregation and cannot be used to sort the buckets."
            );
            return Err(Exception::new("aggregation_execution_exception", reason));
        }
    }
    Ok(())
}
