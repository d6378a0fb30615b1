//! Metrics: one state a bucket.

use std::{collections::HashSet, hash::BuildHasherDefault, sync::Arc};

use super::{
    Block, Collector,
    keyed::KeyHasher,
    keys::{Keys, MISSING},
};
use crate::{
    aggregation::{
        distinct::{Distinct, hash},
        partial::{Partial, PartialStats, PartialTopHits},
        tdigest::TDigest,
    },
    mapping::Field,
    search::{DocAddress, column::Values, sort::SegmentKeys, top::TopDocs},
    segment::Segment,
};

pub(super) fn stats(
    segment: &Segment,
    field: Option<&Field>,
    missing: Option<f64>,
) -> tantivy::Result<Box<dyn Collector>> {
    Ok(Box::new(Doubles { numbers: Numbers::open(segment, field, missing)?, states: PerBucket::<PartialStats>::new() }))
}

pub(super) fn digest(
    segment: &Segment,
    field: Option<&Field>,
    missing: Option<f64>,
    compression: f64,
) -> tantivy::Result<Box<dyn Collector>> {
    let states = PerBucket { states: Vec::new(), new: move || TDigest::new(compression) };
    Ok(Box::new(Doubles { numbers: Numbers::open(segment, field, missing)?, states }))
}

pub(super) fn count(segment: &Segment, field: Option<&Field>, missing: bool) -> tantivy::Result<Box<dyn Collector>> {
    let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    Ok(Box::new(Count { values, missing, counts: Vec::new() }))
}

pub(super) fn distinct(keys: Keys, threshold: usize) -> Box<dyn Collector> {
    Box::new(DistinctKeys { keys, threshold, seen: Vec::new() })
}

pub(super) fn top_hits(keys: Arc<SegmentKeys>, segment: DocAddress, limit: usize) -> Box<dyn Collector> {
    Box::new(TopHits { keys, segment, limit, buckets: Vec::new() })
}

/// A field's values as doubles, and the value of documents without one.
struct Numbers {
    values: Values,
    missing: Option<f64>,
}

impl Numbers {
    fn open(segment: &Segment, field: Option<&Field>, missing: Option<f64>) -> tantivy::Result<Self> {
        let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
        Ok(Self { values, missing })
    }

    fn each(&self, block: Block<'_>, mut each: impl FnMut(u32, f64)) {
        let bucket = |at: usize| block.buckets.get(at).copied().unwrap_or(0);
        let mut unseen = 0;
        self.values.doubles(block.docs, |at, value| {
            if let Some(missing) = self.missing {
                (unseen..at).for_each(|at| each(bucket(at), missing));
            }
            unseen = at + 1;
            each(bucket(at), value);
        });
        if let Some(missing) = self.missing {
            (unseen..block.docs.len()).for_each(|at| each(bucket(at), missing));
        }
    }
}

/// States by bucket, made when first needed.
struct PerBucket<S, N = fn() -> S> {
    states: Vec<S>,
    new: N,
}

impl<S: Default> PerBucket<S> {
    fn new() -> Self {
        Self { states: Vec::new(), new: S::default }
    }
}

impl<S, N: Fn() -> S> PerBucket<S, N> {
    fn of(&mut self, bucket: u32) -> Option<&mut S> {
        let bucket = bucket as usize;
        if self.states.len() <= bucket {
            self.states.resize_with(bucket + 1, &self.new);
        }
        self.states.get_mut(bucket)
    }

    fn take(&mut self, bucket: u32) -> S {
        let new = (self.new)();
        self.states.get_mut(bucket as usize).map_or_else(&self.new, |state| std::mem::replace(state, new))
    }
}

/// What doubles are added to.
trait Sink {
    fn add(&mut self, value: f64);
    fn into_partial(self) -> Partial;
}

impl Sink for PartialStats {
    fn add(&mut self, value: f64) {
        Self::add(self, value);
    }

    fn into_partial(self) -> Partial {
        Partial::Stats(self)
    }
}

impl Sink for TDigest {
    fn add(&mut self, value: f64) {
        Self::add(self, value);
    }

    fn into_partial(self) -> Partial {
        Partial::Digest(Box::new(self))
    }
}

struct Doubles<S, N> {
    numbers: Numbers,
    states: PerBucket<S, N>,
}

impl<S: Sink, N: Fn() -> S> Collector for Doubles<S, N> {
    fn collect(&mut self, block: Block<'_>) -> tantivy::Result<()> {
        let states = &mut self.states;
        self.numbers.each(block, |bucket, value| {
            if let Some(state) = states.of(bucket) {
                state.add(value);
            }
        });
        Ok(())
    }

    fn take(&mut self, bucket: u32) -> tantivy::Result<Partial> {
        Ok(self.states.take(bucket).into_partial())
    }
}

struct Count {
    values: Values,
    missing: bool,
    counts: Vec<u64>,
}

impl Collector for Count {
    fn collect(&mut self, block: Block<'_>) -> tantivy::Result<()> {
        for (doc, bucket) in block.docs.iter().zip(block.buckets) {
            let values = match self.values.count(*doc) {
                0 if self.missing => 1,
                values => values,
            };
            let bucket = *bucket as usize;
            if self.counts.len() <= bucket {
                self.counts.resize(bucket + 1, 0);
            }
            if let Some(count) = self.counts.get_mut(bucket) {
                *count += values as u64;
            }
        }
        Ok(())
    }

    fn take(&mut self, bucket: u32) -> tantivy::Result<Partial> {
        Ok(Partial::Count(self.counts.get(bucket as usize).copied().unwrap_or(0)))
    }
}

struct DistinctKeys {
    keys: Keys,
    threshold: usize,
    /// Keys of each bucket, as the segment has them.
    seen: Vec<Seen>,
}

/// A set of keys.
enum Seen {
    /// By ordinal.
    Ordinals {
        bits: Vec<u64>,
        beyond: Vec<u64>,
    },
    Keys(HashSet<u64, BuildHasherDefault<KeyHasher>>),
}

impl Seen {
    fn new(ordinals: Option<usize>) -> Self {
        match ordinals {
            Some(_) => Self::Ordinals { bits: Vec::new(), beyond: Vec::new() },
            None => Self::Keys(HashSet::default()),
        }
    }

    fn insert(&mut self, key: u64) {
        match self {
            Self::Keys(keys) => {
                keys.insert(key);
            }
            // What stands for a missing value is no ordinal.
            Self::Ordinals { beyond, .. } if key == MISSING => {
                if beyond.is_empty() {
                    beyond.push(key);
                }
            }
            Self::Ordinals { bits, .. } => {
                let word = usize::try_from(key / 64).unwrap_or(usize::MAX - 1);
                if bits.len() <= word {
                    bits.resize(word + 1, 0);
                }
                if let Some(word) = bits.get_mut(word) {
                    *word |= 1 << (key % 64);
                }
            }
        }
    }

    fn into_sorted(self) -> Vec<u64> {
        match self {
            Self::Keys(keys) => {
                let mut keys: Vec<u64> = keys.into_iter().collect();
                keys.sort_unstable();
                keys
            }
            Self::Ordinals { bits, beyond } => {
                let set = |(at, word): (usize, u64)| {
                    (0..64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| at as u64 * 64 + bit)
                };
                bits.into_iter().enumerate().flat_map(set).chain(beyond).collect()
            }
        }
    }
}

impl Collector for DistinctKeys {
    fn collect(&mut self, block: Block<'_>) -> tantivy::Result<()> {
        let (seen, ordinals) = (&mut self.seen, self.keys.ordinals());
        self.keys.each(block.docs, |at, key| {
            let bucket = block.buckets.get(at).copied().unwrap_or(0) as usize;
            if seen.len() <= bucket {
                seen.resize_with(bucket + 1, || Seen::new(ordinals));
            }
            if let Some(seen) = seen.get_mut(bucket) {
                seen.insert(key);
            }
        });
        Ok(())
    }

    fn take(&mut self, bucket: u32) -> tantivy::Result<Partial> {
        let empty = Seen::new(None);
        let seen = self.seen.get_mut(bucket as usize).map_or(Seen::new(None), |seen| std::mem::replace(seen, empty));
        let mut distinct = Distinct::new(self.threshold);
        for key in self.keys.keys(&seen.into_sorted())?.into_iter().flatten() {
            distinct.add(hash(key));
        }
        Ok(Partial::Distinct(distinct))
    }
}

struct TopHits {
    keys: Arc<SegmentKeys>,
    segment: DocAddress,
    limit: usize,
    buckets: Vec<Option<BucketHits>>,
}

struct BucketHits {
    top: TopDocs,
    total: u64,
    max_score: Option<f32>,
}

impl Collector for TopHits {
    fn collect(&mut self, block: Block<'_>) -> tantivy::Result<()> {
        for (at, (doc, bucket)) in block.docs.iter().zip(block.buckets).enumerate() {
            let bucket = *bucket as usize;
            if self.buckets.len() <= bucket {
                self.buckets.resize_with(bucket + 1, || None);
            }
            let Some(slot) = self.buckets.get_mut(bucket) else { continue };
            let hits = if let Some(hits) = slot {
                hits
            } else {
                let top = TopDocs::new(Arc::clone(&self.keys), self.limit, None)?;
                slot.insert(BucketHits { top, total: 0, max_score: None })
            };
            let score = block.scores.and_then(|scores| scores.get(at)).copied();
            hits.total += 1;
            hits.max_score = match (hits.max_score, score) {
                (Some(best), Some(score)) => Some(best.max(score)),
                (best, score) => best.or(score),
            };
            hits.top.collect(std::slice::from_ref(doc), score.as_ref().map(std::slice::from_ref));
        }
        Ok(())
    }

    fn take(&mut self, bucket: u32) -> tantivy::Result<Partial> {
        let hits = self.buckets.get_mut(bucket as usize).and_then(Option::take);
        Ok(Partial::TopHits(match hits {
            None => PartialTopHits::default(),
            Some(hits) => PartialTopHits {
                total: hits.total,
                max_score: hits.max_score,
                candidates: hits.top.into_candidates(self.segment)?,
            },
        }))
    }
}
