//! Makes an index durable in its folder, and brings it back from there.

use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Index, Parts};
use crate::{
    error::Error,
    limits::FLUSH_THRESHOLD_BYTES,
    mapping::Mapping,
    segment::Segment,
    settings::{MappingLimits, Settings},
    store::{IndexStore, Manifest},
};

impl Index {
    /// Whether the translog has grown so long that a flush is due.
    pub fn wants_flush(&self) -> bool {
        self.writing().translog.as_ref().is_some_and(|translog| translog.bytes() > FLUSH_THRESHOLD_BYTES)
    }

    /// Refreshes, and puts all documents in segments in the folder, so that the translog starts anew.
    ///
    /// Without a folder this is a refresh.
    ///
    /// # Errors
    /// When a segment could not be built or written; the writes stay in the translog.
    pub fn flush(&self) -> Result<(), Error> {
        let Some(store) = &self.store else { return self.refresh() };
        // Keeps the segments where they are until they are on the disk.
        let _merging = self.merging.lock().unwrap_or_else(PoisonError::into_inner);
        let (next_seq_no, next_uid, translog, visible) = {
            let _building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
            self.build_buffer()?;
            let mut writing = self.writing();
            if !writing.is_dirty() && self.visible().iter().all(|segment| segment.core.identity.on_disk) {
                let written_since = writing.next_seq_no > writing.flushed_seq_no;
                if !written_since {
                    return Ok(());
                }
            }
            // Writes that came since the build stay in the buffer, and in the new file of the translog.
            self.build_rest(&mut writing)?;
            self.publish(&mut writing)?;
            let (generation, translog) = store.new_translog()?;
            writing.translog = Some(translog);
            (writing.next_seq_no, writing.next_uid, generation, self.visible())
        };
        let mut segments = Vec::with_capacity(visible.len());
        for segment in visible.iter() {
            segments.push(if segment.core.identity.on_disk {
                Segment::clone(segment)
            } else {
                let stored = store.store_segment(segment)?;
                match segment.alive_bytes()? {
                    Some(bytes) => stored.with_alive(bytes),
                    None => stored,
                }
            });
        }
        store.save_manifest(&Manifest { segments: segments.clone(), next_seq_no, next_uid, translog })?;
        self.use_stored(&segments, next_seq_no)
    }

    /// Lets searches read the segments from the folder; documents that died meanwhile stay dead.
    fn use_stored(&self, stored: &[Segment], flushed_seq_no: u64) -> Result<(), Error> {
        let mut writing = self.writing();
        writing.flushed_seq_no = flushed_seq_no;
        let visible = self.visible();
        let mut segments = Vec::with_capacity(visible.len());
        for segment in visible.iter() {
            let twin = stored.iter().find(|stored| stored.uid() == segment.uid());
            segments.push(match twin {
                Some(twin) if !segment.core.identity.on_disk => Arc::new(match segment.alive_bytes()? {
                    Some(bytes) => twin.with_alive(bytes),
                    None => twin.clone(),
                }),
                _ => Arc::clone(segment),
            });
        }
        self.show(segments);
        Ok(())
    }

    /// Prepares a new index's folder.
    pub(crate) fn start_store(&self) -> Result<(), Error> {
        let Some(store) = &self.store else { return Ok(()) };
        let (_, translog) = store.new_translog()?;
        self.save(&self.mapping())?;
        self.writing().translog = Some(translog);
        Ok(())
    }

    /// Brings an index back from its folder, with all that was acknowledged.
    pub(crate) fn open(store: IndexStore) -> Result<Self, Error> {
        let parts = parts(&store)?;
        let created = parts.created;
        let manifest = store.manifest()?;
        let entries = store.translog_entries(&manifest)?;
        let (_, translog) = store.new_translog()?;
        let index = Self::new(parts, Some(store));
        {
            let mut writing = index.writing();
            writing.next_seq_no = manifest.next_seq_no;
            writing.flushed_seq_no = manifest.next_seq_no;
            writing.next_uid = manifest.next_uid;
            index.show(manifest.segments.into_iter().map(Arc::new).collect());
        }
        for entry in entries {
            let seq_no = entry.seq_no();
            if let Err(error) = index.replay(entry, created) {
                tracing::error!(index = %index.name, seq_no, %error, "write of the translog was not repeated");
            }
        }
        // The files that were read count until the next flush; new writes go to a new one.
        index.writing().translog = Some(translog);
        index.refresh()?;
        Ok(index)
    }
}

/// What an index is apart from its documents, from its folder.
fn parts(store: &IndexStore) -> Result<Parts, Error> {
    let json = store.description()?;
    let damaged = |detail: &str| store.damaged("index.json", detail);
    let text = |key: &str| json.get(key).and_then(Value::as_str).ok_or_else(|| damaged(&format!("no {key}")));
    let unlimited = MappingLimits { total_fields: usize::MAX, depth: usize::MAX, field_name_chars: usize::MAX };
    let mapping = Mapping::from_json(json.get("mappings").unwrap_or(&Value::Null), &unlimited)
        .map_err(|error| damaged(&error.to_string()))?;
    let paths: Vec<String> = json
        .get("field_ids")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|path| path.as_str().map(str::to_owned))
        .collect();
    let mapping = mapping.with_field_paths(&paths).ok_or_else(|| damaged("field_ids are not the mapping's fields"))?;
    let created_ms = json.get("created_ms").and_then(Value::as_i64).unwrap_or_default();
    Ok(Parts {
        name: text("name")?.into(),
        uuid: text("uuid")?.to_owned(),
        created: Timestamp::from_millisecond(created_ms).unwrap_or(Timestamp::UNIX_EPOCH),
        mapping,
        settings: Settings::stored(json.get("settings").unwrap_or(&Value::Null)),
        aliases: json.get("aliases").and_then(Value::as_object).cloned().unwrap_or_else(Map::new),
        is_open: json.get("open").and_then(Value::as_bool).unwrap_or(true),
    })
}
