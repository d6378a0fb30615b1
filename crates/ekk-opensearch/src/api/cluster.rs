//! `_cluster`: health, settings, state and stats of a cluster of one node.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/cluster-api/index/>

use std::sync::Arc;

use ekk_engine::index::Index;
use http::StatusCode;
use serde_json::{Map, Value};

use crate::{
    api::{auto_create::shards_of, settings::nested, write},
    dsl::time_value,
    error::{Exception, RestError, Result},
    expression::{self, IndicesOptions},
    json::{Json, Object},
    node::{CLUSTER_NAME, Node},
    request::Request,
    response::Response,
};

/// The engine's kind of document that holds cluster settings.
const SETTINGS: &str = "cluster_settings";

/// Parameters of the health.
pub(crate) const HEALTH_PARAMS: &[&str] = &[
    "expand_wildcards",
    "level",
    "local",
    "wait_for_active_shards",
    "wait_for_nodes",
    "wait_for_events",
    "wait_for_no_relocating_shards",
    "wait_for_no_initializing_shards",
    "wait_for_status",
    "awareness_attribute",
    "ensure_node_weighed_in",
];
/// Parameters of the settings.
pub(crate) const SETTINGS_PARAMS: &[&str] = &["flat_settings", "include_defaults"];

/// Shards of some indices: a replica has no second node to be on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shards {
    pub(crate) primaries: u64,
    pub(crate) unassigned: u64,
}

impl Shards {
    pub(crate) fn of<'a>(indices: impl IntoIterator<Item = &'a Arc<Index>>) -> Self {
        indices.into_iter().fold(Self::default(), |sum, index| {
            let primaries = shards_of(index) / write::copies(index);
            Self {
                primaries: sum.primaries + primaries,
                unassigned: sum.unassigned + primaries * write::replicas(index),
            }
        })
    }

    pub(crate) fn status(self) -> &'static str {
        if self.unassigned == 0 { "green" } else { "yellow" }
    }

    pub(crate) fn active_percent(self) -> f64 {
        let all = self.primaries + self.unassigned;
        if all == 0 {
            return 100.0;
        }
        let (active, all) = (u32::try_from(self.primaries).unwrap_or(u32::MAX), u32::try_from(all).unwrap_or(u32::MAX));
        f64::from(active) * 100.0 / f64::from(all)
    }
}

/// `GET /_cluster/health[/{index}]`.
///
/// Differs from OpenSearch: what is waited for either holds or will not come by waiting, so the answer comes at once.
pub(crate) fn health(node: &Node, request: &Request) -> Result<Response> {
    let options = IndicesOptions { expand_hidden: true, ..IndicesOptions::OPEN_AND_CLOSED }.of(request)?;
    let (indices, missing) = match expression::targets(node, request.param("index"), options) {
        Ok(targets) => (targets.into_iter().map(|target| target.index).collect::<Vec<_>>(), false),
        Err(error) if error.status == StatusCode::NOT_FOUND => (Vec::new(), true),
        Err(error) => return Err(error),
    };
    if let Some(timeout) = request.param("timeout") {
        time_value::parse(timeout, "timeout").map_err(Exception::bad_request)?;
    }
    let shards = Shards::of(&indices);
    let status = if missing { "red" } else { shards.status() };
    let timed_out = missing || !holds(request, status, shards)?;
    let mut answer = Object::new()
        .with("cluster_name", CLUSTER_NAME)
        .with("status", status)
        .with("timed_out", timed_out)
        .with("number_of_nodes", 1)
        .with("number_of_data_nodes", 1)
        .with("discovered_master", true)
        .with("discovered_cluster_manager", true);
    put_shards(&mut answer, shards);
    answer.put("delayed_unassigned_shards", 0);
    answer.put("number_of_pending_tasks", 0);
    answer.put("number_of_in_flight_fetch", 0);
    answer.put("task_max_waiting_in_queue_millis", 0);
    answer.put("active_shards_percent_as_number", shards.active_percent());
    match request.param("level") {
        None | Some("cluster" | "awareness_attributes") => {}
        Some(level @ ("indices" | "shards")) => answer.put("indices", by_index(&indices, level == "shards")),
        Some(other) => {
            return Err(RestError::illegal_argument(format!(
                "level parameter must be one of [cluster, indices, shards, awareness_attributes] but was [{other}]"
            )));
        }
    }
    let code = if timed_out { StatusCode::REQUEST_TIMEOUT } else { StatusCode::OK };
    Ok(Response::json(code, answer))
}

/// Whether what the request waits for is so.
fn holds(request: &Request, status: &str, shards: Shards) -> Result<bool> {
    let status_holds = match request.param("wait_for_status").map(str::to_ascii_lowercase).as_deref() {
        None | Some("red" | "") => true,
        Some("yellow") => status != "red",
        Some("green") => status == "green",
        Some(other) => return Err(RestError::illegal_argument(format!("unknown cluster health status [{other}]"))),
    };
    let shards_hold = match request.param("wait_for_active_shards") {
        Some("all") => shards.unassigned == 0,
        Some(count) => count.parse::<u64>().is_ok_and(|count| shards.primaries >= count),
        None => true,
    };
    let nodes_hold = request.param("wait_for_nodes").is_none_or(|wanted| {
        let digits = |text: &str| text.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap_or(1);
        let count = digits(wanted);
        match wanted {
            _ if wanted.starts_with(">=") || wanted.starts_with("ge(") => count <= 1,
            _ if wanted.starts_with("<=") || wanted.starts_with("le(") => count >= 1,
            _ if wanted.starts_with('>') || wanted.starts_with("gt(") => count < 1,
            _ if wanted.starts_with('<') || wanted.starts_with("lt(") => count > 1,
            _ => count == 1,
        }
    });
    Ok(status_holds && shards_hold && nodes_hold)
}

fn put_shards(answer: &mut Object, shards: Shards) {
    answer.put("active_primary_shards", shards.primaries);
    answer.put("active_shards", shards.primaries);
    answer.put("relocating_shards", 0);
    answer.put("initializing_shards", 0);
    answer.put("unassigned_shards", shards.unassigned);
}

fn by_index(indices: &[Arc<Index>], with_shards: bool) -> Object {
    let mut answer = Object::new();
    for index in indices {
        let shards = Shards::of([index]);
        let mut printed = Object::new()
            .with("status", shards.status())
            .with("number_of_shards", shards.primaries)
            .with("number_of_replicas", write::replicas(index));
        put_shards(&mut printed, shards);
        if with_shards {
            let mut each = Object::new();
            for number in 0..shards.primaries {
                let one = Object::new()
                    .with("status", shards.status())
                    .with("primary_active", true)
                    .with("active_shards", 1)
                    .with("relocating_shards", 0)
                    .with("initializing_shards", 0)
                    .with("unassigned_shards", write::replicas(index));
                each.put(number.to_string(), one);
            }
            printed.put("shards", each);
        }
        answer.put(index.name().to_owned(), printed);
    }
    answer
}

/// A cluster setting that was put, transient before persistent.
pub(crate) fn setting(node: &Node, key: &str) -> Option<String> {
    ["transient", "persistent"].into_iter().find_map(|kind| {
        let settings = node.engine.document(SETTINGS, kind)?;
        settings.get(key)?.as_str().map(str::to_owned)
    })
}

fn stored(node: &Node, kind: &str) -> Map<String, Value> {
    node.engine.document(SETTINGS, kind).and_then(|settings| settings.as_object().cloned()).unwrap_or_default()
}

/// `GET /_cluster/settings`.
pub(crate) fn get_settings(node: &Node, request: &Request) -> Result<Response> {
    let flat = request.flag("flat_settings", false)?;
    let mut answer = Object::new()
        .with("persistent", printed(stored(node, "persistent"), flat))
        .with("transient", printed(stored(node, "transient"), flat));
    if request.flag("include_defaults", false)? {
        let defaults: Map<String, Value> = DEFAULTS
            .iter()
            .filter(|(key, _)| setting(node, key).is_none())
            .map(|(key, value)| ((*key).to_owned(), Value::String((*value).to_owned())))
            .collect();
        answer.put("defaults", printed(defaults, flat));
    }
    Ok(Response::ok(answer))
}

/// The defaults that clients look at.
const DEFAULTS: &[(&str, &str)] = &[
    ("action.auto_create_index", "true"),
    ("action.destructive_requires_name", "false"),
    ("cluster.max_shards_per_node", "1000"),
    ("cluster.name", CLUSTER_NAME),
    ("search.max_buckets", "65535"),
    ("http.max_content_length", "100mb"),
];

fn printed(settings: Map<String, Value>, flat: bool) -> Json {
    if flat { Value::Object(settings).into() } else { nested(&settings) }
}

/// Prefixes of the settings that a cluster of OpenSearch has.
const KNOWN: &[&str] = &[
    "action.",
    "cluster.",
    "indices.",
    "search.",
    "ingest.",
    "discovery.",
    "gateway.",
    "http.",
    "transport.",
    "script.",
    "network.",
    "node.",
    "plugins.",
    "opendistro.",
    "logger.",
    "archived.",
    "reindex.",
    "snapshot.",
    "task_",
    "thread_pool.",
    "persistent_tasks",
    "remote.",
    "resource",
    "segrep.",
    "shard_indexing_pressure",
    "no.op",
    "point_in_time.",
    "compatibility.",
    "rest.",
    "telemetry.",
    "wlm.",
    "admission_control.",
];

/// `PUT /_cluster/settings`.
pub(crate) fn put_settings(node: &Node, request: &Request) -> Result<Response> {
    let body = request.required_json()?.to_value();
    let mut changed = [("persistent", Map::new()), ("transient", Map::new())];
    let mut any = false;
    for (kind, changes) in &mut changed {
        flatten("", body.get(*kind).unwrap_or(&Value::Null), changes);
        any |= !changes.is_empty();
        if let Some(unknown) =
            changes.keys().find(|key| !key.contains('*') && !KNOWN.iter().any(|known| key.starts_with(known)))
        {
            let reason = format!("{kind} setting [{unknown}], not recognized");
            return Err(Exception::new("settings_exception", reason.clone()).bad_request());
        }
    }
    if !any {
        return Err(RestError::validation(&["no settings to update"]));
    }
    let flat = request.flag("flat_settings", false)?;
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    let mut answer = Object::new().with("acknowledged", true);
    for (kind, changes) in changed {
        let mut settings = stored(node, kind);
        let mut shown = Map::new();
        for (key, value) in changes {
            if value.is_null() {
                settings.retain(|known, _| !crate::json::filter::wildcard_matches(&key, known));
            } else {
                shown.insert(key.clone(), value.clone());
                settings.insert(key, value);
            }
        }
        node.engine.put_document(SETTINGS, kind, Value::Object(settings))?;
        answer.put(kind, printed(shown, flat));
    }
    Ok(Response::ok(answer))
}

/// Settings by their full keys, values as texts.
fn flatten(prefix: &str, value: &Value, flat: &mut Map<String, Value>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&key, value, flat);
            }
        }
        Value::Null if prefix.is_empty() => {}
        Value::Number(_) | Value::Bool(_) => drop(flat.insert(prefix.to_owned(), Value::String(value.to_string()))),
        other => drop(flat.insert(prefix.to_owned(), other.clone())),
    }
}

/// `GET /_cluster/stats`: counts only.
#[expect(clippy::unnecessary_wraps, reason = "every handler has this shape")]
pub(crate) fn stats(node: &Node, _request: &Request) -> Result<Response> {
    let indices = node.engine.indices();
    let (docs, deleted, bytes) = indices
        .iter()
        .map(|index| index.stats())
        .fold((0, 0, 0), |sum, stats| (sum.0 + stats.docs, sum.1 + stats.deleted, sum.2 + stats.bytes));
    let shards = Shards::of(&indices);
    let count = Object::new()
        .with("total", 1)
        .with("cluster_manager", 1)
        .with("coordinating_only", 0)
        .with("data", 1)
        .with("ingest", 1)
        .with("master", 1)
        .with("remote_cluster_client", 1);
    Ok(Response::ok(
        Object::new()
            .with("_nodes", Object::new().with("total", 1).with("successful", 1).with("failed", 0))
            .with("cluster_name", CLUSTER_NAME)
            .with("cluster_uuid", node.cluster_uuid.clone())
            .with("timestamp", node.clock.now().as_millisecond())
            .with("status", shards.status())
            .with(
                "indices",
                Object::new()
                    .with("count", indices.len())
                    .with("shards", Object::new().with("total", shards.primaries).with("primaries", shards.primaries))
                    .with("docs", Object::new().with("count", docs).with("deleted", deleted))
                    .with("store", Object::new().with("size_in_bytes", bytes).with("reserved_in_bytes", 0)),
            )
            .with("nodes", Object::new().with("count", count).with("versions", vec![Json::from(crate::node::VERSION)])),
    ))
}
