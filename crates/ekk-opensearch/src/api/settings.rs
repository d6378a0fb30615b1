//! `_settings` of indices.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/index-apis/get-settings/>

use ekk_engine::index::Index;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{
    api::auto_create::{expand_replicas, flat_settings},
    error::{RestError, Result},
    expression::{self, IndicesOptions},
    json::{Json, Object, filter::wildcard_matches},
    node::{Node, VERSION},
    request::Request,
    response::Response,
};

/// Parameters of a change of settings.
pub(crate) const PUT_PARAMS: &[&str] = &["preserve_existing", "flat_settings"];

/// `GET [/{index}]/_settings[/{name}]`.
pub(crate) fn get(node: &Node, request: &Request) -> Result<Response> {
    let names = request.list("name").filter(|names| !names.iter().any(|name| name == "_all" || name == "*"));
    let mut answer = Object::new();
    for index in expression::indices(node, request, IndicesOptions::OPEN_AND_CLOSED)? {
        let settings = printed(&index, request, names.as_deref())?;
        let empty = matches!(&settings, Json::Object(object) if object.members.is_empty());
        if !empty {
            let mut printed = Object::new().with("settings", settings);
            if request.flag("include_defaults", false)? {
                printed.put("defaults", defaults(&index, request.flag("flat_settings", false)?, names.as_deref()));
            }
            answer.put(index.name().to_owned(), printed);
        }
    }
    Ok(Response::ok(answer))
}

/// The settings of an index, flat or nested, all or those that `names` match.
pub(crate) fn printed(index: &Index, request: &Request, names: Option<&[String]>) -> Result<Json> {
    let settings = index.settings();
    let mut all = settings.flat().clone();
    if request.flag("human", false)? {
        let created = settings.get("index.creation_date").and_then(|millis| millis.parse().ok());
        if let Some(at) = created.and_then(|millis| Timestamp::from_millisecond(millis).ok()) {
            all.insert("index.creation_date_string".to_owned(), Value::String(format!("{at:.3}")));
        }
        all.insert("index.version.created_string".to_owned(), Value::String(VERSION.to_owned()));
    }
    let flat: Map<String, Value> = all
        .iter()
        .filter(|(key, _)| names.is_none_or(|names| names.iter().any(|name| wildcard_matches(name, key))))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Ok(if request.flag("flat_settings", false)? { Value::Object(flat).into() } else { nested(&flat) })
}

/// Settings nested by the dots of their keys, in order of the keys.
pub(crate) fn nested(flat: &Map<String, Value>) -> Json {
    let mut root = Object::new();
    for (key, value) in flat {
        let mut parts: Vec<&str> = key.split('.').collect();
        let last = parts.pop().unwrap_or_default();
        let mut at = &mut root;
        for part in parts {
            at = at.object_mut(part);
        }
        at.put(last.to_owned(), value.clone());
    }
    root.into()
}

/// What an index that does not say otherwise has; the settings that clients look at.
const DEFAULTS: &[(&str, &str)] = &[
    ("index.refresh_interval", "1s"),
    ("index.max_result_window", "10000"),
    ("index.hidden", "false"),
    ("index.mapping.total_fields.limit", "1000"),
    ("index.flush_after_merge", "512mb"),
    ("index.translog.durability", "REQUEST"),
];

fn defaults(index: &Index, flat: bool, names: Option<&[String]>) -> Json {
    let settings = index.settings();
    let missing: Map<String, Value> = DEFAULTS
        .iter()
        .filter(|(key, _)| settings.get(key).is_none())
        .filter(|(key, _)| names.is_none_or(|names| names.iter().any(|name| wildcard_matches(name, key))))
        .map(|(key, value)| ((*key).to_owned(), Value::String((*value).to_owned())))
        .collect();
    if flat { Value::Object(missing).into() } else { nested(&missing) }
}

/// `PUT [/{index}]/_settings`.
pub(crate) fn put(node: &Node, request: &Request) -> Result<Response> {
    let body = request.required_json()?.to_value();
    let settings = match body.get("settings") {
        Some(inner) if body.as_object().is_some_and(|members| members.len() == 1) => inner.clone(),
        _ => body,
    };
    let flat = flat_settings(&settings);
    if flat.is_empty() {
        return Err(RestError::validation(&["no settings to update"]));
    }
    let preserve = request.flag("preserve_existing", false)?;
    for index in expression::indices(node, request, IndicesOptions::OPEN_AND_CLOSED)? {
        let current = index.settings();
        let changes: Map<String, Value> = flat
            .iter()
            .filter(|(key, _)| !preserve || current.get(key).is_none())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        index.put_settings(&expand_replicas(Value::Object(changes)))?;
    }
    Ok(Response::acknowledged())
}
