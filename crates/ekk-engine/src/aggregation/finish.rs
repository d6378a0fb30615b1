//! From what was found to what is printed: order, sizes, empty buckets, texts of keys.

mod histogram;
mod metric;
mod order;
mod ranges;
mod terms;

use std::cell::Cell;

use jiff::Timestamp;

use super::{
    Aggregation, AggregationKind, AggregationResult, AggregationResults, Aggregations, FilterBucket, MetricField,
    NamedFilters, SingleKind, TopHits, TopHitsAggregation,
    partial::{Partial, PartialBucket, PartialTopHits},
    plan,
};
use crate::{
    error::Exception,
    index::Snapshot,
    mapping::Field,
    query::resolve::Resolver,
    search::{Hit, Relation, SearchError, SearchRequest, SortKey, TotalHits, top::Candidate},
};

/// Reads the hits of a `top_hits` aggregation.
pub(crate) type Fetch<'f> = dyn Fn(&SearchRequest, Vec<Candidate>) -> Result<Vec<Hit>, SearchError> + 'f;

/// What finishing needs beside the partials.
pub(crate) struct Finish<'f> {
    pub(crate) snapshots: &'f [Snapshot],
    pub(crate) now: Timestamp,
    pub(crate) max_buckets: usize,
    pub(crate) fetch: &'f Fetch<'f>,
    /// Buckets made so far.
    pub(crate) buckets: Cell<usize>,
}

impl Finish<'_> {
    /// The results of aggregations from their partials; missing ones are those of no documents.
    ///
    /// # Errors
    /// Too many buckets, or hits that cannot be read.
    pub(crate) fn all(
        &self,
        aggregations: &Aggregations,
        partials: Vec<Partial>,
    ) -> Result<AggregationResults, SearchError> {
        let mut partials = partials.into_iter();
        let results =
            aggregations.iter().map(|(name, aggregation)| Ok((name.clone(), self.one(aggregation, partials.next())?)));
        results.collect()
    }

    fn one(&self, aggregation: &Aggregation, partial: Option<Partial>) -> Result<AggregationResult, SearchError> {
        let inner = &aggregation.aggregations;
        match &aggregation.kind {
            AggregationKind::Terms(terms) => self.terms(terms, inner, partial),
            AggregationKind::DateHistogram(histogram) => self.date_histogram(histogram, inner, partial),
            AggregationKind::Histogram(histogram) => self.histogram(histogram, inner, partial),
            AggregationKind::Range(range) => self.range(range, inner, fixed(partial, range.ranges.len())),
            AggregationKind::DateRange(range) => self.date_range(range, inner, fixed(partial, range.ranges.len())),
            AggregationKind::IpRange(range) => self.ip_range(range, inner, fixed(partial, range.ranges.len())),
            AggregationKind::Filter(_) => self.single(SingleKind::Filter, inner, partial),
            AggregationKind::Missing { .. } => self.single(SingleKind::Missing, inner, partial),
            AggregationKind::Global => self.single(SingleKind::Global, inner, partial),
            AggregationKind::Filters(filters) => {
                let other = filters.other_bucket_key.clone().unwrap_or_else(|| "_other_".to_owned());
                let keys: Option<Vec<String>> = match &filters.filters {
                    NamedFilters::Anonymous(_) => None,
                    NamedFilters::Keyed(keyed) => {
                        let named = plan::sorted(keyed).into_iter().map(|(key, _)| key.to_owned());
                        Some(named.chain(std::iter::once(other)).collect())
                    }
                };
                self.filters(keys, inner, fixed(partial, plan::filter_count(filters)))
            }
            AggregationKind::TopHits(hits) => self.top_hits(hits, partial),
            metric => Ok(self.metric(metric, partial)),
        }
    }

    fn single(
        &self,
        kind: SingleKind,
        inner: &Aggregations,
        partial: Option<Partial>,
    ) -> Result<AggregationResult, SearchError> {
        let bucket = fixed(partial, 1).pop().unwrap_or_default();
        self.count_buckets(1)?;
        let aggregations = self.all(inner, bucket.inner)?;
        Ok(AggregationResult::Single { kind, doc_count: bucket.doc_count, aggregations })
    }

    fn filters(
        &self,
        keys: Option<Vec<String>>,
        inner: &Aggregations,
        found: Vec<PartialBucket>,
    ) -> Result<AggregationResult, SearchError> {
        self.count_buckets(found.len())?;
        let keyed = keys.is_some();
        let mut keys = keys.unwrap_or_default().into_iter();
        let buckets = found.into_iter().map(|bucket| {
            let aggregations = self.all(inner, bucket.inner)?;
            Ok(FilterBucket { key: keys.next(), doc_count: bucket.doc_count, aggregations })
        });
        Ok(AggregationResult::Filters { keyed, buckets: buckets.collect::<Result<_, SearchError>>()? })
    }

    fn top_hits(&self, hits: &TopHitsAggregation, partial: Option<Partial>) -> Result<AggregationResult, SearchError> {
        let found = match partial {
            Some(Partial::TopHits(found)) => found,
            _ => PartialTopHits::default(),
        };
        let by_score =
            hits.request.sort.is_empty() || hits.request.sort.iter().any(|key| matches!(key, SortKey::Score { .. }));
        let max_score = found.max_score.filter(|_| by_score || hits.request.track_scores);
        let total = TotalHits { value: found.total, relation: Relation::Eq };
        let hits = (self.fetch)(&hits.request, found.candidates)?;
        Ok(AggregationResult::TopHits(TopHits { total, max_score, hits }))
    }

    /// Counts buckets that go into the answer.
    fn count_buckets(&self, count: usize) -> Result<(), SearchError> {
        let found = self.buckets.get().saturating_add(count);
        self.buckets.set(found);
        if found > self.max_buckets {
            return Err(SearchError::TooManyBuckets { max: self.max_buckets, found });
        }
        Ok(())
    }

    /// The field in the first index that maps it.
    fn field(&self, path: &str) -> Option<&Field> {
        self.snapshots.iter().find_map(|snapshot| snapshot.mapping.field(path))
    }

    fn metric_field(&self, metric: &MetricField) -> Option<&Field> {
        self.field(&metric.field)
    }

    /// Names in requests are read in the first index, where they were read once already.
    fn resolver(&self) -> Option<Resolver<'_>> {
        self.snapshots.first().map(|snapshot| Resolver { snapshot, now: self.now, scoring: false })
    }
}

fn fixed(partial: Option<Partial>, count: usize) -> Vec<PartialBucket> {
    match partial {
        Some(Partial::Fixed(buckets)) => buckets,
        _ => vec![PartialBucket::default(); count],
    }
}

/// An exception of the request itself.
fn refused(exception: Exception) -> SearchError {
    SearchError::Request(exception)
}
