//! Which segments are joined, and how writes that happen meanwhile are kept.
//!
//! Only neighbours are joined, so documents keep the order of their arrival. Segments count in classes by their size;
//! when enough neighbours are of one class or below, they become one segment of the next class.

use std::{
    collections::HashSet,
    ops::Range,
    sync::{Arc, PoisonError},
};

use tantivy::DocId;

use super::{Index, buffer::Writing};
use crate::{
    error::Error,
    limits::{MERGE_FACTOR, MERGE_FLOOR_DOCS, MERGE_MAX_DOCS, REBUILD_MAX_DOCS},
    segment::{Segment, merge},
};

/// What the choice of a merge needs of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    docs: usize,
    alive: usize,
    generation: u32,
}

impl Index {
    /// Joins segments if that is due; false when nothing was. Call it until it answers false.
    ///
    /// # Errors
    /// When a segment cannot be read or written; nothing has changed then.
    pub fn merge(&self) -> Result<bool, Error> {
        let _merging = self.merging.lock().unwrap_or_else(PoisonError::into_inner);
        let visible = self.visible();
        let generation = self.mapping().generation();
        let sizes: Vec<Size> = visible.iter().map(|segment| size(segment)).collect();
        match due(&sizes, generation) {
            Some(range) => self.join(visible.get(range).unwrap_or_default()).map(|()| true),
            None => Ok(false),
        }
    }

    /// Refreshes, and joins all segments to one without deleted documents.
    ///
    /// # Errors
    /// As [`Index::refresh`] and [`Index::merge`].
    pub fn force_merge(&self) -> Result<(), Error> {
        self.refresh()?;
        let _merging = self.merging.lock().unwrap_or_else(PoisonError::into_inner);
        let visible = self.visible();
        let is_merged = match &*visible {
            [] => true,
            [only] => only.alive().is_none(),
            _ => false,
        };
        if is_merged { Ok(()) } else { self.join(&visible) }
    }

    /// Joins neighbours. The caller holds `merging`, so they stay where they are.
    fn join(&self, sources: &[Arc<Segment>]) -> Result<(), Error> {
        let mapping = self.mapping();
        let schema = self.schema_of(&mapping);
        let uid = self.writing().next_uid();
        let starts: Vec<Segment> = sources.iter().map(|segment| Segment::clone(segment)).collect();
        let merged = merge::merge(uid, &starts, &schema, &mapping)?;

        let mut writing = self.writing();
        let visible = self.visible();
        let is_source = |segment: &Segment| starts.iter().any(|start| start.uid() == segment.uid());
        let died_since = carry_deaths(&mut writing, uid, &starts, &visible);
        let mut joined = match merged {
            Some(merged) if died_since.is_empty() => Some(merged),
            Some(merged) => Some(merged.without(&died_since)?),
            None => None,
        };
        let mut segments = Vec::with_capacity(visible.len());
        for segment in visible.iter() {
            if !is_source(segment) {
                segments.push(Arc::clone(segment));
            } else if let Some(joined) = joined.take() {
                segments.push(Arc::new(joined));
            }
        }
        segments.retain(|segment| segment.alive_count() > 0);
        self.show(segments);
        Ok(())
    }
}

fn size(segment: &Segment) -> Size {
    Size {
        docs: segment.doc_count() as usize,
        alive: segment.alive_count() as usize,
        generation: segment.core.schema.generation,
    }
}

/// Gives the joined segment the deaths that its sources have seen since the merge began: those that a refresh has shown
/// are returned, those that wait for one are noted for it.
fn carry_deaths(writing: &mut Writing, uid: u64, starts: &[Segment], visible: &[Arc<Segment>]) -> Vec<DocId> {
    let mut shown = Vec::new();
    let mut waiting = HashSet::new();
    let mut next: DocId = 0;
    for start in starts {
        let now = visible.iter().find(|segment| segment.uid() == start.uid());
        let dead = writing.dead.remove(&start.uid());
        for doc in (0..start.doc_count()).filter(|doc| start.is_alive(*doc)) {
            if now.is_none_or(|now| !now.is_alive(doc)) {
                shown.push(next);
            } else if dead.as_ref().is_some_and(|dead| dead.contains(&doc)) {
                waiting.insert(next);
            }
            next += 1;
        }
    }
    if !waiting.is_empty() {
        writing.dead.insert(uid, waiting);
    }
    shown
}

/// The neighbours that should be joined next.
fn due(sizes: &[Size], generation: u32) -> Option<Range<usize>> {
    let classes = (0..).take(8);
    for class in classes {
        let fits = |size: &Size| self::class(size.alive) <= class && can_join(size, generation);
        let mut start = 0;
        while start < sizes.len() {
            let run = sizes.get(start..).unwrap_or_default().iter().take_while(|size| fits(size)).count();
            if run >= MERGE_FACTOR && (class == 0 || is_worth_it(sizes, start, run)) {
                return Some(bounded(sizes, start, run));
            }
            start += run.max(1);
        }
    }
    // Segments that are mostly dead documents, and old small ones that could join their neighbours later.
    let is_wasteful = |size: &Size| size.docs - size.alive > size.docs / 2 && size.docs > MERGE_FLOOR_DOCS;
    let at = sizes.iter().position(|size| is_wasteful(size) && can_join(size, generation))?;
    Some(at..at + 1)
}

/// Whether a run is not just a big segment and some crumbs, which would write the big one again for little.
fn is_worth_it(sizes: &[Size], start: usize, run: usize) -> bool {
    let run = sizes.get(start..start + run).unwrap_or_default();
    let total: usize = run.iter().map(|size| size.alive).sum();
    let largest = run.iter().map(|size| size.alive).max().unwrap_or_default();
    total >= 3 * largest
}

/// 0 up to the floor, and one more for each factor.
fn class(docs: usize) -> u32 {
    let mut class = 0;
    let mut bound = MERGE_FLOOR_DOCS;
    while docs > bound {
        class += 1;
        bound *= MERGE_FACTOR;
    }
    class
}

/// Whether a segment takes part in merges: those of an older schema do while indexing them anew is cheap.
fn can_join(size: &Size, generation: u32) -> bool {
    size.alive < MERGE_MAX_DOCS / 2 && (size.generation == generation || size.alive <= REBUILD_MAX_DOCS)
}

/// The start of a run, up to the largest segment that a merge makes.
fn bounded(sizes: &[Size], start: usize, run: usize) -> Range<usize> {
    let mut docs = 0;
    let mut end = start;
    for size in sizes.get(start..start + run).unwrap_or_default() {
        docs += size.alive;
        if docs > MERGE_MAX_DOCS && end > start + 1 {
            break;
        }
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(docs: &[usize]) -> Vec<Size> {
        docs.iter().map(|docs| Size { docs: *docs, alive: *docs, generation: 1 }).collect()
    }

    #[test]
    fn neighbours_of_one_class_are_joined() {
        let mut small = vec![500; MERGE_FACTOR];
        assert_eq!(due(&sizes(&small[1..]), 1), None);
        assert_eq!(due(&sizes(&small), 1), Some(0..MERGE_FACTOR));
        small.insert(0, 80_000);
        assert_eq!(due(&sizes(&small), 1), Some(1..MERGE_FACTOR + 1));
        small.insert(5, 80_000);
        assert_eq!(due(&sizes(&small), 1), None, "a big one between them keeps them apart");
    }

    #[test]
    fn the_largest_segment_has_a_bound() {
        assert_eq!(due(&sizes(&[400_000; MERGE_FACTOR]), 1), Some(0..2));
        assert_eq!(due(&sizes(&[600_000; MERGE_FACTOR]), 1), None);
    }

    #[test]
    fn a_segment_of_mostly_dead_documents_is_rewritten() {
        let mut list = sizes(&[5_000, 5_000]);
        list[1].alive = 2_000;
        assert_eq!(due(&list, 1), Some(1..2));
    }

    #[test]
    fn big_segments_of_an_older_schema_stay() {
        assert_eq!(due(&sizes(&[60_000; MERGE_FACTOR]), 2), None);
        assert_eq!(due(&sizes(&[600; MERGE_FACTOR]), 2), Some(0..MERGE_FACTOR));
    }
}
