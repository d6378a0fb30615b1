//! Legacy templates (`_template`): all that match are applied, lower orders first, when no index template matches.
//!
//! Source: <https://docs.opensearch.org/latest/im-plugin/index-templates/>

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    auto_create::Layer,
    index_template::{self, check_mapping, find, list, normal_template, printed_parts},
};
use crate::{
    error::{RestError, Result},
    json::{Object, filter::wildcard_matches},
    node::Node,
    request::Request,
    response::Response,
};

/// The engine's kind of document that holds legacy templates.
pub(crate) const KIND: &str = "template";

/// `PUT|POST /_template/{name}`.
pub(crate) fn put(node: &Node, request: &Request) -> Result<Response> {
    let name = request.param("name").unwrap_or_default();
    let body = request.required_json()?.to_value();
    let mut template = Map::new();
    let mut parts = Map::new();
    for (key, value) in body.as_object().into_iter().flatten() {
        match key.as_str() {
            "index_patterns" => {
                let patterns = if value.is_array() { value.clone() } else { json!([value]) };
                template.insert(key.clone(), patterns);
            }
            "order" | "version" => drop(template.insert(key.clone(), value.clone())),
            "settings" | "mappings" | "aliases" => drop(parts.insert(key.clone(), value.clone())),
            other => return Err(RestError::parse(format!("unknown key [{other}] in the template "))),
        }
    }
    if list(&Value::Object(template.clone()), "index_patterns").is_empty() {
        return Err(RestError::validation(&["index patterns are missing"]));
    }
    if let Some(order) = request.integer("order")? {
        template.insert("order".to_owned(), order.into());
    }
    template.entry("order").or_insert_with(|| 0.into());
    for part in ["settings", "mappings", "aliases"] {
        parts.entry(part).or_insert_with(|| json!({}));
    }
    if let Value::Object(parts) = normal_template(&Value::Object(parts))? {
        check_mapping(&Value::Object(parts.clone()))?;
        template.extend(parts);
    }
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    if request.flag("create", false)? && node.engine.document(KIND, name).is_some() {
        return Err(RestError::illegal_argument(format!("index_template [{name}] already exists")));
    }
    node.engine.put_document(KIND, name, Value::Object(template))?;
    Ok(Response::acknowledged())
}

/// `GET /_template[/{name}]`.
pub(crate) fn get(node: &Node, request: &Request) -> Result<Response> {
    let flat = request.flag("flat_settings", false)?;
    let found = find(node, KIND, request.param("name"));
    let named = request.param("name").is_some_and(|name| !name.contains('*'));
    let status = if found.is_empty() && named { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let mut answer = Object::new();
    for (name, template) in found {
        let mut printed = Object::new();
        for key in ["order", "version", "index_patterns"] {
            if let Some(value) = template.get(key) {
                printed.put(key, value.clone());
            }
        }
        printed.members.extend(printed_parts(&template, flat).members);
        answer.put(name, printed);
    }
    Ok(Response::json(status, answer))
}

/// `HEAD /_template/{name}`.
#[expect(clippy::unnecessary_wraps, reason = "every handler has this shape")]
pub(crate) fn exists(node: &Node, request: &Request) -> Result<Response> {
    let found = !find(node, KIND, request.param("name")).is_empty();
    Ok(Response::empty(if found { StatusCode::OK } else { StatusCode::NOT_FOUND }))
}

/// `DELETE /_template/{name}`.
pub(crate) fn delete(node: &Node, request: &Request) -> Result<Response> {
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    index_template::delete_matching(node, KIND, request.param("name").unwrap_or_default())
}

/// The layers of all templates that fit the name, the highest order last.
pub(crate) fn layers_for(node: &Node, name: &str) -> Vec<Layer> {
    let mut fitting: Vec<Value> = find(node, KIND, None)
        .into_iter()
        .map(|(_, template)| template)
        .filter(|template| list(template, "index_patterns").iter().any(|pattern| wildcard_matches(pattern, name)))
        .collect();
    fitting.sort_by_key(|template| template.get("order").and_then(Value::as_i64).unwrap_or(0));
    fitting.iter().map(Layer::of).collect()
}
