//! Aliases: `_alias`, `_aliases`.
//!
//! Source: <https://docs.opensearch.org/latest/im-plugin/index-alias/>

use std::sync::Arc;

use ekk_engine::index::Index;
use http::StatusCode;
use serde_json::{Map, Value};

use crate::{
    api::index::alias_properties,
    catalog::Catalog,
    dsl::{self, Fault},
    error::{Exception, RestError, Result},
    expression::{self, IndicesOptions, split, targets},
    json::{
        Json, Object,
        filter::wildcard_matches,
        parse::{Member, Node as JsonNode},
    },
    node::Node,
    request::Request,
    response::Response,
};

/// `GET [/{index}]/_alias[/{name}]`.
pub(crate) fn get(node: &Node, request: &Request) -> Result<Response> {
    let (found, missing) = find(node, request)?;
    if missing.is_empty() {
        return Ok(Response::ok(found));
    }
    let plural = if missing.len() > 1 { "aliases" } else { "alias" };
    let mut answer =
        Object::new().with("error", format!("{plural} [{}] missing", missing.join(","))).with("status", 404);
    answer.members.extend(found.members);
    Ok(Response::json(StatusCode::NOT_FOUND, answer))
}

/// `HEAD [/{index}]/_alias[/{name}]`.
pub(crate) fn exists(node: &Node, request: &Request) -> Result<Response> {
    let (found, missing) = find(node, request)?;
    let any = !found.members.is_empty() && missing.is_empty();
    Ok(Response::empty(if any { StatusCode::OK } else { StatusCode::NOT_FOUND }))
}

/// The aliases asked for, by index, and the names that no index has.
fn find(node: &Node, request: &Request) -> Result<(Object, Vec<String>)> {
    let names = request.list("name");
    let all = names.as_ref().is_none_or(|names| names.iter().any(|name| name == "_all"));
    let named_index = request.param("index").is_some();
    let mut found = Object::new();
    let mut seen: Vec<String> = Vec::new();
    let wanted = names.clone().unwrap_or_default();
    for index in expression::indices(node, request, IndicesOptions::ALL)? {
        let mut printed = Map::new();
        for (alias, properties) in index.aliases().iter() {
            if all || matches(&wanted, alias) {
                seen.push(alias.clone());
                printed.insert(alias.clone(), properties.clone());
            }
        }
        // Without names every index is listed, with none also those that have no alias.
        if !printed.is_empty() || (names.is_none() && (named_index || all)) {
            found.put(index.name().to_owned(), Object::new().with("aliases", Value::Object(printed)));
        }
    }
    let mut missing: Vec<String> = wanted
        .iter()
        .enumerate()
        .filter(|(at, name)| {
            let excludes = name.starts_with('-') && wanted.iter().take(*at + 1).any(|earlier| earlier.contains('*'));
            let dropped = wanted
                .iter()
                .skip(*at)
                .any(|later| later.strip_prefix('-').is_some_and(|excluded| wildcard_matches(excluded, name)));
            !all && !excludes && !dropped && !name.contains('*') && !seen.contains(name)
        })
        .map(|(_, name)| name.clone())
        .collect();
    missing.sort_unstable();
    missing.dedup();
    Ok((found, missing))
}

/// Whether a list of names and patterns, in which a `-` after a pattern leaves out, takes the alias.
fn matches(wanted: &[String], alias: &str) -> bool {
    let mut taken = false;
    let mut wildcard_seen = false;
    for name in wanted {
        wildcard_seen |= name.contains('*');
        match name.strip_prefix('-').filter(|_| wildcard_seen) {
            Some(excluded) => taken &= !wildcard_matches(excluded, alias),
            None => taken |= wildcard_matches(name, alias),
        }
    }
    taken
}

/// `PUT|POST /{index}/_alias/{name}` and its siblings; the body may name what the path does not.
pub(crate) fn put(node: &Node, request: &Request) -> Result<Response> {
    let mut names = request.list("name");
    let mut expression = request.param("index").map(str::to_owned);
    let mut properties = Map::new();
    if let Some(body) = request.json()? {
        for member in body.members().unwrap_or_default() {
            match member.name.as_str() {
                "index" => expression = member.value.text(),
                "alias" => names = member.value.text().map(|name| vec![name]),
                "routing" | "index_routing" | "indexRouting" | "index-routing" | "search_routing" | "searchRouting"
                | "search-routing" | "filter" | "is_write_index" | "is_hidden" => {
                    properties.insert(member.name.clone(), member.value.to_value());
                }
                name => return Err(RestError::illegal_argument(format!("unknown field [{name}]"))),
            }
        }
    }
    let Some(names) = names else {
        return Err(RestError::illegal_argument("One of [alias] or [aliases] is required"));
    };
    if let Some(filter) = request.json()?.as_ref().and_then(|body| body.get("filter")) {
        dsl::query::parse(filter)?;
    }
    let add = Action {
        kind: ActionKind::Add(alias_properties(&Value::Object(properties))),
        indices: expression.into_iter().collect(),
        aliases: names,
        must_exist: None,
    };
    apply(node, &[add])?;
    Ok(Response::acknowledged())
}

/// `DELETE /{index}/_alias/{name}`.
pub(crate) fn delete(node: &Node, request: &Request) -> Result<Response> {
    let remove = Action {
        kind: ActionKind::Remove,
        indices: request.param("index").map(str::to_owned).into_iter().collect(),
        aliases: request.list("name").unwrap_or_default(),
        must_exist: Some(true),
    };
    apply(node, &[remove])?;
    Ok(Response::acknowledged())
}

/// One step of `POST /_aliases`.
#[derive(Debug)]
struct Action {
    kind: ActionKind,
    indices: Vec<String>,
    aliases: Vec<String>,
    must_exist: Option<bool>,
}

#[derive(Debug)]
enum ActionKind {
    Add(Value),
    Remove,
    RemoveIndex,
}

/// `POST /_aliases`: all of the actions or none.
pub(crate) fn update(node: &Node, request: &Request) -> Result<Response> {
    let body = request.required_json()?;
    let actions = body.get("actions").and_then(JsonNode::items).unwrap_or_default();
    if actions.is_empty() {
        return Err(RestError::illegal_argument("No action specified"));
    }
    let actions = actions.iter().map(action).collect::<Result<Vec<_>>>()?;
    apply(node, &actions)?;
    Ok(Response::acknowledged())
}

fn action(node: &JsonNode) -> Result<Action> {
    let Some(member) = node.members().and_then(<[Member]>::first) else {
        return Err(RestError::illegal_argument("No action specified"));
    };
    let in_actions = |exception: Exception, at| {
        Exception::x_content("[aliases] failed to parse field [actions]", at).caused_by(exception).bad_request()
    };
    let kind = match member.name.as_str() {
        "add" => ActionKind::Add(Value::Null),
        "remove" => ActionKind::Remove,
        "remove_index" => ActionKind::RemoveIndex,
        name => {
            let unknown = Exception::x_content(&format!("[alias_action] unknown field [{name}]"), member.name_at);
            return Err(in_actions(unknown, member.value.at));
        }
    };
    let mut action = Action { kind, indices: Vec::new(), aliases: Vec::new(), must_exist: None };
    let mut properties = Map::new();
    for part in member.value.members().unwrap_or_default() {
        match part.name.as_str() {
            "index" | "indices" => action.indices = dsl::texts(&part.value)?,
            "alias" | "aliases" => {
                action.aliases = dsl::texts(&part.value)?;
                if action.aliases.is_empty() {
                    let empty = Exception::illegal_argument(format!("[{}] can't be empty", part.name));
                    return Err(in_actions(empty, part.value.end));
                }
            }
            "must_exist" => action.must_exist = Some(dsl::boolean(&part.value)?),
            "filter" => {
                dsl::query::parse(&part.value)?;
                properties.insert(part.name.clone(), part.value.to_value());
            }
            "routing" | "index_routing" | "indexRouting" | "index-routing" | "search_routing" | "searchRouting"
            | "search-routing" | "is_write_index" | "is_hidden" => {
                properties.insert(part.name.clone(), part.value.to_value());
            }
            name => {
                let reason = format!("[{}] unknown field [{name}]", member.name);
                return Err(in_actions(Exception::x_content(&reason, part.name_at), part.name_at));
            }
        }
    }
    if let ActionKind::Add(kept) = &mut action.kind {
        *kept = alias_properties(&Value::Object(properties));
    }
    let missing = if action.indices.is_empty() {
        Some("One of [index] or [indices] is required")
    } else if action.aliases.is_empty() && !matches!(action.kind, ActionKind::RemoveIndex) {
        Some("One of [alias] or [aliases] is required")
    } else {
        None
    };
    match missing {
        Some(reason) => {
            let end = member.value.end;
            let fault = Fault::illegal_argument(reason, end);
            Err(in_actions(*fault.exception, end))
        }
        None => Ok(action),
    }
}

/// Works out all changes first, so that a failure changes nothing.
fn apply(node: &Node, actions: &[Action]) -> Result<()> {
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    let mut changed: Vec<(Arc<Index>, Map<String, Value>)> = Vec::new();
    let mut removed: Vec<Arc<Index>> = Vec::new();
    for action in actions {
        let mut indices = Vec::new();
        let options = match action.kind {
            ActionKind::RemoveIndex => IndicesOptions { allow_aliases: false, ..IndicesOptions::OPEN_AND_CLOSED },
            _ => IndicesOptions::ALL,
        };
        for expression in &action.indices {
            indices.extend(targets(node, Some(expression), options)?.into_iter().map(|target| target.index));
        }
        if action.indices.is_empty() {
            indices.extend(targets(node, None, options)?.into_iter().map(|target| target.index));
        }
        let mut touched = false;
        for index in indices {
            if matches!(action.kind, ActionKind::RemoveIndex) {
                removed.push(index);
                touched = true;
                continue;
            }
            let at = changed.iter().position(|(known, _)| Arc::ptr_eq(known, &index)).unwrap_or_else(|| {
                let aliases = (*index.aliases()).clone();
                changed.push((index, aliases));
                changed.len() - 1
            });
            touched |= change(&mut changed[at].1, action, node)?;
        }
        if !touched && matches!(action.kind, ActionKind::Remove) && action.must_exist != Some(false) {
            return Err(aliases_missing(&action.aliases));
        }
    }
    check_names(node, &changed, &removed)?;
    for (index, aliases) in changed {
        index.set_aliases(aliases)?;
    }
    for index in removed {
        node.engine.delete_index(index.name())?;
    }
    Ok(())
}

/// Changes one index's aliases; false when there was nothing to remove.
fn change(aliases: &mut Map<String, Value>, action: &Action, node: &Node) -> Result<bool> {
    match &action.kind {
        ActionKind::Add(properties) => {
            for name in &action.aliases {
                let name = split(node, Some(name))?.pop().unwrap_or_default();
                check_name(&name)?;
                aliases.insert(name, properties.clone());
            }
            Ok(true)
        }
        ActionKind::Remove => {
            let before = aliases.len();
            let all = action.aliases.iter().any(|name| name == "_all");
            aliases.retain(|name, _| !all && !action.aliases.iter().any(|pattern| wildcard_matches(pattern, name)));
            Ok(aliases.len() < before)
        }
        ActionKind::RemoveIndex => Ok(true),
    }
}

fn aliases_missing(names: &[String]) -> RestError {
    let listed = names.join(",");
    let resource: Json = if names.len() == 1 { listed.clone().into() } else { names.to_vec().into() };
    Exception::new("aliases_not_found_exception", format!("aliases [{listed}] missing"))
        .with("resource.id", resource)
        .with("resource.type", "aliases")
        .status(StatusCode::NOT_FOUND)
}

/// Aliases have the same rules for their names as indices, but upper case is allowed.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let refused = |why: &str| {
        Err(Exception::new("invalid_alias_name_exception", format!("Invalid alias name [{name}]: {why}")).bad_request())
    };
    if name.contains(|c| r#" "*\<|,>/?"#.contains(c)) {
        return refused("must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]");
    }
    if name.contains('#') {
        return refused("must not contain '#'");
    }
    if name.starts_with(['_', '-', '+']) {
        return refused("must not start with '_', '-', or '+'");
    }
    Ok(())
}

/// An alias may not have an index's name, nor two write indices.
fn check_names(node: &Node, changed: &[(Arc<Index>, Map<String, Value>)], removed: &[Arc<Index>]) -> Result<()> {
    let catalog = Catalog::of(&node.engine);
    let is_removed = |name: &str| removed.iter().any(|index| index.name() == name);
    for (index, aliases) in changed {
        for (alias, properties) in aliases {
            if catalog.entry(alias).is_some() && !is_removed(alias) {
                let reason = format!("Invalid alias name [{alias}], an index exists with the same name as the alias");
                return Err(Exception::new("invalid_alias_name_exception", reason)
                    .with("index", alias.clone())
                    .with("index_uuid", index.uuid().to_owned())
                    .bad_request());
            }
            let writes = |properties: &Value| properties.get("is_write_index").and_then(Value::as_bool) == Some(true);
            if !writes(properties) {
                continue;
            }
            let others = catalog.behind_alias(alias).filter(|entry| {
                let now = changed.iter().find(|(known, _)| known.name() == entry.name);
                let still_writes = match now {
                    Some((_, aliases)) => aliases.get(alias).is_some_and(writes),
                    None => entry.is_write_index(alias) == Some(true),
                };
                entry.name != index.name() && still_writes && !is_removed(&entry.name)
            });
            let mut writers: Vec<String> = others.map(|entry| entry.name.clone()).collect();
            if !writers.is_empty() {
                writers.insert(0, index.name().to_owned());
                writers.sort_unstable();
                return Err(Exception::new(
                    "illegal_state_exception",
                    format!("alias [{alias}] has more than one write index [{}]", writers.join(",")),
                )
                .status(StatusCode::INTERNAL_SERVER_ERROR));
            }
        }
    }
    Ok(())
}
