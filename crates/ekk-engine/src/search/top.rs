//! The best documents: a bounded heap within a segment, and the merge of what segments and indices found.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use tantivy::DocId;

use super::{
    DocAddress, SortValue,
    sort::{KeyComparison, PlannedKey, SegmentKeys, compare},
};

/// Fewest documents kept before the worse ones go.
const MIN_KEPT: usize = 64;

/// A document on its way into the answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) address: DocAddress,
    pub(crate) score: f32,
    pub(crate) values: Vec<SortValue>,
}

/// How candidates of different segments compare.
#[derive(Debug, Clone)]
pub(crate) struct Comparison(Arc<[KeyComparison]>);

impl Comparison {
    pub(crate) fn new(plan: &[PlannedKey<'_>]) -> Self {
        Self(plan.iter().map(KeyComparison::of).collect())
    }

    /// Which of two candidates comes first; documents that came first do when the keys are equal.
    pub(crate) fn compare(&self, left: &Candidate, right: &Candidate) -> Ordering {
        let keys = self.0.iter().zip(left.values.iter().zip(&right.values));
        keys.map(|(key, (left, right))| compare(left, right, *key))
            .find(|ordering| ordering.is_ne())
            .unwrap_or_else(|| left.address.cmp(&right.address))
    }
}

/// The best documents of one segment.
///
/// Documents that may be among the best are kept until there are twice as many as asked for; then the worse half goes, and
/// the best that went is what others must beat. That costs the same whatever the order of the documents is.
#[derive(Debug)]
pub(crate) struct TopDocs {
    keys: Arc<SegmentKeys>,
    limit: usize,
    kept: Vec<Entry>,
    /// The first key that no document may be above any more.
    bound: Option<u128>,
    after: Option<After>,
    scratch: Vec<u128>,
}

#[derive(Debug)]
struct After {
    keys: Vec<u128>,
    /// With equal keys, only documents above this one; none when `None`.
    doc: Option<DocId>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    first: u128,
    rest: Box<[u128]>,
    doc: DocId,
    /// Bits of the score; not compared, as the document before it differs.
    score: u32,
}

/// What was said to come before the page: values, and with equal ones the document.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) values: Vec<SortValue>,
    pub(crate) address: Option<DocAddress>,
}

impl TopDocs {
    /// Keeps the best `limit` documents after `start`.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn new(
        keys: Arc<SegmentKeys>,
        limit: usize,
        start: Option<(&Start, DocAddress)>,
    ) -> std::io::Result<Self> {
        let after = match start {
            None => None,
            Some((start, segment)) => {
                // Documents of segments before the one it names come first, those of later ones after it.
                let doc = start.address.and_then(|address| {
                    match (segment.snapshot, segment.segment).cmp(&(address.snapshot, address.segment)) {
                        Ordering::Less => None,
                        Ordering::Equal => Some(address.doc),
                        Ordering::Greater => Some(DocId::MAX),
                    }
                });
                Some(After { keys: keys.position_of(&start.values)?, doc })
            }
        };
        Ok(Self { keys, limit, kept: Vec::new(), bound: None, after, scratch: Vec::new() })
    }

    /// Looks at documents, in their order.
    pub(crate) fn collect(&mut self, docs: &[DocId], scores: Option<&[f32]>) {
        if self.limit == 0 {
            return;
        }
        let mut firsts = std::mem::take(&mut self.scratch);
        self.keys.first(docs, scores, &mut firsts);
        for (at, (&doc, &first)) in docs.iter().zip(&firsts).enumerate() {
            if self.bound.is_some_and(|bound| first > bound || (first == bound && self.keys.is_single())) {
                continue;
            }
            let score = scores.and_then(|scores| scores.get(at)).copied().unwrap_or(0.0);
            let rest = self.keys.rest(doc, score);
            if !self.comes_after(first, &rest, doc) {
                continue;
            }
            self.kept.push(Entry { first, rest, doc, score: score.to_bits() });
            if self.kept.len() >= self.limit.saturating_mul(2).max(MIN_KEPT) {
                self.drop_worse();
            }
        }
        self.scratch = firsts;
    }

    fn drop_worse(&mut self) {
        if self.kept.len() <= self.limit {
            return;
        }
        self.kept.select_nth_unstable(self.limit - 1);
        self.kept.truncate(self.limit);
        self.bound = self.kept.last().map(|worst| worst.first);
    }

    fn comes_after(&self, first: u128, rest: &[u128], doc: DocId) -> bool {
        let Some(after) = &self.after else { return true };
        let keys = std::iter::once(&first).chain(rest);
        match keys.cmp(after.keys.iter()) {
            Ordering::Greater => true,
            Ordering::Less => false,
            // After the named document: later ones of its segment, and all of later segments.
            Ordering::Equal => match after.doc {
                None => false,
                Some(DocId::MAX) => true,
                Some(named) => doc > named,
            },
        }
    }

    /// What was kept.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn into_candidates(mut self, segment: DocAddress) -> std::io::Result<Vec<Candidate>> {
        if self.limit > 0 {
            self.drop_worse();
        }
        let keys = self.keys;
        let entries = self.kept.into_iter().map(|entry| {
            Ok(Candidate {
                address: DocAddress { doc: entry.doc, ..segment },
                score: f32::from_bits(entry.score),
                values: keys.values(entry.first, &entry.rest)?,
            })
        });
        entries.collect()
    }
}

/// The best `limit` of all candidates, in order.
pub(crate) fn merge(mut candidates: Vec<Candidate>, comparison: &Comparison, limit: usize) -> Vec<Candidate> {
    if candidates.len() > limit && limit > 0 {
        candidates.select_nth_unstable_by(limit - 1, |left, right| comparison.compare(left, right));
    }
    candidates.truncate(limit);
    candidates.sort_unstable_by(|left, right| comparison.compare(left, right));
    candidates
}

/// The best candidate of each group, in order; `groups` are the candidates' collapse values.
pub(crate) fn collapse(
    candidates: Vec<(Candidate, SortValue)>,
    comparison: &Comparison,
) -> Vec<(Candidate, SortValue)> {
    let mut best: HashMap<String, (Candidate, SortValue)> = HashMap::new();
    for (candidate, group) in candidates {
        let key = format!("{group:?}");
        match best.get(&key) {
            Some((known, _)) if comparison.compare(known, &candidate).is_lt() => {}
            _ => {
                best.insert(key, (candidate, group));
            }
        }
    }
    let mut best: Vec<_> = best.into_values().collect();
    best.sort_unstable_by(|(left, _), (right, _)| comparison.compare(left, right));
    best
}
