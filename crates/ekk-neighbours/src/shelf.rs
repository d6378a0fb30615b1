//! Things of one kind, by owner and name: in memory, and in their folder when there is one.

use std::{
    collections::BTreeMap,
    ops::Bound,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{ApiError, Error},
    folder::JsonFolder,
};

/// Where a thing stands. Its parts, joined by a dot, are its file's name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The account, or the account and the region, with a dot between.
    pub(crate) owner: String,
    /// The name in lower case: of names that differ by case alone, AWS has one.
    pub(crate) name: String,
}

impl Key {
    fn stem(&self) -> String {
        format!("{}.{}", self.owner, self.name)
    }
}

/// A thing that can be kept.
pub(crate) trait Kept: Clone + Serialize + DeserializeOwned {
    fn key(&self) -> Key;
}

/// The things.
#[derive(Debug)]
pub(crate) struct Shelf<T> {
    items: RwLock<BTreeMap<Key, Arc<T>>>,
    folder: Option<JsonFolder>,
    /// Held while a change is checked, written and published, so that readers never wait for the disk.
    changes: Mutex<()>,
}

impl<T: Kept> Shelf<T> {
    /// Opens the shelf with what the folder holds.
    ///
    /// # Errors
    /// As [`Error`] says: the folder, or one of its files.
    pub(crate) fn open(folder: Option<PathBuf>) -> Result<Self, Error> {
        let folder = folder.map(JsonFolder::open).transpose()?;
        let kept = folder.as_ref().map_or_else(|| Ok(Vec::new()), JsonFolder::load::<T>)?;
        let items = kept.into_iter().map(|item| (item.key(), Arc::new(item))).collect();
        Ok(Self { items: RwLock::new(items), folder, changes: Mutex::new(()) })
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<T>> {
        self.read().get(key).cloned()
    }

    /// All things of an owner, by name.
    pub(crate) fn of(&self, owner: &str) -> Vec<Arc<T>> {
        let start = Key { owner: owner.to_owned(), name: String::new() };
        let items = self.read();
        let from_here = items.range((Bound::Included(start), Bound::Unbounded));
        from_here.take_while(|(key, _)| key.owner == owner).map(|(_, item)| item.clone()).collect()
    }

    /// How many things there are of all owners.
    pub(crate) fn len(&self) -> usize {
        self.read().len()
    }

    /// Removes all things of all owners.
    ///
    /// # Errors
    /// [`ApiError::Internal`] when the disk refuses; then some may be left.
    pub(crate) fn clear(&self) -> Result<(), ApiError> {
        let change = self.change();
        let keys: Vec<Key> = self.read().keys().cloned().collect();
        keys.iter().try_for_each(|key| change.remove(key))
    }

    /// Begins a change; one is made at a time.
    pub(crate) fn change(&self) -> Change<'_, T> {
        Change { shelf: self, _alone: self.changes.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Key, Arc<T>>> {
        self.items.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<Key, Arc<T>>> {
        self.items.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to change a shelf.
#[derive(Debug)]
pub(crate) struct Change<'a, T> {
    shelf: &'a Shelf<T>,
    _alone: MutexGuard<'a, ()>,
}

impl<T: Kept> Change<'_, T> {
    /// Adds or replaces a thing. With a folder it is there after a restart.
    ///
    /// # Errors
    /// [`ApiError::Internal`] when the disk refuses; then nothing is changed.
    pub(crate) fn put(&self, item: T) -> Result<Arc<T>, ApiError> {
        let key = item.key();
        if let Some(folder) = &self.shelf.folder {
            let doing = "keep what was created";
            folder.save(&key.stem(), &item).map_err(|source| ApiError::Internal { doing, source: source.into() })?;
        }
        let item = Arc::new(item);
        self.shelf.write().insert(key, item.clone());
        Ok(item)
    }

    /// Removes a thing; it is fine when there is none.
    ///
    /// # Errors
    /// [`ApiError::Internal`] when the disk refuses; then nothing is changed.
    pub(crate) fn remove(&self, key: &Key) -> Result<(), ApiError> {
        if let Some(folder) = &self.shelf.folder {
            let doing = "remove what was deleted";
            folder.remove(&key.stem()).map_err(|source| ApiError::Internal { doing, source: source.into() })?;
        }
        self.shelf.write().remove(key);
        Ok(())
    }
}
