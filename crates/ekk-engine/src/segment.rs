//! An immutable part of an index: one tantivy segment and the set of its documents that are still alive.
//!
//! Building one is `builder`'s, joining several is `merge`'s; which segments an index has is [`crate::index`]'s.
//!
//! Each leaf of the mapping is the tantivy field `f{id}`:
//!
//! | type | in the segment |
//! | --- | --- |
//! | text | indexed with positions and field norms, terms by the analyzer; no column |
//! | keyword | indexed raw (no frequencies), str column |
//! | long, integer, short, byte | i64 column |
//! | `unsigned_long` | u64 column |
//! | double, float, `half_float`, `scaled_float` | f64 column |
//! | boolean | indexed, bool column |
//! | date | i64 column of epoch milliseconds |
//! | ip | ip column, IPv4 mapped into IPv6 |
//!
//! A keyword with `doc_values: false` has no column, one with `index: false` is not indexed; the other types keep their
//! column in any case, since queries run on it. Besides there are `_id` (indexed raw, stored), `_source` (stored bytes,
//! exactly as received), `_seq_no` and `_version` (u64 columns), and `_field_names` (indexed raw: the paths of the fields
//! without a column that have a value).

pub(crate) mod builder;
pub(crate) mod merge;
pub(crate) mod schema;

use std::{fmt, sync::Arc};

use tantivy::{
    BitSet, DocAddress, DocId, DocSet as _, ReloadPolicy, Searcher, SegmentReader, TERMINATED, TantivyDocument,
    TantivyError, Term,
    columnar::Column,
    directory::{Directory, OwnedBytes, RamDirectory},
    fastfield::{AliveBitSet, write_alive_bitset},
    schema::{Field, IndexRecordOption, Schema, Value as _},
};

use self::schema::SegmentSchema;
use crate::mapping::FieldId;

/// Blocks of sources that a segment keeps uncompressed for the next read.
const STORE_CACHE_BLOCKS: usize = 8;

/// One immutable part of an index. Its documents are numbered from 0 in the order in which they were written.
#[derive(Clone)]
pub struct Segment {
    pub(crate) core: Arc<SegmentCore>,
    /// `None` when all documents are alive.
    alive: Option<Arc<AliveBitSet>>,
}

/// What all versions of a segment share; they differ only in which documents are alive.
pub(crate) struct SegmentCore {
    pub(crate) identity: Identity,
    pub(crate) index: tantivy::Index,
    searcher: Searcher,
    pub(crate) schema: Arc<SegmentSchema>,
    /// The files, while they are in memory.
    directory: Option<RamDirectory>,
    seq_no: Column<u64>,
    version: Column<u64>,
    /// Bytes that the segment's files take.
    bytes: u64,
}

/// What an index knows of a segment without looking into it.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The segment's name in its index, and of its folder on disk.
    pub(crate) uid: u64,
    /// The smallest and the largest `_id`, in bytes' order.
    pub(crate) id_range: (Box<str>, Box<str>),
    /// The largest `_seq_no`.
    pub(crate) max_seq_no: u64,
    /// Whether the files are in the data folder.
    pub(crate) on_disk: bool,
}

/// A document's stored part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// The `_id`.
    pub id: String,
    /// The `_source`, byte for byte as it was received.
    pub source: Vec<u8>,
}

impl Segment {
    /// Opens the single segment of a tantivy index.
    pub(crate) fn open(
        identity: Identity,
        index: tantivy::Index,
        schema: Arc<SegmentSchema>,
        directory: Option<RamDirectory>,
        bytes: u64,
    ) -> Result<Self, TantivyError> {
        let searcher = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE_BLOCKS)
            .try_into()?
            .searcher();
        let columns = searcher.segment_reader(0).fast_fields();
        let (seq_no, version) = (columns.u64("_seq_no")?, columns.u64("_version")?);
        let core = SegmentCore { identity, index, searcher, schema, directory, seq_no, version, bytes };
        Ok(Self { core: Arc::new(core), alive: None })
    }

    /// The segment's name in its index.
    pub(crate) fn uid(&self) -> u64 {
        self.core.identity.uid
    }

    /// Copies the files of a segment that is in memory.
    pub(crate) fn persist(&self, target: &dyn Directory) -> Result<(), TantivyError> {
        match &self.core.directory {
            Some(directory) => directory.persist(target),
            None => Err(TantivyError::InternalError("the segment is on disk already".to_owned())),
        }
    }

    /// The same segment without the documents of `dead`.
    pub(crate) fn without(&self, dead: &[DocId]) -> Result<Self, TantivyError> {
        let mut bits = BitSet::with_max_value_and_full(self.doc_count());
        if let Some(alive) = &self.alive {
            for doc in (0..self.doc_count()).filter(|doc| !alive.is_alive(*doc)) {
                bits.remove(doc);
            }
        }
        for doc in dead {
            bits.remove(*doc);
        }
        let mut bytes = Vec::new();
        write_alive_bitset(&bits, &mut bytes)?;
        Ok(self.with_alive(bytes))
    }

    /// The same segment with the alive documents that `bytes` say, as [`Segment::alive_bytes`] wrote them.
    pub(crate) fn with_alive(&self, bytes: Vec<u8>) -> Self {
        let alive = AliveBitSet::open(OwnedBytes::new(bytes));
        Self { core: Arc::clone(&self.core), alive: Some(Arc::new(alive)) }
    }

    /// Which documents are alive, for a file; `None` when all are.
    pub(crate) fn alive_bytes(&self) -> Result<Option<Vec<u8>>, TantivyError> {
        let Some(alive) = &self.alive else { return Ok(None) };
        let mut bits = BitSet::with_max_value_and_full(self.doc_count());
        for doc in (0..self.doc_count()).filter(|doc| !alive.is_alive(*doc)) {
            bits.remove(doc);
        }
        let mut bytes = Vec::new();
        write_alive_bitset(&bits, &mut bytes)?;
        Ok(Some(bytes))
    }

    /// Reads terms, postings and columns. It knows nothing of deleted documents: ask [`Segment::is_alive`].
    pub fn reader(&self) -> &SegmentReader {
        self.core.searcher.segment_reader(0)
    }

    /// A searcher of this segment alone, as tantivy's scoring wants one.
    pub fn searcher(&self) -> &Searcher {
        &self.core.searcher
    }

    /// The tantivy schema.
    pub fn schema(&self) -> &Schema {
        &self.core.schema.schema
    }

    /// The tantivy field of a leaf; `None` when the segment is older than the field and thus has no value of it.
    pub fn field(&self, id: FieldId) -> Option<Field> {
        self.core.schema.field(id)
    }

    /// The documents that are alive; `None` when all are.
    pub fn alive(&self) -> Option<&AliveBitSet> {
        self.alive.as_deref()
    }

    /// Whether a document is alive.
    pub fn is_alive(&self, doc: DocId) -> bool {
        self.alive.as_ref().is_none_or(|alive| alive.is_alive(doc))
    }

    /// Documents, dead ones included.
    pub fn doc_count(&self) -> u32 {
        self.reader().max_doc()
    }

    /// Documents that are alive.
    pub fn alive_count(&self) -> u32 {
        self.alive.as_ref().map_or(self.doc_count(), |alive| u32::try_from(alive.num_alive_docs()).unwrap_or(u32::MAX))
    }

    /// Bytes of the segment's files.
    pub fn bytes(&self) -> u64 {
        self.core.bytes
    }

    /// The field of `_id`: indexed raw, stored.
    pub fn id_field(&self) -> Field {
        self.core.schema.id
    }

    /// The field of `_source`: stored bytes.
    pub fn source_field(&self) -> Field {
        self.core.schema.source
    }

    /// The field of `_field_names`: the paths of the fields without a column that a document has, indexed raw.
    pub fn field_names_field(&self) -> Field {
        self.core.schema.field_names
    }

    /// The `_id` and `_source` of a document.
    ///
    /// # Errors
    /// When the stored block cannot be read.
    pub fn document(&self, doc: DocId) -> Result<StoredDocument, TantivyError> {
        let stored: TantivyDocument = self.core.searcher.doc(DocAddress::new(0, doc))?;
        let id = stored.get_first(self.id_field()).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let source = stored.get_first(self.source_field()).and_then(|value| value.as_bytes());
        Ok(StoredDocument { id, source: source.unwrap_or_default().to_vec() })
    }

    /// The `_seq_no` of a document.
    pub fn seq_no(&self, doc: DocId) -> u64 {
        self.core.seq_no.first(doc).unwrap_or_default()
    }

    /// The `_version` of a document.
    pub fn version(&self, doc: DocId) -> u64 {
        self.core.version.first(doc).unwrap_or_default()
    }

    /// The alive document with an id.
    ///
    /// # Errors
    /// When the terms cannot be read.
    pub fn find(&self, id: &str) -> Result<Option<DocId>, TantivyError> {
        let (smallest, largest) = &self.core.identity.id_range;
        if id < smallest.as_ref() || id > largest.as_ref() {
            return Ok(None);
        }
        let terms = self.reader().inverted_index(self.id_field())?;
        let term = Term::from_field_text(self.id_field(), id);
        let Some(mut postings) = terms.read_postings(&term, IndexRecordOption::Basic)? else { return Ok(None) };
        while postings.doc() != TERMINATED {
            if self.is_alive(postings.doc()) {
                return Ok(Some(postings.doc()));
            }
            postings.advance();
        }
        Ok(None)
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("uid", &self.core.identity.uid)
            .field("doc_count", &self.doc_count())
            .field("alive_count", &self.alive_count())
            .finish_non_exhaustive()
    }
}
