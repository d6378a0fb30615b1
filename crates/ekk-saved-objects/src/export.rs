//! Writes objects as lines, each after what it needs, with a summary at the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::{Value, json};

use crate::{Error, Find, ItemError, Key, SavedObject, Store, kind, limits::IMPORT_OBJECTS};

/// What is exported, and how.
#[derive(Clone, Debug, Default)]
pub struct Export {
    /// The objects.
    pub selection: Selection,
    /// Whether the objects that they need come too, and what those need.
    pub include_references_deep: bool,
    /// Whether the summary at the end is left out.
    pub exclude_export_details: bool,
}

/// Objects by type or by name.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// All objects of these types.
    pub kinds: Option<Vec<String>>,
    /// These objects.
    pub objects: Option<Vec<Key>>,
    /// Only those of the types that have these words.
    pub search: Option<String>,
}

impl Store {
    /// Writes objects as OpenSearch Dashboards exports them, lines with a line feed between them. What was imported and
    /// not changed since comes out as it came in.
    ///
    /// # Errors
    /// - [`Error::TypesNotExportable`], [`Error::ObjectsNotExportable`]: nobody saves such objects.
    /// - [`Error::BadSelection`]: both types and objects, or neither.
    /// - [`Error::CannotExport`]: some are not there.
    /// - [`Error::TooManyToExport`]: more than [`crate::IMPORT_OBJECTS`].
    /// - [`Error::Circular`]: no order of them puts each after what it needs.
    pub fn export(&self, export: &Export) -> Result<String, Error> {
        let roots = self.roots(&export.selection)?;
        let (objects, missing) =
            if export.include_references_deep { self.with_references(roots) } else { (roots, Vec::new()) };
        let objects = in_order(&objects)?;
        let mut lines: Vec<String> = objects.iter().map(|object| exported_line(object)).collect();
        if !export.exclude_export_details {
            let missing: Vec<Value> = missing.iter().map(|key| json!({"id": key.id, "type": key.kind})).collect();
            let summary = json!({
                "exportedCount": objects.len(), "missingRefCount": missing.len(), "missingReferences": missing
            });
            lines.push(summary.to_string());
        }
        Ok(lines.join("\n"))
    }

    fn roots(&self, selection: &Selection) -> Result<Vec<Arc<SavedObject>>, Error> {
        let exportable = |name: &str| kind::can_be_created(name) || self.holds(name);
        let kinds = selection.kinds.as_deref().unwrap_or_default();
        let keys = selection.objects.as_deref().unwrap_or_default();
        let refused: Vec<String> = kinds.iter().filter(|name| !exportable(name)).cloned().collect();
        if !refused.is_empty() {
            return Err(Error::TypesNotExportable(refused));
        }
        let refused: Vec<Key> = keys.iter().filter(|key| !exportable(&key.kind)).cloned().collect();
        if !refused.is_empty() {
            return Err(Error::ObjectsNotExportable(refused));
        }
        match (kinds.is_empty(), keys.is_empty()) {
            (false, false) => {
                Err(Error::BadSelection("Can't specify both \"types\" and \"objects\" properties when exporting"))
            }
            (true, true) => Err(Error::BadSelection("Either `type` or `objects` are required.")),
            (true, false) if selection.search.is_some() => {
                Err(Error::BadSelection("Can't specify both \"search\" and \"objects\" properties when exporting"))
            }
            (true, false) => self.named(keys),
            (false, true) => {
                let find = Find { kinds: kinds.to_vec(), search: selection.search.clone(), ..Find::default() };
                let mut objects = self.matching(&find);
                if objects.len() > IMPORT_OBJECTS {
                    return Err(Error::TooManyToExport(IMPORT_OBJECTS));
                }
                objects.sort_by(|one, other| one.key().id.cmp(&other.key().id));
                Ok(objects)
            }
        }
    }

    fn named(&self, keys: &[Key]) -> Result<Vec<Arc<SavedObject>>, Error> {
        if keys.len() > IMPORT_OBJECTS {
            return Err(Error::TooManyToExport(IMPORT_OBJECTS));
        }
        let mut missing = Vec::new();
        let mut objects = Vec::new();
        for key in keys {
            match self.get(key) {
                Some(object) => objects.push(object),
                None => missing.push(ItemError { key: key.clone(), error: Error::NotFound(key.clone()) }),
            }
        }
        if missing.is_empty() { Ok(objects) } else { Err(Error::CannotExport(missing)) }
    }

    /// These objects with all that they need, and what of it is not there.
    fn with_references(&self, roots: Vec<Arc<SavedObject>>) -> (Vec<Arc<SavedObject>>, Vec<Key>) {
        let mut seen: BTreeSet<Key> = roots.iter().map(|object| object.key().clone()).collect();
        let mut objects = roots;
        let mut missing = Vec::new();
        let mut next = 0;
        while let Some(object) = objects.get(next).cloned() {
            next += 1;
            for reference in object.references() {
                let key = reference.key();
                if seen.insert(key.clone()) {
                    match self.get(&key) {
                        Some(object) => objects.push(object),
                        None => missing.push(key),
                    }
                }
            }
        }
        (objects, missing)
    }
}

/// Where an object is on the way into the order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Begun,
    Done,
}

/// The objects, each after those of them that it needs. Goes without recursion: references may be deep.
fn in_order(objects: &[Arc<SavedObject>]) -> Result<Vec<Arc<SavedObject>>, Error> {
    let by_key: BTreeMap<&Key, &Arc<SavedObject>> = objects.iter().map(|object| (object.key(), object)).collect();
    let mut states: BTreeMap<Key, State> = BTreeMap::new();
    let mut sorted = Vec::with_capacity(objects.len());
    for root in objects {
        // Each step of the path: an object, and how many of its references were looked at.
        let mut path: Vec<(&Arc<SavedObject>, usize)> = Vec::new();
        if states.insert(root.key().clone(), State::Begun) == Some(State::Done) {
            states.insert(root.key().clone(), State::Done);
            continue;
        }
        path.push((root, 0));
        while let Some((object, looked_at)) = path.last_mut() {
            let object = *object;
            let Some(reference) = object.references().get(*looked_at) else {
                path.pop();
                states.insert(object.key().clone(), State::Done);
                sorted.push(Arc::clone(object));
                continue;
            };
            *looked_at += 1;
            let key = reference.key();
            let Some(&needed) = by_key.get(&key) else { continue };
            match states.get(&key) {
                Some(State::Done) => {}
                Some(State::Begun) => {
                    let circle = path.iter().map(|(object, _)| object.key().clone()).chain([key]);
                    return Err(Error::Circular(circle.collect()));
                }
                None => {
                    states.insert(key, State::Begun);
                    path.push((needed, 0));
                }
            }
        }
    }
    Ok(sorted)
}

/// The line of an object; what a data source signs in with does not leave the store.
fn exported_line(object: &SavedObject) -> String {
    let credentials =
        object.attributes().get("auth").and_then(|auth| auth.get("credentials")).and_then(Value::as_object);
    let Some(credentials) = credentials.filter(|_| object.key().kind == "data-source") else {
        return object.line().to_owned();
    };
    let mut document = Value::Object(object.document().clone());
    for name in credentials.keys() {
        document["attributes"]["auth"]["credentials"][name] = json!("pleaseUpdateCredentials");
    }
    document.to_string()
}
