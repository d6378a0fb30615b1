//! The fetch phase: what a hit shows of its document.

mod fields;
mod highlight;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use tantivy::{DocSet, query::EnableScoring};

use self::highlight::Highlighter;
use super::{
    Hit, SearchError, SearchRequest, SortKey, SortValue, filter_source, sort,
    top::{self, Candidate, Comparison},
};
use crate::{
    error::Exception,
    index::Snapshot,
    query::{Query, QueryKind, clause::Clause, resolve::Resolver},
    segment::Segment,
};

/// Makes hits of candidates.
pub(crate) struct Fetcher<'s> {
    snapshots: &'s [Snapshot],
    now: Timestamp,
    named: Vec<(&'s str, Vec<Clause>)>,
    highlighters: Vec<Option<Highlighter>>,
}

/// A candidate with what the hit needs beside it.
pub(crate) struct Fetched {
    pub(crate) candidate: Candidate,
    /// The value of the collapse field.
    pub(crate) group: Option<SortValue>,
    pub(crate) shows_score: bool,
}

impl<'s> Fetcher<'s> {
    /// Prepares the hits of a request: queries with names, and what is to be highlighted.
    ///
    /// # Errors
    /// A query cannot be resolved in an index.
    pub(crate) fn new(
        snapshots: &'s [Snapshot],
        request: &'s SearchRequest,
        now: Timestamp,
    ) -> Result<Self, SearchError> {
        let mut queries = Vec::new();
        request.query.iter().chain(&request.post_filter).for_each(|query| collect_named(query, &mut queries));
        let mut named = Vec::new();
        for (name, query) in queries {
            let clauses = snapshots.iter().map(|snapshot| resolve(snapshot, query, now)).collect::<Result<_, _>>()?;
            named.push((name, clauses));
        }
        let highlighters = snapshots.iter().map(|snapshot| {
            let Some(highlight) = &request.highlight else { return Ok(None) };
            Highlighter::new(snapshot, highlight, request.query.as_ref(), now)
                .map(Some)
                .map_err(|exception| shard(snapshot, exception))
        });
        let highlighters = highlighters.collect::<Result<_, _>>()?;
        Ok(Self { snapshots, now, named, highlighters })
    }

    /// The hit of a candidate.
    ///
    /// # Errors
    /// The document cannot be read, or a format is none.
    pub(crate) fn hit(&self, request: &SearchRequest, fetched: Fetched) -> Result<Hit, SearchError> {
        let Fetched { candidate, group, shows_score } = fetched;
        let address = candidate.address;
        let place = self.snapshots.get(address.snapshot as usize);
        let segment = place.and_then(|snapshot| snapshot.segments.get(address.segment as usize));
        let (Some(snapshot), Some(segment)) = (place, segment) else {
            let detail = format!("no segment at {address:?}");
            return Err(SearchError::Storage { index: Arc::from(""), detail });
        };
        let stored = segment.document(address.doc).map_err(|error| storage(snapshot, &error))?;
        let mut found: BTreeMap<String, Vec<serde_json::Value>> = BTreeMap::new();
        if !request.docvalue_fields.is_empty() {
            fields::of_columns(snapshot, segment, address.doc, &request.docvalue_fields, &mut found)
                .map_err(|error| error.in_index(snapshot))?;
        }
        let highlighter = self.highlighters.get(address.snapshot as usize).and_then(Option::as_ref);
        let document = if request.fields.is_empty() && highlighter.is_none() {
            serde_json::Value::Null
        } else {
            serde_json::from_slice(&stored.source).unwrap_or_default()
        };
        if !request.fields.is_empty() {
            fields::of_source(&snapshot.mapping, &document, &request.fields, &mut found)
                .map_err(|exception| shard(snapshot, exception))?;
        }
        if let (Some(path), Some(group)) = (&request.collapse, group) {
            let value: Option<serde_json::Value> = match group {
                SortValue::Null => None,
                SortValue::Long(value) => Some(value.into()),
                SortValue::UnsignedLong(value) => Some(value.into()),
                SortValue::Double(value) => Some(value.into()),
                SortValue::String(text) => Some(text.into()),
            };
            found.extend(value.map(|value| (path.clone(), vec![value])));
        }
        Ok(Hit {
            index: Arc::clone(&snapshot.index),
            id: stored.id,
            score: shows_score.then_some(candidate.score),
            source: filter_source(stored.source, &request.source),
            sort: if request.sort.is_empty() { Vec::new() } else { candidate.values },
            fields: found.into_iter().collect(),
            highlight: highlighter.map(|highlighter| highlighter.fragments(&document)).unwrap_or_default(),
            version: request.version.then(|| segment.version(address.doc)),
            seq_no: request.seq_no_primary_term.then(|| segment.seq_no(address.doc)),
            matched_queries: self.matched(address.snapshot as usize, segment, address.doc)?,
            address,
        })
    }

    /// The hits of a `top_hits` aggregation.
    ///
    /// # Errors
    /// As [`Self::hit`].
    pub(crate) fn top_hits(
        &self,
        request: &SearchRequest,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Hit>, SearchError> {
        let Some(snapshot) = self.snapshots.first() else { return Ok(Vec::new()) };
        let resolver = Resolver { snapshot, now: self.now, scoring: false };
        let plan = sort::plan(&resolver, &request.sort).map_err(|exception| shard(snapshot, exception))?;
        let best = top::merge(candidates, &Comparison::new(&plan), request.from + request.size);
        let shows_score = request.sort.is_empty()
            || request.track_scores
            || request.sort.iter().any(|key| matches!(key, SortKey::Score { .. }));
        let page = best.into_iter().skip(request.from);
        page.map(|candidate| self.hit(request, Fetched { candidate, group: None, shows_score })).collect()
    }

    fn matched(&self, snapshot: usize, segment: &Segment, doc: u32) -> Result<Vec<String>, SearchError> {
        let mut names = Vec::new();
        for (name, clauses) in &self.named {
            let Some(clause) = clauses.get(snapshot) else { continue };
            let matches = matches(segment, clause, doc).map_err(|error| SearchError::Storage {
                index: self
                    .snapshots
                    .get(snapshot)
                    .map_or_else(|| Arc::from(""), |snapshot| Arc::clone(&snapshot.index)),
                detail: error.to_string(),
            })?;
            if matches {
                names.push((*name).to_owned());
            }
        }
        Ok(names)
    }
}

fn matches(segment: &Segment, clause: &Clause, doc: u32) -> tantivy::Result<bool> {
    let scoring = EnableScoring::disabled_from_searcher(segment.searcher());
    let mut scorer = clause.for_segment(segment).weight(scoring)?.scorer(segment.reader(), 1.0)?;
    if scorer.doc() < doc {
        scorer.seek(doc);
    }
    Ok(scorer.doc() == doc)
}

fn resolve(snapshot: &Snapshot, query: &Query, now: Timestamp) -> Result<Clause, SearchError> {
    let resolver = Resolver { snapshot, now, scoring: false };
    resolver.query(query).map_err(|exception| shard(snapshot, exception))
}

fn shard(snapshot: &Snapshot, exception: Exception) -> SearchError {
    SearchError::Shard { index: Arc::clone(&snapshot.index), exception }
}

fn storage(snapshot: &Snapshot, error: &tantivy::TantivyError) -> SearchError {
    SearchError::Storage { index: Arc::clone(&snapshot.index), detail: error.to_string() }
}

/// All queries of a tree that have a name.
fn collect_named<'q>(query: &'q Query, named: &mut Vec<(&'q str, &'q Query)>) {
    if let Some(name) = &query.name {
        named.push((name, query));
    }
    match &query.kind {
        QueryKind::Bool(query) => {
            let clauses = query.must.iter().chain(&query.filter).chain(&query.should).chain(&query.must_not);
            clauses.for_each(|query| collect_named(query, named));
        }
        QueryKind::ConstantScore(query) => collect_named(query, named),
        QueryKind::DisMax(query) => query.queries.iter().for_each(|query| collect_named(query, named)),
        QueryKind::Boosting(query) => {
            collect_named(&query.positive, named);
            collect_named(&query.negative, named);
        }
        _ => {}
    }
}
