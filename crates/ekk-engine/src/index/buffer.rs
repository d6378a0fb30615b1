//! What an index knows of documents that no search sees yet, and where each document is.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use tantivy::{DocId, TantivyError};

use super::Segments;
use crate::{
    limits::{BUFFER_MAX_BYTES, BUFFER_MAX_DOCS, GC_DELETES_SECS},
    segment::{Segment, builder::Ready},
    translog::Translog,
};

/// The state that writes change, all under one lock.
#[derive(Default)]
pub(crate) struct Writing {
    pub(crate) next_seq_no: u64,
    /// All writes below this are in the folder's segments.
    pub(crate) flushed_seq_no: u64,
    /// The name of the next segment.
    pub(crate) next_uid: u64,
    pub(crate) buffer: Buffer,
    /// Parts of former buffers that are being made segments, oldest first.
    pub(crate) frozen: Vec<Arc<Frozen>>,
    /// Segments that wait for a refresh, oldest first.
    pub(crate) pending: Vec<Segment>,
    /// Documents of segments (or of frozen parts) that were overwritten or deleted since the last refresh.
    pub(crate) dead: HashMap<u64, HashSet<DocId>>,
    pub(crate) deleted: HashMap<Box<str>, Tombstone>,
    pub(crate) translog: Option<Translog>,
}

/// Documents not yet in a segment.
#[derive(Default)]
pub(crate) struct Buffer {
    /// `None` where a document was overwritten or deleted since.
    docs: Vec<Option<Arc<Ready>>>,
    slots: HashMap<Arc<str>, usize>,
    bytes: usize,
}

/// A part of a former buffer; a document's number is its place.
pub(crate) struct Frozen {
    pub(crate) uid: u64,
    pub(crate) docs: Vec<Arc<Ready>>,
    slots: HashMap<Arc<str>, DocId>,
}

/// What is left of a deleted document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tombstone {
    pub(crate) version: u64,
    pub(crate) seq_no: u64,
    pub(crate) at: Timestamp,
}

/// Where a document is.
#[derive(Clone)]
pub(crate) enum Location {
    Buffer(usize, Arc<Ready>),
    Frozen(u64, DocId, Arc<Ready>),
    Segment(Segment, DocId),
}

/// The state of a document before a write.
pub(crate) enum Current {
    Alive { version: u64, seq_no: u64, location: Location },
    Deleted(Tombstone),
    Missing,
}

impl Buffer {
    pub(crate) fn push(&mut self, ready: Ready) {
        let values = ready.parsed.values.len() * 40;
        self.bytes += ready.source.len() + ready.id.len() + values + 200;
        let ready = Arc::new(ready);
        self.slots.insert(Arc::clone(&ready.id), self.docs.len());
        self.docs.push(Some(ready));
    }

    fn get(&self, id: &str) -> Option<(usize, Arc<Ready>)> {
        let slot = *self.slots.get(id)?;
        Some((slot, Arc::clone(self.docs.get(slot)?.as_ref()?)))
    }

    fn remove(&mut self, slot: usize) {
        if let Some(ready) = self.docs.get_mut(slot).and_then(Option::take) {
            self.slots.remove(&ready.id);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether the buffer should become a segment without waiting for a refresh.
    pub(crate) fn is_full(&self) -> bool {
        self.docs.len() >= BUFFER_MAX_DOCS || self.bytes >= BUFFER_MAX_BYTES
    }
}

impl Writing {
    /// Documents that no search sees yet.
    pub(crate) fn buffered(&self) -> usize {
        let frozen: usize = self.frozen.iter().map(|part| part.docs.len()).sum();
        let pending: usize = self.pending.iter().map(|segment| segment.alive_count() as usize).sum();
        self.buffer.len() + frozen + pending
    }

    /// Whether a refresh would change what a search sees.
    pub(crate) fn is_dirty(&self) -> bool {
        self.buffer.len() > 0 || !self.frozen.is_empty() || !self.pending.is_empty() || !self.dead.is_empty()
    }

    /// The state of a document, newest place first.
    pub(crate) fn current(&self, id: &str, visible: &Segments) -> Result<Current, TantivyError> {
        if let Some((slot, ready)) = self.buffer.get(id) {
            let (version, seq_no) = (ready.version, ready.seq_no);
            return Ok(Current::Alive { version, seq_no, location: Location::Buffer(slot, ready) });
        }
        if let Some(tombstone) = self.deleted.get(id) {
            return Ok(Current::Deleted(*tombstone));
        }
        for part in self.frozen.iter().rev() {
            if let Some(doc) = part.slots.get(id).filter(|doc| !self.is_dead(part.uid, **doc))
                && let Some(ready) = part.docs.get(*doc as usize)
            {
                let location = Location::Frozen(part.uid, *doc, Arc::clone(ready));
                return Ok(Current::Alive { version: ready.version, seq_no: ready.seq_no, location });
            }
        }
        let newest_first = self.pending.iter().rev().chain(visible.iter().rev().map(AsRef::as_ref));
        for segment in newest_first {
            if let Some(doc) = segment.find(id)?
                && !self.is_dead(segment.core.identity.uid, doc)
            {
                let (version, seq_no) = (segment.version(doc), segment.seq_no(doc));
                return Ok(Current::Alive { version, seq_no, location: Location::Segment(segment.clone(), doc) });
            }
        }
        Ok(Current::Missing)
    }

    fn is_dead(&self, uid: u64, doc: DocId) -> bool {
        self.dead.get(&uid).is_some_and(|docs| docs.contains(&doc))
    }

    /// Takes a document out of where it is. A search goes on seeing it until the next refresh.
    pub(crate) fn kill(&mut self, location: &Location) {
        match location {
            Location::Buffer(slot, _) => self.buffer.remove(*slot),
            Location::Frozen(uid, doc, _) => drop(self.dead.entry(*uid).or_default().insert(*doc)),
            Location::Segment(segment, doc) => {
                self.dead.entry(segment.core.identity.uid).or_default().insert(*doc);
            }
        }
    }

    pub(crate) fn next_uid(&mut self) -> u64 {
        self.next_uid += 1;
        self.next_uid
    }

    /// Moves the buffer's documents to frozen parts of at most `part_docs` documents.
    pub(crate) fn freeze(&mut self, part_docs: usize) -> Vec<Arc<Frozen>> {
        let buffer = std::mem::take(&mut self.buffer);
        let docs: Vec<Arc<Ready>> = buffer.docs.into_iter().flatten().collect();
        let mut parts = Vec::new();
        for chunk in docs.chunks(part_docs.max(1)) {
            let slots = (0..).zip(chunk).map(|(doc, ready)| (Arc::clone(&ready.id), doc)).collect();
            parts.push(Arc::new(Frozen { uid: self.next_uid(), docs: chunk.to_vec(), slots }));
        }
        self.frozen.extend(parts.iter().cloned());
        parts
    }

    /// Forgets deletes that a search sees and whose versions nobody can expect any more.
    pub(crate) fn forget_deletes(&mut self, visible_below_seq_no: u64) {
        let newest = self.deleted.values().map(|tombstone| tombstone.at).max();
        let Some(newest) = newest else { return };
        self.deleted.retain(|_, tombstone| {
            let age = newest.as_second() - tombstone.at.as_second();
            tombstone.seq_no >= visible_below_seq_no || age < GC_DELETES_SECS
        });
    }
}
