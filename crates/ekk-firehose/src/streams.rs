//! All streams of the account: created, found, listed and deleted, in memory and in their folder.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use ekk_delivery::Delivery;

use crate::{
    definition::{Definition, DefinitionFolder},
    error::{ApiError, Error},
    limits,
};

/// The streams by name, and what carries their records on.
#[derive(Debug)]
pub(crate) struct Streams {
    account: String,
    delivery: Delivery,
    folder: Option<DefinitionFolder>,
    open: RwLock<BTreeMap<String, OpenStream>>,
    /// Held while a definition is checked, written and published, so that readers never wait for the disk.
    changes: Mutex<()>,
}

/// A stream that is defined and delivers.
#[derive(Clone, Debug)]
pub(crate) struct OpenStream {
    pub(crate) definition: Arc<Definition>,
    pub(crate) delivery: ekk_delivery::Stream,
}

impl Streams {
    /// Opens the streams that the folder holds, those that were being deleted among them.
    ///
    /// # Errors
    /// As [`Error`] says: the folder, one of its files, or the delivery of a stream.
    pub(crate) fn open(account: String, delivery: Delivery, folder: Option<DefinitionFolder>) -> Result<Self, Error> {
        let mut streams = BTreeMap::new();
        for definition in folder.as_ref().map_or_else(|| Ok(Vec::new()), DefinitionFolder::load)? {
            let name = definition.delivery_stream_name.clone();
            let stream = open(definition, &delivery)
                .map_err(|source| Error::Delivery { stream: name.clone(), source: source.into() })?;
            streams.insert(name, stream);
        }
        Ok(Self { account, delivery, folder, open: RwLock::new(streams), changes: Mutex::new(()) })
    }

    /// Adds a stream. It takes records when this returns, and with a folder it is there after a restart.
    ///
    /// # Errors
    /// - `ResourceInUseException`: the name is taken.
    /// - `LimitExceededException`: there are as many streams as the quota allows.
    pub(crate) fn create(&self, definition: Definition) -> Result<(), ApiError> {
        let _changes = self.change();
        let name = definition.delivery_stream_name.clone();
        let streams = self.read();
        if streams.contains_key(&name) {
            return Err(ApiError::StreamExists { stream: name, account: self.account.clone() });
        }
        if streams.len() >= limits::STREAMS {
            return Err(ApiError::StreamQuota { streams: streams.keys().cloned().collect() });
        }
        drop(streams);
        self.save(&definition)?;
        match open(definition, &self.delivery) {
            Ok(stream) => {
                self.write().insert(name, stream);
                Ok(())
            }
            Err(error) => {
                self.forget(&name)?;
                Err(error)
            }
        }
    }

    /// The stream of this name, be it that it is being deleted.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) fn get(&self, name: &str) -> Result<OpenStream, ApiError> {
        self.read().get(name).cloned().ok_or_else(|| self.not_found(name))
    }

    /// What takes the records of the stream of this name.
    ///
    /// Differs from AWS: a stream that is being deleted takes no records, where AWS may take and lose them.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) fn accepting(&self, name: &str) -> Result<ekk_delivery::Stream, ApiError> {
        match self.read().get(name) {
            Some(stream) if !stream.definition.deleting => Ok(stream.delivery.clone()),
            _ => Err(self.not_found(name)),
        }
    }

    /// Up to `limit` names after `start` in their order, and whether there are more.
    pub(crate) fn names_after(&self, start: Option<&str>, limit: usize) -> (Vec<String>, bool) {
        let streams = self.read();
        let after = start.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = streams.range::<str, _>((after, Bound::Unbounded)).map(|(name, _)| name.clone());
        let names: Vec<_> = rest.by_ref().take(limit).collect();
        (names, rest.next().is_some())
    }

    /// Names of streams whose deletion was begun.
    pub(crate) fn deleting(&self) -> Vec<String> {
        let streams = self.read();
        streams.iter().filter(|(_, stream)| stream.definition.deleting).map(|(name, _)| name.clone()).collect()
    }

    /// Begins a deletion: the stream takes no more records and is described as `DELETING`.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) fn begin_deletion(&self, name: &str) -> Result<(), ApiError> {
        let _changes = self.change();
        let stream = self.get(name)?;
        let definition = Definition { deleting: true, ..stream.definition.as_ref().clone() };
        self.save(&definition)?;
        self.write().insert(name.to_owned(), OpenStream { definition: Arc::new(definition), ..stream });
        Ok(())
    }

    /// Ends a deletion that was begun: the queue, the definition and the name are gone when this returns.
    ///
    /// Runs to its end once called: the caller does not drop it halfway.
    pub(crate) async fn end_deletion(&self, name: &str) -> Result<(), ApiError> {
        self.delivery.remove(name).await;
        let _changes = self.change();
        self.forget(name)?;
        self.write().remove(name);
        Ok(())
    }

    fn save(&self, definition: &Definition) -> Result<(), ApiError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let doing = "save a stream definition";
        folder.save(definition).map_err(|source| ApiError::Internal { doing, source: source.into() })
    }

    fn forget(&self, name: &str) -> Result<(), ApiError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let doing = "remove a stream definition";
        folder.remove(name).map_err(|source| ApiError::Internal { doing, source: source.into() })
    }

    fn not_found(&self, name: &str) -> ApiError {
        ApiError::StreamNotFound { stream: name.to_owned(), account: self.account.clone() }
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<String, OpenStream>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<String, OpenStream>> {
        self.open.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(definition: Definition, delivery: &Delivery) -> Result<OpenStream, ApiError> {
    let stream = delivery
        .open(definition.spec()?)
        .map_err(|source| ApiError::Internal { doing: "open the delivery of a stream", source: source.into() })?;
    Ok(OpenStream { definition: Arc::new(definition), delivery: stream })
}
