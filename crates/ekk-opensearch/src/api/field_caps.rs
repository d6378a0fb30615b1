//! `_field_caps`: which fields indices have, of which types, and what can be done with them.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/field-caps/>

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ekk_engine::{index::Index, mapping::FieldType};

use crate::{
    error::{RestError, Result},
    expression::{self, IndicesOptions},
    json::{Json, Object, filter::wildcard_matches},
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of field capabilities.
pub(crate) const PARAMS: &[&str] = &["fields", "include_unmapped"];

/// Fields that every index has: name and type, searchable, aggregatable.
const METADATA: &[(&str, &str, bool, bool)] = &[
    ("_id", "_id", true, true),
    ("_index", "_index", true, true),
    ("_seq_no", "_seq_no", true, true),
    ("_version", "_version", false, false),
    ("_source", "_source", false, false),
    ("_routing", "_routing", true, false),
    ("_field_names", "_field_names", true, false),
    ("_ignored", "_ignored", true, false),
    ("_nested_path", "_nested_path", true, false),
    ("_doc_count", "long", false, false),
    ("_data_stream_timestamp", "_data_stream_timestamp", false, false),
];

/// What a field of one type can do, and in which indices.
#[derive(Debug, Default)]
struct Capability {
    can_search: Vec<String>,
    cannot_search: Vec<String>,
    can_aggregate: Vec<String>,
    cannot_aggregate: Vec<String>,
}

impl Capability {
    fn add(&mut self, index: &str, searchable: bool, aggregatable: bool) {
        let to = if searchable { &mut self.can_search } else { &mut self.cannot_search };
        to.push(index.to_owned());
        let to = if aggregatable { &mut self.can_aggregate } else { &mut self.cannot_aggregate };
        to.push(index.to_owned());
    }

    fn indices(&self) -> Vec<String> {
        let mut all: Vec<String> = self.can_search.iter().chain(&self.cannot_search).cloned().collect();
        all.sort_unstable();
        all
    }

    /// `indices` are listed when the field has another type elsewhere.
    fn printed(&self, kind: &str, conflicting: bool) -> Object {
        let mut printed = Object::new()
            .with("type", kind.to_owned())
            .with("searchable", self.cannot_search.is_empty())
            .with("aggregatable", self.cannot_aggregate.is_empty());
        if conflicting {
            printed.put("indices", self.indices());
        }
        if !self.cannot_search.is_empty() && !self.can_search.is_empty() {
            printed.put("non_searchable_indices", self.cannot_search.clone());
        }
        if !self.cannot_aggregate.is_empty() && !self.can_aggregate.is_empty() {
            printed.put("non_aggregatable_indices", self.cannot_aggregate.clone());
        }
        printed
    }
}

/// `GET|POST [/{index}]/_field_caps`.
pub(crate) fn field_caps(node: &Node, request: &Request) -> Result<Response> {
    if let Some(body) = request.json()? {
        for member in body.members().unwrap_or_default() {
            if member.name != "index_filter" {
                let reason = format!("[field_caps_request] unknown field [{}]", member.name);
                return Err(crate::error::Exception::x_content(&reason, member.name_at).bad_request());
            }
        }
    }
    let Some(patterns) = request.list("fields") else {
        return Err(RestError::illegal_argument("specified fields can't be null or empty"));
    };
    let indices = expression::indices(node, request, IndicesOptions::OPEN_ONLY)?;
    let mut fields: BTreeMap<String, BTreeMap<String, Capability>> = BTreeMap::new();
    for index in &indices {
        collect(index, &patterns, &mut fields);
    }
    let mut names: Vec<String> = indices.iter().map(|index| index.name().to_owned()).collect();
    names.sort_unstable();
    let include_unmapped = request.flag("include_unmapped", false)?;
    let mut printed = Object::new();
    for (field, mut types) in fields {
        if include_unmapped {
            add_unmapped(&names, &mut types);
        }
        let conflicting = types.len() > 1;
        let mut by_type = Object::new();
        for (kind, capability) in &types {
            by_type.put(kind.clone(), capability.printed(kind, conflicting));
        }
        printed.put(field, by_type);
    }
    Ok(Response::ok(Object::new().with("indices", names).with("fields", Json::from(printed))))
}

fn add_unmapped(names: &[String], types: &mut BTreeMap<String, Capability>) {
    let mapped: BTreeSet<String> = types.values().flat_map(Capability::indices).collect();
    let mut unmapped = Capability::default();
    for name in names.iter().filter(|name| !mapped.contains(*name)) {
        unmapped.add(name, false, false);
    }
    if !unmapped.indices().is_empty() {
        types.insert("unmapped".to_owned(), unmapped);
    }
}

fn collect(index: &Arc<Index>, patterns: &[String], fields: &mut BTreeMap<String, BTreeMap<String, Capability>>) {
    let wanted = |path: &str| patterns.iter().any(|pattern| wildcard_matches(pattern, path));
    let mut add = |path: &str, kind: &str, searchable: bool, aggregatable: bool| {
        let capability = fields.entry(path.to_owned()).or_default().entry(kind.to_owned()).or_default();
        capability.add(index.name(), searchable, aggregatable);
    };
    let mapping = index.mapping();
    for field in mapping.fields().filter(|field| wanted(&field.path)) {
        let aggregatable = field.doc_values && !matches!(field.kind, FieldType::Text { .. });
        add(&field.path, field.kind.name(), field.index, aggregatable);
    }
    for (path, target) in mapping.aliases().filter(|(path, _)| wanted(path)) {
        if let Some(field) = mapping.field(target) {
            add(path, field.kind.name(), field.index, field.doc_values);
        }
    }
    for path in mapping.objects().into_iter().filter(|path| wanted(path)) {
        add(path, if mapping.is_nested(path) { "nested" } else { "object" }, false, false);
    }
    for (name, kind, searchable, aggregatable) in METADATA.iter().filter(|(name, ..)| wanted(name)) {
        add(name, kind, *searchable, *aggregatable);
    }
}
