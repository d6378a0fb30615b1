//! Reads of single documents, which see each write at once.

use std::sync::Arc;

use tantivy::TantivyError;

use super::{
    Document, Index, Snapshot,
    buffer::{Current, Location},
};
use crate::{error::Error, segment::Segment};

impl Location {
    /// The source of the document.
    pub(crate) fn source(&self) -> Result<Arc<str>, TantivyError> {
        match self {
            Self::Buffer(_, ready) | Self::Frozen(_, _, ready) => Ok(Arc::clone(&ready.source)),
            Self::Segment(segment, doc) => {
                let source = String::from_utf8(segment.document(*doc)?.source);
                let source = source.map_err(|_| TantivyError::InternalError("a stored source is not UTF-8".to_owned()));
                source.map(Into::into)
            }
        }
    }
}

impl Snapshot {
    /// The document with an id as the last refresh showed it (`realtime=false`).
    ///
    /// # Errors
    /// When the segment that has it cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<Document>, Error> {
        for segment in self.segments.iter().rev() {
            if let Some(doc) = segment.find(id)? {
                let source = Location::Segment(Segment::clone(segment), doc).source()?;
                let (version, seq_no) = (segment.version(doc), segment.seq_no(doc));
                return Ok(Some(Document { id: id.to_owned(), version, seq_no, primary_term: 1, source }));
            }
        }
        Ok(None)
    }
}

impl Index {
    /// The document with an id, also one that no search sees yet.
    ///
    /// # Errors
    /// When the segment that has it cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<Document>, Error> {
        let current = {
            let writing = self.writing();
            writing.current(id, &self.visible())?
        };
        let Current::Alive { version, seq_no, location } = current else { return Ok(None) };
        let source = location.source()?;
        Ok(Some(Document { id: id.to_owned(), version, seq_no, primary_term: 1, source }))
    }
}
