//! `_refresh`, `_flush`, `_forcemerge`, `_cache/clear`: what an index does by itself, now.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/index-apis/refresh/>

use std::sync::Arc;

use ekk_engine::index::Index;

use crate::{
    api::{auto_create::shards_of, write::copies},
    error::{RestError, Result},
    expression::{self, IndicesOptions},
    json::Object,
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of these paths.
pub(crate) const PARAMS: &[&str] = &[
    "force",
    "wait_if_ongoing",
    "flush",
    "max_num_segments",
    "only_expunge_deletes",
    "wait_for_completion",
    "primary_only",
    "fielddata",
    "fields",
    "query",
    "request",
    "file",
];

/// `GET|POST [/{index}]/_refresh`.
pub(crate) fn refresh(node: &Node, request: &Request) -> Result<Response> {
    on_each(node, request, |index| Ok(index.refresh()?))
}

/// `GET|POST [/{index}]/_flush`.
pub(crate) fn flush(node: &Node, request: &Request) -> Result<Response> {
    if request.flag("force", false)? && !request.flag("wait_if_ongoing", true)? {
        return Err(RestError::validation(&["wait_if_ongoing must be true for a force flush"]));
    }
    on_each(node, request, |index| Ok(index.flush()?))
}

/// `POST [/{index}]/_forcemerge`.
pub(crate) fn force_merge(node: &Node, request: &Request) -> Result<Response> {
    if request.flag("only_expunge_deletes", false)? && request.param("max_num_segments").is_some() {
        return Err(RestError::validation(&[
            "cannot set only_expunge_deletes and max_num_segments at the same time, those two parameters are mutually exclusive",
        ]));
    }
    on_each(node, request, |index| Ok(index.force_merge()?))
}

/// `POST [/{index}]/_cache/clear`: there are no caches to clear.
pub(crate) fn clear_cache(node: &Node, request: &Request) -> Result<Response> {
    on_each(node, request, |_| Ok(()))
}

fn on_each(node: &Node, request: &Request, work: impl Fn(&Index) -> Result<()>) -> Result<Response> {
    let indices = expression::indices(node, request, IndicesOptions::OPEN_ONLY)?;
    for index in &indices {
        work(index)?;
    }
    Ok(Response::ok(Object::new().with("_shards", shards(&indices))))
}

/// All copies that the indices ask for, and the primaries that are there.
pub(crate) fn shards(indices: &[Arc<Index>]) -> Object {
    let total: u64 = indices.iter().map(|index| shards_of(index)).sum();
    let successful: u64 = indices.iter().map(|index| shards_of(index) / copies(index)).sum();
    Object::new().with("total", total).with("successful", successful).with("failed", 0)
}
