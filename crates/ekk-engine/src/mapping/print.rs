//! Writes the JSON of a mapping, as `GET /index/_mapping` shows it.

use serde_json::{Map, Value, json};

use super::{Dynamic, Field, Leaf, Mapping, Node, Object};

pub(super) fn mapping_to_json(mapping: &Mapping) -> Value {
    let mut json = Map::new();
    if let Some(dynamic) = mapping.root.dynamic {
        json.insert("dynamic".to_owned(), json!(dynamic.as_str()));
    }
    if !mapping.root.enabled {
        json.insert("enabled".to_owned(), json!(false));
    }
    for (name, value) in &mapping.rules.kept {
        json.insert(name.to_string(), value.clone());
    }
    if let Some(formats) = &mapping.rules.dynamic_date_formats {
        let patterns: Vec<_> = formats.iter().map(super::DateFormat::pattern).collect();
        json.insert("dynamic_date_formats".to_owned(), json!(patterns));
    }
    if let Some(templates) = &mapping.rules.templates {
        let shown: Vec<_> = templates.iter().map(|template| json!({template.name.as_ref(): template.shown})).collect();
        json.insert("dynamic_templates".to_owned(), json!(shown));
    }
    if let Some(detection) = mapping.rules.date_detection {
        json.insert("date_detection".to_owned(), json!(detection));
    }
    if let Some(detection) = mapping.rules.numeric_detection {
        json.insert("numeric_detection".to_owned(), json!(detection));
    }
    if !mapping.root.children.is_empty() {
        json.insert("properties".to_owned(), children_to_json(&mapping.root));
    }
    Value::Object(json)
}

/// The definition of one field, multi-field or object.
pub(super) fn field_to_json(mapping: &Mapping, path: &str) -> Option<Value> {
    if let Some(node) = mapping.root.node_at(path) {
        return Some(node_to_json(node));
    }
    multi_field_leaf(mapping, mapping.field(path)?).map(leaf_to_json)
}

/// The leaf of a multi-field, found below its parents.
fn multi_field_leaf<'a>(mapping: &'a Mapping, field: &Field) -> Option<&'a Leaf> {
    let parent = mapping.fields.get(field.parent?.0 as usize)?;
    let leaf = match mapping.root.node_at(&parent.path) {
        Some(Node::Leaf(leaf)) => leaf,
        Some(_) => return None,
        None => multi_field_leaf(mapping, parent)?,
    };
    leaf.multi_fields.get(field.path.rsplit('.').next()?)
}

fn children_to_json(object: &Object) -> Value {
    Value::Object(object.children.iter().map(|(name, node)| (name.to_string(), node_to_json(node))).collect())
}

fn node_to_json(node: &Node) -> Value {
    match node {
        Node::Object(object) => object_to_json(object),
        Node::Leaf(leaf) => leaf_to_json(leaf),
        Node::Alias(path) => json!({"type": "alias", "path": path}),
    }
}

fn object_to_json(object: &Object) -> Value {
    let mut json = Map::new();
    if object.nested {
        json.insert("type".to_owned(), json!("nested"));
    } else if object.children.is_empty() {
        json.insert("type".to_owned(), json!("object"));
    }
    for (name, value) in &object.params {
        json.insert((*name).to_owned(), value.clone());
    }
    if let Some(dynamic) = object.dynamic {
        json.insert("dynamic".to_owned(), json!(dynamic.as_str()));
    }
    if !object.enabled {
        json.insert("enabled".to_owned(), json!(false));
    }
    if !object.children.is_empty() {
        json.insert("properties".to_owned(), children_to_json(object));
    }
    Value::Object(json)
}

fn leaf_to_json(leaf: &Leaf) -> Value {
    let mut json = Map::new();
    json.insert("type".to_owned(), json!(leaf.field.type_name));
    for (name, value) in &leaf.field.params {
        json.insert((*name).to_owned(), value.clone());
    }
    if leaf.field.type_name == "wildcard" {
        json.insert("doc_values".to_owned(), json!(leaf.field.doc_values));
    }
    if !leaf.multi_fields.is_empty() {
        let fields: Map<_, _> =
            leaf.multi_fields.iter().map(|(name, leaf)| (name.to_string(), leaf_to_json(leaf))).collect();
        json.insert("fields".to_owned(), Value::Object(fields));
    }
    Value::Object(json)
}

impl Dynamic {
    /// The value of `dynamic` that stands for it.
    fn as_str(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Strict => "strict",
            Self::StrictAllowTemplates => "strict_allow_templates",
            Self::FalseAllowTemplates => "false_allow_templates",
        }
    }
}
