//! `_resolve/index`: what an expression means, for pages that offer indices to choose from.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/index-apis/resolve-index/>

use crate::{
    catalog::{Catalog, Entry},
    error::{RestError, Result},
    expression::{IndicesOptions, split},
    json::{Json, Object, filter::wildcard_matches},
    node::Node,
    request::Request,
    response::Response,
};

/// `GET /_resolve/index/{name}`.
pub(crate) fn index(node: &Node, request: &Request) -> Result<Response> {
    let mut options = IndicesOptions::OPEN;
    if let Some(wildcards) = request.list("expand_wildcards") {
        options.set_expand_wildcards(wildcards.iter().map(String::as_str))?;
    }
    let catalog = Catalog::of(&node.engine);
    let names = split(node, request.param("name"))?;
    let mut indices: Vec<&Entry> = Vec::new();
    let mut aliases: Vec<&str> = Vec::new();
    for name in &names {
        let pattern = if name == "_all" { "*" } else { name };
        if let Some(excluded) = pattern.strip_prefix('-').filter(|_| !indices.is_empty() || !aliases.is_empty()) {
            indices.retain(|entry| !wildcard_matches(excluded, &entry.name));
            aliases.retain(|alias| !wildcard_matches(excluded, alias));
            continue;
        }
        let wild = pattern.contains('*');
        if !wild && name.contains(':') {
            return Err(RestError::illegal_argument(format!(
                "no such remote cluster: [{}]",
                name.split(':').next().unwrap_or_default()
            )));
        }
        indices.extend(catalog.entries.iter().filter(|entry| wildcard_matches(pattern, &entry.name)).filter(|entry| {
            let reached = if entry.open { options.expand_open } else { options.expand_closed };
            !wild || (reached && (!entry.hidden || options.expand_hidden || pattern.starts_with('.')))
        }));
        aliases.extend(catalog.aliases().into_iter().filter(|alias| wildcard_matches(pattern, alias)));
    }
    indices.sort_by(|a, b| a.name.cmp(&b.name));
    indices.dedup_by(|a, b| a.name == b.name);
    aliases.sort_unstable();
    aliases.dedup();
    let aliases: Vec<Json> = aliases
        .iter()
        .map(|alias| {
            let behind: Vec<String> = catalog.behind_alias(alias).map(|entry| entry.name.clone()).collect();
            Object::new().with("name", (*alias).to_owned()).with("indices", behind).into()
        })
        .collect();
    Ok(Response::ok(
        Object::new()
            .with("indices", indices.iter().map(|entry| printed(entry).into()).collect::<Vec<Json>>())
            .with("aliases", aliases)
            .with("data_streams", Json::Array(Vec::new())),
    ))
}

fn printed(entry: &Entry) -> Object {
    let mut printed = Object::new().with("name", entry.name.clone());
    if !entry.aliases.is_empty() {
        printed.put("aliases", entry.aliases.keys().cloned().collect::<Vec<String>>());
    }
    let mut attributes = vec![if entry.open { "open" } else { "closed" }];
    if entry.hidden {
        attributes.insert(0, "hidden");
    }
    printed.with("attributes", attributes.into_iter().map(Json::from).collect::<Vec<Json>>())
}
