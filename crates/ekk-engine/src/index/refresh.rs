//! From the buffer to segments that a search sees.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError},
    thread,
};

use tantivy::{DocId, TantivyError};

use super::{
    Index,
    buffer::{Frozen, Writing},
};
use crate::{
    error::Error,
    limits::{MAX_SEGMENTS, PARALLEL_BUILD_DOCS},
    segment::{Segment, builder},
};

impl Index {
    /// Whether a refresh would change what a search sees.
    pub fn is_dirty(&self) -> bool {
        self.writing().is_dirty()
    }

    /// Makes all writes so far visible to searches that start from now on.
    ///
    /// # Errors
    /// When a segment could not be built; the writes stay in the buffer or in what waits for the next refresh.
    pub fn refresh(&self) -> Result<(), Error> {
        {
            let _building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
            self.build_buffer()?;
            let mut writing = self.writing();
            self.publish(&mut writing)?;
        }
        while self.visible().len() > MAX_SEGMENTS && self.merge()? {}
        Ok(())
    }

    /// Makes a full buffer segments that wait for the next refresh. A failure shows at the next refresh.
    pub(super) fn relieve_buffer(&self) {
        let _building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        // Another writer may have done it while this one waited.
        if self.writing().buffer.is_full()
            && let Err(error) = self.build_buffer()
        {
            tracing::error!(index = %self.name, %error, "segment was not built");
        }
    }

    /// Makes the buffer segments. The caller holds `building`.
    pub(super) fn build_buffer(&self) -> Result<(), Error> {
        let parts = {
            let mut writing = self.writing();
            if writing.frozen.is_empty() && writing.buffer.len() == 0 {
                return Ok(());
            }
            let part_docs = match writing.buffer.len() {
                few if few < PARALLEL_BUILD_DOCS => few,
                many => many.div_ceil(2),
            };
            writing.freeze(part_docs);
            // Parts that a failed build has left are tried again.
            writing.frozen.clone()
        };
        let built = self.build_parts(&parts)?;
        let mut writing = self.writing();
        writing.frozen.clear();
        writing.pending.extend(built);
        Ok(())
    }

    /// Makes the little that was written since a build a segment, under the lock.
    pub(super) fn build_rest(&self, writing: &mut Writing) -> Result<(), Error> {
        if writing.buffer.len() > 0 {
            let parts = writing.freeze(usize::MAX);
            let built = self.build_parts(&parts)?;
            writing.frozen.clear();
            writing.pending.extend(built);
        }
        Ok(())
    }

    fn build_parts(&self, parts: &[Arc<Frozen>]) -> Result<Vec<Segment>, TantivyError> {
        // Read after the documents: it has all fields that they have.
        let mapping = self.mapping();
        let schema = self.schema_of(&mapping);
        let build = |part: &Frozen| builder::build(part.uid, &schema, &mapping, &part.docs);
        let Some((last, others)) = parts.split_last() else { return Ok(Vec::new()) };
        thread::scope(|scope| {
            let others: Vec<_> = others.iter().map(|part| scope.spawn(move || build(part))).collect();
            let last = build(last);
            let mut segments = Vec::with_capacity(parts.len());
            for other in others {
                let built = other.join().unwrap_or_else(|_| {
                    Err(TantivyError::InternalError("the thread that built a segment panicked".to_owned()))
                });
                segments.push(built?);
            }
            segments.push(last?);
            Ok(segments)
        })
    }

    /// Shows the waiting segments to searches, and hides overwritten and deleted documents from them.
    pub(super) fn publish(&self, writing: &mut Writing) -> Result<(), Error> {
        if writing.pending.is_empty() && writing.dead.is_empty() {
            return Ok(());
        }
        let mut segments = Vec::new();
        for segment in self.visible().iter() {
            match writing.dead.get(&segment.core.identity.uid) {
                Some(dead) => segments.push(Arc::new(segment.without(&sorted(dead))?)),
                None => segments.push(Arc::clone(segment)),
            }
        }
        for segment in &writing.pending {
            match writing.dead.get(&segment.core.identity.uid) {
                Some(dead) => segments.push(Arc::new(segment.without(&sorted(dead))?)),
                None => segments.push(Arc::new(segment.clone())),
            }
        }
        segments.retain(|segment| segment.alive_count() > 0);
        writing.pending.clear();
        writing.dead.clear();
        let next_seq_no = writing.next_seq_no;
        writing.forget_deletes(next_seq_no);
        self.show(segments);
        Ok(())
    }

    /// Replaces what searches see. The caller holds `writing`.
    pub(super) fn show(&self, segments: Vec<Arc<Segment>>) {
        *self.visible.write().unwrap_or_else(PoisonError::into_inner) = segments.into();
    }
}

fn sorted(docs: &HashSet<DocId>) -> Vec<DocId> {
    let mut docs: Vec<DocId> = docs.iter().copied().collect();
    docs.sort_unstable();
    docs
}
