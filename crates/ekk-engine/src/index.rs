//! An index: its documents, from the write that takes them to the segments that a search reads.
//!
//! A write is parsed by the mapping (`document`), gets its version and sequence number, and waits in the buffer
//! until a refresh makes a segment of it. Parsing and building segments run outside the index's lock; what is under the
//! lock is numbering and bookkeeping only. Files are `store`'s.

mod buffer;
mod flush;
mod ids;
mod merging;
mod operation;
mod reading;
mod refresh;
mod update;
mod write;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::{Map, Value};

pub(crate) use self::ids::random_uuid;
pub use self::operation::{Condition, Document, Operation, Outcome, Update, VersionCheck, Written};
use self::{buffer::Writing, ids::IdSource};
use crate::{
    error::{Error, Exception, IndexBlock},
    mapping::{Mapping, MappingUpdate},
    segment::{Segment, schema::SegmentSchema},
    settings::Settings,
    store::IndexStore,
};

/// What one search sees of one index. Later writes, refreshes and merges do not change it.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The index's name.
    pub index: Arc<str>,
    /// The mapping; it may know fields that no segment has.
    pub mapping: Arc<Mapping>,
    /// The settings: limits of searches are among them.
    pub settings: Arc<Settings>,
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

/// A list of segments as a search reads it.
pub(crate) type Segments = Arc<[Arc<Segment>]>;

/// One index. All methods may be called from any thread.
pub struct Index {
    name: Arc<str>,
    uuid: String,
    created: Timestamp,
    ids: IdSource,
    mapping: RwLock<Arc<Mapping>>,
    /// The schema of the mapping's newest generation that a segment was built by.
    schema: Mutex<Option<Arc<SegmentSchema>>>,
    settings: RwLock<Arc<Settings>>,
    aliases: RwLock<Arc<Map<String, Value>>>,
    is_open: AtomicBool,
    writing: Mutex<Writing>,
    /// Changed only while `writing` is held.
    visible: RwLock<Segments>,
    /// Held while the buffer is made segments, so that they keep their order.
    building: Mutex<()>,
    /// Held while segments are joined.
    merging: Mutex<()>,
    store: Option<IndexStore>,
}

/// What an index is made of, when it is new or read from its folder.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) name: Arc<str>,
    pub(crate) uuid: String,
    pub(crate) created: Timestamp,
    pub(crate) mapping: Mapping,
    pub(crate) settings: Settings,
    pub(crate) aliases: Map<String, Value>,
    pub(crate) is_open: bool,
}

impl Index {
    pub(crate) fn new(parts: Parts, store: Option<IndexStore>) -> Self {
        Self {
            name: parts.name,
            uuid: parts.uuid,
            created: parts.created,
            ids: IdSource::new(),
            mapping: RwLock::new(Arc::new(parts.mapping)),
            schema: Mutex::new(None),
            settings: RwLock::new(Arc::new(parts.settings)),
            aliases: RwLock::new(Arc::new(parts.aliases)),
            is_open: AtomicBool::new(parts.is_open),
            writing: Mutex::new(Writing::default()),
            visible: RwLock::new(Arc::from([])),
            building: Mutex::new(()),
            merging: Mutex::new(()),
            store,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The uuid: 22 characters, given once.
    pub fn uuid(&self) -> &str {
        &self.uuid
    }

    /// When the index was created.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// The mapping at the moment.
    pub fn mapping(&self) -> Arc<Mapping> {
        Arc::clone(&self.mapping.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds fields and rules, as `PUT /index/_mapping` takes them.
    ///
    /// # Errors
    /// As [`Mapping::merge`]; also when the mapping could not be saved.
    pub fn put_mapping(&self, mapping: &Value) -> Result<(), Error> {
        let limits = self.settings().mapping_limits();
        let mut current = self.mapping.write().unwrap_or_else(PoisonError::into_inner);
        let mut merged = Mapping::clone(&current);
        merged.merge(mapping, &limits)?;
        self.save(&merged)?;
        *current = Arc::new(merged);
        Ok(())
    }

    /// Adds the fields that a document brought.
    fn grow(&self, update: MappingUpdate) -> Result<Arc<Mapping>, Exception> {
        let limits = self.settings().mapping_limits();
        let mut current = self.mapping.write().unwrap_or_else(PoisonError::into_inner);
        let merged = Arc::new(update.apply(&current, &limits)?);
        self.save(&merged).map_err(|error| Exception::new("mapper_exception", error.to_string()))?;
        *current = Arc::clone(&merged);
        Ok(merged)
    }

    /// The settings at the moment.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes settings, as `PUT /index/_settings` takes them.
    ///
    /// # Errors
    /// As [`Settings::updated`]; also when the settings could not be saved.
    pub fn put_settings(&self, settings: &Value) -> Result<(), Error> {
        let mut current = self.settings.write().unwrap_or_else(PoisonError::into_inner);
        let before = Arc::clone(&current);
        *current = Arc::new(current.updated(settings, &self.name, self.is_open())?);
        drop(current);
        let saved = self.save(&self.mapping());
        if saved.is_err() {
            *self.settings.write().unwrap_or_else(PoisonError::into_inner) = before;
        }
        saved
    }

    /// The aliases: names to their properties.
    pub fn aliases(&self) -> Arc<Map<String, Value>> {
        Arc::clone(&self.aliases.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces all aliases.
    ///
    /// # Errors
    /// When they could not be saved.
    pub fn set_aliases(&self, aliases: Map<String, Value>) -> Result<(), Error> {
        *self.aliases.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(aliases);
        self.save(&self.mapping())
    }

    /// Whether the index takes writes and searches; see [`Index::set_open`].
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Opens or closes the index. A closed one refuses writes; that it refuses searches is up to the caller.
    ///
    /// # Errors
    /// When the state could not be saved.
    pub fn set_open(&self, is_open: bool) -> Result<(), Error> {
        self.is_open.store(is_open, Ordering::Release);
        self.save(&self.mapping())
    }

    /// What a search that starts now sees.
    pub fn snapshot(&self) -> Snapshot {
        let segments = self.visible();
        // Read after the segments: a mapping that is newer than they are does no harm.
        Snapshot { index: Arc::clone(&self.name), mapping: self.mapping(), settings: self.settings(), segments }
    }

    fn visible(&self) -> Segments {
        Arc::clone(&self.visible.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts of documents, bytes and segments.
    pub fn stats(&self) -> IndexStats {
        let (buffered, next_seq_no) = {
            let writing = self.writing();
            (writing.buffered(), writing.next_seq_no)
        };
        let mut stats = IndexStats {
            buffered,
            max_seq_no: i64::try_from(next_seq_no).unwrap_or(i64::MAX) - 1,
            ..IndexStats::default()
        };
        for segment in self.visible().iter() {
            stats.docs += u64::from(segment.alive_count());
            stats.deleted += u64::from(segment.doc_count() - segment.alive_count());
            stats.bytes += segment.bytes();
            stats.segments += 1;
        }
        stats
    }

    /// The setting that stops writes, if one does.
    pub fn write_block(&self) -> Option<IndexBlock> {
        let settings = self.settings();
        let block = |level, id, description| IndexBlock { index: self.name.to_string(), level, id, description };
        if settings.is_true("index.blocks.read_only") {
            return Some(block("FORBIDDEN", 5, "index read-only (api)"));
        }
        if settings.is_true("index.blocks.read_only_allow_delete") {
            let description = "disk usage exceeded flood-stage watermark, index has read-only-allow-delete block";
            return Some(block("TOO_MANY_REQUESTS", 12, description));
        }
        settings.is_true("index.blocks.write").then(|| block("FORBIDDEN", 8, "index write (api)"))
    }

    /// Makes a deleted index refuse writes of callers that still hold it.
    pub(crate) fn retire(&self) {
        self.is_open.store(false, Ordering::Release);
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The schema of a mapping, made once a generation.
    fn schema_of(&self, mapping: &Mapping) -> Arc<SegmentSchema> {
        let mut schema = self.schema.lock().unwrap_or_else(PoisonError::into_inner);
        match &*schema {
            Some(schema) if schema.generation == mapping.generation() => Arc::clone(schema),
            _ => Arc::clone(schema.insert(SegmentSchema::new(mapping))),
        }
    }

    /// Writes what the index is, apart from its documents, to the folder.
    fn save(&self, mapping: &Mapping) -> Result<(), Error> {
        let Some(store) = &self.store else { return Ok(()) };
        store.save_description(&self.description(mapping))
    }

    /// What the index is, apart from its documents.
    pub(crate) fn description(&self, mapping: &Mapping) -> Value {
        serde_json::json!({
            "name": self.name,
            "uuid": self.uuid,
            "created_ms": self.created.as_millisecond(),
            "settings": self.settings().flat(),
            "aliases": *self.aliases(),
            "open": self.is_open(),
            "mappings": mapping.to_json(),
            "field_ids": mapping.field_paths(),
        })
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("name", &self.name).field("uuid", &self.uuid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
