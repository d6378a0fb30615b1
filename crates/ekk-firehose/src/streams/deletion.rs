//! The end of a stream: the one change of state that something has to be done for, by somebody who waits for it.
//!
//! A stream whose time has come is as good as gone for everybody who asks; its queue, its file and its name follow.

use std::sync::{Arc, Weak};

use jiff::Timestamp;

use super::{OpenStream, Streams, in_use};
use crate::{Service, caller::Owner, definition::Definition, error::ApiError, life::State};

/// A stream whose deletion was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deletion {
    owner: Owner,
    name: String,
    gone_from: Timestamp,
}

impl Streams {
    /// Begins the deletion of the owner's stream: it takes no more records and is described as `DELETING`.
    ///
    /// One that is being deleted goes on being so.
    ///
    /// # Errors
    /// - `ResourceNotFoundException`.
    /// - `ResourceInUseException`: it is being created.
    pub(crate) fn begin_deletion(&self, owner: &Owner, name: &str) -> Result<Deletion, ApiError> {
        let _changes = self.change();
        let (stream, state) = self.get(owner, name)?;
        if state == State::Creating {
            return Err(in_use(owner, name, state));
        }
        let now = self.clock.now();
        let mut definition = stream.definition.as_ref().clone();
        definition.life = definition.life.ended(now, self.rules.transition_delay);
        let gone_from = definition.life.gone_from().unwrap_or(now);
        self.save(&definition)?;
        self.publish(OpenStream { definition: Arc::new(definition), ..stream });
        Ok(Deletion { owner: owner.clone(), name: name.to_owned(), gone_from })
    }

    /// The deletions that were begun and not ended.
    pub(crate) fn deletions(&self) -> Vec<Deletion> {
        let open = self.read();
        let deletion = |Definition { owner, delivery_stream_name: name, life, .. }: &Definition| {
            let gone_from = life.gone_from()?;
            Some(Deletion { owner: owner.clone(), name: name.clone(), gone_from })
        };
        open.values()
            .flat_map(std::collections::BTreeMap::values)
            .filter_map(|stream| deletion(&stream.definition))
            .collect()
    }

    /// Takes every stream away at once, whatever its state, with what it has buffered.
    ///
    /// # Errors
    /// `InternalFailure`: a stream's file cannot be removed.
    pub(crate) async fn delete_all(&self) -> Result<(), ApiError> {
        let _one_at_a_time = self.deletions.lock().await;
        let ids: Vec<String> =
            self.read().values().flat_map(|own| own.values()).map(|stream| stream.definition.id.clone()).collect();
        for id in ids {
            self.delivery.remove(&id).await;
            let _changes = self.change();
            self.forget(&id)?;
            let mut open = self.write();
            for own in open.values_mut() {
                own.retain(|_, stream| stream.definition.id != id);
            }
            open.retain(|_, own| !own.is_empty());
        }
        Ok(())
    }

    /// Ends a deletion: the queue, the definition and the name are gone when this returns.
    ///
    /// Runs to its end once called: the owner does not drop it halfway.
    async fn end(&self, Deletion { owner, name, .. }: &Deletion) -> Result<(), ApiError> {
        let _one_at_a_time = self.deletions.lock().await;
        let id = {
            let open = self.read();
            let stream = open.get(owner).and_then(|own| own.get(name));
            match stream.filter(|stream| stream.definition.life.gone_from().is_some()) {
                Some(stream) => stream.definition.id.clone(),
                // Somebody else has ended it, and the name may be another stream's by now.
                None => return Ok(()),
            }
        };
        self.delivery.remove(&id).await;
        let _changes = self.change();
        self.forget(&id)?;
        let mut open = self.write();
        if let Some(own) = open.get_mut(owner) {
            own.remove(name);
            if own.is_empty() {
                open.remove(owner);
            }
        }
        Ok(())
    }
}

/// Sees to the end of a deletion when its time comes. Without a delay, it has come to its end when this returns.
///
/// # Errors
/// `InternalFailure`: the stream's file cannot be removed.
pub(crate) async fn see_to(service: &Arc<Service>, deletion: Deletion) -> Result<(), ApiError> {
    if deletion.gone_from <= service.clock.now() {
        return end(service, deletion).await;
    }
    end_later(service, deletion);
    Ok(())
}

/// Ends those deletions whose time has come, so that their names are free.
///
/// # Errors
/// As [`see_to`].
pub(crate) async fn end_due(service: &Arc<Service>) -> Result<(), ApiError> {
    let now = service.clock.now();
    for deletion in service.streams.deletions() {
        if deletion.gone_from <= now {
            end(service, deletion).await?;
        }
    }
    Ok(())
}

/// A task of its own, because this call is dropped when the client goes away.
async fn end(service: &Arc<Service>, deletion: Deletion) -> Result<(), ApiError> {
    let ending = {
        let service = service.clone();
        let tasks = service.tasks.clone();
        tasks.spawn(async move { service.streams.end(&deletion).await })
    };
    ending.await.map_err(|source| ApiError::Internal { doing: "finish a deletion", source: source.into() })?
}

/// Ends a deletion when its time comes. The task does not keep the service, which may be gone by then.
pub(crate) fn end_later(service: &Arc<Service>, deletion: Deletion) {
    let (clock, tasks, service) = (service.clock.clone(), service.tasks.clone(), Arc::downgrade(service));
    let activity = clock.activity();
    tasks.spawn(async move {
        activity.rest(Some(deletion.gone_from), clock.sleep_until(deletion.gone_from)).await;
        let Some(service) = Weak::upgrade(&service) else { return };
        if let Err(error) = service.streams.end(&deletion).await {
            tracing::warn!(stream = deletion.name, %error, "cannot end a deletion; it goes on after a restart");
        }
    });
}
