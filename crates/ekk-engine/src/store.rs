//! The data folder of an engine: where indices, their segments and their logs are kept, and how they come back.
//!
//! ```text
//! engine.lock                      held while a process uses the folder
//! documents.json                   templates, cluster settings and the like
//! indices/{uuid}/index.json        name, settings, aliases, mapping
//! indices/{uuid}/manifest.json     segments, and from where on the translog counts
//! indices/{uuid}/translog-{n}.log  writes since the last flush
//! indices/{uuid}/segment-{n}/      a tantivy index of one segment, and alive-{m}.bits
//! ```
//!
//! Files that are replaced are written beside and renamed, so a crash leaves the old or the new one.

mod index_store;

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde_json::Value;

pub(crate) use self::index_store::{IndexStore, Manifest};
use crate::error::Error;

/// The folder of an engine, held for as long as this lives.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    /// Locked; the system unlocks it when the process ends.
    _lock: File,
}

impl Store {
    /// Takes hold of a folder, which is made if it is not there.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        let indices = folder.join("indices");
        fs::create_dir_all(&indices).map_err(at(&indices))?;
        let path = folder.join("engine.lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path).map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::Storage {
                path: folder.display().to_string(),
                source: io::Error::new(io::ErrorKind::ResourceBusy, "another process uses this data folder"),
            }),
            Err(TryLockError::Error(error)) => Err(at(&path)(error)),
        }
    }

    /// The stores of all indices.
    pub(crate) fn indices(&self) -> Result<Vec<IndexStore>, Error> {
        let folder = self.folder.join("indices");
        let mut stores = Vec::new();
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let path = entry.map_err(at(&folder))?.path();
            if path.join("index.json").exists() {
                stores.push(IndexStore::new(path));
            } else {
                // An index that was being deleted, or made, when the process ended.
                fs::remove_dir_all(&path).map_err(at(&path))?;
            }
        }
        Ok(stores)
    }

    /// The store of a new index.
    pub(crate) fn create_index(&self, uuid: &str) -> Result<IndexStore, Error> {
        let path = self.folder.join("indices").join(uuid);
        fs::create_dir_all(&path).map_err(at(&path))?;
        Ok(IndexStore::new(path))
    }

    /// Removes all that belongs to an index.
    pub(crate) fn delete_index(&self, uuid: &str) -> Result<(), Error> {
        let path = self.folder.join("indices").join(uuid);
        let description = path.join("index.json");
        // Without its description the rest is nothing, should the process end here.
        fs::remove_file(&description).map_err(at(&description))?;
        fs::remove_dir_all(&path).map_err(at(&path))
    }

    /// The named documents; `null` when there are none yet.
    pub(crate) fn documents(&self) -> Result<Value, Error> {
        read_json(&self.folder.join("documents.json")).map(Option::unwrap_or_default)
    }

    pub(crate) fn save_documents(&self, documents: &Value) -> Result<(), Error> {
        write_json(&self.folder.join("documents.json"), documents)
    }
}

/// Reads a JSON file; `None` when it is not there.
fn read_json(path: &Path) -> Result<Option<Value>, Error> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| Error::Damaged { path: path.display().to_string(), detail: error.to_string() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

/// Replaces a JSON file as a whole.
fn write_json(path: &Path, json: &Value) -> Result<(), Error> {
    let beside = path.with_extension("json.new");
    let write = || -> io::Result<()> {
        let mut file = File::create(&beside)?;
        file.write_all(json.to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        sync_folder(path.parent().unwrap_or(path))
    };
    write().map_err(at(path))
}

/// Makes the names of a folder durable, where the system has that.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Says at which path an operation failed.
fn at(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.display().to_string();
    move |source| Error::Storage { path, source }
}
