//! Running a search: every segment of every index once, then the merge, then the hits.

use std::{cell::Cell, sync::Arc};

use jiff::Timestamp;
use tantivy::{
    COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, TERMINATED,
    query::{EnableScoring, Scorer, Weight},
};

use super::{
    DocAddress, Relation, SearchError, SearchRequest, SearchResponse, SortKey, SortValue, TotalHits, TrackTotalHits,
    fetch::{Fetched, Fetcher},
    sort::{self, ColumnKey, KeyKind, MissingValue, PlannedKey, SegmentKeys},
    top::{self, Candidate, Comparison, Start, TopDocs},
};
use crate::{
    aggregation::{
        collect::{Block, Collectors, SegmentContext},
        finish::Finish,
        partial::{Partial, merge_all},
        plan::{self, Plan, PlanKind},
    },
    error::Exception,
    index::Snapshot,
    query::{Query, clause::Clause, resolve::Resolver},
    search::{Order, SortMode},
    segment::Segment,
};

/// Documents passed on at once.
const BLOCK_DOCS: usize = 1_024;

/// Searches indices.
///
/// # Errors
/// [`SearchError`]: the request makes no sense, an index cannot run it, or it makes too many buckets.
pub fn search(snapshots: &[Snapshot], request: &SearchRequest, now: Timestamp) -> Result<SearchResponse, SearchError> {
    let run = Run::new(request, now);
    let mut found = Found::default();
    for (at, snapshot) in snapshots.iter().enumerate() {
        run.index(snapshot, u32::try_from(at).unwrap_or(u32::MAX), &mut found)?;
    }
    run.answer(snapshots, found)
}

/// Counts the documents of indices that a query matches.
///
/// # Errors
/// [`SearchError`]: the query makes no sense, or an index cannot run it.
pub fn count(snapshots: &[Snapshot], query: Option<&Query>, now: Timestamp) -> Result<u64, SearchError> {
    let request = SearchRequest {
        query: query.cloned(),
        size: 0,
        track_total_hits: TrackTotalHits::All,
        ..SearchRequest::default()
    };
    search(snapshots, &request, now).map(|response| response.total.map_or(0, |total| total.value))
}

/// What all indices gave so far.
#[derive(Debug, Default)]
struct Found {
    total: u64,
    candidates: Vec<Candidate>,
    /// Collapse values of the candidates, side by side with them.
    groups: Vec<SortValue>,
    partials: Vec<Partial>,
    max_score: Option<f32>,
    comparison: Option<Comparison>,
    terminated: bool,
    /// Whether an index knew the number of hits without looking at them.
    counted: bool,
}

struct Run<'r> {
    request: &'r SearchRequest,
    now: Timestamp,
    /// Whether scores are computed.
    scoring: bool,
    /// Whether hits tell a score.
    shows_scores: bool,
}

/// What one index does with the request.
struct IndexRun<'s> {
    query: Clause,
    post_filter: Option<Clause>,
    sort: Vec<PlannedKey<'s>>,
    start: Option<Start>,
    plans: Vec<Plan<'s>>,
    collapse: Option<PlannedKey<'s>>,
}

impl<'r> Run<'r> {
    fn new(request: &'r SearchRequest, now: Timestamp) -> Self {
        let by_score = request.sort.is_empty() || request.sort.iter().any(|key| matches!(key, SortKey::Score { .. }));
        let shows_scores = by_score || request.track_scores;
        let scoring = (shows_scores && request.size > 0)
            || request.min_score.is_some()
            || plan::needs_scores(&request.aggregations);
        Self { request, now, scoring, shows_scores }
    }

    fn limit(&self) -> usize {
        if self.request.size == 0 { 0 } else { self.request.from + self.request.size }
    }

    fn plan<'s>(&self, snapshot: &'s Snapshot) -> Result<IndexRun<'s>, Exception> {
        let resolver = Resolver { snapshot, now: self.now, scoring: self.scoring };
        let unscored = Resolver { scoring: false, ..resolver };
        let query = self.request.query.as_ref().map_or(Ok(Clause::All), |query| resolver.query(query))?;
        let boost = self.request.index_boosts.iter().find(|(index, _)| *index == snapshot.index);
        let query = query.boosted(boost.map_or(1.0, |(_, boost)| *boost));
        let post_filter = self.request.post_filter.as_ref().map(|filter| unscored.query(filter)).transpose()?;
        let sort = sort::plan(&resolver, &self.request.sort)?;
        let start = match &self.request.search_after {
            None => None,
            Some(after) => {
                let values = sort::after_values(&resolver, &sort, &after.values)?;
                Some(Start { values, address: after.address })
            }
        };
        let plans = plan::plan(&resolver, &self.request.aggregations)?;
        let collapse = self.request.collapse.as_deref().map(|path| collapse_key(snapshot, path)).transpose()?;
        Ok(IndexRun { query, post_filter, sort, start, plans, collapse })
    }

    fn index(&self, snapshot: &Snapshot, position: u32, found: &mut Found) -> Result<(), SearchError> {
        let shard = |exception: Exception| SearchError::Shard { index: Arc::clone(&snapshot.index), exception };
        let run = self.plan(snapshot).map_err(shard)?;
        found.comparison.get_or_insert_with(|| Comparison::new(&run.sort));
        let intact = snapshot.segments.iter().all(|segment| segment.alive().is_none());
        found.counted |= run.post_filter.is_none() && run.query.has_known_count(intact);
        if self.counts_only(&run) {
            let alive: u64 = snapshot.segments.iter().map(|segment| u64::from(segment.alive_count())).sum();
            found.total += alive;
            found.terminated |= self.request.terminate_after.is_some_and(|most| alive > most);
            return Ok(());
        }
        let mut base = 0;
        let mut collected = 0;
        for (at, segment) in snapshot.segments.iter().enumerate() {
            let address = DocAddress { snapshot: position, segment: u32::try_from(at).unwrap_or(u32::MAX), doc: 0 };
            let context = SegmentContext { segment, address, base };
            let outcome = self.segment(&run, context, &mut collected, found);
            outcome.map_err(|error| SearchError::Storage {
                index: Arc::clone(&snapshot.index),
                detail: error.to_string(),
            })?;
            base += segment.doc_count();
            if self.request.terminate_after.is_some_and(|most| collected >= most) {
                found.terminated = true;
                break;
            }
        }
        Ok(())
    }

    /// Whether nothing but the number of all documents is asked for.
    fn counts_only(&self, run: &IndexRun<'_>) -> bool {
        self.limit() == 0
            && run.plans.is_empty()
            && matches!(run.query, Clause::All)
            && run.post_filter.is_none()
            && self.request.min_score.is_none()
    }

    /// Whether the first documents are the answer: all score the same, and nothing else looks at them.
    fn takes_first_documents(&self, run: &IndexRun<'_>) -> bool {
        let request = self.request;
        run.plans.is_empty()
            && run.post_filter.is_none()
            && run.start.is_none()
            && run.collapse.is_none()
            && request.sort.is_empty()
            && request.min_score.is_none()
            && request.terminate_after.is_none()
    }

    fn segment(
        &self,
        run: &IndexRun<'_>,
        context: SegmentContext<'_>,
        collected: &mut u64,
        found: &mut Found,
    ) -> tantivy::Result<()> {
        let segment = context.segment;
        let scores = match (self.scoring, run.query.constant_score()) {
            (false, _) => Scores::None,
            (true, Some(score)) => Scores::Same(score),
            (true, None) => Scores::Each,
        };
        let weight = weight(segment, &run.query, scores == Scores::Each)?;
        let keys = Arc::new(SegmentKeys::open(segment, context.base, &run.sort)?);
        let start = run.start.as_ref().map(|start| (start, context.address));
        let limit = if run.collapse.is_some() && self.limit() > 0 { usize::MAX } else { self.limit() };
        let mut pass = Pass {
            segment,
            request: self.request,
            collectors: Collectors::open(context, &run.plans)?,
            globals: globals(&run.plans),
            top: TopDocs::new(keys, limit, start)?,
            post_filter: match &run.post_filter {
                Some(filter) => Some(weight_scorer(segment, filter)?),
                None => None,
            },
            total: 0,
            max_score: None,
            buckets: vec![0; BLOCK_DOCS],
            kept: Vec::new(),
            kept_scores: Vec::new(),
        };
        if let (Clause::All, Scores::Same(score), true) = (&run.query, scores, self.takes_first_documents(run)) {
            pass.first_documents(score, self.limit());
        } else {
            pass.run(weight.as_ref(), scores, collected)?;
        }
        pass.all_documents()?;
        found.total += pass.total;
        found.max_score = match (found.max_score, pass.max_score) {
            (Some(left), Some(right)) => Some(left.max(right)),
            (left, right) => left.or(right),
        };
        merge_all(&mut found.partials, pass.collectors.take(0)?);
        let candidates = pass.top.into_candidates(context.address)?;
        if let Some(key) = &run.collapse {
            let groups = SegmentKeys::open(segment, context.base, std::slice::from_ref(key))?;
            for candidate in &candidates {
                let mut first = Vec::new();
                groups.first(&[candidate.address.doc], None, &mut first);
                let value = groups.values(first.first().copied().unwrap_or(0), &[])?;
                found.groups.push(value.into_iter().next().unwrap_or(SortValue::Null));
            }
        }
        found.candidates.extend(candidates);
        // Keeps what is held small when there are many segments.
        if run.collapse.is_none()
            && found.candidates.len() > self.limit().saturating_mul(4).max(10_000)
            && let Some(comparison) = &found.comparison
        {
            found.candidates = top::merge(std::mem::take(&mut found.candidates), comparison, self.limit());
        }
        Ok(())
    }

    fn answer(&self, snapshots: &[Snapshot], found: Found) -> Result<SearchResponse, SearchError> {
        let comparison =
            found.comparison.unwrap_or_else(|| Comparison::new(&[PlannedKey::Score { order: Order::Desc }]));
        let (mut best, groups): (Vec<Candidate>, Vec<SortValue>) = if self.request.collapse.is_some() {
            top::collapse(found.candidates.into_iter().zip(found.groups).collect(), &comparison).into_iter().unzip()
        } else {
            (top::merge(found.candidates, &comparison, self.limit()), Vec::new())
        };
        best.truncate(self.limit());
        let mut page: Vec<Candidate> = best.into_iter().skip(self.request.from).collect();
        page.truncate(self.request.size);
        let fetcher = Fetcher::new(snapshots, self.request, self.now)?;
        let groups = groups.into_iter().skip(self.request.from).map(Some).chain(std::iter::repeat(None));
        let hits = page.into_iter().zip(groups).map(|(candidate, group)| {
            fetcher.hit(self.request, Fetched { candidate, group, shows_score: self.shows_scores })
        });
        let hits = hits.collect::<Result<Vec<_>, _>>()?;
        let fetch = |request: &SearchRequest, candidates: Vec<Candidate>| fetcher.top_hits(request, candidates);
        let finish = Finish {
            snapshots,
            now: self.now,
            max_buckets: self.request.max_buckets,
            fetch: &fetch,
            buckets: Cell::new(0),
        };
        let aggregations = finish.all(&self.request.aggregations, found.partials)?;
        let sorted_by_score = self.request.sort.is_empty();
        let shows_max = self.shows_scores
            && self.request.size > 0
            && (sorted_by_score || self.request.track_scores || !hits.is_empty());
        Ok(SearchResponse {
            total: total(found.total, self.request.track_total_hits),
            max_score: found.max_score.filter(|_| shows_max),
            hits,
            aggregations,
            terminated_early: self.terminated_early(found.terminated, found.counted),
        })
    }

    /// OpenSearch also prints it when only aggregations were asked for and the hits need no counting: it stops counting at
    /// once then, unless it is told after how many to stop.
    fn terminated_early(&self, terminated: bool, counted: bool) -> Option<bool> {
        let aggregates_only = self.request.size == 0 && !self.request.aggregations.is_empty() && counted;
        match self.request.terminate_after {
            Some(_) => Some(terminated),
            None => aggregates_only.then_some(true),
        }
    }
}

fn total(found: u64, track: TrackTotalHits) -> Option<TotalHits> {
    match track {
        TrackTotalHits::No => None,
        TrackTotalHits::UpTo(most) if found > most => Some(TotalHits { value: most, relation: Relation::Gte }),
        TrackTotalHits::UpTo(_) | TrackTotalHits::All => Some(TotalHits { value: found, relation: Relation::Eq }),
    }
}

fn collapse_key<'s>(snapshot: &'s Snapshot, path: &str) -> Result<PlannedKey<'s>, Exception> {
    let field = snapshot.mapping.field(path);
    let Some(field) = field else {
        let reason = format!("no mapping found for `{path}` in order to collapse on");
        return Err(Exception::illegal_argument(reason));
    };
    let kind = match field.kind.name() {
        "keyword" => KeyKind::Text,
        kind if field.kind.is_whole_number() && kind != "unsigned_long" => KeyKind::Long,
        kind if field.kind.is_fraction() && kind != "scaled_float" => KeyKind::Double,
        _ => {
            let reason = format!("unknown type for collapse field `{path}`, only keywords and numbers are accepted");
            return Err(Exception::illegal_argument(reason));
        }
    };
    let missing = MissingValue::Last;
    Ok(PlannedKey::Column(ColumnKey { field: Some(field), kind, order: Order::Asc, missing, mode: SortMode::Min }))
}

/// Which of the plans look at all documents instead of the query's.
fn globals(plans: &[Plan<'_>]) -> Vec<bool> {
    plans.iter().map(|plan| matches!(plan.kind, PlanKind::Global)).collect()
}

fn weight(segment: &Segment, clause: &Clause, scoring: bool) -> tantivy::Result<Box<dyn Weight>> {
    let searcher = segment.searcher();
    let scoring = if scoring {
        EnableScoring::enabled_from_searcher(searcher)
    } else {
        EnableScoring::disabled_from_searcher(searcher)
    };
    clause.for_segment(segment).weight(scoring)
}

fn weight_scorer(segment: &Segment, clause: &Clause) -> tantivy::Result<Box<dyn Scorer>> {
    weight(segment, clause, false)?.scorer(segment.reader(), 1.0)
}

/// Where the scores of documents come from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scores {
    /// Nobody asks for them.
    None,
    /// All documents have this one.
    Same(f32),
    /// The scorer computes them.
    Each,
}

/// One segment's pass.
struct Pass<'p> {
    segment: &'p Segment,
    request: &'p SearchRequest,
    collectors: Collectors,
    /// Which collectors take all documents.
    globals: Vec<bool>,
    top: TopDocs,
    post_filter: Option<Box<dyn Scorer>>,
    total: u64,
    max_score: Option<f32>,
    /// Bucket 0 for every document of a block.
    buckets: Vec<u32>,
    kept: Vec<DocId>,
    kept_scores: Vec<f32>,
}

impl Pass<'_> {
    /// Takes the first documents, all of one score, and counts the others.
    fn first_documents(&mut self, score: f32, limit: usize) {
        let docs: Vec<DocId> =
            (0..self.segment.doc_count()).filter(|doc| self.segment.is_alive(*doc)).take(limit).collect();
        self.hits(&docs, Some(&vec![score; docs.len()]));
        self.total = u64::from(self.segment.alive_count());
    }

    fn run(&mut self, weight: &dyn Weight, from: Scores, collected: &mut u64) -> tantivy::Result<()> {
        let mut scorer = weight.scorer(self.segment.reader(), 1.0)?;
        let mut docs: Vec<DocId> = Vec::with_capacity(BLOCK_DOCS);
        let mut scores: Vec<f32> = Vec::new();
        let most = self.request.terminate_after.unwrap_or(u64::MAX);
        let mut buffer = [0; COLLECT_BLOCK_BUFFER_LEN];
        loop {
            let left = usize::try_from(most.saturating_sub(*collected)).unwrap_or(usize::MAX);
            docs.clear();
            scores.clear();
            let ended = match from {
                Scores::Each => self.fill_scored(scorer.as_mut(), &mut docs, &mut scores),
                Scores::None | Scores::Same(_) => self.fill(scorer.as_mut(), &mut docs, &mut buffer),
            };
            if let Scores::Same(score) = from {
                if self.request.min_score.is_some_and(|least| score < least) {
                    docs.clear();
                }
                scores.resize(docs.len(), score);
            }
            docs.truncate(left);
            scores.truncate(left);
            *collected += docs.len() as u64;
            self.block(&docs, (from != Scores::None).then_some(scores.as_slice()))?;
            if ended || *collected >= most {
                return Ok(());
            }
        }
    }

    /// Fills a block without scores; whether the documents have come to their end.
    fn fill(
        &self,
        scorer: &mut dyn Scorer,
        docs: &mut Vec<DocId>,
        buffer: &mut [DocId; COLLECT_BLOCK_BUFFER_LEN],
    ) -> bool {
        while docs.len() + buffer.len() <= BLOCK_DOCS {
            let count = scorer.fill_buffer(buffer);
            let filled = buffer.iter().take(count);
            match self.segment.alive() {
                None => docs.extend(filled),
                Some(alive) => docs.extend(filled.filter(|doc| alive.is_alive(**doc))),
            }
            if count < buffer.len() {
                return true;
            }
        }
        false
    }

    fn fill_scored(&self, scorer: &mut dyn Scorer, docs: &mut Vec<DocId>, scores: &mut Vec<f32>) -> bool {
        let least = self.request.min_score.unwrap_or(f32::NEG_INFINITY);
        while docs.len() < BLOCK_DOCS {
            let doc = scorer.doc();
            if doc == TERMINATED {
                return true;
            }
            if self.segment.is_alive(doc) {
                let score = scorer.score();
                if score >= least {
                    docs.push(doc);
                    scores.push(score);
                }
            }
            scorer.advance();
        }
        false
    }

    fn block(&mut self, docs: &[DocId], scores: Option<&[f32]>) -> tantivy::Result<()> {
        if !self.collectors.is_empty() && !docs.is_empty() {
            let buckets = self.buckets.get(..docs.len()).unwrap_or_default();
            let block = Block { docs, buckets, scores };
            self.collectors.collect_if(block, |at| self.globals.get(at) == Some(&false))?;
        }
        let Some(filter) = &mut self.post_filter else {
            self.hits(docs, scores);
            return Ok(());
        };
        let (mut kept, mut kept_scores) = (std::mem::take(&mut self.kept), std::mem::take(&mut self.kept_scores));
        kept.clear();
        kept_scores.clear();
        for (at, doc) in docs.iter().enumerate() {
            if filter.doc() < *doc {
                filter.seek(*doc);
            }
            if filter.doc() == *doc {
                kept.push(*doc);
                kept_scores.extend(scores.and_then(|scores| scores.get(at)));
            }
        }
        self.hits(&kept, scores.map(|_| kept_scores.as_slice()));
        (self.kept, self.kept_scores) = (kept, kept_scores);
        Ok(())
    }

    fn hits(&mut self, docs: &[DocId], scores: Option<&[f32]>) {
        self.total += docs.len() as u64;
        if let Some(best) = scores.and_then(|scores| scores.iter().copied().reduce(f32::max)) {
            self.max_score = Some(self.max_score.map_or(best, |known| known.max(best)));
        }
        self.top.collect(docs, scores);
    }

    /// Gives all documents to the global aggregations.
    fn all_documents(&mut self) -> tantivy::Result<()> {
        if !self.globals.contains(&true) {
            return Ok(());
        }
        let alive: Vec<DocId> = (0..self.segment.doc_count()).filter(|doc| self.segment.is_alive(*doc)).collect();
        for docs in alive.chunks(BLOCK_DOCS) {
            let scores = vec![1.0; docs.len()];
            let buckets = self.buckets.get(..docs.len()).unwrap_or_default();
            let block = Block { docs, buckets, scores: Some(&scores) };
            self.collectors.collect_if(block, |at| self.globals.get(at) == Some(&true))?;
        }
        Ok(())
    }
}
