//! Joins segments into one, without their dead documents.
//!
//! tantivy joins segments of one schema only. Segments of an older one are indexed anew from their sources first; they
//! keep just the fields that they had, so that a field mapped later does not appear in documents written before.

use std::sync::Arc;

use tantivy::{TantivyError, directory::RamDirectory, fastfield::AliveBitSet, indexer::merge_filtered_segments};

use super::{
    Identity, Segment,
    builder::{self, Ready},
    schema::{SegmentSchema, index_settings},
};
use crate::{
    analysis::tokenizers,
    document::{self, Parsed, Reading},
    mapping::Mapping,
};

/// Joins segments in their order. `None` when no document is alive.
///
/// The documents of the result are the alive documents of the sources, in the same order.
pub(crate) fn merge(
    uid: u64,
    segments: &[Segment],
    schema: &Arc<SegmentSchema>,
    mapping: &Arc<Mapping>,
) -> Result<Option<Segment>, TantivyError> {
    let mut current = Vec::with_capacity(segments.len());
    for segment in segments.iter().filter(|segment| segment.alive_count() > 0) {
        if segment.core.schema.generation == schema.generation {
            current.push(segment.clone());
        } else {
            current.push(rebuild(uid, segment, schema, mapping)?);
        }
    }
    if current.is_empty() {
        return Ok(None);
    }
    if let [only] = current.as_slice()
        && only.alive().is_none()
        && only.uid() == uid
    {
        // It was indexed anew just now.
        return Ok(Some(only.clone()));
    }
    let mut tantivy_segments = Vec::with_capacity(current.len());
    for segment in &current {
        tantivy_segments.extend(segment.core.index.searchable_segments()?);
    }
    let alive: Vec<Option<AliveBitSet>> = current.iter().map(|segment| segment.alive().cloned()).collect();
    let directory = RamDirectory::create();
    let mut index = merge_filtered_segments(&tantivy_segments, index_settings(), alive, directory.clone())?;
    index.set_tokenizers(tokenizers());
    let bytes = u64::try_from(directory.total_mem_usage()).unwrap_or(u64::MAX);
    Segment::open(joined_identity(uid, &current), index, Arc::clone(schema), Some(directory), bytes).map(Some)
}

fn joined_identity(uid: u64, segments: &[Segment]) -> Identity {
    let ranges = segments.iter().map(|segment| &segment.core.identity.id_range);
    let smallest = ranges.clone().map(|range| range.0.as_ref()).min().unwrap_or_default();
    let largest = ranges.map(|range| range.1.as_ref()).max().unwrap_or_default();
    Identity {
        uid,
        id_range: (smallest.into(), largest.into()),
        max_seq_no: segments.iter().map(|segment| segment.core.identity.max_seq_no).max().unwrap_or_default(),
        on_disk: false,
    }
}

/// The alive documents of a segment, indexed anew by the current schema.
fn rebuild(
    uid: u64,
    segment: &Segment,
    schema: &Arc<SegmentSchema>,
    mapping: &Arc<Mapping>,
) -> Result<Segment, TantivyError> {
    let mut documents = Vec::with_capacity(segment.alive_count() as usize);
    for doc in (0..segment.doc_count()).filter(|doc| segment.is_alive(*doc)) {
        let stored = segment.document(doc)?;
        let source = String::from_utf8(stored.source)
            .map_err(|_| TantivyError::InternalError("a stored source is not UTF-8".to_owned()))?;
        let mut parsed = match document::read(mapping, &stored.id, &source) {
            Ok(Reading::Complete(parsed)) => parsed,
            // A field that was ignored when the document was written, and whose type does not fit it now.
            Ok(Reading::NeedsFields(_)) | Err(_) => Parsed::default(),
        };
        parsed.values.retain(|(id, _)| segment.field(*id).is_some());
        parsed.names.retain(|id| segment.field(*id).is_some());
        documents.push(Arc::new(Ready {
            id: stored.id.into(),
            source: source.into(),
            parsed,
            seq_no: segment.seq_no(doc),
            version: segment.version(doc),
        }));
    }
    builder::build(uid, schema, mapping, &documents)
}
