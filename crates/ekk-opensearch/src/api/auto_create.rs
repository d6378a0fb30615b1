//! Making an index: by request, or because a document names one that is not there; templates are applied in either case.
//!
//! Source: <https://docs.opensearch.org/latest/im-plugin/index-templates/>

use std::sync::Arc;

use ekk_engine::{engine::IndexConfig, index::Index};
use http::StatusCode;
use serde_json::{Map, Value};

use crate::{
    api::{alias, cluster, index_template, legacy_template},
    catalog::Catalog,
    error::{Exception, Result, index_not_found, invalid_index_name},
    json::filter::wildcard_matches,
    limits::MAX_SHARDS_PER_NODE,
    node::Node,
};

/// The index that a write names; it is made when `action.auto_create_index` allows it.
///
/// # Errors
/// 404 `index_not_found_exception` when it may not be made, 400 for a name that no index can have.
pub(crate) fn create(node: &Node, name: &str) -> Result<Arc<Index>> {
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    if let Some(index) = node.engine.index(name) {
        return Ok(index);
    }
    check_auto_create(node, name)?;
    create_locked(node, name, IndexConfig::default())
}

/// Makes an index of this name and configuration, templates applied below it.
///
/// # Errors
/// 400 when the name, the settings or the mappings are refused, or an index or alias of this name is there.
pub(crate) fn create_configured(node: &Node, name: &str, config: IndexConfig) -> Result<Arc<Index>> {
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    create_locked(node, name, config)
}

fn create_locked(node: &Node, name: &str, config: IndexConfig) -> Result<Arc<Index>> {
    let catalog = Catalog::of(&node.engine);
    if catalog.is_alias(name) {
        return Err(invalid_index_name(name, "already exists as alias").bad_request());
    }
    let config = with_templates(node, name, config);
    check_aliases(&catalog, name, &config.aliases)?;
    let config = IndexConfig { settings: expand_replicas(config.settings), ..config };
    check_shards(node, &config.settings)?;
    Ok(node.engine.create_index(name, config, node.clock.now())?)
}

/// The configuration over the template that matches best, or over the legacy templates when no other matches.
fn with_templates(node: &Node, name: &str, config: IndexConfig) -> IndexConfig {
    let layers = match index_template::layers_for(node, name) {
        Some(layers) => layers,
        None => legacy_template::layers_for(node, name),
    };
    compose(name, layers, config)
}

/// One template's part of a new index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layer {
    pub(crate) settings: Value,
    pub(crate) mappings: Value,
    pub(crate) aliases: Map<String, Value>,
}

impl Layer {
    /// The `template` of an index or component template, or a legacy template itself.
    pub(crate) fn of(template: &Value) -> Self {
        let part = |name: &str| template.get(name).cloned().unwrap_or(Value::Null);
        Self {
            settings: part("settings"),
            mappings: part("mappings"),
            aliases: part("aliases").as_object().cloned().unwrap_or_default(),
        }
    }
}

/// Lays the layers over one another, the configuration on top.
pub(crate) fn compose(name: &str, layers: Vec<Layer>, config: IndexConfig) -> IndexConfig {
    let mut settings = Map::new();
    let mut mappings = Value::Object(Map::new());
    let mut aliases = Map::new();
    let top = Layer { settings: config.settings, mappings: config.mappings, aliases: config.aliases };
    for layer in layers.into_iter().chain([top]) {
        for (key, value) in flat_settings(&layer.settings) {
            settings.insert(key, value);
        }
        merge_mappings(&mut mappings, layer.mappings);
        for (alias, properties) in layer.aliases {
            aliases.insert(alias.replace("{index}", name), properties);
        }
    }
    IndexConfig { settings: Value::Object(settings), mappings, aliases }
}

/// Settings by their full keys, `index.` in front.
pub(crate) fn flat_settings(settings: &Value) -> Map<String, Value> {
    fn walk(prefix: &str, value: &Value, flat: &mut Map<String, Value>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    walk(&key, value, flat);
                }
            }
            Value::Null if prefix.is_empty() => {}
            other => {
                let key = if prefix.starts_with("index.") { prefix.to_owned() } else { format!("index.{prefix}") };
                flat.insert(key, other.clone());
            }
        }
    }
    let mut flat = Map::new();
    walk("", settings, &mut flat);
    flat
}

/// Merges `over` into `base`: fields of `properties` one by one, everything else replaced.
pub(crate) fn merge_mappings(base: &mut Value, over: Value) {
    let Value::Object(over) = over else { return };
    let over = match over.get("_doc") {
        Some(Value::Object(inner)) if over.len() == 1 => inner.clone(),
        _ => over,
    };
    let Value::Object(base) = base else { return };
    for (name, value) in over {
        match (base.get_mut(&name), value) {
            (Some(Value::Object(fields)), Value::Object(more)) if name == "properties" => {
                for (field, definition) in more {
                    match fields.get_mut(&field) {
                        Some(old) if old.get("properties").is_some() && definition.get("properties").is_some() => {
                            merge_mappings(old, definition);
                        }
                        _ => {
                            fields.insert(field, definition);
                        }
                    }
                }
            }
            (Some(Value::Array(templates)), Value::Array(more)) if name == "dynamic_templates" => {
                for template in more {
                    let same = |old: &Value| {
                        old.as_object().and_then(|o| o.keys().next())
                            == template.as_object().and_then(|o| o.keys().next())
                    };
                    match templates.iter().position(same) {
                        Some(at) => templates[at] = template,
                        None => templates.push(template),
                    }
                }
            }
            (_, value) => {
                base.insert(name, value);
            }
        }
    }
}

fn check_aliases(catalog: &Catalog, name: &str, aliases: &Map<String, Value>) -> Result<()> {
    for alias in aliases.keys() {
        alias::check_name(alias)?;
        if alias == name || catalog.entry(alias).is_some() {
            let reason = format!("Invalid alias name [{alias}], an index exists with the same name as the alias");
            let exception = Exception::new("invalid_alias_name_exception", reason);
            return Err(exception.with("index", alias.to_owned()).with("index_uuid", "_na_").bad_request());
        }
    }
    Ok(())
}

/// On one node `auto_expand_replicas` comes to no replicas, or to the least that it allows.
pub(crate) fn expand_replicas(mut settings: Value) -> Value {
    let range = settings.get("index.auto_expand_replicas").and_then(Value::as_str);
    let least = range.and_then(|range| range.split('-').next()).and_then(|least| least.parse::<u64>().ok());
    if let (Some(least), Value::Object(settings)) = (least, &mut settings) {
        settings.insert("index.number_of_replicas".to_owned(), Value::String(least.to_string()));
    }
    settings
}

/// Refuses an index whose shards would be too many (`cluster.max_shards_per_node`).
fn check_shards(node: &Node, settings: &Value) -> Result<()> {
    let limit = cluster::setting(node, "cluster.max_shards_per_node")
        .and_then(|limit| limit.parse().ok())
        .unwrap_or(MAX_SHARDS_PER_NODE);
    let number = |key: &str| {
        let value = settings.get(key)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let added = number("index.number_of_shards").unwrap_or(1) * (1 + number("index.number_of_replicas").unwrap_or(1));
    let held: u64 = node.engine.indices().iter().filter(|index| index.is_open()).map(|index| shards_of(index)).sum();
    if held + added <= limit {
        return Ok(());
    }
    Err(Exception::new(
        "validation_exception",
        format!(
            "Validation Failed: 1: this action would add [{added}] total LOCAL_ONLY shards, but this cluster currently has \
             [{held}]/[{limit}] maximum LOCAL_ONLY shards open;"
        ),
    )
    .bad_request())
}

/// Shards that the index asks for, copies counted.
pub(crate) fn shards_of(index: &Index) -> u64 {
    let primaries: u64 =
        index.settings().get("index.number_of_shards").and_then(|count| count.parse().ok()).unwrap_or(1);
    primaries * crate::api::write::copies(index)
}

/// `action.auto_create_index`: true, false, or patterns of which the first that matches counts.
fn check_auto_create(node: &Node, name: &str) -> Result<()> {
    let Some(rule) = cluster::setting(node, "action.auto_create_index") else { return Ok(()) };
    let refused = |why: &str| {
        let reason = format!("no such index [{name}] and [action.auto_create_index] {why}");
        Exception::new("index_not_found_exception", reason)
            .with("index", name.to_owned())
            .with("index_uuid", "_na_")
            .status(StatusCode::NOT_FOUND)
    };
    match rule.as_str() {
        "true" => return Ok(()),
        "false" => return Err(index_not_found(name, "index_expression").status(StatusCode::NOT_FOUND)),
        _ => {}
    }
    for pattern in rule.split(',').map(str::trim) {
        let (allows, glob) = match pattern.strip_prefix('-') {
            Some(glob) => (false, glob),
            None => (true, pattern.strip_prefix('+').unwrap_or(pattern)),
        };
        if wildcard_matches(glob, name) {
            if allows {
                return Ok(());
            }
            return Err(refused(&format!("contains [{pattern}] which forbids automatic creation of the index")));
        }
    }
    Err(refused(&format!("([{rule}]) doesn't match")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn layers_are_laid_over_one_another() {
        let component = Layer::of(&json!({"settings": {"number_of_replicas": 0}, "mappings": {"properties": {
            "level": {"type": "keyword"}, "o": {"properties": {"a": {"type": "long"}}}}}}));
        let template = Layer::of(&json!({"settings": {"index.number_of_replicas": 2}, "aliases": {"{index}-all": {}},
            "mappings": {"dynamic": "strict", "properties": {"o": {"properties": {"b": {"type": "long"}}}}}}));
        let config = IndexConfig {
            settings: json!({"index": {"refresh_interval": "5s"}}),
            mappings: json!({"properties": {"level": {"type": "text"}}}),
            aliases: Map::new(),
        };
        let composed = compose("i", vec![component, template], config);
        assert_eq!(composed.settings, json!({"index.number_of_replicas": 2, "index.refresh_interval": "5s"}));
        assert_eq!(
            composed.mappings,
            json!({"dynamic": "strict", "properties": {"level": {"type": "text"},
                "o": {"properties": {"a": {"type": "long"}, "b": {"type": "long"}}}}})
        );
        assert!(composed.aliases.contains_key("i-all"));
    }
}
