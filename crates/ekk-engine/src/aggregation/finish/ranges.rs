//! Results of ranges: keys made of the ends, buckets by their ends.

use jiff::tz::TimeZone;

use super::{Finish, refused};
use crate::{
    aggregation::{
        AggregationResult, Aggregations, DateRangeAggregation, IpRange, IpRangeAggregation, RangeAggregation,
        RangeBucket, RangeEnd, RangeKind,
        partial::PartialBucket,
        plan::{date_range_ends, format_of, ip_range, zone_of},
    },
    query::resolve::{java_double, print_address},
    search::SearchError,
};

/// A bucket with what it is sorted by.
type Sortable = ((f64, f64), RangeBucket);

impl Finish<'_> {
    pub(super) fn range(
        &self,
        range: &RangeAggregation,
        inner: &Aggregations,
        found: Vec<PartialBucket>,
    ) -> Result<AggregationResult, SearchError> {
        let mut buckets = Vec::new();
        for (range, bucket) in range.ranges.iter().zip(found) {
            let text = |end: Option<f64>| end.map_or("*".to_owned(), java_double);
            let key = range.key.clone().unwrap_or_else(|| format!("{}-{}", text(range.from), text(range.to)));
            let (from, to) = (range.from.map(RangeEnd::Number), range.to.map(RangeEnd::Number));
            buckets.push((ends(range.from, range.to), self.range_bucket((key, from, to), inner, bucket)?));
        }
        Ok(AggregationResult::Range { kind: RangeKind::Numeric, keyed: range.keyed, buckets: by_ends(buckets) })
    }

    pub(super) fn date_range(
        &self,
        range: &DateRangeAggregation,
        inner: &Aggregations,
        found: Vec<PartialBucket>,
    ) -> Result<AggregationResult, SearchError> {
        let field = self.field(&range.field);
        let zone = zone_of(range.time_zone.as_deref()).map_err(refused)?;
        let format = format_of(field, range.format.as_deref()).map_err(refused)?;
        let resolved = match self.resolver() {
            Some(resolver) => date_range_ends(&resolver, range, field).map_err(refused)?,
            None => vec![(None, None); range.ranges.len()],
        };
        let end = |end: Option<f64>| {
            end.map(|millis| RangeEnd::Date { millis, as_string: date_text(&format, millis, &zone) })
        };
        let text = |end: Option<f64>| end.map_or("*".to_owned(), |millis| date_text(&format, millis, &zone));
        let mut buckets = Vec::new();
        for ((range, (from, to)), bucket) in range.ranges.iter().zip(resolved).zip(found) {
            let key = range.key.clone().unwrap_or_else(|| format!("{}-{}", text(from), text(to)));
            buckets.push((ends(from, to), self.range_bucket((key, end(from), end(to)), inner, bucket)?));
        }
        Ok(AggregationResult::Range { kind: RangeKind::Date, keyed: range.keyed, buckets: by_ends(buckets) })
    }

    pub(super) fn ip_range(
        &self,
        range: &IpRangeAggregation,
        inner: &Aggregations,
        found: Vec<PartialBucket>,
    ) -> Result<AggregationResult, SearchError> {
        let mut buckets = Vec::new();
        for (range, bucket) in range.ranges.iter().zip(found) {
            let sort = ip_range(range).map_err(refused)?;
            let print = |address: u128| print_address(address.into());
            let (key, from, to) = match range {
                IpRange::Mask { key, mask } => {
                    (key.clone().unwrap_or_else(|| mask.clone()), Some(print(sort.0)), Some(print(sort.1)))
                }
                IpRange::FromTo(range) => {
                    let text = |end: &Option<String>| end.clone().unwrap_or_else(|| "*".to_owned());
                    let made = format!("{}-{}", text(&range.from), text(&range.to));
                    (range.key.clone().unwrap_or(made), range.from.clone(), range.to.clone())
                }
            };
            let (from, to) = (from.map(RangeEnd::Ip), to.map(RangeEnd::Ip));
            buckets.push((sort, self.range_bucket((key, from, to), inner, bucket)?));
        }
        buckets.sort_by_key(|(ends, _)| *ends);
        let buckets = buckets.into_iter().map(|(_, bucket)| bucket).collect();
        Ok(AggregationResult::Range { kind: RangeKind::Ip, keyed: range.keyed, buckets })
    }

    fn range_bucket(
        &self,
        (key, from, to): (String, Option<RangeEnd>, Option<RangeEnd>),
        inner: &Aggregations,
        found: PartialBucket,
    ) -> Result<RangeBucket, SearchError> {
        self.count_buckets(1)?;
        Ok(RangeBucket { key, from, to, doc_count: found.doc_count, aggregations: self.all(inner, found.inner)? })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn date_text(format: &crate::mapping::DateFormat, millis: f64, zone: &TimeZone) -> String {
    format.print(millis as i64, zone)
}

fn ends(from: Option<f64>, to: Option<f64>) -> (f64, f64) {
    (from.unwrap_or(f64::NEG_INFINITY), to.unwrap_or(f64::INFINITY))
}

fn by_ends(mut buckets: Vec<Sortable>) -> Vec<RangeBucket> {
    buckets.sort_by(|(left, _), (right, _)| left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1)));
    buckets.into_iter().map(|(_, bucket)| bucket).collect()
}
