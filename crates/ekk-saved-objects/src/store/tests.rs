//! Tests of the store and of its files.

use std::fs;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Export, Find, ImportOptions, Operator, Selection};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn new(kind: &str, id: &str, attributes: Value) -> NewObject {
    let Value::Object(attributes) = attributes else { panic!("attributes are an object") };
    NewObject { kind: kind.to_owned(), id: Some(id.to_owned()), attributes, ..NewObject::default() }
}

#[test]
fn an_object_is_created_once_and_overwritten_on_request() {
    let store = Store::in_memory();
    let made = store.create(new("index-pattern", "p", json!({"title": "a-*"})), false, NOW).unwrap();
    insta::assert_snapshot!(made.line(), @r#"{"attributes":{"title":"a-*"},"id":"p","migrationVersion":{"index-pattern":"7.6.0"},"references":[],"type":"index-pattern","updated_at":"1970-01-01T00:00:00.000Z"}"#);
    let again = store.create(new("index-pattern", "p", json!({})), false, NOW).unwrap_err();
    insta::assert_snapshot!(again, @"[index-pattern:p]: version conflict, document already exists (current version [1])");
    store.create(new("index-pattern", "p", json!({"title": "b-*"})), true, NOW).unwrap();
    assert_eq!(store.get(&Key::new("index-pattern", "p")).unwrap().title(), Some("b-*"));
    let unknown = store.create(new("wigwags", "p", json!({})), false, NOW).unwrap_err();
    insta::assert_snapshot!(unknown, @"Unsupported saved object type: 'wigwags'");
    let unnamed = NewObject { id: None, ..new("query", "", json!({})) };
    assert_eq!(store.create(unnamed, false, NOW).unwrap().key().id.len(), 36);
}

#[test]
fn an_update_merges_attributes_and_is_refused_for_another_version() {
    let store = Store::in_memory();
    let made = store.create(new("search", "s", json!({"a": {"x": 1, "y": [1, 2]}, "b": 1})), false, NOW).unwrap();
    let key = made.key().clone();
    let Value::Object(attributes) = json!({"a": {"y": [3], "z": 1}, "c": null}) else { unreachable!() };
    let update = Update { attributes, version: Some(made.version()), ..Update::default() };
    let changed = store.update(&key, update.clone(), NOW).unwrap();
    assert_eq!(
        Value::Object(changed.attributes().clone()),
        json!({"a": {"x": 1, "y": [3], "z": 1}, "b": 1, "c": null})
    );
    assert!(matches!(store.update(&key, update, NOW), Err(Error::Changed(..))));
    let absent = Key::new("search", "absent");
    assert!(matches!(store.update(&absent, Update::default(), NOW), Err(Error::NotFound(_))));
    store.delete(&key).unwrap();
    insta::assert_snapshot!(store.delete(&key).unwrap_err(), @"Saved object [search/s] not found");
}

#[test]
fn objects_are_found_by_type_words_reference_and_page() {
    let store = Store::in_memory();
    for (id, title) in [("1", "Errors by hour"), ("2", "Errors by host"), ("3", "Latency")] {
        store.create(new("visualization", id, json!({"title": title, "n": {"m": id}})), false, NOW).unwrap();
    }
    let mut on = new("search", "s", json!({"title": "Errors"}));
    on.references = vec![Reference { name: "r".into(), kind: "index-pattern".into(), id: "p".into() }];
    store.create(on, false, NOW).unwrap();
    let find = |change: &dyn Fn(&mut Find)| {
        let mut find =
            Find { kinds: vec!["visualization".into(), "search".into(), "wigwags".into()], ..Find::default() };
        change(&mut find);
        let found = store.find(&find).unwrap();
        let ids: Vec<String> = found.objects.iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect();
        (found.total, ids.join(" "))
    };
    assert_eq!(find(&|_| {}), (4, "s 1 2 3".into()));
    assert_eq!(find(&|find| find.search = Some("err* host".into())), (3, "s 1 2".into()));
    assert_eq!(find(&|find| (find.search, find.operator) = (Some("err* host".into()), Operator::And)), (1, "2".into()));
    assert_eq!(find(&|find| find.has_reference = Some(Key::new("index-pattern", "p"))), (1, "s".into()));
    assert_eq!(find(&|find| (find.page, find.per_page) = (2, 3)), (4, "3".into()));
    assert_eq!(find(&|find| find.per_page = 0), (4, String::new()));
    assert_eq!(find(&|find| find.kinds = vec!["wigwags".into()]), (0, String::new()));
    let by_title =
        |find: &mut Find| (find.kinds, find.sort_field) = (vec!["visualization".into()], Some("title".into()));
    assert_eq!(find(&by_title), (3, "2 1 3".into()));
    let mut several =
        Find { kinds: vec!["search".into(), "query".into()], sort_field: Some("title".into()), ..Find::default() };
    insta::assert_snapshot!(store.find(&several).unwrap_err(), @"Unable to sort multiple types by field title, not a root property");
    several.kinds = vec!["search".into()];
    several.sort_field = Some("nothing".into());
    insta::assert_snapshot!(store.find(&several).unwrap_err(), @"Unknown sort field nothing");
    several.sort_field = None;
    several.kinds = vec!["visualization".into()];
    several.fields = vec!["n.m".into(), "absent".into()];
    assert_eq!(store.find(&several).unwrap().objects[0]["attributes"], json!({"n": {"m": "1"}}));
}

#[test]
fn a_folder_keeps_objects_in_files_to_read_and_gives_them_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.create(new("index-pattern", "logs-*", json!({"title": "logs-*"})), false, NOW).unwrap();
    store.create(new("dashboard", "main", json!({"title": "Main"})), false, NOW).unwrap();
    let main = folder.path().join("dashboard/main.json");
    insta::assert_snapshot!(fs::read_to_string(&main).unwrap(), @r#"
    {
      "attributes": {
        "title": "Main"
      },
      "id": "main",
      "migrationVersion": {
        "dashboard": "7.9.3"
      },
      "references": [],
      "type": "dashboard",
      "updated_at": "1970-01-01T00:00:00.000Z"
    }
    "#);
    // A person renames a file and edits it.
    let renamed = folder.path().join("dashboard/the main one.json");
    fs::rename(&main, &renamed).unwrap();
    fs::write(&renamed, fs::read_to_string(&renamed).unwrap().replace("\"Main\"", "\"Edited\"")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let key = Key::new("dashboard", "main");
    assert_eq!(store.get(&key).unwrap().title(), Some("Edited"));
    store.update(&key, Update::default(), NOW).unwrap();
    assert!(renamed.exists() && !main.exists(), "it stays in the file it was found in");
    assert_eq!(store.all("index-pattern").len(), 1);
    store.clear().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no file and no empty folder is left");
}

#[test]
fn a_damaged_file_is_named_and_never_touched() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.create(new("search", "good", json!({})), false, NOW).unwrap();
    let searches = folder.path().join("search");
    let good = fs::read_to_string(searches.join("good.json")).unwrap();
    for (name, text) in [
        ("cut.json", good.as_bytes().split_at(good.len() / 2).0),
        ("empty.json", b"".as_slice()),
        ("binary.json", b"\xff\xfe\x00".as_slice()),
        ("twice.json", good.as_bytes()),
        ("list.json", b"[]".as_slice()),
        (".good.json.tmp", b"half".as_slice()),
        ("notes.txt", b"not ours".as_slice()),
    ] {
        fs::write(searches.join(name), text).unwrap();
    }
    fs::create_dir(searches.join("folder.json")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut damaged: Vec<String> = store
        .damaged()
        .iter()
        .map(|damaged| {
            let reason = damaged.reason.replace(&folder.path().display().to_string(), "");
            format!("{} {reason}", damaged.path.file_name().unwrap().display())
        })
        .collect();
    damaged.sort();
    insta::assert_snapshot!(damaged.join("\n"), @r#"
    binary.json is not UTF-8
    cut.json is not JSON: EOF while parsing an object at line 1 column 66
    empty.json is not JSON: EOF while parsing a value at line 1 column 0
    folder.json is not a file
    list.json is not an object of JSON
    twice.json holds [search:good], which is in /search/good.json already
    "#);
    store.create(new("search", "cut", json!({})), false, NOW).unwrap();
    assert!(searches.join("cut~2.json").exists(), "the new object goes beside the damaged file");
    store.clear().unwrap();
    assert_eq!(fs::read_dir(&searches).unwrap().count(), 8, "what is not ours stays");
}

#[test]
#[cfg(unix)]
fn a_link_out_of_the_folder_is_not_followed() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let line = r#"{"type":"search","id":"out","attributes":{}}"#;
    fs::write(outside.path().join("out.json"), line).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("search")).unwrap();
    fs::create_dir(folder.path().join("query")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("out.json"), folder.path().join("query/out.json")).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert!(store.all("search").is_empty());
    assert_eq!(store.damaged().len(), 1);
}

/// Any JSON, written with any white space and any form of numbers.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,4})?(e[+-]?[0-9]{1,2})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"\\u00e9\\/\\ud83d\\ude00\"".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let space = "[ \t]{0,2}";
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), space)
                .prop_map(|(items, space)| format!("[{space}{}]", items.join(&format!(",{space}")))),
            (prop::collection::vec((any::<String>(), inner), 0..4), space).prop_map(|(members, space)| {
                let write = |(name, value): &(String, String)| {
                    format!("{}{space}:{value}", serde_json::to_string(name).unwrap())
                };
                format!("{{{space}{}}}", members.iter().map(write).collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

fn line() -> impl Strategy<Value = String> {
    let member = ("[a-zA-Zü_]{1,8}", json_text());
    ("[^\u{0}]{1,40}", "[a-z-]{1,12}", prop::collection::vec(member, 0..4), any::<bool>()).prop_map(
        |(id, kind, members, spaced)| {
            let space = if spaced { " " } else { "" };
            let write = |(name, value): &(String, String)| format!("{}:{value}", serde_json::to_string(name).unwrap());
            let members: Vec<String> = members.iter().map(write).collect();
            let unknown: Vec<String> =
                members.iter().map(|member| format!(",\"x{}", member.trim_start_matches('"'))).collect();
            let unknown = unknown.concat();
            let id = serde_json::to_string(&id).unwrap();
            format!("{{\"type\":{space}\"x-{kind}\",\"attributes\":{{{}}}{unknown},\"id\":{id}}}", members.join(","))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_object_goes_in_and_comes_out_byte_for_byte_also_after_a_restart(lines in prop::collection::vec(line(), 1..4)) {
        let mut lines = lines;
        lines.retain(|line| SavedObject::parse(line).is_ok());
        let mut seen = std::collections::BTreeSet::new();
        lines.retain(|line| seen.insert(SavedObject::parse(line).unwrap().key().clone()));
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let report = store.import(&lines.join("\r\n"), ImportOptions::default()).unwrap();
        prop_assert!(report.is_success());
        for store in [store, Store::open(folder.path()).unwrap()] {
            prop_assert!(store.damaged().is_empty(), "{:?}", store.damaged());
            let objects = lines.iter().map(|line| SavedObject::parse(line).unwrap().key().clone()).collect();
            let selection = Selection { objects: Some(objects), ..Selection::default() };
            let export = Export { selection, exclude_export_details: true, ..Export::default() };
            if !lines.is_empty() {
                prop_assert_eq!(store.export(&export).unwrap(), lines.join("\n"));
            }
        }
    }

    #[test]
    fn an_import_of_anything_is_answered(text in "[{}\\[\\]\":,a-z0-9 \n]{0,80}") {
        let store = Store::in_memory();
        store.import(&text, ImportOptions::default()).ok();
        store.resolve_import_errors(&text, &[], false).ok();
    }
}
