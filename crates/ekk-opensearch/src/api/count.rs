//! `_count`: how many documents match.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/count/>

use ekk_engine::{
    query::Query,
    search::{SearchRequest, TrackTotalHits},
};

use super::search::{self, Searched, answer};
use crate::{
    dsl::{self, Fault},
    error::Result,
    json::{Object, parse::Node as JsonNode},
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of a count, besides those of its expression and of `?q=`.
pub(crate) const PARAMS: &[&str] = &["min_score", "preference", "routing", "terminate_after"];

/// `GET|POST [/{index}]/_count`.
pub(crate) fn count(node: &Node, request: &Request) -> Result<Response> {
    let query = match dsl::uri::query(request)? {
        Some(query) => Some(query),
        None => request.json()?.as_ref().map(body_query).transpose()?.flatten(),
    };
    let searched = Searched::of(node, &search::targets(node, request)?);
    let count = matching(node, &searched, query)?;
    Ok(Response::ok(Object::new().with("count", count).with("_shards", answer::shards(searched.snapshots.len()))))
}

/// How many documents match.
pub(crate) fn matching(node: &Node, searched: &Searched, query: Option<Query>) -> Result<u64> {
    let request = SearchRequest { query, size: 0, track_total_hits: TrackTotalHits::All, ..SearchRequest::default() };
    Ok(search::run(node, searched, &request)?.total.map_or(0, |total| total.value))
}

/// The `query` of a body that has nothing else.
///
/// # Errors
/// 400 `parsing_exception` for other keys.
pub(crate) fn body_query(body: &JsonNode) -> Result<Option<Query>> {
    let mut query = None;
    for member in body.members().unwrap_or_default() {
        if member.name != "query" {
            let reason = format!("request does not support [{}]", member.name);
            return Err(Fault::parsing(reason, member.value.at).into());
        }
        query = Some(dsl::query::parse(&member.value)?);
    }
    Ok(query)
}
