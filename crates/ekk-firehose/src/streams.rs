//! All streams of the account: created, found, listed and deleted, in memory and in their folder.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use ekk_delivery::{Delivery, StreamSpec};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    definition::{DESTINATION_ID, Definition, DefinitionFolder},
    destination::Undelivered,
    error::{ApiError, Error},
    limits,
    wire::{DeliveryStreamType, UpdateDestinationInput},
};

/// The streams by name, and what carries their records on.
#[derive(Debug)]
pub(crate) struct Streams {
    account: String,
    delivery: Delivery,
    allow_undelivered: bool,
    folder: Option<DefinitionFolder>,
    open: RwLock<BTreeMap<String, OpenStream>>,
    /// Held while a definition is checked, written and published, so that readers never wait for the disk.
    changes: Mutex<()>,
}

/// A stream that is defined and delivers.
#[derive(Clone, Debug)]
pub(crate) struct OpenStream {
    pub(crate) definition: Arc<Definition>,
    /// What carries the records on, or why nothing does.
    pub(crate) delivery: Result<ekk_delivery::Stream, Undelivered>,
}

impl Streams {
    /// Opens the streams that the folder holds, those that were being deleted among them.
    ///
    /// # Errors
    /// As [`Error`] says: the folder, one of its files, or the delivery of a stream.
    pub(crate) fn open(
        account: String,
        delivery: Delivery,
        folder: Option<DefinitionFolder>,
        allow_undelivered: bool,
    ) -> Result<Self, Error> {
        let mut streams = BTreeMap::new();
        for definition in folder.as_ref().map_or_else(|| Ok(Vec::new()), DefinitionFolder::load)? {
            let name = definition.delivery_stream_name.clone();
            let stream = open(definition, &delivery)
                .map_err(|source| Error::Delivery { stream: name.clone(), source: source.into() })?;
            streams.insert(name, stream);
        }
        Ok(Self { account, delivery, allow_undelivered, folder, open: RwLock::new(streams), changes: Mutex::new(()) })
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
        if let (Err(Undelivered(what)), false) = (definition.spec()?, self.allow_undelivered) {
            return Err(ApiError::unsupported(what));
        }
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
            Some(stream) if !stream.definition.deleting => {
                stream.delivery.clone().map_err(|Undelivered(what)| ApiError::unsupported(what))
            }
            _ => Err(self.not_found(name)),
        }
    }

    /// Up to `limit` names of streams of a type after `start` in their order, and whether there are more.
    pub(crate) fn names_after(
        &self,
        start: Option<&str>,
        limit: usize,
        of: Option<DeliveryStreamType>,
    ) -> (Vec<String>, bool) {
        let streams = self.read();
        let after = start.map_or(Bound::Unbounded, Bound::Excluded);
        let is_listed = |stream: &OpenStream| of.is_none_or(|of| of == stream.definition.delivery_stream_type);
        let mut rest = streams
            .range::<str, _>((after, Bound::Unbounded))
            .filter(|(_, stream)| is_listed(stream))
            .map(|(name, _)| name.clone());
        let names: Vec<_> = rest.by_ref().take(limit).collect();
        (names, rest.next().is_some())
    }

    /// Changes the destination of a stream.
    ///
    /// # Errors
    /// - `ResourceNotFoundException`
    /// - `ConcurrentModificationException`: the version is not the one that the caller knows.
    /// - `InvalidArgumentException`: there is no such destination, or its members contradict.
    pub(crate) fn update(
        &self,
        input: &UpdateDestinationInput,
        members: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let _changes = self.change();
        let name = &input.delivery_stream_name;
        let stream = self.get(name)?;
        let current = stream.definition.version_id;
        let given = &input.current_delivery_stream_version_id;
        if given.parse() != Ok(current) {
            return Err(ApiError::VersionMismatch { stream: name.clone(), current, given: given.clone() });
        }
        if input.destination_id != DESTINATION_ID {
            return Err(ApiError::invalid(format!("Destination Id {} not found", input.destination_id)));
        }
        let definition = Definition {
            destination: stream.definition.destination.updated(members)?,
            version_id: current + 1,
            last_update_timestamp: Some(now),
            ..stream.definition.as_ref().clone()
        };
        let spec = definition.spec()?;
        if let (Err(Undelivered(what)), Ok(_)) = (&spec, &stream.delivery) {
            return Err(ApiError::unsupported(what.clone()));
        }
        self.save(&definition)?;
        let delivery = match (spec, stream.delivery) {
            (Ok(spec), Ok(delivery)) => {
                delivery.update(spec);
                Ok(delivery)
            }
            (Ok(spec), Err(_)) => Ok(opened(spec, &self.delivery)?),
            (Err(undelivered), _) => Err(undelivered),
        };
        self.write().insert(name.clone(), OpenStream { definition: Arc::new(definition), delivery });
        Ok(())
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
    let delivery = match definition.spec()? {
        Ok(spec) => Ok(opened(spec, delivery)?),
        Err(undelivered) => Err(undelivered),
    };
    Ok(OpenStream { definition: Arc::new(definition), delivery })
}

fn opened(spec: StreamSpec, delivery: &Delivery) -> Result<ekk_delivery::Stream, ApiError> {
    delivery
        .open(spec)
        .map_err(|source| ApiError::Internal { doing: "open the delivery of a stream", source: source.into() })
}
