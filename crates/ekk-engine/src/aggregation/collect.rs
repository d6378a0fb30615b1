//! Collectors: one segment's part of the aggregations, a block of documents at a time.
//!
//! A collector keeps the state of all buckets that hold it, numbered from 0, so that a block of documents of many buckets
//! passes through in one call. What it found is taken out bucket by bucket when the segment has ended; only then do
//! ordinals become terms.

mod keyed;
mod keys;
mod metric;
mod positions;

use std::sync::Arc;

use tantivy::DocId;

use super::{
    partial::Partial,
    plan::{Plan, PlanKind},
};
use crate::{
    search::{DocAddress, sort::SegmentKeys},
    segment::Segment,
};

/// Documents with the bucket each is in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block<'b> {
    pub(crate) docs: &'b [DocId],
    pub(crate) buckets: &'b [u32],
    /// Scores of the documents, when any aggregation needs them.
    pub(crate) scores: Option<&'b [f32]>,
}

/// One aggregation in one segment.
pub(crate) trait Collector {
    /// Takes documents, in their order.
    fn collect(&mut self, block: Block<'_>) -> tantivy::Result<()>;

    /// What was found for a bucket; empty for one that got no document.
    fn take(&mut self, bucket: u32) -> tantivy::Result<Partial>;
}

/// The segment that collectors read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentContext<'s> {
    pub(crate) segment: &'s Segment,
    pub(crate) address: DocAddress,
    /// Documents before the segment in its index.
    pub(crate) base: u32,
}

/// The collectors of several aggregations.
pub(crate) struct Collectors {
    collectors: Vec<Box<dyn Collector>>,
}

impl Collectors {
    /// Opens the columns that the aggregations read.
    ///
    /// # Errors
    /// The segment cannot be read.
    pub(crate) fn open(context: SegmentContext<'_>, plans: &[Plan<'_>]) -> tantivy::Result<Self> {
        let collectors = plans.iter().map(|plan| open(context, plan)).collect::<tantivy::Result<_>>()?;
        Ok(Self { collectors })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.collectors.is_empty()
    }

    fn collect(&mut self, block: Block<'_>) -> tantivy::Result<()> {
        self.collectors.iter_mut().try_for_each(|collector| collector.collect(block))
    }

    /// Gives documents to the collectors at the positions that `takes` names.
    pub(crate) fn collect_if(&mut self, block: Block<'_>, takes: impl Fn(usize) -> bool) -> tantivy::Result<()> {
        let taking = self.collectors.iter_mut().enumerate().filter(|(at, _)| takes(*at));
        taking.map(|(_, collector)| collector).try_for_each(|collector| collector.collect(block))
    }

    pub(crate) fn take(&mut self, bucket: u32) -> tantivy::Result<Vec<Partial>> {
        self.collectors.iter_mut().map(|collector| collector.take(bucket)).collect()
    }
}

fn open(context: SegmentContext<'_>, plan: &Plan<'_>) -> tantivy::Result<Box<dyn Collector>> {
    let inner = Collectors::open(context, &plan.inner)?;
    let segment = context.segment;
    Ok(match &plan.kind {
        PlanKind::Terms { field, missing, terms, all_terms } => {
            let keys = keys::of_terms(segment, *field, missing.clone())?;
            let all = if *all_terms { keys::all_terms(segment, *field)? } else { Vec::new() };
            keyed::terms(keys, inner, all, Arc::clone(terms))
        }
        PlanKind::DateHistogram { field, rounding, missing, bounds } => {
            keyed::histogram(keys::of_dates(segment, *field, rounding, (*missing, *bounds))?, inner)
        }
        PlanKind::Histogram { field, interval, offset, missing, bounds } => {
            keyed::histogram(keys::of_numbers(segment, *field, (*interval, *offset), (*missing, *bounds))?, inner)
        }
        PlanKind::Ranges { field, ranges, missing } => positions::ranges(segment, *field, (ranges, *missing), inner)?,
        PlanKind::IpRanges { field, ranges } => positions::ip_ranges(segment, *field, ranges, inner)?,
        PlanKind::Filters { filters, other } => positions::filters(segment, filters, *other, inner)?,
        PlanKind::Missing { field } => positions::missing(segment, *field, inner)?,
        PlanKind::Global => positions::all(inner),
        PlanKind::Stats { field, missing } => metric::stats(segment, *field, *missing)?,
        PlanKind::Count { field, missing } => metric::count(segment, *field, *missing)?,
        PlanKind::Distinct { field, missing, threshold } => {
            metric::distinct(keys::of_terms(segment, *field, missing.clone())?, *threshold)
        }
        PlanKind::Digest { field, missing, compression } => metric::digest(segment, *field, *missing, *compression)?,
        PlanKind::TopHits { sort, limit } => {
            let keys = Arc::new(SegmentKeys::open(segment, context.base, sort)?);
            metric::top_hits(keys, context.address, *limit)
        }
    })
}
