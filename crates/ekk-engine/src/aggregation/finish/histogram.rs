//! Results of histograms: in order, the empty buckets between made.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{Finish, order, refused};
use crate::{
    aggregation::{
        AggregationResult, Aggregations, Bucket, BucketKey, DateHistogramAggregation, HardBounds, HistogramAggregation,
        HistogramKind, TermsOrder,
        partial::{Key, OrderedDouble, Partial, PartialBucket},
        plan::{format_of, number_bounds, zone_of},
        rounding::Rounding,
    },
    error::Exception,
    mapping::{DateFormat, date_format},
    query::{Scalar, date_math},
    search::SearchError,
};

impl Finish<'_> {
    pub(super) fn date_histogram(
        &self,
        histogram: &DateHistogramAggregation,
        inner: &Aggregations,
        partial: Option<Partial>,
    ) -> Result<AggregationResult, SearchError> {
        let field = self.field(&histogram.field);
        let zone = zone_of(histogram.time_zone.as_deref()).map_err(refused)?;
        let format = format_of(field, histogram.format.as_deref()).map_err(refused)?;
        let rounding = Rounding::new(histogram.interval, zone.clone(), histogram.offset_millis);
        let mut buckets: BTreeMap<i64, PartialBucket> = BTreeMap::new();
        for (key, bucket) in keyed(partial) {
            if let Key::Long(start) = key {
                buckets.insert(start, bucket);
            }
        }
        if histogram.min_doc_count == 0 {
            let (low, high) = self.date_bounds(histogram.extended_bounds.as_ref(), &format, &zone).map_err(refused)?;
            self.fill_dates(
                &mut buckets,
                &rounding,
                (low.map(|low| rounding.round(low)), high.map(|high| rounding.round(high))),
            )?;
        }
        buckets.retain(|_, bucket| bucket.doc_count >= histogram.min_doc_count);
        let found = buckets.into_iter().map(|(key, bucket)| (Key::Long(key), bucket)).collect();
        let print = |key: &Key| match key {
            Key::Long(start) => (BucketKey::Long(*start), Some(format.print(*start, &zone))),
            _ => (BucketKey::Long(0), None),
        };
        let buckets = self.histogram_buckets(found, inner, &histogram.order, print)?;
        Ok(AggregationResult::Histogram { kind: HistogramKind::Date, keyed: histogram.keyed, buckets })
    }

    pub(super) fn histogram(
        &self,
        histogram: &HistogramAggregation,
        inner: &Aggregations,
        partial: Option<Partial>,
    ) -> Result<AggregationResult, SearchError> {
        let mut buckets: BTreeMap<OrderedDouble, PartialBucket> = BTreeMap::new();
        for (key, bucket) in keyed(partial) {
            if let Key::Double(start) = key {
                buckets.insert(start, bucket);
            }
        }
        if histogram.min_doc_count == 0 {
            let (low, high) = number_bounds(histogram.extended_bounds.as_ref()).map_err(refused)?;
            self.fill_numbers(&mut buckets, histogram, (low, high))?;
        }
        buckets.retain(|_, bucket| bucket.doc_count >= histogram.min_doc_count);
        let found = buckets.into_iter().map(|(key, bucket)| (Key::Double(key), bucket)).collect();
        let print = |key: &Key| match key {
            Key::Double(start) => (BucketKey::Double(start.0), None),
            _ => (BucketKey::Double(0.0), None),
        };
        let buckets = self.histogram_buckets(found, inner, &histogram.order, print)?;
        Ok(AggregationResult::Histogram { kind: HistogramKind::Numeric, keyed: histogram.keyed, buckets })
    }

    fn histogram_buckets(
        &self,
        mut found: Vec<(Key, PartialBucket)>,
        inner: &Aggregations,
        by: &[TermsOrder],
        print: impl Fn(&Key) -> (BucketKey, Option<String>),
    ) -> Result<Vec<Bucket>, SearchError> {
        order::check(inner, by).map_err(refused)?;
        if !by.is_empty() {
            order::sort(&mut found, inner, by, usize::MAX);
        }
        self.count_buckets(found.len())?;
        let buckets = found.into_iter().map(|(key, bucket)| {
            let (key, key_as_string) = print(&key);
            let aggregations = self.all(inner, bucket.inner)?;
            Ok(Bucket { key, key_as_string, doc_count: bucket.doc_count, aggregations })
        });
        buckets.collect()
    }

    fn date_bounds(
        &self,
        bounds: Option<&HardBounds>,
        format: &DateFormat,
        zone: &TimeZone,
    ) -> Result<(Option<i64>, Option<i64>), Exception> {
        let end = |value: Option<&Scalar>| match value {
            None => Ok(None),
            Some(Scalar::Long(millis)) => Ok(Some(*millis)),
            Some(value) => {
                let rounding = date_format::Rounding::Down;
                date_math::resolve(&value.to_string(), format, zone, rounding, self.now).map(Some)
            }
        };
        let Some(bounds) = bounds else { return Ok((None, None)) };
        Ok((end(bounds.min.as_ref())?, end(bounds.max.as_ref())?))
    }

    fn fill_dates(
        &self,
        buckets: &mut BTreeMap<i64, PartialBucket>,
        rounding: &Rounding,
        (low, high): (Option<i64>, Option<i64>),
    ) -> Result<(), SearchError> {
        let first = [buckets.keys().next().copied(), low].into_iter().flatten().min();
        let last = [buckets.keys().next_back().copied(), high].into_iter().flatten().max();
        let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
        let room = self.max_buckets.saturating_sub(self.buckets.get());
        if let Some(length) = rounding.fixed_length() {
            let count = usize::try_from((last - first) / length).unwrap_or(usize::MAX).saturating_add(1);
            if count > room {
                return Err(SearchError::TooManyBuckets { max: self.max_buckets, found: self.buckets.get() + count });
            }
        }
        let (mut start, mut count) = (first, 0);
        while start <= last {
            count += 1;
            if count > room {
                return Err(SearchError::TooManyBuckets { max: self.max_buckets, found: self.buckets.get() + count });
            }
            buckets.entry(start).or_default();
            start = rounding.next(start);
        }
        Ok(())
    }

    fn fill_numbers(
        &self,
        buckets: &mut BTreeMap<OrderedDouble, PartialBucket>,
        histogram: &HistogramAggregation,
        (low, high): (Option<f64>, Option<f64>),
    ) -> Result<(), SearchError> {
        let position = |value: f64| ((value - histogram.offset) / histogram.interval).floor();
        let middle = |key: &OrderedDouble| position(key.0 + histogram.interval / 2.0);
        let first = [buckets.keys().next().map(middle), low.map(position)].into_iter().flatten().reduce(f64::min);
        let last = [buckets.keys().next_back().map(middle), high.map(position)].into_iter().flatten().reduce(f64::max);
        let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
        let count = (last - first + 1.0).max(0.0) as usize;
        if count > self.max_buckets.saturating_sub(self.buckets.get()) {
            return Err(SearchError::TooManyBuckets { max: self.max_buckets, found: self.buckets.get() + count });
        }
        for step in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            let key = (first + f64::from(step)) * histogram.interval + histogram.offset;
            buckets.entry(OrderedDouble(key)).or_default();
        }
        Ok(())
    }
}

fn keyed(partial: Option<Partial>) -> impl Iterator<Item = (Key, PartialBucket)> {
    let found = if let Some(Partial::Keyed(found)) = partial { Some(found) } else { None };
    found.into_iter().flatten()
}
