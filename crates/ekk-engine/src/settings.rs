//! The settings of an index: flat `index.…` keys with string values, checked against the ones that OpenSearch knows.
//!
//! Settings that mean nothing to a single process (allocation, replicas, codecs) are kept and shown.

mod known;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{error::Exception, limits, mapping::Mapping};

/// Settings that the engine gives a new index, and that a copy of another index's settings may bring along.
const GIVEN: [&str; 3] = ["index.creation_date", "index.provided_name", "index.version.created"];

/// The settings of one index.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// Keys start with `index.`; values are strings, or arrays of strings.
    values: BTreeMap<String, Value>,
}

impl Settings {
    /// Reads settings as `PUT /index` takes them: nested or flat, with or without the `index.` prefix.
    ///
    /// # Errors
    /// `settings_exception` for an unknown setting, `illegal_argument_exception` for a value that does not parse (400).
    pub fn from_json(json: &Value) -> Result<Self, Exception> {
        let mut values = flatten(json)?;
        values.retain(|_, value| !value.is_null());
        for (key, value) in &values {
            known::check(key, value)?;
        }
        Ok(Self { values })
    }

    /// Settings as the engine has saved them.
    pub(crate) fn stored(flat: &Value) -> Self {
        let values = flat.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
        Self { values }
    }

    /// Sets one value; the key starts with `index.`.
    pub(crate) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.values.insert(key.to_owned(), Value::String(value.into()));
    }

    pub(crate) fn set_default(&mut self, key: &str, value: &str) {
        self.values.entry(key.to_owned()).or_insert_with(|| Value::String(value.to_owned()));
    }

    /// These settings with `json` applied, as `PUT /index/_settings` does; a `null` removes a setting.
    ///
    /// # Errors
    /// As [`Settings::from_json`], and `illegal_argument_exception` (400) for a setting that cannot be changed while the
    /// index is open.
    pub fn updated(&self, json: &Value, index: &str, is_open: bool) -> Result<Self, Exception> {
        let changes = flatten(json)?;
        let mut fixed = Vec::new();
        for (key, value) in &changes {
            known::check(key, value)?;
            if !known::is_dynamic(key) && (is_open || known::is_final(key)) {
                fixed.push(key.as_str());
            }
        }
        if !fixed.is_empty() {
            let uuid = self.get("index.uuid").unwrap_or("_na_");
            return Err(Exception::illegal_argument(format!(
                "Can't update non dynamic settings [[{}]] for open indices [[{index}/{uuid}]]",
                fixed.join(", ")
            )));
        }
        let mut updated = self.clone();
        for (key, value) in changes {
            if value.is_null() {
                updated.values.remove(&key);
            } else {
                updated.values.insert(key, value);
            }
        }
        Ok(updated)
    }

    /// A value by its full key, for example `index.number_of_shards`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).and_then(Value::as_str)
    }

    /// Whether a setting is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }

    /// All settings by full key, for `flat_settings=true`.
    pub fn flat(&self) -> &BTreeMap<String, Value> {
        &self.values
    }

    /// All settings nested by the dots of their keys: `{"index": {"number_of_shards": "1"}}`.
    pub fn to_json(&self) -> Value {
        let mut root = Map::new();
        for (key, value) in &self.values {
            insert_nested(&mut root, key, value);
        }
        Value::Object(root)
    }

    /// A setting that is a count, or what it is when it is not set.
    pub fn limit(&self, key: &str, default: usize) -> usize {
        self.get(key).and_then(|text| text.parse().ok()).unwrap_or(default)
    }

    /// The limits that the settings put on the mapping.
    pub fn mapping_limits(&self) -> MappingLimits {
        MappingLimits {
            total_fields: self.limit("index.mapping.total_fields.limit", limits::TOTAL_FIELDS_LIMIT),
            depth: self.limit("index.mapping.depth.limit", limits::MAPPING_DEPTH_LIMIT),
            field_name_chars: self.limit("index.mapping.field_name_length.limit", limits::FIELD_NAME_LENGTH_LIMIT),
        }
    }

    /// Whether each write waits for the disk (`index.translog.durability`, default `REQUEST`).
    pub(crate) fn syncs_each_request(&self) -> bool {
        !self.get("index.translog.durability").is_some_and(|text| text.eq_ignore_ascii_case("async"))
    }
}

fn insert_nested(target: &mut Map<String, Value>, key: &str, value: &Value) {
    let Some((head, tail)) = key.split_once('.') else {
        target.insert(key.to_owned(), value.clone());
        return;
    };
    let child = target.entry(head.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    match child {
        Value::Object(child) => insert_nested(child, tail, value),
        // `a` and `a.b` are both settings: the longer one keeps its dots, as OpenSearch shows it.
        _ => drop(target.insert(key.to_owned(), value.clone())),
    }
}

/// The keys of a settings body, flat and with the prefix, and their values as strings.
fn flatten(json: &Value) -> Result<BTreeMap<String, Value>, Exception> {
    let mut values = BTreeMap::new();
    match json {
        Value::Null => {}
        Value::Object(object) => {
            for (key, value) in object {
                flatten_into(&mut values, key, value);
            }
        }
        other => {
            return Err(Exception::new("parse_exception", format!("settings must be an object, found [{other}]")));
        }
    }
    Ok(values
        .into_iter()
        .map(|(key, value)| if key.starts_with("index.") { (key, value) } else { (format!("index.{key}"), value) })
        .collect())
}

fn flatten_into(values: &mut BTreeMap<String, Value>, path: &str, value: &Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                flatten_into(values, &format!("{path}.{key}"), value);
            }
        }
        Value::Array(items) => {
            let texts = items.iter().map(|item| Value::String(scalar_text(item))).collect();
            values.insert(path.to_owned(), Value::Array(texts));
        }
        Value::Null => drop(values.insert(path.to_owned(), Value::Null)),
        scalar => drop(values.insert(path.to_owned(), Value::String(scalar_text(scalar)))),
    }
}

fn scalar_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The limits of one index's mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MappingLimits {
    /// Objects, leaves and multi-fields (`index.mapping.total_fields.limit`).
    pub total_fields: usize,
    /// Objects within objects (`index.mapping.depth.limit`).
    pub depth: usize,
    /// Characters of one field's name (`index.mapping.field_name_length.limit`).
    pub field_name_chars: usize,
}

impl Default for MappingLimits {
    fn default() -> Self {
        Settings::default().mapping_limits()
    }
}

impl MappingLimits {
    /// An object that is deeper than allowed; a document that has one is refused in other words than a mapping.
    pub(crate) fn too_deep<'m>(&self, mapping: &'m Mapping) -> Option<&'m str> {
        mapping.objects().into_iter().find(|path| path.split('.').count() + 1 > self.depth)
    }

    /// Refuses a mapping that is over a limit.
    pub(crate) fn check(&self, mapping: &Mapping) -> Result<(), Exception> {
        if mapping.paths.len() + mapping.aliases.len() + mapping.objects().len() > self.total_fields {
            let reason = format!("Limit of total fields [{}] has been exceeded", self.total_fields);
            return Err(Exception::illegal_argument(reason));
        }
        if let Some(path) = self.too_deep(mapping) {
            let reason =
                format!("Limit of mapping depth [{}] has been exceeded due to object field [{path}]", self.depth);
            return Err(Exception::illegal_argument(reason));
        }
        for path in mapping.paths.keys() {
            let name = path.rsplit('.').next().unwrap_or_default();
            if name.chars().count() > self.field_name_chars {
                let reason =
                    format!("Field name [{name}] is longer than the limit of [{}] characters", self.field_name_chars);
                return Err(Exception::illegal_argument(reason));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_nested_and_flat_forms_alike() {
        for body in [
            json!({"number_of_shards": 1, "refresh_interval": "5s"}),
            json!({"index": {"number_of_shards": "1", "refresh_interval": "5s"}}),
            json!({"index.number_of_shards": 1, "index.refresh_interval": "5s"}),
        ] {
            let settings = Settings::from_json(&body).unwrap();
            assert_eq!(
                settings.to_json(),
                json!({"index": {"number_of_shards": "1", "refresh_interval": "5s"}}),
                "{body}"
            );
        }
    }

    #[test]
    fn refuses_unknown_and_fixed_settings_as_opensearch_words_it() {
        let unknown = Settings::from_json(&json!({"index.nope": 1})).unwrap_err();
        assert_eq!(unknown.kind, "settings_exception");
        assert_eq!(unknown.reason, "unknown setting [index.nope] did you mean [index.codec]?");
        let settings = Settings::from_json(&json!({"uuid": "u"})).unwrap_or_default();
        let fixed = settings.updated(&json!({"index": {"number_of_shards": 3}}), "conf1", true).unwrap_err();
        assert_eq!(
            fixed.reason,
            "Can't update non dynamic settings [[index.number_of_shards]] for open indices [[conf1/_na_]]"
        );
    }

    #[test]
    fn a_null_removes_a_setting() {
        let settings = Settings::from_json(&json!({"refresh_interval": "5s"})).unwrap();
        let updated = settings.updated(&json!({"index.refresh_interval": null}), "i", true).unwrap();
        assert!(updated.flat().is_empty());
    }
}
