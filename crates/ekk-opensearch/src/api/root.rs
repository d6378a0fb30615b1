//! `GET /`: what this is and which version it answers as.

use crate::{
    error::Result,
    json::Object,
    node::{BUILD_HASH, CLUSTER_NAME, NODE_NAME, Node, VERSION},
    request::Request,
    response::Response,
};

/// `GET|HEAD /`.
#[expect(clippy::unnecessary_wraps, reason = "every handler has this shape")]
pub(crate) fn info(node: &Node, _request: &Request) -> Result<Response> {
    let version = Object::new()
        .with("distribution", "opensearch")
        .with("number", VERSION)
        .with("build_type", "zip")
        .with("build_hash", BUILD_HASH)
        .with("build_date", "2025-12-15T21:42:54.481067826Z")
        .with("build_snapshot", false)
        .with("lucene_version", "10.3.2")
        .with("minimum_wire_compatibility_version", "2.19.0")
        .with("minimum_index_compatibility_version", "2.0.0");
    Ok(Response::ok(
        Object::new()
            .with("name", NODE_NAME)
            .with("cluster_name", CLUSTER_NAME)
            .with("cluster_uuid", node.cluster_uuid.clone())
            .with("version", version)
            .with("tagline", "The OpenSearch Project: https://opensearch.org/"),
    ))
}
