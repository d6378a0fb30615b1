//! An index: its documents, from the write that takes them to the segments that a search reads.
//!
//! A write is parsed by the mapping ([`crate::document`]), gets its version and sequence number, and waits in the buffer
//! until a refresh makes a segment of it. Parsing runs outside the index's lock; what is under the lock is numbering
//! and bookkeeping only.

mod operation;

use std::sync::Arc;

use crate::{mapping::Mapping, segment::Segment};

pub use self::operation::{Condition, Document, Operation, Outcome, Update, VersionCheck, Written};

/// What one search sees of one index. Later writes, refreshes and merges do not change it.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The index's name.
    pub index: Arc<str>,
    /// The mapping; it may know fields that no segment has.
    pub mapping: Arc<Mapping>,
    /// The segments in the order of their documents' arrival.
    pub segments: Arc<[Arc<Segment>]>,
}

/// Counts of an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexStats {
    /// Documents that a search can find.
    pub docs: u64,
    /// Deleted or overwritten documents that no merge has removed yet.
    pub deleted: u64,
    /// Bytes of the segments' files, in memory or on disk.
    pub bytes: u64,
    /// Segments that a search reads.
    pub segments: usize,
    /// Documents written and not yet visible.
    pub buffered: usize,
    /// The largest sequence number given, -1 when none was.
    pub max_seq_no: i64,
}

// The rest of the seam, as it will stand (bodies follow within minutes):
//
// impl Index {
//     pub fn name(&self) -> &str;
//     pub fn uuid(&self) -> &str;
//     pub fn created(&self) -> Timestamp;
//     pub fn apply(&self, operations: Vec<Operation>, now: Timestamp) -> Vec<Result<Written, WriteError>>;
//     pub fn get(&self, id: &str) -> Option<Document>;              // real-time
//     pub fn refresh(&self) -> Result<(), Error>;                   // makes all writes so far visible
//     pub fn is_dirty(&self) -> bool;                               // whether a refresh would show something new
//     pub fn flush(&self) -> Result<(), Error>;                     // refresh, then everything to the folder
//     pub fn merge(&self) -> Result<bool, Error>;                   // one due merge; false when none is due
//     pub fn force_merge(&self) -> Result<(), Error>;
//     pub fn snapshot(&self) -> Snapshot;
//     pub fn mapping(&self) -> Arc<Mapping>;
//     pub fn put_mapping(&self, mapping: &Value) -> Result<(), Error>;
//     pub fn settings(&self) -> Arc<Settings>;                      // Settings::to_json(), ::flat(), ::get("index.x")
//     pub fn put_settings(&self, settings: &Value) -> Result<(), Error>;   // null removes; static ones refused
//     pub fn aliases(&self) -> Arc<Map<String, Value>>;
//     pub fn set_aliases(&self, aliases: Map<String, Value>) -> Result<(), Error>;
//     pub fn is_open(&self) -> bool;  pub fn set_open(&self, open: bool) -> Result<(), Error>;
//     pub fn stats(&self) -> IndexStats;
// }
// impl Engine {
//     pub fn in_memory() -> Engine;
//     pub fn open(folder: &Path) -> Result<Engine, Error>;
//     pub fn create_index(&self, name: &str, config: IndexConfig, now: Timestamp) -> Result<Arc<Index>, Error>;
//     pub fn index(&self, name: &str) -> Option<Arc<Index>>;        // by name, not by alias
//     pub fn indices(&self) -> Vec<Arc<Index>>;                     // by name
//     pub fn delete_index(&self, name: &str) -> Result<(), Error>;
//     pub fn document(&self, kind: &str, name: &str) -> Option<Arc<Value>>;     // templates, cluster settings, …
//     pub fn documents(&self, kind: &str) -> Vec<(String, Arc<Value>)>;
//     pub fn put_document(&self, kind: &str, name: &str, document: Value) -> Result<(), Error>;
//     pub fn delete_document(&self, kind: &str, name: &str) -> Result<bool, Error>;
//     pub fn refresh_all(&self) -> Result<(), Error>;
//     pub fn close(&self) -> Result<(), Error>;                     // flushes everything
// }
// impl Segment {
//     pub fn reader(&self) -> &SegmentReader;  pub fn searcher(&self) -> &Searcher;  pub fn schema(&self) -> &Schema;
//     pub fn field(&self, id: FieldId) -> Option<Field>;            // None: the segment is older than the field
//     pub fn alive(&self) -> Option<&AliveBitSet>;                  // None: all documents
//     pub fn is_alive(&self, doc: DocId) -> bool;
//     pub fn doc_count(&self) -> u32;  pub fn alive_count(&self) -> u32;
//     pub fn id_field(&self) -> Field;  pub fn source_field(&self) -> Field;  pub fn field_names_field(&self) -> Field;
//     pub fn document(&self, doc: DocId) -> Result<StoredDocument, TantivyError>;
//     pub fn seq_no(&self, doc: DocId) -> u64;  pub fn version(&self, doc: DocId) -> u64;
// }
// impl DateFormat {
//     pub fn parse(&self, text: &str, zone: &TimeZone, rounding: Rounding::{Down, Up}) -> Result<i64 /* ms */, Exception>;
//     pub fn print(&self, epoch_ms: i64, zone: &TimeZone) -> String;   // by the first of the formats
//     pub fn pattern(&self) -> &str;
// }
// impl Analyzer { pub fn tokens(self, text: &str) -> Vec<Token{text, start, end, position}>; }
