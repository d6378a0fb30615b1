//! Indices themselves: create, get, exists, delete, open, close.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/index-apis/index/>

use std::sync::Arc;

use ekk_engine::{engine::IndexConfig, index::Index};
use http::StatusCode;
use serde_json::Value;

use crate::{
    api::{auto_create, date_math, settings},
    error::{Exception, RestError, Result},
    expression::{self, IndicesOptions},
    json::{Object, parse::Value as NodeValue},
    node::{BUILD_HASH, Node, VERSION},
    request::Request,
    response::Response,
};

/// Parameters that every change of metadata takes.
pub(crate) const TIMEOUTS: &[&str] = &["timeout", "master_timeout", "cluster_manager_timeout"];
/// Parameters of reads.
pub(crate) const READ_PARAMS: &[&str] = &["local", "flat_settings", "include_defaults", "human"];

/// `PUT /{index}`.
pub(crate) fn create(node: &Node, request: &Request) -> Result<Response> {
    let name = date_math::resolve(request.param("index").unwrap_or_default(), node.clock.now())?.into_owned();
    let content = request.content()?;
    if content.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| *first != b'{') {
        return Err(Exception::new(
            "not_x_content_exception",
            "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes",
        )
        .bad_request());
    }
    let mut config = IndexConfig::default();
    if let Some(body) = request.json()? {
        for member in body.members().unwrap_or_default() {
            let object = || match &member.value.value {
                NodeValue::Object(_) => Ok(member.value.to_value()),
                NodeValue::Null => Ok(Value::Null),
                _ => Err(RestError::parse(format!("key [{}] must be an object", member.name))),
            };
            match member.name.as_str() {
                "settings" => config.settings = object()?,
                "mappings" => config.mappings = object()?,
                "aliases" => config.aliases = aliases_of(&object()?),
                name => return Err(RestError::parse(format!("unknown key [{name}] for create index"))),
            }
        }
    }
    refuse_typed_mapping(&config.mappings)?;
    let index = auto_create::create_configured(node, &name, config)?;
    let answer = Object::new()
        .with("acknowledged", true)
        .with("shards_acknowledged", true)
        .with("index", index.name().to_owned());
    Ok(Response { warning: dot_warning(&name), ..Response::ok(answer) })
}

/// Index names that begin with a dot are answered with a warning.
fn dot_warning(name: &str) -> Option<String> {
    name.starts_with('.').then(|| {
        format!(
            "299 OpenSearch-{VERSION}-{BUILD_HASH} \"index name [{name}] starts with a dot '.', in the next major version, \
             index names starting with a dot are reserved for hidden indices and system indices\""
        )
    })
}

/// Mappings under a type's name were dropped with types.
pub(crate) fn refuse_typed_mapping(mappings: &Value) -> Result<()> {
    let typed = mappings
        .as_object()
        .is_some_and(|members| members.len() == 1 && members.get("_doc").is_some_and(Value::is_object));
    if typed {
        Err(RestError::illegal_argument("The mapping definition cannot be nested under a type"))
    } else {
        Ok(())
    }
}

/// Aliases as they are kept: `routing` stands for both routings, the short names for the long ones.
pub(crate) fn aliases_of(aliases: &Value) -> serde_json::Map<String, Value> {
    let Some(aliases) = aliases.as_object() else { return serde_json::Map::new() };
    aliases.iter().map(|(name, properties)| (name.clone(), alias_properties(properties))).collect()
}

/// The properties of one alias in the form in which they are shown.
pub(crate) fn alias_properties(properties: &Value) -> Value {
    let mut kept = serde_json::Map::new();
    for (name, value) in properties.as_object().into_iter().flatten() {
        let text = || Value::String(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        match name.as_str() {
            _ if value.is_null() => {}
            "routing" => {
                kept.insert("index_routing".to_owned(), text());
                kept.insert("search_routing".to_owned(), text());
            }
            "index_routing" | "indexRouting" | "index-routing" => drop(kept.insert("index_routing".to_owned(), text())),
            "search_routing" | "searchRouting" | "search-routing" => {
                kept.insert("search_routing".to_owned(), text());
            }
            other => drop(kept.insert(other.to_owned(), value.clone())),
        }
    }
    Value::Object(kept)
}

/// `GET /{index}`.
pub(crate) fn get(node: &Node, request: &Request) -> Result<Response> {
    let mut answer = Object::new();
    for index in expression::indices(node, request, IndicesOptions::OPEN)? {
        let aliases: Value = Value::Object((*index.aliases()).clone());
        let printed = Object::new()
            .with("aliases", aliases)
            .with("mappings", index.mapping().to_json())
            .with("settings", settings::printed(&index, request, None)?);
        answer.put(index.name().to_owned(), printed);
    }
    Ok(Response::ok(answer))
}

/// `HEAD /{index}`.
pub(crate) fn exists(node: &Node, request: &Request) -> Result<Response> {
    match expression::indices(node, request, IndicesOptions::OPEN) {
        Ok(_) => Ok(Response::empty(StatusCode::OK)),
        Err(error) if error.status == StatusCode::NOT_FOUND => Ok(Response::empty(StatusCode::NOT_FOUND)),
        Err(error) => Err(error),
    }
}

/// `DELETE /{index}`.
pub(crate) fn delete(node: &Node, request: &Request) -> Result<Response> {
    if request.param("index").is_none() {
        return Err(RestError::validation(&["index / indices is missing"]));
    }
    let options = IndicesOptions { allow_aliases: false, ..IndicesOptions::OPEN_AND_CLOSED };
    let indices = expression::indices(node, request, options)?;
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    for index in indices {
        node.engine.delete_index(index.name())?;
    }
    Ok(Response::acknowledged())
}

/// `POST /{index}/_close`.
pub(crate) fn close(node: &Node, request: &Request) -> Result<Response> {
    let mut closed = Object::new();
    for index in to_change(node, request, IndicesOptions::OPEN)? {
        if index.is_open() {
            index.set_open(false)?;
        }
        closed.put(index.name().to_owned(), Object::new().with("closed", true));
    }
    Ok(Response::ok(
        Object::new()
            .with("acknowledged", true)
            .with("shards_acknowledged", !closed.members.is_empty())
            .with("indices", closed),
    ))
}

/// `POST /{index}/_open`.
pub(crate) fn open(node: &Node, request: &Request) -> Result<Response> {
    let options = IndicesOptions { expand_open: false, expand_closed: true, ..IndicesOptions::OPEN };
    for index in to_change(node, request, options)? {
        index.set_open(true)?;
    }
    Ok(Response::ok(Object::new().with("acknowledged", true).with("shards_acknowledged", true)))
}

fn to_change(node: &Node, request: &Request, options: IndicesOptions) -> Result<Vec<Arc<Index>>> {
    if request.param("index").is_none() {
        return Err(RestError::validation(&["index is missing"]));
    }
    expression::indices(node, request, options)
}
