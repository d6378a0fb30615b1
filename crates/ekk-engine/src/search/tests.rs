//! Searches over the documents of the recorded pairs: 48 log records, in one segment and in many.

mod aggregations;
mod hits;
mod queries;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use serde_json::json;

use super::{SearchRequest, SearchResponse, search};
use crate::{
    engine::{Engine, IndexConfig},
    index::{Index, Operation, Snapshot, VersionCheck},
    query::Query,
};

/// What `now` means in these tests.
pub(super) fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().expect("a time")
}

/// An index with a mapping; documents get their position as id, and a segment ends after each chunk.
pub(super) fn index_of(mappings: serde_json::Value, documents: &[String], chunk: usize) -> Arc<Index> {
    let engine = Engine::in_memory();
    let config = IndexConfig { mappings, ..IndexConfig::default() };
    let index = engine.create_index("agg1", config, now()).expect("an index");
    for (at, documents) in documents.chunks(chunk).enumerate() {
        let operations = documents.iter().enumerate().map(|(position, source)| Operation::Index {
            id: Some((at * chunk + position).to_string()),
            source: source.as_str().into(),
            create: false,
            check: VersionCheck::None,
        });
        for outcome in index.apply(operations.collect(), now()) {
            outcome.expect("a write");
        }
        index.refresh().expect("a refresh");
    }
    index
}

/// The index of the recorded aggregations and searches, made once for each chunk.
pub(super) fn recorded(chunk: usize) -> Snapshot {
    static MADE: Mutex<BTreeMap<usize, Snapshot>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().expect("no test panics while it holds the lock");
    made.entry(chunk).or_insert_with(|| record(chunk)).clone()
}

fn record(chunk: usize) -> Snapshot {
    let messages = |at: u32| match at % 5 {
        0 => format!("request served ok {at}"),
        1 => format!("disk almost full on node {at}"),
        2 => format!("fake NameError raised {at}"),
        3 => format!("user login failed for bob {at}"),
        _ => format!("request timed out after retry {at}"),
    };
    let start: Timestamp = "2024-03-30T00:00:00Z".parse().expect("a time");
    let documents: Vec<String> = (0..48_u32)
        .map(|at| {
            let kind = at as usize % 5;
            let time = start + jiff::SignedDuration::from_mins(45 * i64::from(at));
            json!({
                "@timestamp": format!("{time:.3}"),
                "level": (["INFO", "INFO", "INFO", "WARN", "ERROR"][kind]),
                "svc": format!("svc-{}", at % 7),
                "msg": messages(at),
                "dur": 0.5 + 1.25 * f64::from(at),
                "status": ([200, 200, 404, 200, 500][kind]),
                "ip": format!("10.0.{}.{at}", at % 3),
            })
            .to_string()
        })
        .collect();
    let mappings = json!({"properties": {
        "@timestamp": {"type": "date"},
        "level": {"type": "keyword"},
        "svc": {"type": "keyword"},
        "msg": {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}},
        "dur": {"type": "double"},
        "status": {"type": "integer"},
        "ip": {"type": "ip"},
    }});
    index_of(mappings, &documents, chunk).snapshot()
}

/// How the recorded documents are spread over segments.
pub(super) const CHUNKS: [usize; 3] = [48, 13, 5];

#[track_caller]
pub(super) fn run(snapshot: &Snapshot, request: &SearchRequest) -> SearchResponse {
    search(std::slice::from_ref(snapshot), request, now()).expect("a search")
}

/// The ids that a query finds, in order, with their scores.
#[track_caller]
pub(super) fn find(snapshot: &Snapshot, query: Query) -> Vec<(String, f32)> {
    let request = SearchRequest { query: Some(query), size: 100, ..SearchRequest::default() };
    let hits = run(snapshot, &request).hits;
    hits.into_iter().map(|hit| (hit.id, hit.score.expect("a score"))).collect()
}
