//! `_bulk`: many writes in one request, each with its own outcome.
//!
//! The items are grouped by index and each index takes its group at once; the answer lists them in the request's order.
//! Whole-request errors are [`action`]'s.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/document-apis/bulk/>

mod action;

use std::{collections::HashMap, io::Write as _, sync::Arc};

use ekk_engine::{
    index::{Index, Operation, Outcome, Written},
    search::SourceFilter,
};
use http::StatusCode;

use self::action::{Defaults, Item, Kind};
use crate::{
    api::{
        document, update,
        write::{self, Refusal, Wanted},
    },
    dsl,
    error::{Exception, RestError, Result, write_error},
    json::{Json, write_string},
    node::Node,
    request::{Refresh, Request, body_required},
    response::{Content, Response},
};

/// Parameters of a bulk request.
pub(crate) const PARAMS: &[&str] = &[
    "wait_for_active_shards",
    "refresh",
    "routing",
    "timeout",
    "_source",
    "_source_excludes",
    "_source_includes",
    "pipeline",
    "require_alias",
    "batch_size",
];

/// `POST|PUT [/{index}]/_bulk`.
pub(crate) fn bulk(node: &Node, request: &Request) -> Result<Response> {
    let started = node.clock.now();
    let content = request.content()?;
    if content.is_empty() {
        return Err(body_required());
    }
    let body = std::str::from_utf8(&content)
        .map_err(|error| RestError::parse(format!("the bulk request is not UTF-8: {error}")))?;
    let refresh = request.refresh()?;
    let defaults = Defaults {
        index: request.param("index"),
        require_alias: request.flag("require_alias", false)?,
        pipeline: request.param("pipeline"),
    };
    let source_filter = dsl::uri::source(request);
    let items = action::parse_body(body, defaults)?;
    let mut batch = Batch::new(node, items.len());
    for (position, item) in items.iter().enumerate() {
        batch.add(position, item)?;
    }
    let results = batch.run(refresh)?;
    let took = started.duration_until(node.clock.now()).as_millis().max(0);
    let named_pipeline = |item: &Item<'_>| item.pipeline.as_deref().is_some_and(|name| name != "_none");
    let ingests = items.iter().any(named_pipeline);
    let answer = Answer {
        groups: &results.groups,
        refresh,
        source_filter: source_filter.as_ref(),
        source_filters: &results.source_filters,
        ingests,
    };
    let bytes = answer.write(&items, &results.outcomes, u64::try_from(took).unwrap_or(0));
    Ok(Response::new(StatusCode::OK, Content::Written(bytes)))
}

/// The writes that go to one index.
struct Group {
    index: Arc<Index>,
    copies: u64,
    operations: Vec<Operation>,
    /// For each operation, the item it came from.
    positions: Vec<usize>,
}

/// What came of an item.
enum ItemOutcome {
    Written { group: usize, written: Written },
    Refused { group: Option<usize>, refusal: Box<Refusal> },
}

struct Batch<'a> {
    node: &'a Node,
    groups: Vec<Group>,
    /// Where the writes to a name go, with the name and what was wanted of it.
    targets: HashMap<(String, Wanted), Result<usize, Refusal>>,
    last: Option<(String, Wanted, usize)>,
    outcomes: Vec<Option<ItemOutcome>>,
    /// `_source` of updates that ask for it in their document line, by position.
    source_filters: HashMap<usize, SourceFilter>,
}

struct Results {
    groups: Vec<Group>,
    source_filters: HashMap<usize, SourceFilter>,
    outcomes: Vec<Option<ItemOutcome>>,
}

impl<'a> Batch<'a> {
    fn new(node: &'a Node, items: usize) -> Self {
        let mut outcomes = Vec::new();
        outcomes.resize_with(items, || None);
        Self { node, groups: Vec::new(), targets: HashMap::new(), last: None, outcomes, source_filters: HashMap::new() }
    }

    /// Puts the item into its index's group, or notes why it cannot be written.
    fn add(&mut self, position: usize, item: &Item<'_>) -> Result<()> {
        let operation = match operation(item)? {
            Ok((operation, filter)) => {
                if let Some(filter) = filter {
                    self.source_filters.insert(position, filter);
                }
                operation
            }
            Err(refusal) => {
                self.refuse(position, None, refusal);
                return Ok(());
            }
        };
        match self.group(item) {
            Ok(at) => {
                if let Some(group) = self.groups.get_mut(at) {
                    group.operations.push(operation);
                    group.positions.push(position);
                }
            }
            Err(refusal) => self.refuse(position, None, refusal),
        }
        Ok(())
    }

    fn refuse(&mut self, position: usize, group: Option<usize>, refusal: Refusal) {
        if let Some(outcome) = self.outcomes.get_mut(position) {
            *outcome = Some(ItemOutcome::Refused { group, refusal: Box::new(refusal) });
        }
    }

    /// The group of the item's index; consecutive items mostly have the same.
    fn group(&mut self, item: &Item<'_>) -> Result<usize, Refusal> {
        let creates = item.kind != Kind::Delete;
        let wanted = Wanted { require_alias: item.require_alias, create: creates };
        if let Some((name, last_wanted, group)) = &self.last
            && *name == item.index
            && *last_wanted == wanted
        {
            return Ok(*group);
        }
        let key = (item.index.clone().into_owned(), wanted);
        let found = if let Some(found) = self.targets.get(&key) {
            found.clone()
        } else {
            let found = write::target(self.node, &item.index, wanted).map(|index| self.group_of(index));
            self.targets.insert(key, found.clone());
            found
        };
        if let Ok(group) = &found {
            self.last = Some((item.index.clone().into_owned(), wanted, *group));
        }
        found
    }

    fn group_of(&mut self, index: Arc<Index>) -> usize {
        if let Some(at) = self.groups.iter().position(|group| Arc::ptr_eq(&group.index, &index)) {
            return at;
        }
        let copies = write::copies(&index);
        self.groups.push(Group { index, copies, operations: Vec::new(), positions: Vec::new() });
        self.groups.len() - 1
    }

    /// Hands each index its writes, and refreshes when asked.
    fn run(mut self, refresh: Refresh) -> Result<Results> {
        let now = self.node.clock.now();
        for (at, group) in self.groups.iter_mut().enumerate() {
            let operations = std::mem::take(&mut group.operations);
            let results = group.index.apply(operations, now);
            for (position, result) in group.positions.iter().zip(results) {
                let outcome = match result {
                    Ok(written) => ItemOutcome::Written { group: at, written },
                    Err(error) => {
                        let (status, exception) = write_error(&error, group.index.name(), group.index.uuid());
                        let refusal = Box::new(Refusal::new(status, exception));
                        ItemOutcome::Refused { group: Some(at), refusal }
                    }
                };
                if let Some(place) = self.outcomes.get_mut(*position) {
                    *place = Some(outcome);
                }
            }
            write::refresh(&group.index, refresh)?;
        }
        Ok(Results { groups: self.groups, source_filters: self.source_filters, outcomes: self.outcomes })
    }
}

/// The engine's operation; the inner error is the item's own.
fn operation(item: &Item<'_>) -> Result<Result<(Operation, Option<SourceFilter>), Refusal>> {
    let refuse = |exception: Exception| Ok(Err(Refusal::new(StatusCode::BAD_REQUEST, exception)));
    if item.id.as_deref() == Some("") {
        return refuse(Exception::illegal_argument("if _id is specified it must not be empty"));
    }
    if let Err(error) = document::check_pipeline(item.pipeline.as_deref()) {
        return Ok(Err(error.into()));
    }
    let id = item.id.as_deref().map(str::to_owned);
    let mut filter = None;
    let operation = match item.kind {
        Kind::Index | Kind::Create => {
            if item.document.trim_ascii().is_empty() {
                return refuse(Exception::new("mapper_parsing_exception", "failed to parse, document is empty"));
            }
            let create = item.kind == Kind::Create;
            Operation::Index { id, source: Arc::from(item.document), create, check: item.check }
        }
        Kind::Delete => Operation::Delete { id: id.unwrap_or_default(), check: item.check },
        Kind::Update => {
            let mut body = action::update_body(item.document)?;
            body.update.id = id.unwrap_or_default();
            if let ekk_engine::index::VersionCheck::Condition(condition) = item.check {
                body.update.condition = Some(condition);
            }
            filter = body.source;
            Operation::Update(Box::new(body.update))
        }
    };
    Ok(Ok((operation, filter)))
}

/// What the answer's text is made of besides the items.
struct Answer<'a> {
    groups: &'a [Group],
    refresh: Refresh,
    source_filter: Option<&'a SourceFilter>,
    source_filters: &'a HashMap<usize, SourceFilter>,
    /// Whether an item names an ingest pipeline; OpenSearch then tells how long they took.
    ingests: bool,
}

impl Answer<'_> {
    fn write(&self, items: &[Item<'_>], outcomes: &[Option<ItemOutcome>], took: u64) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + items.len() * 200);
        let errors = outcomes.iter().any(|outcome| matches!(outcome, Some(ItemOutcome::Refused { .. })));
        put(&mut out, format_args!("{{\"took\":{took},"));
        if self.ingests {
            out.extend_from_slice(b"\"ingest_took\":0,");
        }
        put(&mut out, format_args!("\"errors\":{errors},\"items\":["));
        for (at, (item, outcome)) in items.iter().zip(outcomes).enumerate() {
            if at > 0 {
                out.push(b',');
            }
            put(&mut out, format_args!("{{\"{}\":{{\"_index\":", item.kind.as_str()));
            match outcome {
                Some(ItemOutcome::Written { group, written }) => {
                    let asked = item.source_filter.as_ref().or_else(|| self.source_filters.get(&at));
                    self.write_written(*group, written, &mut out);
                    if item.kind == Kind::Update {
                        let filter = asked.or(self.source_filter);
                        write_source(written, filter, &mut out);
                    }
                    put(&mut out, format_args!(",\"status\":{}", write::status(written.outcome).as_u16()));
                }
                Some(ItemOutcome::Refused { group, refusal }) => self.write_refused(item, *group, refusal, &mut out),
                None => {}
            }
            out.extend_from_slice(b"}}");
        }
        out.extend_from_slice(b"]}");
        out
    }

    fn write_written(&self, group: usize, written: &Written, out: &mut Vec<u8>) {
        let Some(group) = self.groups.get(group) else { return };
        write_string(group.index.name(), out);
        out.extend_from_slice(b",\"_id\":");
        write_string(&written.id, out);
        let result = written.outcome.as_str();
        put(out, format_args!(",\"_version\":{},\"result\":\"{result}\"", written.version));
        let noop = written.outcome == Outcome::Noop;
        if self.refresh == Refresh::Forced && !noop {
            out.extend_from_slice(b",\"forced_refresh\":true");
        }
        // Also of an update that changes nothing, which by itself is answered with no shard.
        put(
            out,
            format_args!(
                ",\"_shards\":{{\"total\":{},\"successful\":1,\"failed\":0}},\"_seq_no\":{},\"_primary_term\":1",
                group.copies, written.seq_no
            ),
        );
    }

    fn write_refused(&self, item: &Item<'_>, group: Option<usize>, refusal: &Refusal, out: &mut Vec<u8>) {
        let index = group.and_then(|at| self.groups.get(at)).map_or(item.index.as_ref(), |group| group.index.name());
        write_string(index, out);
        out.extend_from_slice(b",\"_id\":");
        match item.id.as_deref().or_else(|| generated_id(&refusal.exception.reason)) {
            Some(id) => write_string(id, out),
            None => out.extend_from_slice(b"null"),
        }
        put(out, format_args!(",\"status\":{},\"error\":", refusal.status.as_u16()));
        Json::from(refusal.exception.to_json()).write_compact(out);
    }
}

/// The document after an update, when the request asks for it.
fn write_source(written: &Written, filter: Option<&SourceFilter>, out: &mut Vec<u8>) {
    if let Some(get) = update::updated_source(written, filter) {
        out.extend_from_slice(b",\"get\":");
        Json::from(get).write_compact(out);
    }
}

/// The id that the engine made for a document it then refused; only the reason tells it.
fn generated_id(reason: &str) -> Option<&str> {
    let (_, after) = reason.split_once("in document with id '")?;
    after.split_once('\'').map(|(id, _)| id)
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a vector takes all that is written to it");
}
