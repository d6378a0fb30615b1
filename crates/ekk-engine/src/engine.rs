//! All indices of a stack, and the named documents that go with them (templates, cluster settings).

mod index_name;

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use self::index_name::check_index_name;
use crate::{
    error::Error,
    index::{Index, Parts, random_uuid},
    mapping::Mapping,
    settings::Settings,
    store::Store,
};

/// The version of OpenSearch that indices say they were created by (3.4.0, as its `index.version.created` counts it).
const VERSION_CREATED: &str = "137257827";

/// What a new index starts with, as `PUT /index` takes it, templates already applied.
#[derive(Debug, Clone, Default)]
pub struct IndexConfig {
    /// `settings`, nested or flat, with or without the `index.` prefix; `null` for none.
    pub settings: Value,
    /// `mappings`; `null` for none.
    pub mappings: Value,
    /// `aliases`: names to their properties.
    pub aliases: Map<String, Value>,
}

/// Named documents by kind and name.
type Documents = BTreeMap<String, BTreeMap<String, Arc<Value>>>;

/// The indices of one stack, in memory or in a data folder.
pub struct Engine {
    indices: RwLock<BTreeMap<String, Arc<Index>>>,
    documents: RwLock<Documents>,
    /// Held while indices or documents come and go, so that memory and folder agree.
    changing: Mutex<()>,
    store: Option<Store>,
}

impl Engine {
    /// An engine that keeps all in memory.
    pub fn in_memory() -> Self {
        Self::with_store(None)
    }

    fn with_store(store: Option<Store>) -> Self {
        Self {
            indices: RwLock::new(BTreeMap::new()),
            documents: RwLock::new(Documents::new()),
            changing: Mutex::new(()),
            store,
        }
    }

    /// An engine on a data folder, with all that is in it. The folder is made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be read, is used by another process, or holds something damaged.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let store = Store::open(folder)?;
        let mut documents = Documents::new();
        if let Value::Object(kinds) = store.documents()? {
            for (kind, named) in kinds {
                if let Value::Object(named) = named {
                    documents.insert(kind, named.into_iter().map(|(name, json)| (name, Arc::new(json))).collect());
                }
            }
        }
        let mut indices = BTreeMap::new();
        for index_store in store.indices()? {
            let index = Index::open(index_store)?;
            indices.insert(index.name().to_owned(), Arc::new(index));
        }
        let mut engine = Self::with_store(Some(store));
        engine.indices = RwLock::new(indices);
        engine.documents = RwLock::new(documents);
        Ok(engine)
    }

    /// Creates an index.
    ///
    /// # Errors
    /// [`Error::InvalidIndexName`], [`Error::IndexExists`], and [`Error::Rejected`] for settings or mappings (400).
    pub fn create_index(&self, name: &str, config: IndexConfig, now: Timestamp) -> Result<Arc<Index>, Error> {
        check_index_name(name)?;
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = self.index(name) {
            return Err(Error::IndexExists { name: name.to_owned(), uuid: index.uuid().to_owned() });
        }
        let uuid = random_uuid();
        let mut settings = Settings::from_json(&config.settings)?;
        settings.set_default("index.number_of_shards", "1");
        settings.set_default("index.number_of_replicas", "1");
        settings.set_default("index.replication.type", "DOCUMENT");
        settings.set("index.uuid", uuid.as_str());
        settings.set("index.provided_name", name);
        settings.set("index.creation_date", now.as_millisecond().to_string());
        settings.set("index.version.created", VERSION_CREATED);
        let mapping = Mapping::from_json(&config.mappings, &settings.mapping_limits())?;
        let parts =
            Parts { name: name.into(), uuid, created: now, mapping, settings, aliases: config.aliases, is_open: true };
        let store = self.store.as_ref().map(|store| store.create_index(&parts.uuid)).transpose()?;
        let index = Arc::new(Index::new(parts, store));
        index.start_store()?;
        self.indices.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&index));
        Ok(index)
    }

    /// The index of this name; aliases are the caller's to resolve.
    pub fn index(&self, name: &str) -> Option<Arc<Index>> {
        self.indices.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// All indices, by name.
    pub fn indices(&self) -> Vec<Arc<Index>> {
        self.indices.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Deletes an index with all its documents. Searches that have a snapshot of it finish.
    ///
    /// # Errors
    /// [`Error::IndexNotFound`]; [`Error::Storage`] when its files cannot be removed.
    pub fn delete_index(&self, name: &str) -> Result<(), Error> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = self.indices.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        let Some(index) = removed else { return Err(Error::IndexNotFound { name: name.to_owned() }) };
        index.retire();
        match &self.store {
            Some(store) => store.delete_index(index.uuid()),
            None => Ok(()),
        }
    }

    /// A named document, for example `("index_template", "logs")`.
    pub fn document(&self, kind: &str, name: &str) -> Option<Arc<Value>> {
        self.documents.read().unwrap_or_else(PoisonError::into_inner).get(kind)?.get(name).cloned()
    }

    /// All documents of a kind, by name.
    pub fn documents(&self, kind: &str) -> Vec<(String, Arc<Value>)> {
        let documents = self.documents.read().unwrap_or_else(PoisonError::into_inner);
        documents.get(kind).into_iter().flatten().map(|(name, json)| (name.clone(), Arc::clone(json))).collect()
    }

    /// Keeps a named document, in the place of the one that has its name.
    ///
    /// # Errors
    /// When it could not be saved; it is not kept then.
    pub fn put_document(&self, kind: &str, name: &str, document: Value) -> Result<(), Error> {
        self.change_documents(|documents| {
            documents.entry(kind.to_owned()).or_default().insert(name.to_owned(), Arc::new(document));
        })
    }

    /// Forgets a named document; false when there is none of this name.
    ///
    /// # Errors
    /// When that could not be saved; the document stays then.
    pub fn delete_document(&self, kind: &str, name: &str) -> Result<bool, Error> {
        let mut is_removed = false;
        self.change_documents(|documents| {
            is_removed = documents.get_mut(kind).is_some_and(|named| named.remove(name).is_some());
        })?;
        Ok(is_removed)
    }

    fn change_documents(&self, change: impl FnOnce(&mut Documents)) -> Result<(), Error> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut documents = self.documents.read().unwrap_or_else(PoisonError::into_inner).clone();
        change(&mut documents);
        if let Some(store) = &self.store {
            store.save_documents(&serde_json::to_value(&documents).unwrap_or_default())?;
        }
        *self.documents.write().unwrap_or_else(PoisonError::into_inner) = documents;
        Ok(())
    }

    /// Refreshes all indices that have something new.
    ///
    /// # Errors
    /// The first index's that fails; the others are refreshed all the same.
    pub fn refresh_all(&self) -> Result<(), Error> {
        self.each(|index| if index.is_dirty() { index.refresh() } else { Ok(()) })
    }

    /// Flushes all indices, so that the folder holds all documents in segments. Writes after it are still taken.
    ///
    /// # Errors
    /// The first index's that fails; the others are flushed all the same.
    pub fn close(&self) -> Result<(), Error> {
        self.each(Index::flush)
    }

    fn each(&self, action: impl Fn(&Index) -> Result<(), Error>) -> Result<(), Error> {
        let failures: Vec<Error> = self.indices().iter().filter_map(|index| action(index).err()).collect();
        failures.into_iter().next().map_or(Ok(()), Err)
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("store", &self.store).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
