//! An immutable part of an index: one tantivy segment and the set of its documents that are still alive.
//!
//! Building one is [`builder`]'s, joining several is [`merge`]'s; which segments an index has is [`crate::index`]'s.
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

pub mod builder;
pub mod merge;
pub mod schema;

use std::{fmt, sync::Arc};

use tantivy::{DocId, SegmentReader, Searcher, fastfield::AliveBitSet, schema::{Field, Schema}};

use self::schema::SegmentSchema;
use crate::mapping::FieldId;

/// One immutable part of an index. Its documents are numbered from 0 in the order in which they were written.
#[derive(Clone)]
pub struct Segment {
    pub(crate) core: Arc<SegmentCore>,
    /// `None` when all documents are alive.
    alive: Option<Arc<AliveBitSet>>,
}

/// What all versions of a segment share; they differ only in which documents are alive.
pub(crate) struct SegmentCore {
    /// The segment's name in its index, and of its folder on disk.
    pub(crate) uid: u64,
    pub(crate) index: tantivy::Index,
    pub(crate) searcher: Searcher,
    pub(crate) schema: Arc<SegmentSchema>,
    /// The smallest and the largest `_id`, in bytes' order.
    pub(crate) id_range: (Box<str>, Box<str>),
    /// The largest `_seq_no`.
    pub(crate) max_seq_no: u64,
    /// Bytes that the segment's files take.
    pub(crate) bytes: u64,
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
