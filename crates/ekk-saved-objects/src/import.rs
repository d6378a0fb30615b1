//! Takes objects from lines, as `_import` and `_resolve_import_errors` of OpenSearch Dashboards do.
//!
//! First everything is looked at: conflicts and missing references are data in the report, and as long as there is one
//! that can be resolved, nothing is written. A second call then says for each object what to do ([`Retry`]). Differs
//! from OpenSearch Dashboards: an object of a type that is not known is kept, not refused, and objects of older versions are
//! kept as they are, not migrated.

mod check;
mod lines;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use uuid::Uuid;

use crate::{
    Error, Key, SavedObject, Store, kind,
    object::{NewId, NewIds},
    store::check_version,
};

/// How an import treats what is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Whether an object takes the place of one with its type and id.
    pub overwrite: bool,
    /// Whether all objects get new ids; then nothing is in the way of any.
    pub create_new_copies: bool,
}

/// What to do with one object of an import that had errors.
#[derive(Clone, Debug, Default)]
pub struct Retry {
    /// The object, by the name it has in the import.
    pub key: Key,
    /// Whether it takes the place of the one that is there.
    pub overwrite: bool,
    /// The id that it gets.
    pub destination_id: Option<String>,
    /// What it refers to from now on.
    pub replace_references: Vec<ReplacedReference>,
    /// Whether it is a copy that forgets what it was made of.
    pub create_new_copy: bool,
    /// Whether it comes in although what it needs is not there.
    pub ignore_missing_references: bool,
}

/// A reference that is turned to another object.
#[derive(Clone, Debug)]
pub struct ReplacedReference {
    /// The type of both.
    pub kind: String,
    /// The id of before.
    pub from: String,
    /// The id of afterwards.
    pub to: String,
}

/// What came of an import. An object with an error is data here; the import itself has happened.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The objects without an error. They are written only when no error can be resolved, as the real one does it.
    pub imported: Vec<Imported>,
    /// What is in the way of the others.
    pub failures: Vec<Failure>,
}

/// One object that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// By the name it has in the import.
    pub key: Key,
    /// Its title.
    pub title: Option<String>,
    /// The sign of its type.
    pub icon: Option<&'static str>,
    /// Whether it took the place of another.
    pub overwrite: bool,
    /// The id that it got, when that is another one.
    pub destination_id: Option<String>,
    /// Whether it is a copy that forgot what it was made of.
    pub create_new_copy: bool,
}

/// One object that did not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// By the name it has in the import.
    pub key: Key,
    /// Its title.
    pub title: Option<String>,
    /// The sign of its type.
    pub icon: Option<&'static str>,
    /// Whether it was to take the place of another.
    pub overwrite: bool,
    /// Why.
    pub reason: FailureReason,
}

/// What is in the way of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureReason {
    /// There is one of its type and id.
    Conflict {
        /// The id that it was to get.
        destination_id: Option<String>,
    },
    /// An index pattern or search that it needs is neither there nor in the import.
    MissingReferences(Vec<Key>),
    /// Objects of this type do not come in this way.
    UnsupportedType,
}

/// What is known before anything is written.
struct Plan {
    objects: Vec<SavedObject>,
    new_ids: NewIds,
    /// Objects that take the place of others.
    overwriting: BTreeSet<Key>,
    failures: Vec<Failure>,
}

impl Report {
    /// Whether every object came in.
    pub fn is_success(&self) -> bool {
        self.failures.is_empty()
    }
}

impl Store {
    /// Takes the objects of an export in.
    ///
    /// # Errors
    /// Nothing is written then.
    /// - [`Error::Line`]: a line is no saved object.
    /// - [`Error::TooManyToImport`]: more than [`crate::IMPORT_OBJECTS`].
    /// - [`Error::NotUnique`]: an object comes twice.
    /// - [`Error::LaterVersion`]: one was written by a later version.
    /// - [`Error::Folder`]: a file cannot be written; those before it are.
    pub fn import(&self, ndjson: &str, options: ImportOptions) -> Result<Report, Error> {
        let objects = lines::read(ndjson)?;
        let _writing = self.begin();
        let mut plan = Plan {
            failures: check::missing_references(self, &objects, &[]),
            new_ids: NewIds::new(),
            overwriting: BTreeSet::new(),
            objects,
        };
        if options.create_new_copies {
            plan.new_ids = copies(&plan.objects);
        } else {
            for object in &plan.objects {
                if self.get(object.key()).is_none() {
                } else if options.overwrite {
                    plan.overwriting.insert(object.key().clone());
                } else {
                    plan.failures.push(failure(object, FailureReason::Conflict { destination_id: None }));
                }
            }
        }
        self.carry_out(plan, options.create_new_copies)
    }

    /// Takes those objects of an export in that `retries` name, each as its retry says.
    ///
    /// # Errors
    /// As [`Store::import`]; [`Error::NotUnique`] also for retries that name an object or a destination twice.
    pub fn resolve_import_errors(
        &self,
        ndjson: &str,
        retries: &[Retry],
        create_new_copies: bool,
    ) -> Result<Report, Error> {
        check::retries(retries)?;
        let by_key: BTreeMap<&Key, &Retry> = retries.iter().map(|retry| (&retry.key, retry)).collect();
        let mut objects = lines::read(ndjson)?;
        objects.retain(|object| by_key.contains_key(object.key()));
        let configs: Vec<Failure> = objects.iter().filter(|object| object.key().kind == "config").map(config).collect();
        if !configs.is_empty() {
            return Ok(Report { imported: Vec::new(), failures: configs });
        }
        let objects: Vec<SavedObject> = objects
            .iter()
            .map(|object| {
                by_key.get(object.key()).map_or_else(|| Ok(object.clone()), |retry| redirected(object, retry))
            })
            .collect::<Result<_, _>>()
            .map_err(Error::Unusable)?;
        let _writing = self.begin();
        let mut plan = Plan {
            failures: check::missing_references(self, &objects, retries),
            new_ids: if create_new_copies { copies(&objects) } else { NewIds::new() },
            overwriting: BTreeSet::new(),
            objects,
        };
        for object in &plan.objects {
            let Some(retry) = by_key.get(object.key()) else { continue };
            let destination = Key::new(&object.key().kind, retry.destination_id.as_ref().unwrap_or(&object.key().id));
            if retry.overwrite {
                plan.overwriting.insert(object.key().clone());
            } else if self.get(&destination).is_some() {
                let destination_id = retry.destination_id.clone();
                plan.failures.push(failure(object, FailureReason::Conflict { destination_id }));
                continue;
            }
            if destination != *object.key() {
                let omit_origin = create_new_copies || retry.create_new_copy;
                plan.new_ids.insert(object.key().clone(), NewId { id: destination.id, omit_origin });
            }
        }
        // Those that take another's place come first, as the real one writes them in two batches.
        plan.objects.sort_by_key(|object| !plan.overwriting.contains(object.key()));
        self.carry_out(plan, create_new_copies)
    }

    /// Writes what has no failure, unless a failure can be resolved.
    fn carry_out(&self, plan: Plan, create_new_copies: bool) -> Result<Report, Error> {
        let Plan { objects, new_ids, overwriting, mut failures } = plan;
        for failure in &mut failures {
            failure.overwrite = overwriting.contains(&failure.key);
        }
        let failed: BTreeSet<&Key> = failures.iter().map(|failure| &failure.key).collect();
        let taken: Vec<&SavedObject> = objects.iter().filter(|object| !failed.contains(object.key())).collect();
        let resolvable = failures.iter().any(|failure| failure.reason != FailureReason::UnsupportedType);
        if !resolvable {
            // Refused before the first is written.
            taken.iter().try_for_each(|object| check_version(object))?;
            for object in &taken {
                self.put(object.with_ids(&new_ids).map_err(Error::Unusable)?)?;
            }
        }
        let imported = taken
            .into_iter()
            .map(|object| {
                let new = new_ids.get(object.key()).filter(|new| new.id != object.key().id);
                Imported {
                    key: object.key().clone(),
                    title: object.title().map(str::to_owned),
                    icon: kind::icon(&object.key().kind),
                    overwrite: overwriting.contains(object.key()),
                    destination_id: new.map(|new| new.id.clone()),
                    create_new_copy: !create_new_copies && new.is_some_and(|new| new.omit_origin),
                }
            })
            .collect();
        Ok(Report { imported, failures })
    }

    /// Takes those objects of an export in that are not there yet, as a start with fixtures does. All that is there
    /// stays as it is.
    ///
    /// # Errors
    /// As [`Store::import`].
    pub fn import_missing(&self, ndjson: &str) -> Result<Vec<Arc<SavedObject>>, Error> {
        let objects = lines::read(ndjson)?;
        let _writing = self.begin();
        let missing: Vec<SavedObject> = objects.into_iter().filter(|object| self.get(object.key()).is_none()).collect();
        missing.iter().try_for_each(check_version)?;
        missing.into_iter().map(|object| self.put(object)).collect()
    }
}

/// A new id for each object.
fn copies(objects: &[SavedObject]) -> NewIds {
    let copy =
        |object: &SavedObject| (object.key().clone(), NewId { id: Uuid::new_v4().to_string(), omit_origin: true });
    objects.iter().map(copy).collect()
}

/// The object with the references that a retry replaces turned.
fn redirected(object: &SavedObject, retry: &Retry) -> Result<SavedObject, crate::LineError> {
    let ids: NewIds = retry
        .replace_references
        .iter()
        .map(|replaced| {
            (Key::new(&replaced.kind, &replaced.from), NewId { id: replaced.to.clone(), omit_origin: false })
        })
        // An object's own id is the destination's business.
        .filter(|(key, _)| key != object.key())
        .collect();
    object.with_ids(&ids)
}

fn failure(object: &SavedObject, reason: FailureReason) -> Failure {
    Failure {
        key: object.key().clone(),
        title: object.title().map(str::to_owned),
        icon: kind::icon(&object.key().kind),
        overwrite: false,
        reason,
    }
}

fn config(object: &SavedObject) -> Failure {
    Failure { title: Some(object.key().id.clone()), ..failure(object, FailureReason::UnsupportedType) }
}

#[cfg(test)]
mod tests;
