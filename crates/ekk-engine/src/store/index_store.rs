//! The files of one index.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use tantivy::directory::MmapDirectory;

use super::{at, read_json, sync_folder, write_json};
use crate::{
    analysis::tokenizers,
    error::Error,
    segment::{Identity, Segment, schema::SegmentSchema},
    translog::{self, Entry, Translog},
};

/// The folder of one index.
#[derive(Debug)]
pub(crate) struct IndexStore {
    folder: PathBuf,
}

/// What a flush has made durable.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    pub(crate) segments: Vec<Segment>,
    /// All writes below this are in the segments.
    pub(crate) next_seq_no: u64,
    pub(crate) next_uid: u64,
    /// The first file of the translog that counts.
    pub(crate) translog: u64,
}

impl IndexStore {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(crate) fn save_description(&self, description: &Value) -> Result<(), Error> {
        write_json(&self.folder.join("index.json"), description)
    }

    pub(crate) fn description(&self) -> Result<Value, Error> {
        let path = self.folder.join("index.json");
        read_json(&path)?.ok_or_else(|| self.damaged("index.json", "it is missing"))
    }

    /// That a file of the index does not hold what it should.
    pub(crate) fn damaged(&self, file: &str, detail: impl Into<String>) -> Error {
        Error::Damaged { path: self.folder.join(file).display().to_string(), detail: detail.into() }
    }

    /// Puts a segment that is in memory on the disk, and opens it from there.
    pub(crate) fn store_segment(&self, segment: &Segment) -> Result<Segment, Error> {
        let path = self.segment_folder(segment.uid());
        if path.exists() {
            // What a flush that failed has left.
            fs::remove_dir_all(&path).map_err(at(&path))?;
        }
        fs::create_dir_all(&path).map_err(at(&path))?;
        let directory = MmapDirectory::open(&path).map_err(tantivy::TantivyError::from)?;
        segment.persist(&directory)?;
        sync_folder(&path).map_err(at(&path))?;
        let identity = Identity { on_disk: true, ..segment.core.identity.clone() };
        self.open_segment(identity)
    }

    fn open_segment(&self, identity: Identity) -> Result<Segment, Error> {
        let path = self.segment_folder(identity.uid);
        let mut index = tantivy::Index::open_in_dir(&path)?;
        index.set_tokenizers(tokenizers());
        let schema = SegmentSchema::of(index.schema());
        let bytes = folder_bytes(&path).map_err(at(&path))?;
        Ok(Segment::open(identity, index, Arc::new(schema), None, bytes)?)
    }

    fn segment_folder(&self, uid: u64) -> PathBuf {
        self.folder.join(format!("segment-{uid}"))
    }

    /// Writes the manifest, and removes what it makes superfluous. All segments are on the disk.
    pub(crate) fn save_manifest(&self, manifest: &Manifest) -> Result<(), Error> {
        let mut segments = Vec::with_capacity(manifest.segments.len());
        for segment in &manifest.segments {
            let identity = &segment.core.identity;
            let alive = match segment.alive_bytes()? {
                Some(bytes) => {
                    let name = format!("alive-{}.bits", manifest.next_seq_no);
                    let path = self.segment_folder(identity.uid).join(&name);
                    fs::write(&path, bytes).map_err(at(&path))?;
                    fs::File::open(&path).and_then(|file| file.sync_all()).map_err(at(&path))?;
                    Some(name)
                }
                None => None,
            };
            let (smallest, largest) = &identity.id_range;
            segments.push(json!({
                "uid": identity.uid, "ids": [smallest, largest], "max_seq_no": identity.max_seq_no, "alive": alive,
            }));
        }
        let json = json!({
            "segments": segments,
            "next_seq_no": manifest.next_seq_no,
            "next_uid": manifest.next_uid,
            "translog": manifest.translog,
        });
        write_json(&self.folder.join("manifest.json"), &json)?;
        self.remove_superfluous(manifest);
        Ok(())
    }

    /// Removes files that no manifest names any more. What cannot be removed now is removed after a later flush.
    fn remove_superfluous(&self, manifest: &Manifest) {
        for (generation, path) in self.translogs().unwrap_or_default() {
            if generation < manifest.translog
                && let Err(error) = fs::remove_file(&path)
            {
                tracing::warn!(path = %path.display(), %error, "old translog was not removed");
            }
        }
        for (uid, path) in self.numbered("segment-", "").unwrap_or_default() {
            let is_named = manifest.segments.iter().any(|segment| segment.uid() == uid);
            if !is_named && let Err(error) = fs::remove_dir_all(&path) {
                tracing::warn!(path = %path.display(), %error, "old segment was not removed");
            }
        }
    }

    /// Reads the manifest and opens its segments; an index that was never flushed has an empty one.
    pub(crate) fn manifest(&self) -> Result<Manifest, Error> {
        let Some(json) = read_json(&self.folder.join("manifest.json"))? else { return Ok(Manifest::default()) };
        let number = |value: &Value, key: &str| {
            value.get(key).and_then(Value::as_u64).ok_or_else(|| self.damaged("manifest.json", format!("no {key}")))
        };
        let mut manifest = Manifest {
            segments: Vec::new(),
            next_seq_no: number(&json, "next_seq_no")?,
            next_uid: number(&json, "next_uid")?,
            translog: number(&json, "translog")?,
        };
        for entry in json.get("segments").and_then(Value::as_array).into_iter().flatten() {
            let id = |at: usize| -> Box<str> {
                entry.pointer(&format!("/ids/{at}")).and_then(Value::as_str).unwrap_or_default().into()
            };
            let identity = Identity {
                uid: number(entry, "uid")?,
                id_range: (id(0), id(1)),
                max_seq_no: number(entry, "max_seq_no")?,
                on_disk: true,
            };
            let folder = self.segment_folder(identity.uid);
            let segment = self.open_segment(identity)?;
            manifest.segments.push(match entry.get("alive").and_then(Value::as_str) {
                Some(name) => {
                    let path = folder.join(name);
                    segment.with_alive(fs::read(&path).map_err(at(&path))?)
                }
                None => segment,
            });
        }
        Ok(manifest)
    }

    /// The entries of the translog from file `first` on that are not in the manifest's segments.
    pub(crate) fn translog_entries(&self, manifest: &Manifest) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for (generation, path) in self.translogs()? {
            if generation >= manifest.translog {
                entries.extend(translog::read(&path).map_err(at(&path))?);
            }
        }
        entries.retain(|entry| entry.seq_no() >= manifest.next_seq_no);
        Ok(entries)
    }

    /// Starts a new file of the translog, and tells its number.
    pub(crate) fn new_translog(&self) -> Result<(u64, Translog), Error> {
        let generation = self.translogs()?.last().map_or(1, |(generation, _)| generation + 1);
        let path = self.folder.join(format!("translog-{generation}.log"));
        let translog = Translog::create(&path).map_err(at(&path))?;
        sync_folder(&self.folder).map_err(at(&self.folder))?;
        Ok((generation, translog))
    }

    fn translogs(&self) -> Result<Vec<(u64, PathBuf)>, Error> {
        self.numbered("translog-", ".log")
    }

    /// Files or folders with a number in their name, in order of the numbers.
    fn numbered(&self, prefix: &str, suffix: &str) -> Result<Vec<(u64, PathBuf)>, Error> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(at(&self.folder))? {
            let entry = entry.map_err(at(&self.folder))?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(prefix)?.strip_suffix(suffix)?.parse().ok());
            found.extend(number.map(|number| (number, entry.path())));
        }
        found.sort();
        Ok(found)
    }
}

fn folder_bytes(path: &Path) -> std::io::Result<u64> {
    fs::read_dir(path)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}
