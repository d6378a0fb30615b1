//! Writes, versions, visibility, merges and restarts.

mod model;
mod restart;

use serde_json::json;

use super::*;
use crate::engine::{Engine, IndexConfig};

/// A fixed time for tests.
pub(super) fn now() -> Timestamp {
    Timestamp::from_second(1_795_455_952).unwrap()
}

/// An empty index in memory.
pub(super) fn index() -> Arc<Index> {
    Engine::in_memory().create_index("i", IndexConfig::default(), now()).unwrap()
}

pub(super) fn put(id: &str, source: &str) -> Operation {
    Operation::Index { id: Some(id.to_owned()), source: source.into(), create: false, check: VersionCheck::None }
}

pub(super) fn delete(id: &str) -> Operation {
    Operation::Delete { id: id.to_owned(), check: VersionCheck::None }
}

#[track_caller]
pub(super) fn apply(index: &Index, operation: Operation) -> Result<Written, crate::error::WriteError> {
    index.apply(vec![operation], now()).pop().unwrap()
}

/// Version, sequence number and result, or the exception's reason.
fn told(result: &Result<Written, crate::error::WriteError>) -> String {
    match result {
        Ok(written) => format!("{} v{} #{}", written.outcome.as_str(), written.version, written.seq_no),
        Err(error) => error.to_string(),
    }
}

/// The sources that a search sees, in order.
pub(super) fn visible(index: &Index) -> Vec<String> {
    let mut sources = Vec::new();
    for segment in index.snapshot().segments.iter() {
        for doc in (0..segment.doc_count()).filter(|doc| segment.is_alive(*doc)) {
            sources.push(String::from_utf8(segment.document(doc).unwrap().source).unwrap());
        }
    }
    sources
}

#[test]
fn versions_and_sequence_numbers_count_as_opensearch_counts_them() {
    let index = index();
    let check =
        |check: VersionCheck| Operation::Index { id: Some("1".into()), source: "{}".into(), create: false, check };
    let create =
        || Operation::Index { id: Some("1".into()), source: "{}".into(), create: true, check: VersionCheck::None };
    let seq = |seq_no| VersionCheck::Condition(Condition { seq_no, primary_term: 1 });
    let rows = [
        (put("1", "{}"), "created v1 #0"),
        (put("1", "{}"), "updated v2 #1"),
        (create(), "[1]: version conflict, document already exists (current version [2])"),
        (
            check(seq(0)),
            "[1]: version conflict, required seqNo [0], primary term [1]. current document has seqNo [1] and primary term [1]",
        ),
        (check(seq(1)), "updated v3 #2"),
        (delete("1"), "deleted v4 #3"),
        (delete("1"), "not_found v5 #4"),
        (create(), "created v6 #5"),
        (delete("404"), "not_found v1 #6"),
        (
            check(VersionCheck::External(6)),
            "[1]: version conflict, current version [6] is higher or equal to the one provided [6]",
        ),
        (check(VersionCheck::ExternalGte(6)), "updated v6 #7"),
        (check(VersionCheck::External(90)), "updated v90 #8"),
        (
            check(VersionCheck::ExternalGte(89)),
            "[1]: version conflict, current version [90] is higher than the one provided [89]",
        ),
    ];
    for (at, (operation, expected)) in rows.into_iter().enumerate() {
        // The same with and without a refresh in between: the state is found in segments and in the buffer.
        if at % 3 == 0 {
            index.refresh().unwrap();
        }
        assert_eq!(told(&apply(&index, operation.clone())), expected, "row {at}: {operation:?}");
    }
}

#[test]
fn updates_merge_into_the_source_and_keep_its_order() {
    let index = index();
    let update = |doc: Value, upsert: Option<Value>| {
        Operation::Update(Box::new(Update {
            id: "1".into(),
            doc: Some(doc),
            upsert,
            detect_noop: true,
            ..Update::default()
        }))
    };
    assert_eq!(told(&apply(&index, update(json!({"a": 1}), None))), "[1]: document missing");
    assert_eq!(told(&apply(&index, update(json!({"a": 1}), Some(json!({"z": 1}))))), "created v1 #0");
    apply(&index, put("1", r#"{"z": 1.0, "o": {"y": [1, 2], "x": "é"}, "a": null}"#)).unwrap();
    let changed = apply(&index, update(json!({"o": {"x": 2, "w": {}}, "b": true}), None)).unwrap();
    assert_eq!(changed.source.as_deref(), Some(r#"{"z":1.0,"o":{"y":[1, 2],"x":2,"w":{}},"a":null,"b":true}"#));
    let same = apply(&index, update(json!({"o": {"x": 2}}), None)).unwrap();
    assert_eq!((same.outcome, same.version, same.seq_no), (Outcome::Noop, 3, 2));
}

#[test]
fn a_search_sees_a_write_after_the_next_refresh_only() {
    let index = index();
    apply(&index, put("1", r#"{"v":1}"#)).unwrap();
    assert_eq!(visible(&index), Vec::<String>::new());
    assert_eq!(&*index.get("1").unwrap().unwrap().source, r#"{"v":1}"#);
    index.refresh().unwrap();
    apply(&index, put("1", r#"{"v":2}"#)).unwrap();
    let before = index.snapshot();
    assert_eq!(visible(&index), [r#"{"v":1}"#], "the old version is seen until the refresh");
    assert_eq!(&*index.get("1").unwrap().unwrap().source, r#"{"v":2}"#);
    index.refresh().unwrap();
    assert_eq!(visible(&index), [r#"{"v":2}"#]);
    assert_eq!(before.segments[0].alive_count(), 1, "a snapshot does not change");
    apply(&index, delete("1")).unwrap();
    assert!(index.get("1").unwrap().is_none());
    assert_eq!(visible(&index).len(), 1);
    index.refresh().unwrap();
    assert_eq!(visible(&index).len(), 0);
    assert!(!index.is_dirty());
}

#[test]
fn a_snapshot_gets_what_the_last_refresh_showed() {
    let index = index();
    apply(&index, put("1", r#"{"a":1}"#)).unwrap();
    assert_eq!(index.snapshot().get("1").unwrap(), None);
    index.refresh().unwrap();
    apply(&index, put("1", r#"{"a":2}"#)).unwrap();
    assert_eq!(&*index.snapshot().get("1").unwrap().unwrap().source, r#"{"a":1}"#);
    assert_eq!(&*index.get("1").unwrap().unwrap().source, r#"{"a":2}"#);
    index.refresh().unwrap();
    assert_eq!(index.snapshot().get("1").unwrap(), index.get("1").unwrap());
}

#[test]
fn a_conditional_update_of_nothing_misses_the_document() {
    let condition = Some(crate::index::Condition { seq_no: 1, primary_term: 1 });
    let update = crate::index::Update { id: "1".into(), doc: Some(json!({"a": 1})), condition, ..Default::default() };
    let error = apply(&index(), Operation::Update(Box::new(update))).unwrap_err();
    assert!(matches!(error, crate::error::WriteError::DocumentMissing { .. }), "{error}");
}

#[test]
fn a_merge_keeps_order_numbers_and_deaths() {
    let index = index();
    for round in 0..16 {
        for id in 0..5 {
            apply(&index, put(&format!("{round}-{id}"), &format!(r#"{{"n":{}}}"#, round * 5 + id))).unwrap();
        }
        index.refresh().unwrap();
    }
    apply(&index, delete("3-3")).unwrap();
    apply(&index, put("0-0", r#"{"n":100}"#)).unwrap();
    let before = visible(&index);
    assert!(index.merge().unwrap());
    assert_eq!(visible(&index), before, "what waits for a refresh is still seen after a merge");
    assert_eq!(index.stats().segments, 1);
    index.refresh().unwrap();
    let after = visible(&index);
    assert_eq!(after.len(), 79);
    assert!(!after.contains(&r#"{"n":18}"#.to_owned()) && !after.contains(&r#"{"n":0}"#.to_owned()));
    assert_eq!(after.last().map(String::as_str), Some(r#"{"n":100}"#));
    index.force_merge().unwrap();
    assert_eq!(visible(&index), after);
    assert_eq!(
        index.stats(),
        IndexStats { docs: 79, deleted: 0, segments: 1, bytes: index.stats().bytes, buffered: 0, max_seq_no: 81 }
    );
    let document = index.get("15-4").unwrap().unwrap();
    assert_eq!((document.version, document.seq_no), (1, 79));
}

#[test]
fn segments_of_an_older_mapping_are_joined_without_gaining_values() {
    let index = Engine::in_memory()
        .create_index("i", IndexConfig { mappings: json!({"dynamic": false}), ..IndexConfig::default() }, now())
        .unwrap();
    apply(&index, put("1", r#"{"a":1,"b":"x"}"#)).unwrap();
    index.refresh().unwrap();
    index.put_mapping(&json!({"properties": {"a": {"type": "long"}, "b": {"type": "keyword"}}})).unwrap();
    apply(&index, put("2", r#"{"a":2,"b":"y"}"#)).unwrap();
    index.refresh().unwrap();
    index.force_merge().unwrap();
    let snapshot = index.snapshot();
    let [segment] = &*snapshot.segments else { panic!("one segment") };
    let column = segment.reader().fast_fields().i64("f0").unwrap();
    assert_eq!([column.first(0), column.first(1)], [None, Some(2)]);
    assert_eq!(visible(&index).len(), 2);
}

#[test]
fn one_bad_document_does_not_stop_the_batch() {
    let index = index();
    let operations =
        vec![put("1", r#"{"n":1}"#), put("2", r#"{"n":"x"}"#), put("3", "{"), delete("9"), put("4", r#"{"n":2}"#)];
    let results = index.apply(operations, now());
    let told: Vec<_> = results.iter().map(|result| result.as_ref().map(|written| written.seq_no).ok()).collect();
    assert_eq!(told, [Some(0), None, None, Some(1), Some(2)]);
}

#[test]
fn blocks_and_closing_refuse_writes() {
    let index = index();
    index.put_settings(&json!({"index.blocks.read_only_allow_delete": true})).unwrap();
    assert_eq!(
        apply(&index, put("1", "{}")).unwrap_err().exception().reason,
        "index [i] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has \
         read-only-allow-delete block];"
    );
    assert!(apply(&index, delete("1")).is_ok());
    index.put_settings(&json!({"index.blocks.read_only_allow_delete": null})).unwrap();
    index.set_open(false).unwrap();
    assert_eq!(apply(&index, put("1", "{}")), Err(crate::error::WriteError::Closed));
}

#[test]
fn a_full_buffer_becomes_segments_that_wait_for_the_refresh() {
    let index = index();
    let docs = crate::limits::BUFFER_MAX_DOCS + 10;
    for batch in 0..docs.div_ceil(1_000) {
        let operations = (0..1_000).map(|n| Operation::Index {
            id: None,
            source: format!(r#"{{"n":{}}}"#, batch * 1_000 + n).into(),
            create: false,
            check: VersionCheck::None,
        });
        assert!(index.apply(operations.collect(), now()).iter().all(Result::is_ok));
    }
    assert_eq!(index.stats().docs, 0);
    index.refresh().unwrap();
    let sources = visible(&index);
    assert_eq!(sources.len(), docs.div_ceil(1_000) * 1_000);
    assert!(sources.iter().enumerate().all(|(n, source)| *source == format!(r#"{{"n":{n}}}"#)), "in order of arrival");
}
