//! One saved object: the line it stands on, and what is read from it.
//!
//! The line is kept as it came. It is written anew only when the object is changed, and then as OpenSearch Dashboards
//! writes lines: without white space, keys in the order of their characters.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::limits::{IMPORT_BYTES, KEY_BYTES};

/// What an object is named by. Its text is `TYPE:ID`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// `dashboard`
    #[serde(rename = "type")]
    pub kind: String,
    /// Any text of one or more characters.
    pub id: String,
}

/// One object's link to another. Within the object it is named by `name`, so that ids can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// `kibanaSavedObjectMeta.searchSourceJSON.index`
    pub name: String,
    /// `index-pattern`
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the object that is meant.
    pub id: String,
}

/// A text is not a saved object. Reads as the end of a sentence that names where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It is not JSON.
    #[error("is not JSON: {0}")]
    NotJson(String),
    /// It is JSON of another kind.
    #[error("is not an object of JSON")]
    NotAnObject,
    /// A member that every object has is missing or of the wrong kind.
    #[error("has no {0}")]
    Lacks(&'static str),
    /// A member is of the wrong kind.
    #[error("has {0} that are not a list of objects with name, type and id")]
    BadReferences(&'static str),
    /// Type and id are too long together.
    #[error("has a type and id of {0} bytes, over the limit of {KEY_BYTES}")]
    KeyTooLong(usize),
    /// It is too long.
    #[error("has {0} bytes, over the limit of {IMPORT_BYTES}")]
    TooLong(usize),
}

/// A saved object.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedObject {
    key: Key,
    /// One line of JSON, without its end.
    line: String,
    document: Map<String, Value>,
    references: Vec<Reference>,
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind, self.id)
    }
}

impl Key {
    /// The key of `TYPE:ID`.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }
}

impl SavedObject {
    /// Reads an object from its line, which is kept as it is.
    ///
    /// # Errors
    /// Says what the line lacks to be a saved object.
    pub fn parse(line: &str) -> Result<Self, LineError> {
        if line.len() > IMPORT_BYTES {
            return Err(LineError::TooLong(line.len()));
        }
        let value: Value = serde_json::from_str(line).map_err(|error| LineError::NotJson(error.to_string()))?;
        let Value::Object(document) = value else { return Err(LineError::NotAnObject) };
        Self::of(document, line.to_owned())
    }

    /// Makes an object of its members; the line is written.
    pub(crate) fn written(document: Map<String, Value>) -> Result<Self, LineError> {
        let line = Value::Object(document.clone()).to_string();
        Self::of(document, line)
    }

    fn of(document: Map<String, Value>, line: String) -> Result<Self, LineError> {
        let text = |name: &'static str, lacks: &'static str| {
            let text = document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.map(str::to_owned).ok_or(LineError::Lacks(lacks))
        };
        let key = Key { kind: text("type", "type")?, id: text("id", "id")? };
        let key_bytes = key.kind.len() + 1 + key.id.len();
        if key_bytes > KEY_BYTES {
            return Err(LineError::KeyTooLong(key_bytes));
        }
        if !document.get("attributes").is_some_and(Value::is_object) {
            return Err(LineError::Lacks("attributes"));
        }
        let references = match document.get("references") {
            None => Vec::new(),
            Some(references) => read_references(references).ok_or(LineError::BadReferences("references"))?,
        };
        Ok(Self { key, line, document, references })
    }

    /// Type and id.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The object as an export has it: one line of JSON.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// All members.
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// What the object holds; JSON within strings is not opened.
    pub fn attributes(&self) -> &Map<String, Value> {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        self.document.get("attributes").and_then(Value::as_object).unwrap_or(&*NONE)
    }

    /// The text of an attribute.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.attributes().get(attribute)?.as_str()
    }

    /// What it is called.
    pub fn title(&self) -> Option<&str> {
        self.text("title")
    }

    /// The objects that it needs.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// When it was changed last, as it says itself.
    pub fn updated_at(&self) -> Option<&str> {
        self.document.get("updated_at")?.as_str()
    }

    /// The `migrationVersion` of the object's own type.
    pub fn migration_version(&self) -> Option<&str> {
        self.document.get("migrationVersion")?.get(&self.key.kind)?.as_str()
    }

    /// What says whether the object was changed: base64 of `[number,1]`, as in OpenSearch Dashboards.
    ///
    /// The number there is OpenSearch's sequence number; here it is made of the line, so it is the same after a restart.
    pub fn version(&self) -> String {
        let hash = self.line.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        // JavaScript reads the number, and whole numbers end at 53 bits there.
        base64_simd::STANDARD.encode_to_string(format!("[{},1]", hash >> 11))
    }

    /// The object in the form of the API, which has the version and the namespaces.
    pub fn described(&self) -> Map<String, Value> {
        let mut described = Map::new();
        for name in ["id", "type", "attributes", "migrationVersion", "originId", "updated_at"] {
            if let Some(value) = self.document.get(name) {
                described.insert(name.to_owned(), value.clone());
            }
        }
        let references = serde_json::to_value(&self.references).unwrap_or_default();
        described.insert("references".to_owned(), references);
        described.insert("namespaces".to_owned(), serde_json::json!(["default"]));
        described.insert("version".to_owned(), Value::String(self.version()));
        described
    }

    /// The same with these attributes only, by paths of names between dots; all of them when there are none.
    pub fn described_with(&self, fields: &[String]) -> Map<String, Value> {
        crate::find::with_fields(self.described(), fields)
    }

    /// The same object with other ids, as an import under new ids makes it.
    pub(crate) fn with_ids(&self, ids: &NewIds) -> Result<Self, LineError> {
        let own = ids.get(&self.key);
        let changed = self.references.iter().any(|reference| ids.get(&reference.key()).is_some());
        if own.is_none() && !changed {
            return Ok(self.clone());
        }
        let mut document = self.document.clone();
        if changed {
            let references = self.references.iter().map(|reference| {
                let id = ids.get(&reference.key()).map_or(&reference.id, |new| &new.id);
                Reference { id: id.clone(), ..reference.clone() }
            });
            let references = serde_json::to_value(references.collect::<Vec<_>>()).unwrap_or_default();
            document.insert("references".to_owned(), references);
        }
        if let Some(new) = own {
            document.insert("id".to_owned(), Value::String(new.id.clone()));
            if new.omit_origin {
                document.remove("originId");
            } else {
                document.entry("originId").or_insert_with(|| Value::String(self.key.id.clone()));
            }
        }
        Self::written(document)
    }
}

/// Ids that an import gives to objects in the place of their own.
pub(crate) type NewIds = BTreeMap<Key, NewId>;

/// The id that an object gets.
#[derive(Clone, Debug)]
pub(crate) struct NewId {
    pub(crate) id: String,
    /// Whether the copy forgets what it was made of.
    pub(crate) omit_origin: bool,
}

impl Reference {
    /// The object that is meant.
    pub fn key(&self) -> Key {
        Key { kind: self.kind.clone(), id: self.id.clone() }
    }
}

/// References as they stand in an object; other members of a reference are passed over.
fn read_references(references: &Value) -> Option<Vec<Reference>> {
    let read = |reference: &Value| {
        let text = |name: &str| reference.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Reference { name: text("name")?, kind: text("type")?, id: text("id")? })
    };
    references.as_array()?.iter().map(read).collect()
}

/// An instant as OpenSearch Dashboards writes it.
pub(crate) fn wire_time(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_saved_object_says_what_it_lacks() {
        for (line, expected) in [
            ("not json", "is not JSON: expected ident at line 1 column 2"),
            ("[]", "is not an object of JSON"),
            ("7", "is not an object of JSON"),
            (r#"{"id":"a","attributes":{}}"#, "has no type"),
            (r#"{"type":7,"id":"a","attributes":{}}"#, "has no type"),
            (r#"{"type":"","id":"a","attributes":{}}"#, "has no type"),
            (r#"{"type":"t","attributes":{}}"#, "has no id"),
            (r#"{"type":"t","id":"a"}"#, "has no attributes"),
            (r#"{"type":"t","id":"a","attributes":[]}"#, "has no attributes"),
            (
                r#"{"type":"t","id":"a","attributes":{},"references":{}}"#,
                "has references that are not a list of objects with name, type and id",
            ),
            (
                r#"{"type":"t","id":"a","attributes":{},"references":[{"id":"x","type":"y"}]}"#,
                "has references that are not a list of objects with name, type and id",
            ),
        ] {
            assert_eq!(SavedObject::parse(line).unwrap_err().to_string(), expected, "{line}");
        }
        let long = format!(r#"{{"type":"t","id":"{}","attributes":{{}}}}"#, "a".repeat(511));
        assert_eq!(SavedObject::parse(&long).unwrap_err(), LineError::KeyTooLong(513));
        let deep = format!(r#"{{"type":"t","id":"a","attributes":{}}}"#, "[".repeat(200_000));
        assert!(SavedObject::parse(&deep).unwrap_err().to_string().contains("recursion limit"));
    }

    #[test]
    fn a_version_changes_with_the_line_and_is_the_form_of_opensearch_dashboards() {
        let one = SavedObject::parse(r#"{"type":"t","id":"a","attributes":{}}"#).unwrap();
        let other = SavedObject::parse(r#"{"type":"t","id":"a","attributes":{"x":1}}"#).unwrap();
        assert_eq!(one.version(), one.clone().version());
        assert_ne!(one.version(), other.version());
        let decoded = base64_simd::STANDARD.decode_to_vec(one.version()).unwrap();
        let numbers: Vec<u64> = serde_json::from_slice(&decoded).unwrap();
        assert!(numbers.len() == 2 && numbers[0] < 1 << 53 && numbers[1] == 1, "{numbers:?}");
    }

    #[test]
    fn times_are_written_in_milliseconds_and_utc() {
        assert_eq!(wire_time("2026-11-23T01:02:03.4567Z".parse().unwrap()), "2026-11-23T01:02:03.456Z");
    }
}
