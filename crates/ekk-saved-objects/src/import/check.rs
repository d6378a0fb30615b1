//! What an import is held to before anything is written.

use std::collections::BTreeSet;

use super::{Failure, FailureReason, Retry, failure};
use crate::{Error, Key, SavedObject, Store};

/// The types whose absence is an error; a dashboard may come before its panels.
const CHECKED: [&str; 2] = ["index-pattern", "search"];

/// The objects that need an index pattern or a search which is neither there nor comes with them.
pub(super) fn missing_references(store: &Store, objects: &[SavedObject], retries: &[Retry]) -> Vec<Failure> {
    let ignored: BTreeSet<&Key> =
        retries.iter().filter(|retry| retry.ignore_missing_references).map(|retry| &retry.key).collect();
    let coming: BTreeSet<&Key> = objects.iter().map(SavedObject::key).collect();
    let is_missing =
        |key: &Key| CHECKED.contains(&key.kind.as_str()) && !coming.contains(key) && store.get(key).is_none();
    objects
        .iter()
        .filter(|object| !ignored.contains(object.key()))
        .filter_map(|object| {
            let keys = object.references().iter().map(crate::Reference::key);
            let missing: Vec<Key> = keys.filter(is_missing).collect();
            (!missing.is_empty()).then(|| failure(object, FailureReason::MissingReferences(missing)))
        })
        .collect()
}

/// Retries name each object once, and no two of them the same destination.
pub(super) fn retries(retries: &[Retry]) -> Result<(), Error> {
    unique("retry objects", retries.iter().map(|retry| retry.key.clone()))?;
    let destination = |retry: &Retry| Some(Key::new(&retry.key.kind, retry.destination_id.as_ref()?));
    unique("retry destinations", retries.iter().filter_map(destination))
}

fn unique(what: &'static str, keys: impl Iterator<Item = Key>) -> Result<(), Error> {
    let (mut seen, mut twice) = (BTreeSet::new(), Vec::new());
    for key in keys {
        if !seen.insert(key.clone()) && !twice.contains(&key) {
            twice.push(key);
        }
    }
    if twice.is_empty() { Ok(()) } else { Err(Error::NotUnique { what, keys: twice }) }
}
