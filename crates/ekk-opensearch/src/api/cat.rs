//! `_cat`: what operators read in a terminal, as tables.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/cat/index/>

mod table;

use std::sync::Arc;

use ekk_engine::index::Index;
use jiff::Timestamp;
use serde_json::Value;

pub(crate) use self::table::PARAMS;
use self::table::{Column, Table, bytes, hidden, left, right};
use crate::{
    api::{
        auto_create::shards_of,
        cluster::Shards,
        count,
        index_template::{self, find, list},
        legacy_template,
        search::Searched,
        write,
    },
    error::{RestError, Result},
    expression::{self, IndicesOptions},
    json::filter::wildcard_matches,
    node::{BUILD_HASH, CLUSTER_NAME, NODE_NAME, Node, VERSION},
    request::Request,
    response::Response,
};

/// Parameters of the table of indices.
pub(crate) const INDICES_PARAMS: &[&str] =
    &["health", "pri", "include_unloaded_segments", "ts", "full_id", "cluster_manager_timeout", "master_timeout"];

/// `GET /_cat`: the tables there are.
#[expect(clippy::unnecessary_wraps, reason = "every handler has this shape")]
pub(crate) fn overview(_node: &Node, _request: &Request) -> Result<Response> {
    let paths = [
        "shards",
        "shards/{index}",
        "nodes",
        "indices",
        "indices/{index}",
        "count",
        "count/{index}",
        "health",
        "aliases",
        "aliases/{alias}",
        "templates",
    ];
    let lines: Vec<String> = paths.iter().map(|path| format!("/_cat/{path}\n")).collect();
    Ok(Response::text(format!("=^.^=\n{}", lines.concat())))
}

const INDICES: &[Column] = &[
    left("health", "h", "current health status"),
    left("status", "s", "open/close status"),
    left("index", "i,idx", "index name"),
    left("uuid", "id,uuid", "index uuid"),
    right("pri", "p,shards.primary,shardsPrimary", "number of primary shards"),
    right("rep", "r,shards.replica,shardsReplica", "number of replica shards"),
    right("docs.count", "dc,docsCount", "available docs"),
    right("docs.deleted", "dd,docsDeleted", "deleted docs"),
    hidden(left("creation.date", "cd", "index creation date (millisecond value)")),
    hidden(left("creation.date.string", "cds", "index creation date (as string)")),
    right("store.size", "ss,storeSize", "store size of primaries & replicas"),
    right("pri.store.size", "", "store size of primaries"),
    hidden(right("segments.count", "sc,segmentsCount", "number of segments")),
    hidden(right("pri.segments.count", "", "number of segments")),
];

/// `GET /_cat/indices[/{index}]`.
pub(crate) fn indices(node: &Node, request: &Request) -> Result<Response> {
    let mut rows = Vec::new();
    if !request.flag("help", false)? {
        let found = expression::indices(node, request, IndicesOptions::OPEN_AND_CLOSED)?;
        let health = request.param("health");
        if let Some(unknown) = health.filter(|health| !matches!(*health, "green" | "yellow" | "red")) {
            return Err(RestError::illegal_argument(format!("unknown cluster health status [{unknown}]")));
        }
        for index in found {
            let status = Shards::of([&index]).status();
            if health.is_none_or(|wanted| wanted.eq_ignore_ascii_case(status)) {
                rows.push(index_row(&index, status, request.param("bytes")));
            }
        }
    }
    Table { columns: INDICES, rows }.answer(request)
}

fn index_row(index: &Arc<Index>, health: &str, unit: Option<&str>) -> Vec<Option<String>> {
    let stats = index.is_open().then(|| index.stats());
    let created: i64 =
        index.settings().get("index.creation_date").and_then(|millis| millis.parse().ok()).unwrap_or_default();
    let size = stats.map(|stats| bytes(stats.bytes, unit));
    let segments = stats.map(|stats| stats.segments.to_string());
    vec![
        Some(health.to_owned()),
        Some(if index.is_open() { "open" } else { "close" }.to_owned()),
        Some(index.name().to_owned()),
        Some(index.uuid().to_owned()),
        Some((shards_of(index) / write::copies(index)).to_string()),
        Some(write::replicas(index).to_string()),
        stats.map(|stats| stats.docs.to_string()),
        stats.map(|stats| stats.deleted.to_string()),
        Some(created.to_string()),
        Timestamp::from_millisecond(created).ok().map(|at| format!("{at:.3}")),
        size.clone(),
        size,
        segments.clone(),
        segments,
    ]
}

const COUNT: &[Column] = &[
    left("epoch", "t,time", "seconds since 1970-01-01 00:00:00"),
    left("timestamp", "ts,hms,hhmmss", "time in HH:MM:SS"),
    left("count", "dc,docs.count,docsCount", "the document count"),
];

/// Seconds since 1970, and the time of the day.
fn times(node: &Node) -> [Option<String>; 2] {
    let now = node.clock.now();
    [Some(now.as_second().to_string()), Some(now.strftime("%H:%M:%S").to_string())]
}

/// `GET /_cat/count[/{index}]`.
pub(crate) fn count(node: &Node, request: &Request) -> Result<Response> {
    let mut rows = Vec::new();
    if !request.flag("help", false)? {
        let targets = expression::targets(node, request.param("index"), IndicesOptions::OPEN_ONLY.of(request)?)?;
        let count = count::matching(node, &Searched::of(node, &targets), None)?;
        let [epoch, timestamp] = times(node);
        rows.push(vec![epoch, timestamp, Some(count.to_string())]);
    }
    Table { columns: COUNT, rows }.answer(request)
}

const HEALTH: &[Column] = &[
    left("epoch", "t,time", "seconds since 1970-01-01 00:00:00"),
    left("timestamp", "ts,hms,hhmmss", "time in HH:MM:SS"),
    left("cluster", "cl", "cluster name"),
    left("status", "st", "health status"),
    right("node.total", "nt,nodeTotal", "total number of nodes"),
    right("node.data", "nd,nodeData", "number of nodes that can store data"),
    right("discovered_cluster_manager", "dcm,dm,discovered_master", "cluster manager is discovered or not"),
    right("shards", "t,sh,shards.total,shardsTotal", "total number of shards"),
    right("pri", "p,shards.primary,shardsPrimary", "number of primary shards"),
    right("relo", "r,shards.relocating,shardsRelocating", "number of relocating nodes"),
    right("init", "i,shards.initializing,shardsInitializing", "number of initializing nodes"),
    right("unassign", "u,shards.unassigned,shardsUnassigned", "number of unassigned shards"),
    right("pending_tasks", "pt,pendingTasks", "number of pending tasks"),
    right("max_task_wait_time", "mtwt,maxTaskWaitTime", "wait time of longest task pending"),
    right("active_shards_percent", "asp,activeShardsPercent", "active number of shards in percent"),
];

/// `GET /_cat/health`.
pub(crate) fn health(node: &Node, request: &Request) -> Result<Response> {
    let shards = Shards::of(&node.engine.indices());
    let [epoch, timestamp] = times(node);
    let (epoch, timestamp) = if request.flag("ts", true)? { (epoch, timestamp) } else { (None, None) };
    let text = |value: &str| Some(value.to_owned());
    let row = vec![
        epoch,
        timestamp,
        text(CLUSTER_NAME),
        text(shards.status()),
        text("1"),
        text("1"),
        text("true"),
        Some(shards.primaries.to_string()),
        Some(shards.primaries.to_string()),
        text("0"),
        text("0"),
        Some(shards.unassigned.to_string()),
        text("0"),
        text("-"),
        Some(format!("{:.1}%", shards.active_percent())),
    ];
    Table { columns: HEALTH, rows: vec![row] }.answer(request)
}

const ALIASES: &[Column] = &[
    left("alias", "a", "alias name"),
    left("index", "i,idx", "index alias points to"),
    left("filter", "f,fi", "filter"),
    left("routing.index", "ri,routingIndex", "index routing"),
    left("routing.search", "rs,routingSearch", "search routing"),
    left("is_write_index", "w,isWriteIndex", "write index"),
];

/// `GET /_cat/aliases[/{name}]`.
pub(crate) fn aliases(node: &Node, request: &Request) -> Result<Response> {
    let wanted = request.list("name");
    let wildcards = request.list("expand_wildcards").unwrap_or_default();
    let shows_hidden = wildcards.is_empty() || wildcards.iter().any(|state| matches!(state.as_str(), "all" | "hidden"));
    let mut rows = Vec::new();
    for index in node.engine.indices() {
        for (alias, properties) in index.aliases().iter() {
            let hidden = properties.get("is_hidden").and_then(Value::as_bool).unwrap_or(false);
            if !shows_hidden && hidden && index.settings().is_true("index.hidden") {
                continue;
            }
            if wanted.as_ref().is_some_and(|names| !names.iter().any(|name| wildcard_matches(name, alias))) {
                continue;
            }
            let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
            let filter = if properties.get("filter").is_some() { "*" } else { "-" };
            let writes = properties.get("is_write_index").map_or_else(|| "-".to_owned(), ToString::to_string);
            rows.push(vec![
                Some(alias.clone()),
                Some(index.name().to_owned()),
                Some(filter.to_owned()),
                Some(text("index_routing")),
                Some(text("search_routing")),
                Some(writes),
            ]);
        }
    }
    Table { columns: ALIASES, rows }.answer(request)
}

const TEMPLATES: &[Column] = &[
    left("name", "n", "template name"),
    left("index_patterns", "t", "template index patterns"),
    left("order", "o,p", "template application order/priority number"),
    left("version", "v", "version"),
    left("composed_of", "c", "component templates comprising index template"),
];

/// `GET /_cat/templates[/{name}]`.
pub(crate) fn templates(node: &Node, request: &Request) -> Result<Response> {
    let name = request.param("name");
    let mut rows = Vec::new();
    let number = |template: &Value, key: &str| template.get(key).and_then(Value::as_i64);
    let listed = |template: &Value, key: &str| format!("[{}]", list(template, key).join(", "));
    for (name, template) in find(node, legacy_template::KIND, name) {
        let order = number(&template, "order").unwrap_or(0).to_string();
        let version = number(&template, "version").map(|version| version.to_string());
        rows.push(vec![
            Some(name),
            Some(listed(&template, "index_patterns")),
            Some(order),
            version,
            Some(String::new()),
        ]);
    }
    for (name, template) in find(node, "index_template", name) {
        let order = index_template::priority(&template).to_string();
        let version = number(&template, "version").map(|version| version.to_string());
        let components = listed(&template, "composed_of");
        rows.push(vec![Some(name), Some(listed(&template, "index_patterns")), Some(order), version, Some(components)]);
    }
    Table { columns: TEMPLATES, rows }.answer(request)
}

const SHARDS: &[Column] = &[
    left("index", "i,idx", "index name"),
    left("shard", "s,sh", "shard name"),
    left("prirep", "p,pr,primaryOrReplica", "primary or replica"),
    left("state", "st", "shard state"),
    right("docs", "d,dc", "number of docs in shard"),
    right("store", "sto", "store size of shard (how much disk it uses)"),
    left("ip", "", "ip of node where it lives"),
    hidden(left("id", "", "unique id of node where it lives")),
    left("node", "n", "name of node where it lives"),
    hidden(left("unassigned.reason", "ur", "reason shard is unassigned")),
    hidden(right("segments.count", "sc,segmentsCount", "number of segments")),
];

/// `GET /_cat/shards[/{index}]`.
pub(crate) fn shards(node: &Node, request: &Request) -> Result<Response> {
    let mut rows = Vec::new();
    if !request.flag("help", false)? {
        for index in expression::indices(node, request, IndicesOptions::OPEN)? {
            shard_rows(node, &index, request.param("bytes"), &mut rows);
        }
    }
    Table { columns: SHARDS, rows }.answer(request)
}

/// All documents are in the first primary: an index is not split here.
fn shard_rows(node: &Node, index: &Arc<Index>, unit: Option<&str>, rows: &mut Vec<Vec<Option<String>>>) {
    let text = |value: &str| Some(value.to_owned());
    let stats = index.stats();
    for number in 0..shards_of(index) / write::copies(index) {
        let (docs, size, segments) = if number == 0 { (stats.docs, stats.bytes, stats.segments) } else { (0, 0, 0) };
        rows.push(vec![
            text(index.name()),
            Some(number.to_string()),
            text("p"),
            text("STARTED"),
            Some(docs.to_string()),
            Some(bytes(size, unit)),
            text("127.0.0.1"),
            text(&node.id),
            text(NODE_NAME),
            None,
            Some(segments.to_string()),
        ]);
        for _ in 0..write::replicas(index) {
            let mut row = vec![text(index.name()), Some(number.to_string()), text("r"), text("UNASSIGNED")];
            row.extend([None, None, None, None, None, text("INDEX_CREATED"), None]);
            rows.push(row);
        }
    }
}

const NODES: &[Column] = &[
    hidden(left("id", "id,nodeId", "unique node id")),
    left("ip", "i", "ip address"),
    hidden(left("http_address", "http", "bound http address")),
    hidden(left("version", "v", "os version")),
    hidden(left("build", "b", "os build hash")),
    right("heap.percent", "hp,heapPercent", "used heap ratio"),
    right("ram.percent", "rp,ramPercent", "used machine memory ratio"),
    right("cpu", "cpu", "recent cpu usage"),
    right("load_1m", "l", "1m load avg"),
    right("load_5m", "l", "5m load avg"),
    right("load_15m", "l", "15m load avg"),
    left(
        "node.role",
        "r,role,nodeRole",
        "m:master eligible node, d:data node, i:ingest node, -:coordinating node only",
    ),
    left("node.roles", "rs,all roles", " -:coordinating node only"),
    left("cluster_manager", "cm,m,master", "*:current cluster manager"),
    left("name", "n", "node name"),
];

/// `GET /_cat/nodes`. What a process has no heap or load of is empty.
pub(crate) fn nodes(node: &Node, request: &Request) -> Result<Response> {
    let text = |value: &str| Some(value.to_owned());
    let id = if request.flag("full_id", false)? { node.id.clone() } else { node.id.chars().take(4).collect() };
    let address = request.host.clone().unwrap_or_else(|| "127.0.0.1:9200".to_owned());
    let row = vec![
        Some(id),
        text("127.0.0.1"),
        Some(address),
        text(VERSION),
        text(BUILD_HASH),
        None,
        None,
        None,
        None,
        None,
        None,
        text("dimr"),
        text("cluster_manager,data,ingest,remote_cluster_client"),
        text("*"),
        text(NODE_NAME),
    ];
    Table { columns: NODES, rows: vec![row] }.answer(request)
}
