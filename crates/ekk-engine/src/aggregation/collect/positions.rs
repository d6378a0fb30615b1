//! Buckets by position: ranges, filters, documents without a value, and all documents.

use std::net::Ipv6Addr;

use tantivy::{BitSet, DocId, DocSet, TERMINATED, columnar::Column, query::EnableScoring};

use super::{Block, Collector, Collectors};
use crate::{
    aggregation::partial::{Partial, PartialBucket},
    mapping::Field,
    query::clause::Clause,
    search::column::Values,
    segment::Segment,
};

/// Numbers from inclusive to exclusive, and the value of documents without one.
pub(super) fn ranges(
    segment: &Segment,
    field: Option<&Field>,
    (ranges, missing): (&[(f64, f64)], Option<f64>),
    inner: Collectors,
) -> tantivy::Result<Box<dyn Collector>> {
    let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    let test = Test::Ranges { values, ranges: ranges.to_vec(), missing };
    Ok(Box::new(Positions::new(ranges.len(), test, inner)))
}

/// Addresses from inclusive to exclusive.
pub(super) fn ip_ranges(
    segment: &Segment,
    field: Option<&Field>,
    ranges: &[(u128, u128)],
    inner: Collectors,
) -> tantivy::Result<Box<dyn Collector>> {
    let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    let column = if let Values::Ip(column) = values { Some(column) } else { None };
    Ok(Box::new(Positions::new(ranges.len(), Test::IpRanges { column, ranges: ranges.to_vec() }, inner)))
}

/// Documents of each filter, then those of none.
pub(super) fn filters(
    segment: &Segment,
    filters: &[Clause],
    other: bool,
    inner: Collectors,
) -> tantivy::Result<Box<dyn Collector>> {
    let filters = filters.iter().map(|filter| documents(segment, filter)).collect::<tantivy::Result<Vec<_>>>()?;
    let count = filters.len() + usize::from(other);
    Ok(Box::new(Positions::new(count, Test::Filters { filters, other }, inner)))
}

/// Documents without a value.
pub(super) fn missing(
    segment: &Segment,
    field: Option<&Field>,
    inner: Collectors,
) -> tantivy::Result<Box<dyn Collector>> {
    let values = field.map_or(Ok(Values::Absent), |field| Values::open(segment, field))?;
    Ok(Box::new(Positions::new(1, Test::Missing(values), inner)))
}

/// All documents.
pub(super) fn all(inner: Collectors) -> Box<dyn Collector> {
    Box::new(Positions::new(1, Test::All, inner))
}

/// The documents of a segment that a clause matches; `None` stands for all.
fn documents(segment: &Segment, clause: &Clause) -> tantivy::Result<Option<BitSet>> {
    if matches!(clause, Clause::All) {
        return Ok(None);
    }
    let query = clause.for_segment(segment);
    let weight = query.weight(EnableScoring::disabled_from_searcher(segment.searcher()))?;
    let mut scorer = weight.scorer(segment.reader(), 1.0)?;
    let mut docs = BitSet::with_max_value(segment.reader().max_doc());
    while scorer.doc() != TERMINATED {
        docs.insert(scorer.doc());
        scorer.advance();
    }
    Ok(Some(docs))
}

enum Test {
    Ranges { values: Values, ranges: Vec<(f64, f64)>, missing: Option<f64> },
    IpRanges { column: Option<Column<Ipv6Addr>>, ranges: Vec<(u128, u128)> },
    Filters { filters: Vec<Option<BitSet>>, other: bool },
    Missing(Values),
    All,
}

struct Positions {
    count: usize,
    test: Test,
    /// Documents of each position of each parent.
    counts: Vec<u64>,
    inner: Collectors,
    docs: Vec<DocId>,
    buckets: Vec<u32>,
    scores: Vec<f32>,
    matches: Vec<(usize, usize)>,
}

impl Positions {
    fn new(count: usize, test: Test, inner: Collectors) -> Self {
        Self {
            count,
            test,
            counts: Vec::new(),
            inner,
            docs: Vec::new(),
            buckets: Vec::new(),
            scores: Vec::new(),
            matches: Vec::new(),
        }
    }
}

impl Test {
    /// Finds which documents are at which positions.
    fn matches(&self, docs: &[DocId], found: &mut Vec<(usize, usize)>) {
        match self {
            Self::Ranges { values, ranges, missing } => {
                let mut first_unseen = 0;
                let place = |at: usize, value: f64, found: &mut Vec<(usize, usize)>| {
                    for (position, (from, to)) in ranges.iter().enumerate() {
                        if *from <= value && (value < *to || *to == f64::INFINITY) {
                            found.push((at, position));
                        }
                    }
                };
                values.doubles(docs, |at, value| {
                    if let Some(missing) = missing {
                        (first_unseen..at).for_each(|unseen| place(unseen, *missing, found));
                    }
                    first_unseen = at + 1;
                    place(at, value, found);
                });
                if let Some(missing) = missing {
                    (first_unseen..docs.len()).for_each(|unseen| place(unseen, *missing, found));
                }
            }
            Self::IpRanges { column: None, .. } => {}
            Self::IpRanges { column: Some(column), ranges } => {
                for (at, doc) in docs.iter().enumerate() {
                    for address in column.values_for_doc(*doc).map(u128::from) {
                        let within = |(from, to): &(u128, u128)| *from <= address && address < *to;
                        let positions = ranges.iter().enumerate().filter(|(_, range)| within(range));
                        found.extend(positions.map(|(position, _)| (at, position)));
                    }
                }
            }
            Self::Filters { filters, other } => {
                for (at, doc) in docs.iter().enumerate() {
                    let before = found.len();
                    let holds = |filter: &Option<BitSet>| filter.as_ref().is_none_or(|docs| docs.contains(*doc));
                    let positions = filters.iter().enumerate().filter(|(_, filter)| holds(filter));
                    found.extend(positions.map(|(position, _)| (at, position)));
                    if *other && found.len() == before {
                        found.push((at, filters.len()));
                    }
                }
            }
            Self::Missing(values) => {
                let without = docs.iter().enumerate().filter(|(_, doc)| values.count(**doc) == 0);
                found.extend(without.map(|(at, _)| (at, 0)));
            }
            Self::All => found.extend((0..docs.len()).map(|at| (at, 0))),
        }
        // Several values of one document in one range count once.
        found.sort_unstable();
        found.dedup();
    }
}

impl Collector for Positions {
    fn collect(&mut self, block: Block<'_>) -> tantivy::Result<()> {
        let Self { count, test, counts, inner, docs, buckets, scores, matches } = self;
        matches.clear();
        docs.clear();
        buckets.clear();
        scores.clear();
        test.matches(block.docs, matches);
        for (at, position) in matches.iter() {
            let parent = block.buckets.get(*at).copied().unwrap_or(0) as usize;
            let bucket = parent * *count + position;
            if counts.len() <= bucket {
                counts.resize((parent + 1) * *count, 0);
            }
            if let Some(count) = counts.get_mut(bucket) {
                *count += 1;
            }
            docs.extend(block.docs.get(*at));
            buckets.push(u32::try_from(bucket).unwrap_or(u32::MAX));
            scores.extend(block.scores.and_then(|scores| scores.get(*at)));
        }
        if inner.is_empty() || docs.is_empty() {
            return Ok(());
        }
        inner.collect(Block { docs, buckets, scores: block.scores.map(|_| scores.as_slice()) })
    }

    fn take(&mut self, bucket: u32) -> tantivy::Result<Partial> {
        let start = bucket as usize * self.count;
        let buckets = (start..start + self.count).map(|bucket| {
            let doc_count = self.counts.get(bucket).copied().unwrap_or(0);
            Ok(PartialBucket { doc_count, inner: self.inner.take(u32::try_from(bucket).unwrap_or(u32::MAX))? })
        });
        Ok(Partial::Fixed(buckets.collect::<tantivy::Result<_>>()?))
    }
}
