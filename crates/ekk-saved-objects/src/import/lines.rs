//! Reads the lines of an export into objects.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{Error, Key, SavedObject, limits::IMPORT_OBJECTS};

/// The objects, in the order of their lines. Empty lines, `null` and the summary are passed over.
pub(super) fn read(ndjson: &str) -> Result<Vec<SavedObject>, Error> {
    let mut objects = Vec::new();
    let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
    for (index, line) in ndjson.trim_start_matches('\u{feff}').split('\n').enumerate() {
        let line = line.trim();
        if line.is_empty() || line == "null" {
            continue;
        }
        match SavedObject::parse(line) {
            Ok(object) => {
                if objects.len() == IMPORT_OBJECTS {
                    return Err(Error::TooManyToImport(IMPORT_OBJECTS));
                }
                *seen.entry(object.key().clone()).or_default() += 1;
                objects.push(object);
            }
            Err(_) if is_summary(line) => {}
            Err(problem) => return Err(Error::Line { line: index + 1, problem }),
        }
    }
    let twice: Vec<Key> = seen.into_iter().filter(|(_, times)| *times > 1).map(|(key, _)| key).collect();
    if twice.is_empty() { Ok(objects) } else { Err(Error::NotUnique { what: "import objects detected", keys: twice }) }
}

/// Whether a line is what an export ends with. Its counts are not checked, as in OpenSearch Dashboards.
fn is_summary(line: &str) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_str(line) else { return false };
    match members.get("exportedCount") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0) || members.contains_key("missingRefCount"),
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}
