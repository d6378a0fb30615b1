//! `_search` over one, many or all indices, with a body, with `?q=`, or both.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/search/>

pub(crate) mod aggregations;
pub(crate) mod answer;

use std::sync::Arc;

use ekk_engine::{
    index::Snapshot,
    query::{BoolQuery, MinimumShouldMatch, Query, QueryKind},
    search::{SearchRequest, SearchResponse},
};
use jiff::Timestamp;
use serde_json::Value;

use self::answer::Style;
use crate::{
    api::{cluster, scroll},
    dsl::{self, search::SearchBody},
    error::{Exception, RestError, Result},
    expression::{self, IndicesOptions, Target},
    json::{Object, parse},
    limits::{MAX_DOCVALUE_FIELDS, MAX_RESULT_WINDOW},
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of a search, besides those of its expression and of `?q=`.
pub(crate) const PARAMS: &[&str] = &[
    "ccs_minimize_roundtrips",
    "explain",
    "stored_fields",
    "docvalue_fields",
    "from",
    "preference",
    "routing",
    "scroll",
    "search_type",
    "size",
    "sort",
    "_source",
    "_source_excludes",
    "_source_includes",
    "_source_exclude",
    "_source_include",
    "terminate_after",
    "stats",
    "suggest_field",
    "suggest_mode",
    "suggest_size",
    "suggest_text",
    "timeout",
    "track_scores",
    "track_total_hits",
    "allow_partial_search_results",
    "typed_keys",
    "version",
    "seq_no_primary_term",
    "request_cache",
    "batched_reduce_size",
    "max_concurrent_shard_requests",
    "pre_filter_shard_size",
    "rest_total_hits_as_int",
    "search_pipeline",
    "include_named_queries_score",
    "cancel_after_time_interval",
    "phase_took",
    "verbose_pipeline",
];

/// Indices that are searched together, as they are now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Searched {
    pub(crate) snapshots: Vec<Snapshot>,
    pub(crate) uuids: Vec<String>,
    /// For each snapshot, the filters of the aliases that led to it.
    pub(crate) filters: Vec<Vec<Value>>,
}

impl Searched {
    /// The indices as they are now.
    pub(crate) fn of(node: &Node, targets: &[Target]) -> Self {
        for target in targets {
            node.show_writes(&target.index);
        }
        Self {
            snapshots: targets.iter().map(|target| target.index.snapshot()).collect(),
            uuids: targets.iter().map(|target| target.index.uuid().to_owned()).collect(),
            filters: targets.iter().map(|target| target.filters.clone()).collect(),
        }
    }
}

/// `GET|POST [/{index}]/_search`.
pub(crate) fn search(node: &Node, request: &Request) -> Result<Response> {
    let started = node.clock.now();
    let mut body = match request.json()? {
        Some(json) => dsl::search::parse(&json)?,
        None => SearchBody::default(),
    };
    dsl::uri::apply(request, &mut body.request)?;
    check_search_type(request)?;
    let style = style(request, &body.request)?;
    check_at_least(request, "batched_reduce_size", "batchedReduceSize", 2)?;
    check_at_least(request, "pre_filter_shard_size", "preFilterShardSize", 1)?;
    if request.param("scroll").is_some() && body.request.size > 0 && request.flag("request_cache", false)? {
        return Err(RestError::validation(&["[request_cache] cannot be used in a scroll context"]));
    }
    refuse_unsupported(&body)?;
    if body.pit.is_some() && request.param("index").is_some() {
        return Err(RestError::validation(&["[indices] cannot be used with point in time"]));
    }
    let searched = match &body.pit {
        Some(id) => scroll::point_in_time(node, id)?,
        None => Searched::of(node, &targets(node, request)?),
    };
    body.request.index_boosts = index_boosts(node, &body, IndicesOptions::OPEN_ONLY.of(request)?)?;
    let answer = if let Some(keep_alive) = request.param("scroll") {
        scroll::start(node, searched, body.request, keep_alive, style)?
    } else {
        check_window(node, &searched, &body.request)?;
        let response = run(node, &searched, &body.request)?;
        let took = took(started, node.clock.now());
        let pit = body.pit.map(|id| Object::new().with("pit_id", id));
        let answer = answer::to_json(&response, &body.request, style, (took, searched.snapshots.len()));
        match pit {
            Some(mut pit) => {
                pit.members.extend(answer.members);
                pit
            }
            None => answer,
        }
    };
    Ok(Response::ok(answer))
}

/// The indices that `indices_boost` names, in its order.
pub(crate) fn index_boosts(node: &Node, body: &SearchBody, options: IndicesOptions) -> Result<Vec<(Arc<str>, f32)>> {
    let mut boosts = Vec::new();
    for (expression, boost) in &body.indices_boost {
        let targets = expression::targets(node, Some(expression), options)?;
        boosts.extend(targets.iter().map(|target| (Arc::from(target.index.name()), *boost)));
    }
    Ok(boosts)
}

/// The indices of a search's expression.
pub(crate) fn targets(node: &Node, request: &Request) -> Result<Vec<Target>> {
    expression::targets(node, request.param("index"), IndicesOptions::OPEN_ONLY.of(request)?)
}

/// Milliseconds between two times.
pub(crate) fn took(started: Timestamp, ended: Timestamp) -> u64 {
    u64::try_from(started.duration_until(ended).as_millis()).unwrap_or(0)
}

/// `typed_keys` and `rest_total_hits_as_int`.
pub(crate) fn style(request: &Request, search: &SearchRequest) -> Result<Style> {
    use ekk_engine::search::TrackTotalHits;
    let total_as_int = request.flag("rest_total_hits_as_int", false)?;
    if let (true, TrackTotalHits::UpTo(limit)) = (total_as_int, search.track_total_hits)
        && limit != ekk_engine::search::TRACK_TOTAL_HITS_DEFAULT
    {
        return Err(RestError::illegal_argument(format!(
            "[rest_total_hits_as_int] cannot be used if the tracking of total hits is not accurate, got {limit}"
        )));
    }
    Ok(Style { typed_keys: request.flag("typed_keys", false)?, total_as_int })
}

fn check_at_least(request: &Request, name: &str, shown: &str, least: i64) -> Result<()> {
    match request.integer(name)? {
        Some(value) if value < least => Err(RestError::illegal_argument(format!("{shown} must be >= {least}"))),
        _ => Ok(()),
    }
}

fn check_search_type(request: &Request) -> Result<()> {
    match request.param("search_type") {
        None | Some("query_then_fetch" | "dfs_query_then_fetch" | "") => Ok(()),
        Some(other) => Err(RestError::illegal_argument(format!("No search type for [{other}]"))),
    }
}

fn refuse_unsupported(body: &SearchBody) -> Result<()> {
    if body.explain {
        return Err(RestError::illegal_argument("[explain] is not supported in a search"));
    }
    Ok(())
}

/// Runs the search on what it sees.
pub(crate) fn run(node: &Node, searched: &Searched, request: &SearchRequest) -> Result<SearchResponse> {
    let now = node.clock.now();
    let max_buckets = cluster::setting(node, "search.max_buckets").and_then(|limit| limit.parse().ok());
    let limited = max_buckets.map(|max_buckets| SearchRequest { max_buckets, ..request.clone() });
    let request = limited.as_ref().unwrap_or(request);
    let run = |snapshots: &[Snapshot], request: &SearchRequest| {
        ekk_engine::search::search(snapshots, request, now).map_err(|error| answer::error(node, error))
    };
    if searched.filters.iter().all(Vec::is_empty) {
        return run(&searched.snapshots, request);
    }
    let filtered = SearchRequest { query: Some(with_filters(searched, request.query.clone())?), ..request.clone() };
    run(&searched.snapshots, &filtered)
}

/// The query narrowed by the aliases' filters.
///
/// Differs from OpenSearch: when several indices are searched and only some through filtered aliases, the filters are
/// told apart by the index that they belong to.
fn with_filters(searched: &Searched, query: Option<Query>) -> Result<Query> {
    let mut alternatives = Vec::new();
    for (snapshot, filters) in searched.snapshots.iter().zip(&searched.filters) {
        let in_index = Query::new(ekk_engine::query::TermQuery::new("_index", &*snapshot.index));
        let mut should = Vec::new();
        for filter in filters {
            should.push(dsl::query::parse(&parse::parse(filter.to_string().as_bytes())?)?);
        }
        let minimum = (!should.is_empty()).then(|| MinimumShouldMatch::clauses(1));
        let filter = if searched.snapshots.len() > 1 { vec![in_index] } else { Vec::new() };
        alternatives.push(Query::new(BoolQuery {
            filter,
            should,
            minimum_should_match: minimum,
            ..BoolQuery::default()
        }));
    }
    let allowed = Query::new(BoolQuery {
        should: alternatives,
        minimum_should_match: Some(MinimumShouldMatch::clauses(1)),
        ..BoolQuery::default()
    });
    let must = query.unwrap_or_else(|| Query::new(QueryKind::MatchAll));
    Ok(Query::new(BoolQuery { must: vec![must], filter: vec![allowed], ..BoolQuery::default() }))
}

/// Refuses pages beyond the window, and `search_after` without what it needs, as each index would.
pub(crate) fn check_window(node: &Node, searched: &Searched, request: &SearchRequest) -> Result<()> {
    let Some((snapshot, uuid)) = searched.snapshots.first().zip(searched.uuids.first()) else { return Ok(()) };
    let end = request.from.saturating_add(request.size);
    let window = node
        .engine
        .index(&snapshot.index)
        .and_then(|index| index.settings().get("index.max_result_window")?.parse().ok())
        .unwrap_or(MAX_RESULT_WINDOW);
    let index = node.engine.index(&snapshot.index);
    let setting = |key: &str, default: usize| {
        index.as_ref().and_then(|index| index.settings().get(key)?.parse().ok()).unwrap_or(default)
    };
    let max_docvalue_fields = setting("index.max_docvalue_fields_search", MAX_DOCVALUE_FIELDS);
    let problem = if request.docvalue_fields.len() > max_docvalue_fields {
        Some(format!(
            "Trying to retrieve too many docvalue_fields. Must be less than or equal to: [{max_docvalue_fields}] but was \
             [{}]. This limit can be set by changing the [index.max_docvalue_fields_search] index level setting.",
            request.docvalue_fields.len()
        ))
    } else if end > window {
        Some(format!(
            "Result window is too large, from + size must be less than or equal to: [{window}] but was [{end}]. See the \
             scroll api for a more efficient way to request large data sets. This limit can be set by changing the \
             [index.max_result_window] index level setting."
        ))
    } else if request.search_after.is_some() && request.sort.is_empty() {
        Some("Sort must contain at least one field.".to_owned())
    } else if let Some(after) = request.search_after.as_ref().filter(|after| after.values.len() != request.sort.len()) {
        Some(format!("search_after has {} value(s) but sort has {}.", after.values.len(), request.sort.len()))
    } else if request.search_after.is_some() && request.from > 0 {
        return Err(RestError::validation(&["`from` parameter must be set to 0 when `search_after` is used."]));
    } else {
        None
    };
    match problem {
        Some(problem) => Err(answer::shard_failure(node, &snapshot.index, uuid, Exception::illegal_argument(problem))),
        None => Ok(()),
    }
}
