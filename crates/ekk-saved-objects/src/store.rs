//! The saved objects of one Dashboards: in memory, and in a folder where there is one.
//!
//! One writer at a time; readers never wait for a file. A change is in its file before it is seen.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    Damaged, Error, Key, Reference, SavedObject, folder::Folder, kind, limits::STORE_BYTES, object::wire_time,
};

/// A store; a copy of it is the same store.
#[derive(Clone, Debug, Default)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    objects: RwLock<BTreeMap<Key, Kept>>,
    folder: Option<Folder>,
    damaged: Vec<Damaged>,
    /// Bytes of all lines.
    bytes: AtomicUsize,
    /// Held by the one who changes something.
    writing: Mutex<()>,
}

#[derive(Clone, Debug)]
struct Kept {
    object: Arc<SavedObject>,
    /// Its file, where there is a folder.
    path: Option<PathBuf>,
}

/// An object to create.
#[derive(Clone, Debug, Default)]
pub struct NewObject {
    /// Its type.
    pub kind: String,
    /// Its id; a new one when there is none.
    pub id: Option<String>,
    /// What it holds.
    pub attributes: Map<String, Value>,
    /// What it needs.
    pub references: Vec<Reference>,
    /// `{TYPE: VERSION}`; the last one when absent.
    pub migration_version: Option<Map<String, Value>>,
}

/// A change to an object.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// Attributes that are set; objects within objects are merged, as OpenSearch merges the parts of a document.
    pub attributes: Map<String, Value>,
    /// The references, all of them; the same as before when absent.
    pub references: Option<Vec<Reference>>,
    /// What [`SavedObject::version`] has to be; anything when absent.
    pub version: Option<String>,
}

impl Store {
    /// A store in memory.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// A store on a folder, which is made when it is missing: `TYPE/NAME.json`, one object each, readable and to be
    /// edited while nothing runs. A file that is no saved object is left alone; [`Store::damaged`] names it.
    ///
    /// # Errors
    /// The folder cannot be read, or holds more than a store does.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let unusable = |source| Error::Folder { path: path.to_owned(), source };
        let folder = Folder::open(path).map_err(unusable)?;
        let mut files = folder.read().map_err(unusable)?;
        let mut objects: BTreeMap<Key, Kept> = BTreeMap::new();
        let mut bytes = 0;
        for (object, path) in files.objects {
            bytes += object.line().len();
            if bytes > STORE_BYTES {
                return Err(Error::Full);
            }
            match objects.get(object.key()) {
                Some(first) => {
                    let first = first.path.as_deref().unwrap_or(Path::new("")).display().to_string();
                    let reason = format!("holds [{}], which is in {first} already", object.key());
                    files.damaged.push(Damaged { path, reason });
                }
                None => {
                    objects.insert(object.key().clone(), Kept { object: Arc::new(object), path: Some(path) });
                }
            }
        }
        let inner = Inner {
            objects: RwLock::new(objects),
            folder: Some(folder),
            damaged: files.damaged,
            bytes: AtomicUsize::new(bytes),
            writing: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The files that were passed over when the store was opened.
    pub fn damaged(&self) -> &[Damaged] {
        &self.inner.damaged
    }

    /// The object of this name.
    pub fn get(&self, key: &Key) -> Option<Arc<SavedObject>> {
        self.read().get(key).map(|kept| Arc::clone(&kept.object))
    }

    /// All objects of a type, in the order of their ids.
    pub fn all(&self, kind: &str) -> Vec<Arc<SavedObject>> {
        let from = Key::new(kind, "");
        let objects = self.read();
        objects
            .range(from..)
            .take_while(|(key, _)| key.kind == kind)
            .map(|(_, kept)| Arc::clone(&kept.object))
            .collect()
    }

    /// Whether any object has this type.
    pub(crate) fn holds(&self, kind: &str) -> bool {
        self.read().range(Key::new(kind, "")..).next().is_some_and(|(key, _)| key.kind == kind)
    }

    /// Makes an object, or another one in the place of the one that is there.
    ///
    /// # Errors
    /// - [`Error::UnsupportedType`]: OpenSearch Dashboards has no such type.
    /// - [`Error::LaterVersion`]: its `migrationVersion` is not known yet.
    /// - [`Error::Exists`]: there is one, and `overwrite` is not set.
    pub fn create(&self, new: NewObject, overwrite: bool, now: Timestamp) -> Result<Arc<SavedObject>, Error> {
        if !kind::can_be_created(&new.kind) {
            return Err(Error::UnsupportedType(new.kind));
        }
        let object = new.into_object(now)?;
        check_version(&object)?;
        let _writing = self.begin();
        if !overwrite && self.get(object.key()).is_some() {
            return Err(Error::Exists(object.key().clone()));
        }
        self.put(object)
    }

    /// Changes an object.
    ///
    /// # Errors
    /// - [`Error::NotFound`]: there is none.
    /// - [`Error::Changed`]: it has another version.
    pub fn update(&self, key: &Key, update: Update, now: Timestamp) -> Result<Arc<SavedObject>, Error> {
        let _writing = self.begin();
        let present = self.get(key).ok_or_else(|| Error::NotFound(key.clone()))?;
        if let Some(version) = update.version
            && version != present.version()
        {
            return Err(Error::Changed(key.clone(), version));
        }
        let mut document = present.document().clone();
        // What was exported with a version has another one now.
        document.remove("version");
        if let Some(attributes) = document.get_mut("attributes") {
            merge(attributes, Value::Object(update.attributes));
        }
        if let Some(references) = update.references {
            document.insert("references".to_owned(), serde_json::to_value(references).unwrap_or_default());
        }
        document.insert("updated_at".to_owned(), Value::String(wire_time(now)));
        self.put(SavedObject::written(document).map_err(Error::Unusable)?)
    }

    /// Takes an object away.
    ///
    /// # Errors
    /// - [`Error::NotFound`]: there is none.
    pub fn delete(&self, key: &Key) -> Result<(), Error> {
        let _writing = self.begin();
        let kept = self.read().get(key).cloned().ok_or_else(|| Error::NotFound(key.clone()))?;
        if let Some(path) = kept.path {
            Folder::remove(&path).map_err(|source| Error::Folder { path, source })?;
        }
        self.inner.bytes.fetch_sub(kept.object.line().len(), Ordering::Relaxed);
        self.write().remove(key);
        Ok(())
    }

    /// Takes all objects away. Damaged files stay.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn clear(&self) -> Result<(), Error> {
        let keys: Vec<Key> = self.read().keys().cloned().collect();
        keys.iter().try_for_each(|key| self.delete(key))
    }

    /// Waits until nobody else changes anything.
    pub(crate) fn begin(&self) -> MutexGuard<'_, ()> {
        self.inner.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an object in its place; the caller holds [`Store::begin`].
    pub(crate) fn put(&self, object: SavedObject) -> Result<Arc<SavedObject>, Error> {
        let present = self.read().get(object.key()).cloned();
        let before = present.as_ref().map_or(0, |kept| kept.object.line().len());
        let bytes = self.inner.bytes.load(Ordering::Relaxed).saturating_sub(before) + object.line().len();
        if bytes > STORE_BYTES {
            return Err(Error::Full);
        }
        let path = match (present.and_then(|kept| kept.path), &self.inner.folder) {
            (Some(path), _) => Some(path),
            (None, Some(folder)) => Some(folder.place(object.key())),
            (None, None) => None,
        };
        if let Some(path) = &path {
            Folder::write(path, &object).map_err(|source| Error::Folder { path: path.clone(), source })?;
        }
        let object = Arc::new(object);
        self.inner.bytes.store(bytes, Ordering::Relaxed);
        self.write().insert(object.key().clone(), Kept { object: Arc::clone(&object), path });
        Ok(object)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<Key, Kept>> {
        self.inner.objects.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, BTreeMap<Key, Kept>> {
        self.inner.objects.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NewObject {
    fn into_object(self, now: Timestamp) -> Result<SavedObject, Error> {
        let id = self.id.filter(|id| !id.is_empty()).unwrap_or_else(|| Uuid::new_v4().to_string());
        let last = || {
            let version = kind::last_version(&self.kind)?;
            Some(Map::from_iter([(self.kind.clone(), Value::String(version.to_owned()))]))
        };
        let migration_version = self.migration_version.clone().or_else(last);
        let mut document = Map::new();
        document.insert("attributes".to_owned(), Value::Object(self.attributes));
        document.insert("id".to_owned(), Value::String(id));
        if let Some(versions) = migration_version {
            document.insert("migrationVersion".to_owned(), Value::Object(versions));
        }
        document.insert("references".to_owned(), serde_json::to_value(self.references).unwrap_or_default());
        document.insert("type".to_owned(), Value::String(self.kind));
        document.insert("updated_at".to_owned(), Value::String(wire_time(now)));
        SavedObject::written(document).map_err(Error::Unusable)
    }
}

/// Refuses what a later version has written.
pub(crate) fn check_version(object: &SavedObject) -> Result<(), Error> {
    let Some(version) = object.migration_version() else { return Ok(()) };
    match kind::is_later(&object.key().kind, version) {
        None => Ok(()),
        Some(known) => Err(Error::LaterVersion { key: object.key().clone(), version: version.to_owned(), known }),
    }
}

/// Merges a part of a document into it: objects member by member, anything else as a whole.
fn merge(into: &mut Value, part: Value) {
    match (into, part) {
        (Value::Object(into), Value::Object(part)) => {
            for (name, value) in part {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, part) => *into = part,
    }
}

#[cfg(test)]
mod tests;
