//! Searches that stay open: scrolls and points in time.
//!
//! Both keep the snapshots that the first request saw, so later writes do not show. A context is dropped when it is
//! cleared or when its time is over.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/scroll/>

use std::{collections::HashMap, time::Duration};

use ekk_engine::search::{SearchAfter, SearchRequest, SortKey, TrackTotalHits};
use http::StatusCode;
use jiff::Timestamp;

use super::{
    cluster,
    search::{self, Searched, answer, answer::Style},
};
use crate::{
    dsl::time_value,
    error::{Exception, RestError, Result},
    expression::{self, IndicesOptions},
    json::{Json, Object},
    limits::{MAX_KEEP_ALIVE_SECS, MAX_OPEN_CONTEXTS, MAX_RESULT_WINDOW},
    node::{Node, new_uuid},
    request::Request,
    response::Response,
};

/// Parameters of a scroll's next page.
pub(crate) const PARAMS: &[&str] = &["scroll", "scroll_id", "rest_total_hits_as_int"];
/// Parameters that open a point in time.
pub(crate) const PIT_PARAMS: &[&str] = &["allow_partial_pit_creation", "keep_alive", "preference", "routing"];

/// What every scroll id begins with, so that other texts are known not to be one.
const SCROLL_PREFIX: &str = "FGluY2x1ZGVfY29udGV4dF91dWlk";
const PIT_PREFIX: &str = "48a5QQ";

/// The open searches of a node.
#[derive(Debug, Default)]
pub(crate) struct Contexts {
    open: HashMap<String, Context>,
}

#[derive(Clone, Debug)]
struct Context {
    searched: Searched,
    expires: Timestamp,
    opened: Timestamp,
    /// The next page; `None` for a point in time.
    next: Option<Box<Page>>,
}

#[derive(Clone, Debug)]
struct Page {
    request: SearchRequest,
    style: Style,
    /// The sort that the request asked for was none: pages go by score or index order, and hits print no sort.
    unsorted: bool,
}

impl Contexts {
    /// Drops what nobody asked for in time.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        self.open.retain(|_, context| context.expires > now);
    }

    fn get(&mut self, id: &str, now: Timestamp) -> Option<&mut Context> {
        self.expire(now);
        self.open.get_mut(id)
    }
}

fn open(node: &Node, id: &str, context: Context) -> Result<()> {
    let mut contexts = node.contexts.lock().expect("no handler panics while it holds the contexts");
    contexts.expire(context.opened);
    if contexts.open.len() >= MAX_OPEN_CONTEXTS {
        return Err(Exception::new(
            "rejected_execution_exception",
            format!(
                "Trying to create too many scroll contexts. Must be less than or equal to: [{MAX_OPEN_CONTEXTS}]. This \
                 limit can be set by changing the [search.max_open_scroll_context] setting."
            ),
        )
        .status(StatusCode::TOO_MANY_REQUESTS));
    }
    contexts.open.insert(id.to_owned(), context);
    Ok(())
}

fn keep_alive(node: &Node, text: &str, setting: &str) -> Result<Duration> {
    let duration = time_value::parse(text, setting).map_err(Exception::bad_request)?;
    let set = cluster::setting(node, "search.max_keep_alive");
    let longest = match &set {
        Some(longest) => time_value::parse(longest, "search.max_keep_alive").map_err(Exception::bad_request)?,
        None => Duration::from_secs(MAX_KEEP_ALIVE_SECS),
    };
    if duration > longest {
        let shown = set.as_deref().unwrap_or("24h");
        return Err(RestError::illegal_argument(format!(
            "Keep alive for request ({text}) is too large. It must be less than ({shown}). This limit can be set by changing \
             the [search.max_keep_alive] cluster level setting."
        )));
    }
    Ok(duration)
}

fn after(now: Timestamp, duration: Duration) -> Timestamp {
    now.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

/// The first page of `?scroll=`, and the context for the others.
pub(crate) fn start(
    node: &Node,
    searched: Searched,
    mut request: SearchRequest,
    keep_alive_text: &str,
    style: Style,
) -> Result<Object> {
    let keep = keep_alive(node, keep_alive_text, "scroll")?;
    if request.from > 0 {
        return Err(RestError::validation(&["using [from] is not allowed in a scroll context"]));
    }
    if request.size == 0 {
        return Err(RestError::validation(&["[size] cannot be [0] in a scroll context"]));
    }
    if request.track_total_hits == TrackTotalHits::No {
        return Err(RestError::validation(&["disabling [track_total_hits] is not allowed in a scroll context"]));
    }
    check_batch(node, &searched, request.size)?;
    search::check_window(node, &searched, &request)?;
    request.track_total_hits = TrackTotalHits::All;
    let unsorted = request.sort.is_empty();
    if unsorted {
        request.sort = vec![SortKey::Score { order: ekk_engine::search::Order::Desc }];
        request.track_scores = true;
    }
    let now = node.clock.now();
    let id = format!("{SCROLL_PREFIX}{}", new_uuid());
    let page = Page { request, style, unsorted };
    let (answer, next) = read_page(node, &searched, page)?;
    open(node, &id, Context { searched, expires: after(now, keep), opened: now, next: Some(Box::new(next)) })?;
    let mut with_id = Object::new().with("_scroll_id", id);
    with_id.members.extend(answer.members);
    Ok(with_id)
}

/// Refuses pages beyond the window of the first index, as each index would.
fn check_batch(node: &Node, searched: &Searched, size: usize) -> Result<()> {
    let Some((snapshot, uuid)) = searched.snapshots.first().zip(searched.uuids.first()) else { return Ok(()) };
    let index = node.engine.index(&snapshot.index);
    let window = index
        .and_then(|index| index.settings().get("index.max_result_window")?.parse().ok())
        .unwrap_or(MAX_RESULT_WINDOW);
    if size <= window {
        return Ok(());
    }
    let reason = format!(
        "Batch size is too large, size must be less than or equal to: [{window}] but was [{size}]. Scroll batch sizes cost \
         as much memory as result windows so they are controlled by the [index.max_result_window] index level setting."
    );
    Err(answer::shard_failure(node, &snapshot.index, uuid, Exception::illegal_argument(reason)))
}

/// One page, and the request for the next: after the last hit's sort values and address.
fn read_page(node: &Node, searched: &Searched, mut page: Page) -> Result<(Object, Page)> {
    let started = node.clock.now();
    let mut response = search::run(node, searched, &page.request)?;
    if let Some(last) = response.hits.last() {
        page.request.search_after = Some(SearchAfter { values: last.sort.clone(), address: Some(last.address) });
    }
    if page.unsorted {
        for hit in &mut response.hits {
            hit.sort.clear();
        }
    }
    let took = search::took(started, node.clock.now());
    let answer = answer::to_json(&response, &page.request, page.style, (took, searched.snapshots.len()));
    // Aggregations come with the first page only.
    page.request.aggregations.clear();
    Ok((answer, page))
}

/// `GET|POST /_search/scroll[/{scroll_id}]`.
pub(crate) fn next(node: &Node, request: &Request) -> Result<Response> {
    let body = request.json()?;
    let field = |name: &str| {
        let in_body = body.as_ref().and_then(|body| body.get(name)).and_then(crate::json::parse::Node::text);
        in_body.or_else(|| request.param(name).map(str::to_owned))
    };
    for member in body.as_ref().and_then(|body| body.members()).unwrap_or_default() {
        if !matches!(member.name.as_str(), "scroll" | "scroll_id") {
            let value = member.value.token();
            return Err(RestError::illegal_argument(format!(
                "Unknown parameter [{}] in request body or parameter is of the wrong type[{value}] ",
                member.name
            )));
        }
    }
    let id = field("scroll_id").ok_or_else(|| RestError::validation(&["scrollId is missing"]))?;
    check_scroll_id(&id)?;
    let now = node.clock.now();
    let keep = field("scroll").map(|text| keep_alive(node, &text, "scroll")).transpose()?;
    let context = {
        let mut contexts = node.contexts.lock().expect("no handler panics while it holds the contexts");
        let context = contexts.get(&id, now).ok_or_else(|| missing(&id))?;
        if let Some(keep) = keep {
            context.expires = after(now, keep);
        }
        context.clone()
    };
    let page = context.next.ok_or_else(|| missing(&id))?;
    let style = Style { total_as_int: request.flag("rest_total_hits_as_int", page.style.total_as_int)?, ..page.style };
    let (answer, next) = read_page(node, &context.searched, Page { style, ..*page })?;
    let mut contexts = node.contexts.lock().expect("no handler panics while it holds the contexts");
    if let Some(context) = contexts.open.get_mut(&id) {
        context.next = Some(Box::new(next));
    }
    let mut with_id = Object::new().with("_scroll_id", id);
    with_id.members.extend(answer.members);
    Ok(Response::ok(with_id))
}

fn check_scroll_id(id: &str) -> Result<()> {
    if id.starts_with(SCROLL_PREFIX) {
        return Ok(());
    }
    // OpenSearch reads the first byte as the length of what follows.
    let bytes = base64_simd::forgiving_decode_to_vec(id.replace('-', "+").replace('_', "/").as_bytes());
    let cause = match bytes.as_deref() {
        Ok([length, rest @ ..]) if usize::from(*length) > rest.len() => Exception::new(
            "e_o_f_exception",
            format!("attempting to read {length} bytes but only {} bytes are available", rest.len()),
        ),
        _ => Exception::illegal_argument("it is not one that this node gave"),
    };
    Err(RestError::illegal_argument("Cannot parse scroll id").with_cause(cause))
}

fn missing(id: &str) -> RestError {
    let cause = Exception::new("search_context_missing_exception", format!("No search context found for id [{id}]"));
    let failed = Object::new().with("shard", -1).with("index", Json::Null).with("reason", cause.to_json());
    Exception::new("search_phase_execution_exception", "all shards failed")
        .with("phase", "query")
        .with("grouped", true)
        .with("failed_shards", vec![Json::from(failed)])
        .caused_by(cause.clone())
        .status(StatusCode::NOT_FOUND)
        .with_root_causes(vec![cause])
}

/// `DELETE /_search/scroll[/{scroll_id}]`.
pub(crate) fn clear(node: &Node, request: &Request) -> Result<Response> {
    let mut ids = request.list("scroll_id").unwrap_or_default();
    if let Some(body) = request.json()? {
        let given = body
            .get("scroll_id")
            .ok_or_else(|| RestError::illegal_argument("Unknown parameter in request body: [scroll_id] is wanted"))?;
        ids = crate::dsl::texts(given)?;
    }
    let mut contexts = node.contexts.lock().expect("no handler panics while it holds the contexts");
    let freed = if ids.iter().any(|id| id == "_all") {
        let before = contexts.open.len();
        contexts.open.retain(|_, context| context.next.is_none());
        before - contexts.open.len()
    } else {
        for id in &ids {
            check_scroll_id(id)?;
        }
        ids.iter().filter(|id| contexts.open.remove(*id).is_some()).count()
    };
    let status = if freed > 0 || ids.iter().any(|id| id == "_all") { StatusCode::OK } else { StatusCode::NOT_FOUND };
    Ok(Response::json(status, Object::new().with("succeeded", true).with("num_freed", freed)))
}

/// `POST /{index}/_search/point_in_time`.
pub(crate) fn open_pit(node: &Node, request: &Request) -> Result<Response> {
    let keep = request.param("keep_alive").ok_or_else(|| RestError::validation(&["keep alive not specified"]))?;
    let keep = keep_alive(node, keep, "keep_alive")?;
    let options = IndicesOptions::OPEN_ONLY.of(request)?;
    let searched = Searched::of(node, &expression::targets(node, request.param("index"), options)?);
    let shards: usize = searched.snapshots.len();
    let now = node.clock.now();
    let id = format!("{PIT_PREFIX}{}", new_uuid());
    open(node, &id, Context { searched, expires: after(now, keep), opened: now, next: None })?;
    Ok(Response::ok(
        Object::new()
            .with("pit_id", id)
            .with("_shards", answer::shards(shards))
            .with("creation_time", now.as_millisecond()),
    ))
}

/// What a point in time sees.
pub(crate) fn point_in_time(node: &Node, id: &str) -> Result<Searched> {
    let mut contexts = node.contexts.lock().expect("no handler panics while it holds the contexts");
    let context = contexts.get(id, node.clock.now()).filter(|context| context.next.is_none());
    context.map(|context| context.searched.clone()).ok_or_else(|| missing(id))
}

/// `GET /_search/point_in_time/_all`: the points in time that are open.
#[expect(clippy::unnecessary_wraps, reason = "every handler has this shape")]
pub(crate) fn list_pits(node: &Node, _request: &Request) -> Result<Response> {
    let now = node.clock.now();
    let mut contexts = node.contexts.lock().expect("no handler panics while it holds the contexts");
    contexts.expire(now);
    let open = contexts.open.iter().filter(|(_, context)| context.next.is_none());
    let pits: Vec<Json> = open
        .map(|(id, context)| {
            let keep = context.opened.duration_until(context.expires).as_millis();
            Object::new()
                .with("pit_id", id.clone())
                .with("creation_time", context.opened.as_millisecond())
                .with("keep_alive", i64::try_from(keep).unwrap_or(i64::MAX))
                .into()
        })
        .collect();
    Ok(Response::ok(Object::new().with("pits", pits)))
}

/// `DELETE /_search/point_in_time` and `DELETE /_search/point_in_time/_all`.
pub(crate) fn close_pit(node: &Node, request: &Request) -> Result<Response> {
    let all = request.path.ends_with("/_all");
    let ids = if all {
        Vec::new()
    } else {
        let body = request.required_json()?;
        let given = body.get("pit_id").ok_or_else(|| RestError::validation(&["no pit ids specified"]))?;
        crate::dsl::texts(given)?
    };
    let mut contexts = node.contexts.lock().expect("no handler panics while it holds the contexts");
    let ids = if all {
        contexts.open.iter().filter(|(_, context)| context.next.is_none()).map(|(id, _)| id.clone()).collect()
    } else {
        ids
    };
    let pits: Vec<Json> = ids
        .into_iter()
        .map(|id| {
            contexts.open.remove(&id);
            Object::new().with("successful", true).with("pit_id", id).into()
        })
        .collect();
    Ok(Response::ok(Object::new().with("pits", pits)))
}
