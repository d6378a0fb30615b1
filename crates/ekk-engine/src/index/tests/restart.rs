//! Indices that come back from their folder.

use std::path::Path;

use serde_json::json;

use super::{apply, delete, now, put, visible};
use crate::{
    engine::{Engine, IndexConfig},
    error::Error,
    index::{Operation, VersionCheck},
};

fn open(folder: &Path) -> Engine {
    Engine::open(folder).unwrap()
}

#[test]
fn all_comes_back_with_and_without_a_flush() {
    let folder = tempfile::tempdir().unwrap();
    let config = IndexConfig {
        settings: json!({"refresh_interval": "5s"}),
        mappings: json!({"properties": {"z": {"type": "keyword"}}}),
        aliases: json!({"all": {}}).as_object().unwrap().clone(),
    };
    let engine = open(folder.path());
    let index = engine.create_index("i", config, now()).unwrap();
    engine.put_document("index_template", "logs", json!({"index_patterns": ["logs-*"]})).unwrap();
    apply(&index, put("1", r#"{"z":"a","new":1}"#)).unwrap();
    apply(&index, put("2", r#"{"z":"b"}"#)).unwrap();
    index.flush().unwrap();
    apply(&index, put("2", r#"{"z":"c"}"#)).unwrap();
    apply(&index, delete("1")).unwrap();
    apply(&index, put("3", r#"{"later":"x"}"#)).unwrap();
    let (uuid, mapping) = (index.uuid().to_owned(), index.mapping().to_json());
    // No flush: what came since the last one is in the translog only.
    drop((index, engine));

    for round in 0..3 {
        let engine = open(folder.path());
        let index = engine.index("i").unwrap();
        assert_eq!(index.uuid(), uuid);
        assert_eq!(index.mapping().to_json(), mapping, "round {round}");
        assert_eq!(index.settings().get("index.refresh_interval"), Some("5s"));
        assert!(index.aliases().contains_key("all"));
        assert_eq!(visible(&index), [r#"{"z":"c"}"#, r#"{"later":"x"}"#], "round {round}");
        let document = index.get("2").unwrap().unwrap();
        assert_eq!((document.version, document.seq_no), (2, 2));
        assert_eq!(engine.documents("index_template").len(), 1);
        assert_eq!(index.stats().max_seq_no, 4);
        if round == 1 {
            engine.close().unwrap();
        }
    }
    let engine = open(folder.path());
    let index = engine.index("i").unwrap();
    assert_eq!(apply(&index, put("3", "{}")).unwrap().version, 2);
}

#[test]
fn segments_on_disk_are_merged_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let index = engine.create_index("i", IndexConfig::default(), now()).unwrap();
    for n in 0..17 {
        apply(&index, put(&n.to_string(), &format!(r#"{{"n":{n}}}"#))).unwrap();
        index.flush().unwrap();
    }
    apply(&index, delete("5")).unwrap();
    while index.merge().unwrap() {}
    index.flush().unwrap();
    let expected = visible(&index);
    assert_eq!(expected.len(), 16);
    let folders = std::fs::read_dir(folder.path().join("indices").join(index.uuid())).unwrap();
    let segments =
        folders.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("segment-"));
    assert_eq!(segments.count(), index.stats().segments);
    drop((index, engine));
    assert_eq!(visible(&open(folder.path()).index("i").unwrap()), expected);
}

#[test]
fn a_deleted_index_stays_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    engine.create_index("i", IndexConfig::default(), now()).unwrap();
    assert!(matches!(engine.create_index("i", IndexConfig::default(), now()), Err(Error::IndexExists { .. })));
    engine.delete_index("i").unwrap();
    assert!(matches!(engine.delete_index("i"), Err(Error::IndexNotFound { .. })));
    engine.create_index("j", IndexConfig::default(), now()).unwrap();
    drop(engine);
    let names: Vec<_> = open(folder.path()).indices().iter().map(|index| index.name().to_owned()).collect();
    assert_eq!(names, ["j"]);
}

#[test]
fn a_folder_is_used_by_one_engine_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let error = Engine::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("another process uses this data folder"), "{error}");
    drop(engine);
    open(folder.path());
}

#[test]
fn a_translog_that_was_cut_off_loses_only_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let index = engine.create_index("i", IndexConfig::default(), now()).unwrap();
    let auto =
        |source: &str| Operation::Index { id: None, source: source.into(), create: false, check: VersionCheck::None };
    apply(&index, auto(r#"{"n":1}"#)).unwrap();
    apply(&index, auto(r#"{"n":2}"#)).unwrap();
    let path = folder.path().join("indices").join(index.uuid()).join("translog-1.log");
    drop((index, engine));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    let engine = open(folder.path());
    let index = engine.index("i").unwrap();
    assert_eq!(visible(&index), [r#"{"n":1}"#]);
    apply(&index, auto(r#"{"n":3}"#)).unwrap();
    drop((index, engine));
    assert_eq!(visible(&open(folder.path()).index("i").unwrap()), [r#"{"n":1}"#, r#"{"n":3}"#]);
}
