//! Buckets by key: terms and histograms.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use tantivy::DocId;

use super::{Block, Collector, Collectors, keys::Keys};
use crate::aggregation::{
    partial::{Key, Partial, PartialBucket},
    plan::TermFilter,
};

/// Most slots of a table of parents by ordinals, in place of a hash table.
const DENSE_SLOTS: usize = 1 << 20;

pub(super) fn terms(keys: Keys, inner: Collectors, all: Vec<Key>, filter: Arc<TermFilter>) -> Box<dyn Collector> {
    Box::new(Keyed::new(keys, inner, all, Some(filter)))
}

pub(super) fn histogram(keys: Keys, inner: Collectors) -> Box<dyn Collector> {
    Box::new(Keyed::new(keys, inner, Vec::new(), None))
}

struct Keyed {
    keys: Keys,
    table: Table,
    /// Documents of each bucket.
    counts: Vec<u64>,
    /// Buckets of each parent, with their keys.
    children: Vec<Vec<(u64, u32)>>,
    inner: Collectors,
    /// What is passed on to the inner collectors.
    docs: Vec<DocId>,
    buckets: Vec<u32>,
    scores: Vec<f32>,
    /// Keys that get a bucket although no document has them.
    all: Vec<Key>,
    filter: Option<Arc<TermFilter>>,
}

impl Keyed {
    fn new(keys: Keys, inner: Collectors, all: Vec<Key>, filter: Option<Arc<TermFilter>>) -> Self {
        let table = Table::new(keys.ordinals());
        Self {
            keys,
            table,
            counts: Vec::new(),
            children: Vec::new(),
            inner,
            docs: Vec::new(),
            buckets: Vec::new(),
            scores: Vec::new(),
            all,
            filter,
        }
    }
}

impl Collector for Keyed {
    fn collect(&mut self, block: Block<'_>) -> tantivy::Result<()> {
        let Self { keys, table, counts, children, inner, docs, buckets, scores, .. } = self;
        let passes_on = !inner.is_empty();
        docs.clear();
        buckets.clear();
        scores.clear();
        keys.each(block.docs, |at, key| {
            let parent = block.buckets.get(at).copied().unwrap_or(0);
            let bucket = table.bucket(parent, key, || {
                let bucket = u32::try_from(counts.len()).unwrap_or(u32::MAX);
                counts.push(0);
                if children.len() <= parent as usize {
                    children.resize_with(parent as usize + 1, Vec::new);
                }
                if let Some(children) = children.get_mut(parent as usize) {
                    children.push((key, bucket));
                }
                bucket
            });
            if let Some(count) = counts.get_mut(bucket as usize) {
                *count += 1;
            }
            if passes_on {
                docs.extend(block.docs.get(at));
                buckets.push(bucket);
                scores.extend(block.scores.and_then(|scores| scores.get(at)));
            }
        });
        if passes_on && !docs.is_empty() {
            inner.collect(Block { docs, buckets, scores: block.scores.map(|_| scores.as_slice()) })?;
        }
        Ok(())
    }

    fn take(&mut self, bucket: u32) -> tantivy::Result<Partial> {
        let mut children = self.children.get_mut(bucket as usize).map(std::mem::take).unwrap_or_default();
        children.sort_unstable();
        let keys: Vec<u64> = children.iter().map(|(key, _)| *key).collect();
        let keys = self.keys.keys(&keys)?;
        let mut found: Vec<(Key, PartialBucket)> = Vec::with_capacity(children.len());
        for ((_, child), key) in children.into_iter().zip(keys) {
            let Some(key) = key else { continue };
            if self.filter.as_ref().is_some_and(|filter| !filter.takes(&key)) {
                continue;
            }
            let doc_count = self.counts.get(child as usize).copied().unwrap_or(0);
            found.push((key, PartialBucket { doc_count, inner: self.inner.take(child)? }));
        }
        let all = self.all.iter().filter(|key| self.filter.as_ref().is_none_or(|filter| filter.takes(key)));
        found.extend(all.map(|key| (key.clone(), PartialBucket::default())));
        found.sort_by(|(left, _), (right, _)| left.cmp(right));
        // A missing value that is also a real one, and terms that are listed in any case.
        found.dedup_by(|(later, bucket), (key, kept)| {
            let same = later == key;
            if same {
                kept.merge(std::mem::take(bucket));
            }
            same
        });
        Ok(Partial::Keyed(found))
    }
}

/// Which bucket a key of a parent is.
struct Table {
    /// The key asked for last, with its bucket: neighbours often share one.
    last: Option<(u32, u64, u32)>,
    /// Ordinals of a parent, when keys are ordinals and few.
    ordinals: usize,
    /// By parent and ordinal; 0 stands for none, else it is the bucket and 1.
    dense: Vec<u32>,
    sparse: HashMap<(u32, u64), u32, BuildHasherDefault<KeyHasher>>,
}

impl Table {
    fn new(ordinals: Option<usize>) -> Self {
        Self { last: None, ordinals: ordinals.unwrap_or(0), dense: Vec::new(), sparse: HashMap::default() }
    }

    fn bucket(&mut self, parent: u32, key: u64, make: impl FnOnce() -> u32) -> u32 {
        if let Some((last_parent, last_key, bucket)) = self.last
            && last_parent == parent
            && last_key == key
        {
            return bucket;
        }
        let bucket = match self.slot(parent, key) {
            Some(slot) => {
                if self.dense.len() <= slot {
                    self.dense.resize((slot + 1).next_multiple_of(self.ordinals), 0);
                }
                match self.dense.get_mut(slot) {
                    Some(found) if *found > 0 => *found - 1,
                    Some(empty) => {
                        let bucket = make();
                        *empty = bucket + 1;
                        bucket
                    }
                    None => make(),
                }
            }
            None => *self.sparse.entry((parent, key)).or_insert_with(make),
        };
        self.last = Some((parent, key, bucket));
        bucket
    }

    fn slot(&self, parent: u32, key: u64) -> Option<usize> {
        let ordinal = usize::try_from(key).ok().filter(|ordinal| *ordinal < self.ordinals)?;
        let slot = (parent as usize).checked_mul(self.ordinals)?.checked_add(ordinal)?;
        (slot < DENSE_SLOTS).then_some(slot)
    }
}

/// A quick hash of a few integers.
#[derive(Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(26) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
