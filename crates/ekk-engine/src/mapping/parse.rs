//! Reads the JSON of a mapping.
//!
//! What OpenSearch refuses is refused in its words; types that are not built here are refused as it refuses unknown ones.

mod leaf;
mod templates;

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{
    DateFormat, Dynamic, Rules,
    spec::{ObjectSpec, Spec},
};
use crate::error::Exception;

pub(super) use self::leaf::parse_leaf;

/// A mapping that is asked for: its fields, and the root parameters that it names.
#[derive(Debug, Clone, Default)]
pub(super) struct ParsedMapping {
    pub(super) root: ObjectSpec,
    pub(super) rules: Rules,
}

/// Names of the metadata fields, which a mapping cannot define below `properties`.
const METADATA_FIELDS: [&str; 9] =
    ["_doc_count", "_field_names", "_id", "_ignored", "_index", "_nested_path", "_routing", "_seq_no", "_source"];

/// Root parameters that are kept and shown only.
const KEPT: [&str; 7] =
    ["_meta", "_source", "_routing", "_field_names", "_size", "_data_stream_timestamp", "_doc_count"];

/// The exception of an index that is created with a mapping which cannot be parsed.
pub(super) fn creation_failure(cause: Exception) -> Exception {
    let is_plain = cause.reason.starts_with("[copy_to] may not")
        || cause.reason.starts_with("The mapping definition")
        || cause.reason.starts_with("Limit of ")
        || cause.reason.starts_with("Invalid [path] value");
    if is_plain || cause.kind == "not_x_content_exception" {
        return cause;
    }
    Exception::mapper_parsing(format!("Failed to parse mapping [_doc]: {}", cause.reason)).caused_by(cause)
}

/// Whether a field may be of this type.
pub(super) fn is_known_type(kind: &str) -> bool {
    const TYPES: [&str; 21] = [
        "alias",
        "binary",
        "boolean",
        "byte",
        "date",
        "double",
        "float",
        "half_float",
        "integer",
        "ip",
        "keyword",
        "long",
        "match_only_text",
        "nested",
        "object",
        "scaled_float",
        "short",
        "text",
        "unsigned_long",
        "wildcard",
        "{dynamic_type}",
    ];
    TYPES.contains(&kind)
}

/// Reads the value of `mappings`, or the body of a put-mapping request.
pub(super) fn parse_mapping(json: &Value) -> Result<ParsedMapping, Exception> {
    match as_mapping(json)? {
        Some(object) => parse_root(object),
        None => Ok(ParsedMapping::default()),
    }
}

fn as_mapping(json: &Value) -> Result<Option<&Map<String, Value>>, Exception> {
    match json {
        Value::Null => Ok(None),
        Value::Object(object) => {
            if let [("_doc", Value::Object(_))] = object.iter().map(|(k, v)| (k.as_str(), v)).collect::<Vec<_>>()[..] {
                let reason = "The mapping definition cannot be nested under a type";
                return Err(Exception::illegal_argument(reason));
            }
            Ok(Some(object))
        }
        _ => Err(Exception::new(
            "not_x_content_exception",
            "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes",
        )),
    }
}

fn parse_root(object: &Map<String, Value>) -> Result<ParsedMapping, Exception> {
    let mut parsed = ParsedMapping::default();
    let mut unknown = Vec::new();
    for (key, value) in object {
        match key.as_str() {
            "properties" => parse_properties(&mut parsed.root, value)?,
            "dynamic" => parsed.root.dynamic = Some(dynamic(value)?),
            "enabled" => parsed.root.enabled = Some(object_boolean("enabled.enabled", value)?),
            "date_detection" => parsed.rules.date_detection = Some(object_boolean(key, value)?),
            "numeric_detection" => parsed.rules.numeric_detection = Some(object_boolean(key, value)?),
            "dynamic_date_formats" => parsed.rules.dynamic_date_formats = Some(date_formats(value)?),
            "dynamic_templates" => parsed.rules.templates = Some(templates::parse_templates(value)?),
            kept if KEPT.contains(&kept) => {
                check_kept(kept, value)?;
                let is_default = kept == "_source" && *value == serde_json::json!({"enabled": true});
                if !is_default {
                    parsed.rules.kept.insert(kept.into(), value.clone());
                }
            }
            _ => unknown.push(format!(" [{key} : {}]", java_text(value))),
        }
    }
    if unknown.is_empty() {
        return Ok(parsed);
    }
    let reason = format!("Root mapping definition has unsupported parameters: {}", unknown.concat());
    Err(Exception::mapper_parsing(reason))
}

fn check_kept(name: &str, value: &Value) -> Result<(), Exception> {
    let allowed: &[&str] = match name {
        "_source" => &[
            "enabled",
            "includes",
            "excludes",
            "recovery_source_enabled",
            "recovery_source_includes",
            "recovery_source_excludes",
        ],
        "_routing" => &["required"],
        _ => return Ok(()),
    };
    match value.as_object().and_then(|object| object.keys().find(|key| !allowed.contains(&key.as_str()))) {
        Some(key) => {
            let reason = format!("unknown parameter [{key}] on mapper [{name}] of type [null]");
            Err(Exception::mapper_parsing(reason))
        }
        None => Ok(()),
    }
}

pub(super) fn parse_properties(target: &mut ObjectSpec, value: &Value) -> Result<(), Exception> {
    // OpenSearch takes an empty list for no properties.
    let Value::Object(properties) = value else {
        return match value.as_array() {
            Some(items) if items.is_empty() => Ok(()),
            _ => Err(Exception::mapper_parsing("properties must be a map type")),
        };
    };
    for (name, definition) in properties {
        let spec = parse_property(name, definition)?;
        insert(target, name, spec)?;
    }
    Ok(())
}

/// Puts a child where its name says; dots make objects.
pub(super) fn insert(target: &mut ObjectSpec, name: &str, spec: Spec) -> Result<(), Exception> {
    if name.is_empty() {
        return Err(Exception::illegal_argument("name cannot be empty string"));
    }
    match name.split_once('.') {
        Some((head, tail)) => {
            if head.is_empty() {
                return Err(Exception::illegal_argument("name cannot be empty string"));
            }
            let child = target.children.entry(head.into()).or_insert_with(|| Spec::Object(ObjectSpec::default()));
            match child {
                Spec::Object(object) => insert(object, tail, spec),
                Spec::Leaf(_) | Spec::Alias(_) => Err(Exception::illegal_argument(format!(
                    "can't merge a non object mapping [{head}] with an object mapping"
                ))),
            }
        }
        None => match (target.children.get_mut(name), spec) {
            (Some(Spec::Object(there)), Spec::Object(new)) => {
                for (name, child) in new.children {
                    insert(there, &name, child)?;
                }
                Ok(())
            }
            (_, spec) => {
                target.children.insert(name.into(), spec);
                Ok(())
            }
        },
    }
}

fn parse_property(name: &str, definition: &Value) -> Result<Spec, Exception> {
    if METADATA_FIELDS.contains(&name) {
        return Err(Exception::mapper_parsing(format!("Field [{name}] is defined more than once")));
    }
    let Value::Object(definition) = definition else {
        return Err(Exception::mapper_parsing(format!(
            "Expected map for property [fields] on field [{name}] but got a class {}",
            java_class(definition)
        )));
    };
    let kind = match definition.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(other) => other.to_string(),
        None if definition.contains_key("properties") || definition.contains_key("enabled") => "object".to_owned(),
        None => return Err(Exception::mapper_parsing(format!("No type specified for field [{name}]"))),
    };
    match kind.as_str() {
        "object" | "nested" => parse_object(name, definition, kind == "nested").map(Spec::Object),
        "alias" => {
            definition.get("path").and_then(Value::as_str).map(|path| Spec::Alias(Arc::from(path))).ok_or_else(|| {
                Exception::mapper_parsing(format!("The [path] property must be specified for field [{name}]."))
            })
        }
        kind => parse_leaf(name, kind, definition).map(|leaf| Spec::Leaf(Box::new(leaf))),
    }
}

fn parse_object(name: &str, definition: &Map<String, Value>, nested: bool) -> Result<ObjectSpec, Exception> {
    let mut object = ObjectSpec { nested, explicit: true, ..ObjectSpec::default() };
    let mut unknown = Vec::new();
    for (key, value) in definition {
        match key.as_str() {
            "type" => {}
            "properties" => parse_properties(&mut object, value)?,
            "dynamic" => object.dynamic = Some(dynamic(value)?),
            "enabled" => object.enabled = Some(object_boolean("enabled.enabled", value)?),
            "include_in_root" | "include_in_parent" if nested => {
                let shown = if key == "include_in_root" { "include_in_root" } else { "include_in_parent" };
                if object_boolean(&format!("{name}.{key}"), value)? {
                    object.params.insert(shown, Value::Bool(true));
                }
            }
            _ => unknown.push(format!(" [{key} : {}]", java_text(value))),
        }
    }
    if unknown.is_empty() {
        return Ok(object);
    }
    let reason = format!("Mapping definition for [{name}] has unsupported parameters: {}", unknown.concat());
    Err(Exception::mapper_parsing(reason))
}

fn dynamic(value: &Value) -> Result<Dynamic, Exception> {
    Ok(match value.as_str() {
        Some("strict") => Dynamic::Strict,
        Some("strict_allow_templates") => Dynamic::StrictAllowTemplates,
        Some("false_allow_templates") => Dynamic::FalseAllowTemplates,
        _ if object_boolean("dynamic.dynamic", value)? => Dynamic::True,
        _ => Dynamic::False,
    })
}

fn date_formats(value: &Value) -> Result<Vec<DateFormat>, Exception> {
    // What is detected by a format is printed by its first alternative.
    let one = |value: &Value| {
        let pattern = value.as_str().unwrap_or_default();
        DateFormat::new(pattern)?.printed_as(pattern.split("||").next().unwrap_or(pattern))
    };
    match value {
        Value::Array(items) => items.iter().filter(|item| item.as_str() != Some("none")).map(one).collect(),
        Value::String(text) if text == "none" => Ok(Vec::new()),
        other => Ok(vec![one(other)?]),
    }
}

/// A boolean of an object's definition, which says the parameter's name when it is none.
fn object_boolean(name: &str, value: &Value) -> Result<bool, Exception> {
    boolean(value)
        .map_err(|cause| Exception::illegal_argument(format!("Could not convert [{name}] to boolean")).caused_by(cause))
}

/// `true`, `false`, or the same as strings.
pub(super) fn boolean(value: &Value) -> Result<bool, Exception> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        other => Err(Exception::illegal_argument(format!(
            "Failed to parse value [{}] as only [true] or [false] are allowed.",
            java_text(other)
        ))),
    }
}

/// A JSON value as Java prints the map that it became: `{a=1, b=[x, y]}`.
pub(crate) fn java_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(java_text).collect::<Vec<_>>().join(", ")),
        Value::Object(object) => {
            let entries: Vec<_> = object.iter().map(|(key, value)| format!("{key}={}", java_text(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

fn java_class(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "java.lang.String",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Array(_) => "java.util.ArrayList",
        Value::Number(number) if number.is_f64() => "java.lang.Double",
        Value::Number(_) => "java.lang.Integer",
        Value::Null | Value::Object(_) => "java.lang.Object",
    }
}
