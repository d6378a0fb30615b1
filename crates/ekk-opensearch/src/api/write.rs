//! What all writes share: the index a name leads to, made when it may be, and how one write is answered.

use std::sync::Arc;

use ekk_engine::{
    index::{Index, Outcome, Written},
    limits::MAX_ID_BYTES,
};
use http::StatusCode;

use crate::{
    api::{auto_create, date_math},
    catalog::Catalog,
    error::{Exception, RestError, index_closed, index_not_found},
    json::Object,
    node::Node,
    request::Refresh,
};

/// A write that was refused before it reached an index, or by it.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) exception: Exception,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, exception: Exception) -> Self {
        Self { status, exception }
    }
}

impl From<RestError> for Refusal {
    fn from(error: RestError) -> Self {
        let exception = error.exception().cloned().unwrap_or_else(|| Exception::new("exception", "the request failed"));
        Self { status: error.status, exception }
    }
}

impl From<Refusal> for RestError {
    fn from(refusal: Refusal) -> Self {
        refusal.exception.status(refusal.status)
    }
}

/// What a write asks of the index's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Wanted {
    /// The name must be an alias.
    pub(crate) require_alias: bool,
    /// The index is made when there is none: all writes but deletes.
    pub(crate) create: bool,
}

/// The index that a write to `name` goes to.
pub(crate) fn target(node: &Node, name: &str, wanted: Wanted) -> Result<Arc<Index>, Refusal> {
    let name = date_math::resolve(name, node.clock.now())?;
    let index = match node.engine.index(&name) {
        Some(index) if !wanted.require_alias => index,
        found => match behind_alias(node, &name)? {
            Some(index) => index,
            None if wanted.require_alias => return Err(no_alias(&name)),
            None => match found {
                Some(index) => index,
                None if wanted.create => auto_create::create(node, &name)?,
                None => return Err(Refusal::new(StatusCode::NOT_FOUND, index_not_found(&name, "index_expression"))),
            },
        },
    };
    if index.is_open() {
        Ok(index)
    } else {
        Err(Refusal::new(StatusCode::BAD_REQUEST, index_closed(index.name(), index.uuid())))
    }
}

fn no_alias(name: &str) -> Refusal {
    let reason =
        format!("no such index [{name}] and [require_alias] request flag is [true] and [{name}] is not an alias");
    let exception =
        Exception::new("index_not_found_exception", reason).with("index", name.to_owned()).with("index_uuid", "_na_");
    Refusal::new(StatusCode::NOT_FOUND, exception)
}

/// The index to write to behind an alias; `None` when there is no such alias.
fn behind_alias(node: &Node, alias: &str) -> Result<Option<Arc<Index>>, Refusal> {
    let catalog = Catalog::of(&node.engine);
    let behind: Vec<_> = catalog.behind_alias(alias).collect();
    let chosen = match behind.as_slice() {
        [] => return Ok(None),
        [one] if one.is_write_index(alias) != Some(false) => Some(*one),
        many => many.iter().find(|entry| entry.is_write_index(alias) == Some(true)).copied(),
    };
    match chosen {
        Some(entry) => Ok(node.engine.index(&entry.name)),
        None => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            Exception::illegal_argument(format!(
                "no write index is defined for alias [{alias}]. The write index may be explicitly disabled using \
                 is_write_index=false or the alias points to multiple indices without one being designated as a write index"
            )),
        )),
    }
}

/// What is wrong with a document's id, as a validation says it.
pub(crate) fn id_problem(id: &str) -> Option<String> {
    let bytes = id.len();
    (bytes > MAX_ID_BYTES)
        .then(|| format!("id [{id}] is too long, must be no longer than {MAX_ID_BYTES} bytes but was: {bytes}"))
}

/// How many copies of a shard the index asks for; one of them is there.
pub(crate) fn copies(index: &Index) -> u64 {
    1 + replicas(index)
}

/// Replicas of each shard. `auto_expand_replicas` on one node means none.
pub(crate) fn replicas(index: &Index) -> u64 {
    let settings = index.settings();
    if settings.get("index.auto_expand_replicas").is_some_and(|range| range.starts_with('0')) {
        return 0;
    }
    settings.get("index.number_of_replicas").and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// Makes what was written visible, if the request asks for it.
pub(crate) fn refresh(index: &Index, refresh: Refresh) -> Result<(), RestError> {
    if refresh == Refresh::No {
        return Ok(());
    }
    index.refresh().map_err(RestError::from)
}

/// The status of a write that happened.
pub(crate) fn status(outcome: Outcome) -> StatusCode {
    match outcome {
        Outcome::Created => StatusCode::CREATED,
        Outcome::NotFound => StatusCode::NOT_FOUND,
        Outcome::Updated | Outcome::Deleted | Outcome::Noop => StatusCode::OK,
    }
}

/// The answer to one write.
pub(crate) fn answer(index: &Index, written: &Written, refresh: Refresh) -> Object {
    let (total, successful) = if written.outcome == Outcome::Noop { (0, 0) } else { (copies(index), 1) };
    let mut answer = Object::new()
        .with("_index", index.name().to_owned())
        .with("_id", written.id.clone())
        .with("_version", written.version)
        .with("result", written.outcome.as_str());
    if refresh == Refresh::Forced && written.outcome != Outcome::Noop {
        answer.put("forced_refresh", true);
    }
    answer
        .with("_shards", Object::new().with("total", total).with("successful", successful).with("failed", 0))
        .with("_seq_no", written.seq_no)
        .with("_primary_term", 1)
}
