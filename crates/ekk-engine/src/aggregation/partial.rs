//! What a segment found of an aggregation, and how it joins with what others found.

use std::cmp::Ordering;

use super::{distinct::Distinct, tdigest::TDigest};
use crate::search::top::Candidate;

/// What one segment, or several joined, found of one aggregation.
#[derive(Debug, Clone)]
pub(crate) enum Partial {
    /// Buckets in the order of their keys, each once: terms and histograms.
    Keyed(Vec<(Key, PartialBucket)>),
    /// Buckets by position: ranges, filters and single ones.
    Fixed(Vec<PartialBucket>),
    Stats(PartialStats),
    Count(u64),
    Distinct(Distinct),
    Digest(Box<TDigest>),
    TopHits(PartialTopHits),
}

/// A bucket.
#[derive(Debug, Clone, Default)]
pub(crate) struct PartialBucket {
    pub(crate) doc_count: u64,
    /// One for each aggregation inside, or none when the bucket has no documents.
    pub(crate) inner: Vec<Partial>,
}

/// A key; keys of one field are all of one kind, or of different kinds when indices map the field differently.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Key {
    Long(i64),
    UnsignedLong(u64),
    Double(OrderedDouble),
    Bool(bool),
    Str(Box<str>),
    Ip(u128),
}

/// A double that compares and hashes by its order; `-0.0` is `0.0`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrderedDouble(pub(crate) f64);

impl OrderedDouble {
    fn normal(self) -> f64 {
        if self.0 == 0.0 { 0.0 } else { self.0 }
    }
}

impl PartialEq for OrderedDouble {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for OrderedDouble {}

impl PartialOrd for OrderedDouble {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OrderedDouble {
    fn cmp(&self, other: &Self) -> Ordering {
        self.normal().total_cmp(&other.normal())
    }
}

impl std::hash::Hash for OrderedDouble {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.normal().to_bits().hash(state);
    }
}

/// Count, extremes, and sums kept with their rounding error, as OpenSearch keeps them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartialStats {
    pub(crate) count: u64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    sum: CompensatedSum,
    squares: CompensatedSum,
}

impl Default for PartialStats {
    fn default() -> Self {
        Self {
            count: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sum: CompensatedSum::default(),
            squares: CompensatedSum::default(),
        }
    }
}

impl PartialStats {
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum.add(value);
        self.squares.add(value * value);
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum.merge(other.sum);
        self.squares.merge(other.squares);
    }

    pub(crate) fn sum(&self) -> f64 {
        self.sum.sum
    }

    pub(crate) fn sum_of_squares(&self) -> f64 {
        self.squares.sum
    }

    /// The mean, of at least one value.
    pub(crate) fn mean(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "OpenSearch divides doubles")]
        (self.count > 0).then(|| self.sum() / self.count as f64)
    }
}

/// Kahan's sum.
#[derive(Debug, Clone, Copy, Default)]
struct CompensatedSum {
    sum: f64,
    error: f64,
}

impl CompensatedSum {
    fn add(&mut self, value: f64) {
        if !value.is_finite() {
            self.sum += value;
            return;
        }
        let corrected = value + self.error;
        let sum = self.sum + corrected;
        self.error = corrected - (sum - self.sum);
        self.sum = sum;
    }

    fn merge(&mut self, other: Self) {
        self.add(other.sum);
        self.error += other.error;
    }
}

/// The best documents of a bucket.
#[derive(Debug, Clone, Default)]
pub(crate) struct PartialTopHits {
    pub(crate) total: u64,
    pub(crate) max_score: Option<f32>,
    /// In no order.
    pub(crate) candidates: Vec<Candidate>,
}

impl Partial {
    /// Joins what another segment found of the same aggregation.
    pub(crate) fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Keyed(buckets), Self::Keyed(others)) => {
                let own = std::mem::take(buckets);
                *buckets = merge_sorted(own, others);
            }
            (Self::Fixed(buckets), Self::Fixed(others)) => {
                buckets.iter_mut().zip(others).for_each(|(bucket, other)| bucket.merge(other));
            }
            (Self::Stats(stats), Self::Stats(other)) => stats.merge(other),
            (Self::Count(count), Self::Count(other)) => *count += other,
            (Self::Distinct(distinct), Self::Distinct(other)) => distinct.merge(other),
            (Self::Digest(digest), Self::Digest(other)) => digest.merge(*other),
            (Self::TopHits(hits), Self::TopHits(other)) => {
                hits.total += other.total;
                hits.max_score = match (hits.max_score, other.max_score) {
                    (Some(left), Some(right)) => Some(left.max(right)),
                    (left, right) => left.or(right),
                };
                hits.candidates.extend(other.candidates);
            }
            // One aggregation gives one kind of partial.
            (_, _) => {}
        }
    }
}

impl PartialBucket {
    pub(crate) fn merge(&mut self, other: Self) {
        self.doc_count += other.doc_count;
        merge_all(&mut self.inner, other.inner);
    }
}

/// Joins buckets that are in the order of their keys.
pub(super) fn merge_sorted(
    left: Vec<(Key, PartialBucket)>,
    right: Vec<(Key, PartialBucket)>,
) -> Vec<(Key, PartialBucket)> {
    if left.is_empty() {
        return right;
    }
    let mut merged = Vec::with_capacity(left.len().max(right.len()));
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        let ordering = match (left.peek(), right.peek()) {
            (None, _) => {
                merged.extend(right);
                return merged;
            }
            (_, None) => {
                merged.extend(left);
                return merged;
            }
            (Some((left, _)), Some((right, _))) => left.cmp(right),
        };
        match ordering {
            Ordering::Less => merged.extend(left.next()),
            Ordering::Greater => merged.extend(right.next()),
            Ordering::Equal => {
                if let (Some((key, mut bucket)), Some((_, other))) = (left.next(), right.next()) {
                    bucket.merge(other);
                    merged.push((key, bucket));
                }
            }
        }
    }
}

/// Joins partials of the same aggregations, position by position.
pub(crate) fn merge_all(partials: &mut Vec<Partial>, others: Vec<Partial>) {
    if partials.is_empty() {
        *partials = others;
        return;
    }
    partials.iter_mut().zip(others).for_each(|(partial, other)| partial.merge(other));
}
