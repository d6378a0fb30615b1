//! All streams: created, found, listed, changed and deleted, in memory and in their folder.
//!
//! A stream belongs to an account and a region and is seen by no other. Its id is the key in delivery and the stem of
//! its file: the name alone for the service's own account and region, `name@account.region` for any other, and for the
//! life of the stream, whatever the service's own become after a restart.

pub(crate) mod deletion;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use ekk_clock::Clock;
use ekk_delivery::{Delivery, StreamSpec};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    Quotas,
    caller::{Caller, Owner},
    definition::{DESTINATION_ID, Definition, DefinitionFolder},
    destination::Undelivered,
    encryption::{Encryption, Key, may_be_encrypted},
    error::{ApiError, Error},
    life::{Life, State},
    limits,
    quota::PutQuota,
    tags::Tags,
    wire::{DeliveryStreamType, UpdateDestinationInput},
};

/// What holds for all streams.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The account and region whose streams have their names for ids.
    pub(crate) home: Owner,
    pub(crate) allow_undelivered: bool,
    /// How long a stream takes to become active or to be gone, and its encryption to be changed.
    pub(crate) transition_delay: Duration,
    pub(crate) quotas: Quotas,
}

/// The streams, and what carries their records on.
#[derive(Debug)]
pub(crate) struct Streams {
    rules: Rules,
    clock: Clock,
    delivery: Delivery,
    folder: Option<DefinitionFolder>,
    open: RwLock<Open>,
    /// Held while a definition is checked, written and published, so that readers never wait for the disk.
    changes: Mutex<()>,
    /// Held while a stream is taken apart, so that nobody takes apart what has its name by then.
    deletions: tokio::sync::Mutex<()>,
    /// Ids of streams that were looked for in the wrong place, of which the log has told.
    strays: Mutex<BTreeSet<String>>,
}

/// The streams of each account and region, by name.
type Open = BTreeMap<Owner, BTreeMap<String, OpenStream>>;

/// A stream that is defined and delivers.
#[derive(Clone, Debug)]
pub(crate) struct OpenStream {
    pub(crate) definition: Arc<Definition>,
    /// What carries the records on, or why nothing does.
    pub(crate) delivery: Result<ekk_delivery::Stream, Undelivered>,
    /// Whether its records are decompressed, so that `CloudWatch` Logs alone may put.
    decompresses: bool,
    /// What it may still take; none when that is not limited.
    quota: Option<Arc<PutQuota>>,
}

/// What takes the records of a put.
#[derive(Debug)]
pub(crate) struct Accepting {
    pub(crate) stream: ekk_delivery::Stream,
    /// Whether AWS would encrypt the records.
    pub(crate) encrypted: bool,
    pub(crate) quota: Option<Arc<PutQuota>>,
}

impl Streams {
    /// Opens the streams that the folder holds, those that were being deleted among them.
    ///
    /// # Errors
    /// As [`Error`] says: the folder, one of its files, or the delivery of a stream.
    pub(crate) fn open(
        rules: Rules,
        clock: Clock,
        delivery: Delivery,
        folder: Option<DefinitionFolder>,
    ) -> Result<Self, Error> {
        let streams = Self {
            rules,
            clock,
            delivery,
            folder,
            open: RwLock::default(),
            changes: Mutex::default(),
            deletions: tokio::sync::Mutex::default(),
            strays: Mutex::default(),
        };
        for definition in streams.folder.as_ref().map_or_else(|| Ok(Vec::new()), DefinitionFolder::load)? {
            let id = definition.id.clone();
            let stream = streams
                .opened(definition)
                .map_err(|source| Error::Delivery { stream: id.clone(), source: source.into() })?;
            if let Err(Undelivered(what)) = &stream.delivery {
                tracing::warn!(stream = id, what, "not supported by ekk yet: puts to the stream are refused");
            }
            streams.publish(stream);
        }
        Ok(streams)
    }

    /// The life of a stream that is created now.
    pub(crate) fn begun(&self) -> Life {
        Life::begun(self.clock.now(), self.rules.transition_delay)
    }

    /// The encryption of a stream that is created now with a key.
    pub(crate) fn encrypted_from_its_beginning(&self, key: Key) -> Encryption {
        Encryption::created(key, self.clock.now(), self.rules.transition_delay)
    }

    /// Adds a stream and gives it its id. With a folder it is there after a restart.
    ///
    /// # Errors
    /// - `ResourceInUseException`: the name is taken.
    /// - `LimitExceededException`: there are as many streams as the quota allows.
    /// - `InvalidArgumentException`: what is not delivered, unless that is allowed.
    pub(crate) fn create(&self, mut definition: Definition) -> Result<(), ApiError> {
        let _changes = self.change();
        self.check_room(&definition)?;
        if let (Err(Undelivered(what)), false) = (definition.spec()?, self.rules.allow_undelivered) {
            return Err(ApiError::unsupported(what));
        }
        definition.id = self.free_id(&definition);
        self.save(&definition)?;
        let id = definition.id.clone();
        let refused = match self.opened(definition) {
            Ok(OpenStream { delivery: Err(Undelivered(what)), .. }) if !self.rules.allow_undelivered => {
                ApiError::unsupported(what)
            }
            Ok(stream) => {
                self.publish(stream);
                return Ok(());
            }
            Err(error) => error,
        };
        self.forget(&id)?;
        Err(refused)
    }

    fn check_room(&self, Definition { owner, delivery_stream_name: name, .. }: &Definition) -> Result<(), ApiError> {
        let open = self.read();
        let own = open.get(owner);
        if own.is_some_and(|own| own.contains_key(name)) {
            return Err(ApiError::StreamExists { stream: name.clone(), account: owner.account.clone() });
        }
        if let Some(own) = own.filter(|own| own.len() >= self.rules.quotas.streams(&owner.region)) {
            return Err(ApiError::StreamQuota { streams: own.keys().cloned().collect() });
        }
        if open.values().map(BTreeMap::len).sum::<usize>() >= limits::ALL_STREAMS {
            let all = limits::ALL_STREAMS;
            return Err(ApiError::LimitExceeded(format!("ekk has at most {all} streams of all accounts and regions")));
        }
        Ok(())
    }

    /// The name, unless it is another's: the service may have had another account or region when that was created.
    fn free_id(&self, Definition { owner, delivery_stream_name: name, .. }: &Definition) -> String {
        let is_taken = |id: &str| self.read().values().flat_map(BTreeMap::values).any(|open| open.definition.id == id);
        if *owner == self.rules.home && !is_taken(name) {
            return name.clone();
        }
        format!("{name}@{}.{}", owner.account, owner.region)
    }

    /// The owner's stream of this name and its state, be it that it is being created or deleted.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub(crate) fn get(&self, owner: &Owner, name: &str) -> Result<(OpenStream, State), ApiError> {
        let found = self.read().get(owner).and_then(|own| own.get(name)).cloned();
        let state = found.as_ref().map_or(State::Gone, |stream| stream.definition.life.state(self.clock.now()));
        match found {
            Some(stream) if state != State::Gone => Ok((stream, state)),
            _ => Err(self.not_found(owner, name)),
        }
    }

    /// Whether a name is taken, be it by a stream that is about to be gone.
    pub(crate) fn has(&self, owner: &Owner, name: &str) -> bool {
        self.read().get(owner).is_some_and(|own| own.contains_key(name))
    }

    /// All streams with their states, by account, region and name.
    pub(crate) fn all(&self) -> Vec<(OpenStream, State)> {
        let now = self.clock.now();
        let open = self.read();
        let all = open.values().flat_map(BTreeMap::values);
        all.map(|stream| (stream.clone(), stream.definition.life.state(now)))
            .filter(|(_, state)| *state != State::Gone)
            .collect()
    }

    /// What takes the records of the caller's stream of this name.
    ///
    /// Differs from AWS: a stream that is being deleted takes no records, where AWS may take and lose them.
    ///
    /// # Errors
    /// - `ResourceNotFoundException`: there is none, or it is not active.
    /// - `InvalidArgumentException`: its records come from elsewhere, or nothing would become of them.
    /// - `InvalidSourceException`: its records come from `CloudWatch` Logs.
    pub(crate) fn accepting(&self, caller: &Caller, name: &str) -> Result<Accepting, ApiError> {
        let owner = &caller.owner;
        let open = self.read();
        let Some(stream) = open.get(owner).and_then(|own| own.get(name)) else {
            drop(open);
            return Err(self.not_found(owner, name));
        };
        let now = self.clock.now();
        match stream.definition.life.state(now) {
            State::Active => stream.accepting(caller, now),
            State::Creating | State::Deleting => {
                Err(ApiError::StreamNotActive { stream: name.to_owned(), account: owner.account.clone() })
            }
            State::Gone => Err(ApiError::StreamNotFound { stream: name.to_owned(), account: owner.account.clone() }),
        }
    }

    /// Up to `limit` names of the owner's streams of a type after `start` in their order, and whether there are more.
    pub(crate) fn names_after(
        &self,
        owner: &Owner,
        start: Option<&str>,
        limit: usize,
        of: Option<DeliveryStreamType>,
    ) -> (Vec<String>, bool) {
        let now = self.clock.now();
        let open = self.read();
        let Some(own) = open.get(owner) else { return (Vec::new(), false) };
        let after = start.map_or(Bound::Unbounded, Bound::Excluded);
        let is_listed = |Definition { life, delivery_stream_type, .. }: &Definition| {
            of.is_none_or(|of| of == *delivery_stream_type) && life.state(now) != State::Gone
        };
        let mut rest = own
            .range::<str, _>((after, Bound::Unbounded))
            .filter(|(_, stream)| is_listed(&stream.definition))
            .map(|(name, _)| name.clone());
        let names: Vec<_> = rest.by_ref().take(limit).collect();
        (names, rest.next().is_some())
    }

    /// Gives the owner's stream other tags.
    ///
    /// # Errors
    /// - `ResourceNotFoundException`.
    /// - `ResourceInUseException`: the stream is not active.
    /// - Those of `change`.
    pub(crate) fn tag(
        &self,
        owner: &Owner,
        name: &str,
        change: impl FnOnce(&Tags) -> Result<Tags, ApiError>,
    ) -> Result<(), ApiError> {
        self.amend(owner, name, |definition| {
            definition.tags = change(&definition.tags)?;
            Ok(())
        })
    }

    /// Begins to encrypt the owner's stream with a key, or to end that without one.
    ///
    /// # Errors
    /// - `ResourceNotFoundException`.
    /// - `ResourceInUseException`: the stream is not active, or its encryption is being changed.
    /// - `InvalidArgumentException`: its records come from elsewhere.
    /// - `LimitExceededException`: it was changed 25 times within 24 hours.
    pub(crate) fn encrypt(&self, owner: &Owner, name: &str, key: Option<Key>) -> Result<(), ApiError> {
        self.amend(owner, name, |definition| {
            if !may_be_encrypted(definition.delivery_stream_type) {
                return Err(ApiError::NotPermittedOnType(type_name(definition.delivery_stream_type)));
            }
            definition.encryption =
                definition.encryption.changed(key, self.clock.now(), self.rules.transition_delay)?;
            Ok(())
        })
    }

    /// Changes what of an active stream does not concern its delivery.
    fn amend(
        &self,
        owner: &Owner,
        name: &str,
        amend: impl FnOnce(&mut Definition) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let _changes = self.change();
        let stream = self.active(owner, name)?;
        let mut definition = stream.definition.as_ref().clone();
        amend(&mut definition)?;
        self.save(&definition)?;
        self.publish(OpenStream { definition: Arc::new(definition), ..stream });
        Ok(())
    }

    /// Changes the destination of the owner's stream.
    ///
    /// # Errors
    /// - `ResourceNotFoundException`
    /// - `ResourceInUseException`: the stream is not active.
    /// - `ConcurrentModificationException`: the version is not the one that the owner knows.
    /// - `InvalidArgumentException`: there is no such destination, or its members contradict.
    pub(crate) fn update(
        &self,
        owner: &Owner,
        input: &UpdateDestinationInput,
        members: &Map<String, Value>,
    ) -> Result<(), ApiError> {
        let _changes = self.change();
        let name = &input.delivery_stream_name;
        let stream = self.active(owner, name)?;
        let current = stream.definition.version_id;
        let given = &input.current_delivery_stream_version_id;
        if given.parse() != Ok(current) {
            return Err(ApiError::VersionMismatch { stream: name.clone(), current, given: given.clone() });
        }
        if input.destination_id != DESTINATION_ID {
            return Err(ApiError::invalid(format!("Destination Id {} not found", input.destination_id)));
        }
        let mut definition = stream.definition.as_ref().clone();
        definition.destination = definition.destination.updated(members, &owner.region)?;
        definition.version_id += 1;
        definition.life.updated = Some(self.clock.now());
        let delivery = self.redirected(&definition, &stream)?;
        definition.destination.warn(name);
        let decompresses = definition.destination.decompresses();
        self.publish(OpenStream { definition: Arc::new(definition), delivery, decompresses, ..stream });
        Ok(())
    }

    /// What carries on the records of a stream that has a new destination, which is saved when this returns.
    fn redirected(
        &self,
        definition: &Definition,
        before: &OpenStream,
    ) -> Result<Result<ekk_delivery::Stream, Undelivered>, ApiError> {
        let spec = match (definition.spec()?, &before.delivery) {
            (Ok(spec), _) => spec,
            (Err(Undelivered(what)), Ok(_)) => return Err(ApiError::unsupported(what)),
            (Err(undelivered), Err(_)) => {
                self.save(definition)?;
                return Ok(Err(undelivered));
            }
        };
        if let Ok(delivery) = &before.delivery {
            let old = delivery.spec();
            delivery.update(spec).map_err(|error| match not_delivered(error) {
                Ok(Undelivered(what)) => ApiError::unsupported(what),
                Err(error) => error,
            })?;
            self.save(definition).inspect_err(|_| {
                // What was delivered until now is delivered on, so this is not refused.
                delivery.update(old.as_ref().clone()).ok();
            })?;
            return Ok(Ok(delivery.clone()));
        }
        self.save(definition)?;
        match self.delivered(spec) {
            Ok(delivery) => Ok(delivery),
            Err(error) => {
                self.save(&before.definition)?;
                Err(error)
            }
        }
    }

    fn active(&self, owner: &Owner, name: &str) -> Result<OpenStream, ApiError> {
        match self.get(owner, name)? {
            (stream, State::Active) => Ok(stream),
            (_, state) => Err(in_use(owner, name, state)),
        }
    }

    fn opened(&self, definition: Definition) -> Result<OpenStream, ApiError> {
        let delivery = match definition.spec()? {
            Ok(spec) => self.delivered(spec)?,
            Err(undelivered) => Err(undelivered),
        };
        let quota = self.rules.quotas.put_quota(&definition.owner.region, self.clock.now()).map(Arc::new);
        let decompresses = definition.destination.decompresses();
        Ok(OpenStream { definition: Arc::new(definition), delivery, decompresses, quota })
    }

    fn delivered(&self, spec: StreamSpec) -> Result<Result<ekk_delivery::Stream, Undelivered>, ApiError> {
        self.delivery.open(spec).map_or_else(|error| not_delivered(error).map(Err), |stream| Ok(Ok(stream)))
    }

    fn publish(&self, stream: OpenStream) {
        let Definition { owner, delivery_stream_name: name, .. } = stream.definition.as_ref();
        let (owner, name) = (owner.clone(), name.clone());
        self.write().entry(owner).or_default().insert(name, stream);
    }

    fn save(&self, definition: &Definition) -> Result<(), ApiError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let doing = "save a stream definition";
        folder.save(definition).map_err(|source| ApiError::Internal { doing, source: source.into() })
    }

    fn forget(&self, id: &str) -> Result<(), ApiError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let doing = "remove a stream definition";
        folder.remove(id).map_err(|source| ApiError::Internal { doing, source: source.into() })
    }

    /// AWS's answer; the log says once where there is a stream of this name, for a client with another region than meant.
    fn not_found(&self, owner: &Owner, name: &str) -> ApiError {
        let open = self.read();
        let elsewhere = open.iter().find(|(other, own)| *other != owner && own.contains_key(name));
        if let Some((owner, _)) = elsewhere
            && self.is_news(format!("{name}@{}.{}", owner.account, owner.region))
        {
            tracing::warn!(
                stream = name,
                account = owner.account,
                region = owner.region,
                found_in_account = owner.account,
                found_in_region = owner.region,
                "no such stream, but there is one of another account or region"
            );
        }
        ApiError::StreamNotFound { stream: name.to_owned(), account: owner.account.clone() }
    }

    fn is_news(&self, stray: String) -> bool {
        let mut strays = self.strays.lock().unwrap_or_else(PoisonError::into_inner);
        strays.len() < limits::STRAYS_TOLD && strays.insert(stray)
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, Open> {
        self.open.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Open> {
        self.open.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenStream {
    fn accepting(&self, caller: &Caller, now: Timestamp) -> Result<Accepting, ApiError> {
        let Definition { owner, delivery_stream_name: name, delivery_stream_type, encryption, .. } =
            self.definition.as_ref();
        if *delivery_stream_type != DeliveryStreamType::DirectPut {
            return Err(ApiError::NotPermittedOnType(type_name(*delivery_stream_type)));
        }
        if self.decompresses && !caller.is_cloudwatch_logs {
            return Err(ApiError::InvalidSource { stream: name.clone(), account: owner.account.clone() });
        }
        let stream = self.delivery.clone().map_err(|Undelivered(what)| ApiError::unsupported(what))?;
        Ok(Accepting { stream, encrypted: encryption.encrypts(now), quota: self.quota.clone() })
    }
}

/// The name of a type in the API.
fn type_name(delivery_stream_type: DeliveryStreamType) -> &'static str {
    match delivery_stream_type {
        DeliveryStreamType::DirectPut => "DirectPut",
        DeliveryStreamType::KinesisStreamAsSource => "KinesisStreamAsSource",
        DeliveryStreamType::MSKAsSource => "MSKAsSource",
        DeliveryStreamType::DatabaseAsSource => "DatabaseAsSource",
    }
}

fn in_use(owner: &Owner, name: &str, state: State) -> ApiError {
    let Owner { account, .. } = owner;
    ApiError::InUse(format!("Firehose {name} under accountId {account} is {}.", state.name()))
}

/// What delivery cannot do, of what it was told.
///
/// # Errors
/// `InvalidArgumentException` for what AWS could not do either.
fn not_delivered(error: ekk_delivery::Error) -> Result<Undelivered, ApiError> {
    match error {
        ekk_delivery::Error::Unsupported(what) => Ok(Undelivered(what)),
        ekk_delivery::Error::Query { .. } | ekk_delivery::Error::Prefix(_) | ekk_delivery::Error::Address { .. } => {
            Err(ApiError::invalid(error.to_string()))
        }
        source => Err(ApiError::Internal { doing: "open the delivery of a stream", source: source.into() }),
    }
}
