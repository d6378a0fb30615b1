//! Engines in memory.

use serde_json::json;

use super::*;

#[test]
fn a_new_index_has_opensearchs_settings() {
    let engine = Engine::in_memory();
    let now = Timestamp::from_millisecond(1_795_455_952_098).unwrap();
    let index = engine.create_index("log1", IndexConfig::default(), now).unwrap();
    let uuid = index.uuid();
    assert_eq!(
        index.settings().to_json(),
        json!({"index": {
            "replication": {"type": "DOCUMENT"}, "number_of_shards": "1", "provided_name": "log1",
            "creation_date": "1795455952098", "number_of_replicas": "1", "uuid": uuid, "version": {"created": "137257827"},
        }})
    );
    assert_eq!(index.mapping().to_json(), json!({}));
}

#[test]
fn documents_are_kept_by_kind_and_name() {
    let engine = Engine::in_memory();
    engine.put_document("template", "b", json!(1)).unwrap();
    engine.put_document("template", "a", json!(2)).unwrap();
    engine.put_document("settings", "a", json!(3)).unwrap();
    let names: Vec<_> = engine.documents("template").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(engine.document("settings", "a").as_deref(), Some(&json!(3)));
    assert!(engine.delete_document("template", "a").unwrap());
    assert!(!engine.delete_document("template", "a").unwrap());
    assert_eq!(engine.document("template", "a"), None);
}

#[test]
fn a_refused_mapping_leaves_no_index_behind() {
    let engine = Engine::in_memory();
    let config = IndexConfig { mappings: json!({"properties": {"a": {"type": "nope"}}}), ..IndexConfig::default() };
    let error = engine.create_index("i", config, Timestamp::UNIX_EPOCH).unwrap_err();
    assert_eq!(
        error.exception().reason,
        "Failed to parse mapping [_doc]: No handler for type [nope] declared on field [a]"
    );
    assert!(engine.index("i").is_none());
}
