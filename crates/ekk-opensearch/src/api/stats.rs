//! `_stats`: documents and sizes of indices. Other metrics are known by name and have nothing to tell.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/index-apis/stats/>

use std::sync::Arc;

use ekk_engine::index::Index;

use crate::{
    api::maintenance::shards,
    error::{RestError, Result},
    expression::{self, IndicesOptions},
    json::Object,
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of statistics.
pub(crate) const PARAMS: &[&str] = &[
    "completion_fields",
    "fielddata_fields",
    "fields",
    "groups",
    "level",
    "include_segment_file_sizes",
    "include_unloaded_segments",
    "forbid_closed_indices",
];

const METRICS: &[&str] = &[
    "_all",
    "docs",
    "store",
    "indexing",
    "get",
    "search",
    "merge",
    "refresh",
    "flush",
    "warmer",
    "query_cache",
    "fielddata",
    "completion",
    "segments",
    "translog",
    "request_cache",
    "recovery",
    "suggest",
];

/// `GET [/{index}]/_stats[/{metric}]`.
pub(crate) fn stats(node: &Node, request: &Request) -> Result<Response> {
    let metrics = request.list("metric").unwrap_or_else(|| vec!["_all".to_owned()]);
    if let Some(unknown) = metrics.iter().find(|metric| !METRICS.contains(&metric.as_str())) {
        return Err(RestError::illegal_argument(format!(
            "request [{}] contains unrecognized metric: [{unknown}]",
            request.path
        )));
    }
    let indices = expression::indices(node, request, IndicesOptions::OPEN_ONLY)?;
    let mut by_index = Object::new();
    for index in &indices {
        let group = group(std::slice::from_ref(index), &metrics);
        let printed =
            Object::new().with("uuid", index.uuid().to_owned()).with("primaries", group.clone()).with("total", group);
        by_index.put(index.name().to_owned(), printed);
    }
    let all = group(&indices, &metrics);
    let mut answer = Object::new()
        .with("_shards", shards(&indices))
        .with("_all", Object::new().with("primaries", all.clone()).with("total", all));
    match request.param("level") {
        None | Some("indices" | "shards") => answer.put("indices", by_index),
        Some("cluster") => {}
        Some(other) => {
            return Err(RestError::illegal_argument(format!(
                "level parameter must be one of [cluster] or [indices] or [shards] but was [{other}]"
            )));
        }
    }
    Ok(Response::ok(answer))
}

fn group(indices: &[Arc<Index>], metrics: &[String]) -> Object {
    let (docs, deleted, bytes, segments) =
        indices.iter().map(|index| index.stats()).fold((0, 0, 0, 0), |sum, stats| {
            (sum.0 + stats.docs, sum.1 + stats.deleted, sum.2 + stats.bytes, sum.3 + stats.segments)
        });
    let wants = |metric: &str| metrics.iter().any(|wanted| wanted == metric || wanted == "_all");
    let mut group = Object::new();
    if wants("docs") {
        group.put("docs", Object::new().with("count", docs).with("deleted", deleted));
    }
    if wants("store") {
        group.put("store", Object::new().with("size_in_bytes", bytes).with("reserved_in_bytes", 0));
    }
    if wants("segments") {
        group.put("segments", Object::new().with("count", segments));
    }
    group
}
