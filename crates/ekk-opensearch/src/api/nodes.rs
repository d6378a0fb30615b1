//! `_nodes`: the one node, as clients look for it when they sniff or check versions.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/nodes-apis/nodes-info/>

use crate::{
    error::Result,
    json::{Json, Object},
    limits::MAX_CONTENT_BYTES,
    node::{BUILD_HASH, CLUSTER_NAME, NODE_NAME, Node, VERSION},
    request::Request,
    response::Response,
};

/// Parameters of the nodes' information.
pub(crate) const PARAMS: &[&str] = &["flat_settings", "timeout"];

const METRICS: &[&str] = &[
    "settings",
    "os",
    "process",
    "jvm",
    "thread_pool",
    "transport",
    "http",
    "plugins",
    "ingest",
    "aggregations",
    "indices",
    "search_pipelines",
];

/// `GET /_nodes[/{node_or_metric}[/{metric}]]`.
#[expect(clippy::unnecessary_wraps, reason = "every handler has this shape")]
pub(crate) fn info(node: &Node, request: &Request) -> Result<Response> {
    // One segment is a metric when it is known as one, and a node's name otherwise.
    let first = request.param("node_or_metric");
    let metrics = request
        .param("metric")
        .or_else(|| first.filter(|text| text.split(',').all(|part| METRICS.contains(&part) || part == "_all")))
        .map(|list| list.split(',').map(str::to_owned).collect::<Vec<_>>());
    let wants =
        |metric: &str| metrics.as_ref().is_none_or(|list| list.iter().any(|item| item == metric || item == "_all"));
    let named = first.filter(|_| request.param("metric").is_some() || metrics.is_none());
    let found = named.is_none_or(|names| {
        names.split(',').any(|name| {
            name == node.id
                || name == NODE_NAME
                || matches!(name, "_all" | "_local" | "_cluster_manager" | "_master" | "*")
        })
    });
    let mut nodes = Object::new();
    if found {
        nodes.put(node.id.clone(), describe(request, &wants));
    }
    let count = usize::from(found);
    Ok(Response::ok(
        Object::new()
            .with("_nodes", Object::new().with("total", count).with("successful", count).with("failed", 0))
            .with("cluster_name", CLUSTER_NAME)
            .with("nodes", nodes),
    ))
}

fn describe(request: &Request, wants: &dyn Fn(&str) -> bool) -> Object {
    let texts = |list: &[&'static str]| list.iter().map(|text| Json::from(*text)).collect::<Vec<Json>>();
    // The address that the client used is the one that it can use again.
    let address = request.host.clone().unwrap_or_else(|| "127.0.0.1:9200".to_owned());
    let mut described = Object::new()
        .with("name", NODE_NAME)
        .with("transport_address", "127.0.0.1:9300")
        .with("host", "127.0.0.1")
        .with("ip", "127.0.0.1")
        .with("version", VERSION)
        .with("build_type", "zip")
        .with("build_hash", BUILD_HASH)
        .with("roles", texts(&["cluster_manager", "data", "ingest", "remote_cluster_client"]))
        .with("attributes", Object::new().with("shard_indexing_pressure_enabled", "true"));
    if wants("settings") {
        let settings = Object::new()
            .with("cluster", Object::new().with("name", CLUSTER_NAME))
            .with("node", Object::new().with("name", NODE_NAME));
        described.put("settings", settings);
    }
    if wants("http") {
        let http = Object::new()
            .with("bound_address", vec![Json::from(address.clone())])
            .with("publish_address", address)
            .with("max_content_length_in_bytes", MAX_CONTENT_BYTES);
        described.put("http", http);
    }
    if wants("plugins") {
        described.put("plugins", Json::Array(Vec::new()));
        described.put("modules", Json::Array(Vec::new()));
    }
    described
}
