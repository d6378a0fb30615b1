//! Partial updates: a document's source with changes merged into it.
//!
//! Names keep their order and values that do not change keep their text, so that an update leaves the rest of the source
//! as it was received.

use std::{fmt, sync::Arc};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};

use super::Update;
use crate::error::Exception;

/// What an update makes of a source.
pub(super) enum Updated {
    Changed(Arc<str>),
    Same,
}

/// The source with the update's `doc` merged into it.
pub(super) fn updated(update: &Update, source: &str) -> Result<Updated, Exception> {
    let Some(changes) = &update.doc else {
        return Err(Exception::illegal_argument("an update needs a doc; scripts are not supported"));
    };
    let Value::Object(changes) = changes else {
        return Err(Exception::new("parse_exception", "the doc of an update must be an object"));
    };
    let mut text = String::with_capacity(source.len() + 64);
    let changed = merge(&mut text, source, changes)?;
    if changed || !update.detect_noop { Ok(Updated::Changed(text.into())) } else { Ok(Updated::Same) }
}

/// What is written when there is no document.
pub(super) fn upserted(update: &Update) -> Option<Arc<str>> {
    let document = if update.doc_as_upsert { update.doc.as_ref() } else { update.upsert.as_ref() };
    document.map(|document| document.to_string().into())
}

/// Writes `object` with `changes` merged into it; true when anything changed.
fn merge(text: &mut String, object: &str, changes: &Map<String, Value>) -> Result<bool, Exception> {
    let Entries(entries) = serde_json::from_str(object)
        .map_err(|error| Exception::mapper_parsing(format!("failed to parse the stored source: {error}")))?;
    let mut changed = false;
    let mut first = true;
    text.push('{');
    for (name, raw) in &entries {
        push_name(text, name, &mut first);
        match changes.get(name) {
            None => text.push_str(raw.get()),
            Some(Value::Object(inner)) if raw.get().starts_with('{') => changed |= merge(text, raw.get(), inner)?,
            Some(value) => {
                let same = serde_json::from_str::<Value>(raw.get()).is_ok_and(|there| there == *value);
                if same {
                    text.push_str(raw.get());
                } else {
                    changed = true;
                    text.push_str(&value.to_string());
                }
            }
        }
    }
    for (name, value) in changes {
        if !entries.iter().any(|(there, _)| there == name) {
            push_name(text, name, &mut first);
            text.push_str(&value.to_string());
            changed = true;
        }
    }
    text.push('}');
    Ok(changed)
}

fn push_name(text: &mut String, name: &str, first: &mut bool) {
    if !*first {
        text.push(',');
    }
    *first = false;
    text.push_str(&Value::from(name).to_string());
    text.push(':');
}

/// The names and values of an object, in order.
struct Entries(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}
