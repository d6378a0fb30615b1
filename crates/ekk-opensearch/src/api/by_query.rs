//! `_delete_by_query`: deletes what a query finds now.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/document-apis/delete-by-query/>

use ekk_engine::{
    index::{Condition, Operation, Outcome, VersionCheck},
    search::{SearchRequest, SourceFilter, TrackTotalHits},
};
use http::StatusCode;

use super::search::{self, Searched};
use crate::{
    api::count::body_query,
    dsl,
    error::{Exception, RestError, Result},
    json::{Json, Object},
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of a delete by query.
pub(crate) const PARAMS: &[&str] = &[
    "from",
    "conflicts",
    "preference",
    "routing",
    "scroll",
    "search_type",
    "search_timeout",
    "size",
    "max_docs",
    "sort",
    "_source",
    "_source_excludes",
    "_source_includes",
    "terminate_after",
    "stats",
    "version",
    "request_cache",
    "refresh",
    "timeout",
    "wait_for_active_shards",
    "scroll_size",
    "wait_for_completion",
    "requests_per_second",
    "slices",
];

/// `POST /{index}/_delete_by_query`.
///
/// # Errors
/// 400 without a query, 409 when a document changed meanwhile and `conflicts` is not `proceed`.
pub(crate) fn delete(node: &Node, request: &Request) -> Result<Response> {
    let started = node.clock.now();
    let query = match dsl::uri::query(request)? {
        Some(query) => Some(query),
        None => request.json()?.as_ref().map(body_query).transpose()?.flatten(),
    };
    let Some(query) = query else {
        return Err(RestError::validation(&["query is missing"]));
    };
    if !request.flag("wait_for_completion", true)? {
        return Err(RestError::illegal_argument("[wait_for_completion=false] is not supported: there are no tasks"));
    }
    let proceeds = request.param("conflicts") == Some("proceed");
    let (mut deleted, mut conflicts) = (0_u64, 0_u64);
    for target in search::targets(node, request)? {
        let searched = Searched::of(node, std::slice::from_ref(&target));
        let asked = SearchRequest {
            query: Some(query.clone()),
            size: usize::MAX,
            source: SourceFilter::None,
            seq_no_primary_term: true,
            track_total_hits: TrackTotalHits::All,
            sort: vec![ekk_engine::search::SortKey::Doc { order: ekk_engine::search::Order::Asc }],
            ..SearchRequest::default()
        };
        let total = super::count::matching(node, &searched, Some(query.clone()))?;
        let asked = SearchRequest { size: usize::try_from(total).unwrap_or(usize::MAX), ..asked };
        let found = search::run(node, &searched, &asked)?;
        let operations = found
            .hits
            .into_iter()
            .map(|hit| {
                let condition = Condition { seq_no: hit.seq_no.unwrap_or_default(), primary_term: 1 };
                Operation::Delete { id: hit.id, check: VersionCheck::Condition(condition) }
            })
            .collect();
        for result in target.index.apply(operations, node.clock.now()) {
            match result {
                Ok(written) if written.outcome == Outcome::Deleted => deleted += 1,
                _ => conflicts += 1,
            }
        }
        if request.flag("refresh", false)? {
            target.index.refresh()?;
        }
    }
    if conflicts > 0 && !proceeds {
        let reason = format!("{conflicts} documents changed while they were deleted");
        return Err(Exception::new("version_conflict_engine_exception", reason).status(StatusCode::CONFLICT));
    }
    let took = search::took(started, node.clock.now());
    Ok(Response::ok(
        Object::new()
            .with("took", took)
            .with("timed_out", false)
            .with("total", deleted + conflicts)
            .with("deleted", deleted)
            .with("batches", u64::from(deleted + conflicts > 0))
            .with("version_conflicts", conflicts)
            .with("noops", 0)
            .with("retries", Object::new().with("bulk", 0).with("search", 0))
            .with("throttled_millis", 0)
            .with("requests_per_second", -1.0)
            .with("throttled_until_millis", 0)
            .with("failures", Json::Array(Vec::new())),
    ))
}
