//! Tests of imports and exports.

use crate::{Error, Export, FailureReason, ImportOptions, Key, ReplacedReference, Report, Retry, Selection, Store};

const PATTERN: &str = r#"{"type":"index-pattern","id":"p","attributes":{"title":"logs-*"}}"#;
const VIS: &str = r#"{"type":"visualization","id":"v","attributes":{"title":"Vis"},"references":[{"name":"i","type":"index-pattern","id":"p"}]}"#;
const BOARD: &str = r#"{"type":"dashboard","id":"d","attributes":{"title":"Board"},"references":[{"name":"panel_0","type":"visualization","id":"v"}]}"#;

fn all() -> String {
    [BOARD, VIS, PATTERN, r#"{"exportedCount":3,"missingRefCount":0,"missingReferences":[]}"#].join("\n")
}

fn loaded() -> Store {
    let store = Store::in_memory();
    assert!(store.import(&all(), ImportOptions::default()).unwrap().is_success());
    store
}

fn summary(report: &Report) -> String {
    let imported = report.imported.iter().map(|imported| {
        let to = imported.destination_id.as_ref().map(|_| " to another id").unwrap_or_default();
        let over = if imported.overwrite { " over" } else { "" };
        let copy = if imported.create_new_copy { " copy" } else { "" };
        format!("{}{over}{to}{copy}", imported.key)
    });
    let failures = report.failures.iter().map(|failure| {
        let over = if failure.overwrite { " over" } else { "" };
        format!("{}{over} {:?}", failure.key, failure.reason)
    });
    imported.chain(failures).collect::<Vec<_>>().join("\n")
}

fn retry(kind: &str, id: &str) -> Retry {
    Retry { key: Key::new(kind, id), ..Retry::default() }
}

#[test]
fn what_is_there_already_is_a_conflict_and_then_nothing_is_written() {
    let store = Store::in_memory();
    store.import(PATTERN, ImportOptions::default()).unwrap();
    let report = store.import(&all(), ImportOptions::default()).unwrap();
    insta::assert_snapshot!(summary(&report), @"
    dashboard:d
    visualization:v
    index-pattern:p Conflict { destination_id: None }
    ");
    assert!(store.get(&Key::new("dashboard", "d")).is_none());
    let overwrite = ImportOptions { overwrite: true, ..ImportOptions::default() };
    insta::assert_snapshot!(summary(&store.import(&all(), overwrite).unwrap()), @"
    dashboard:d
    visualization:v
    index-pattern:p over
    ");
    assert!(store.get(&Key::new("dashboard", "d")).is_some());
}

#[test]
fn a_missing_pattern_or_search_is_reported_and_a_missing_panel_is_not() {
    let store = Store::in_memory();
    let report = store.import(&[VIS, BOARD].join("\n"), ImportOptions::default()).unwrap();
    insta::assert_snapshot!(summary(&report), @r#"
    dashboard:d
    visualization:v MissingReferences([Key { kind: "index-pattern", id: "p" }])
    "#);
    assert!(store.get(&Key::new("dashboard", "d")).is_none());
    assert!(store.import(BOARD, ImportOptions::default()).unwrap().is_success());
}

#[test]
fn new_copies_refer_to_one_another_and_leave_the_first_alone() {
    let store = loaded();
    let copies = ImportOptions { create_new_copies: true, ..ImportOptions::default() };
    let report = store.import(&all(), copies).unwrap();
    insta::assert_snapshot!(summary(&report), @"
    dashboard:d to another id
    visualization:v to another id
    index-pattern:p to another id
    ");
    let id = |index: usize| report.imported[index].destination_id.clone().unwrap();
    let copy = store.get(&Key::new("dashboard", id(0))).unwrap();
    assert_eq!(copy.references()[0].id, id(1));
    assert_eq!(store.get(&Key::new("visualization", id(1))).unwrap().references()[0].id, id(2));
    assert_eq!(store.get(&Key::new("dashboard", "d")).unwrap().line(), BOARD);
}

#[test]
fn retries_overwrite_rename_redirect_and_pass_over() {
    let store = loaded();
    let report = store.resolve_import_errors(&all(), &[], false).unwrap();
    assert_eq!(summary(&report), "", "what no retry names is passed over");
    let retries = [
        Retry { overwrite: true, ..retry("index-pattern", "p") },
        Retry { destination_id: Some("v2".into()), create_new_copy: true, ..retry("visualization", "v") },
        retry("dashboard", "d"),
    ];
    let report = store.resolve_import_errors(&all(), &retries, false).unwrap();
    insta::assert_snapshot!(summary(&report), @"
    index-pattern:p over
    visualization:v to another id copy
    dashboard:d Conflict { destination_id: None }
    ");
    let report = store.resolve_import_errors(&all(), &retries[..2], false).unwrap();
    insta::assert_snapshot!(summary(&report), @"
    index-pattern:p over
    visualization:v to another id copy
    ");
    assert!(store.get(&Key::new("visualization", "v2")).unwrap().document().get("originId").is_none());
    let other = VIS.replace("\"id\":\"v\"", "\"id\":\"w\"").replace("\"id\":\"p\"", "\"id\":\"gone\"");
    let replaced = ReplacedReference { kind: "index-pattern".into(), from: "gone".into(), to: "p".into() };
    let redirect = Retry { replace_references: vec![replaced], ..retry("visualization", "w") };
    assert!(store.resolve_import_errors(&other, &[redirect], false).unwrap().is_success());
    assert_eq!(store.get(&Key::new("visualization", "w")).unwrap().references()[0].id, "p");
    let ignore = Retry { ignore_missing_references: true, overwrite: true, ..retry("visualization", "w") };
    assert!(store.resolve_import_errors(&other, &[ignore], false).unwrap().is_success());
    let renamed =
        Retry { destination_id: Some("x".into()), ignore_missing_references: true, ..retry("visualization", "w") };
    assert!(store.resolve_import_errors(&other, &[renamed], false).unwrap().is_success());
    assert_eq!(store.get(&Key::new("visualization", "x")).unwrap().document()["originId"], "w");
}

#[test]
fn a_config_is_not_retried() {
    let config = r#"{"type":"config","id":"3.4.0","attributes":{}}"#;
    let store = Store::in_memory();
    let report = store.resolve_import_errors(config, &[retry("config", "3.4.0")], false).unwrap();
    assert_eq!(report.failures[0].reason, FailureReason::UnsupportedType);
    assert_eq!(report.failures[0].title.as_deref(), Some("3.4.0"));
    assert!(store.import(config, ImportOptions::default()).unwrap().is_success());
}

#[test]
fn an_import_that_is_refused_says_why_and_writes_nothing() {
    let later = r#"{"type":"index-pattern","id":"x","migrationVersion":{"index-pattern":"7.11.0"},"attributes":{}}"#;
    let many: Vec<String> =
        (0..10_001).map(|id| format!("{{\"type\":\"query\",\"id\":\"{id}\",\"attributes\":{{}}}}\n")).collect();
    let many = many.concat();
    for (ndjson, expected) in [
        (format!("{PATTERN}\n\nnot json"), "line 3 is not JSON: expected ident at line 1 column 2"),
        (format!("{PATTERN}\n[1]"), "line 2 is not an object of JSON"),
        (format!("{PATTERN}\n{{\"type\":\"query\"}}"), "line 2 has no id"),
        (
            format!("{PATTERN}\n{PATTERN}\n{VIS}\n{VIS}"),
            "Non-unique import objects detected: [index-pattern:p,visualization:v]",
        ),
        (
            format!("{PATTERN}\n{later}"),
            "Document \"x\" has property \"index-pattern\" which belongs to a more recent version of OpenSearch Dashboards \
             [7.11.0]. The last known version is [7.6.0]",
        ),
        (many, "Can't import more than 10000 objects"),
    ] {
        let store = Store::in_memory();
        assert_eq!(store.import(&ndjson, ImportOptions::default()).unwrap_err().to_string(), expected);
        assert!(store.all("index-pattern").is_empty() && store.all("query").is_empty());
    }
    let store = Store::in_memory();
    let twice = [retry("query", "a"), retry("query", "a")];
    insta::assert_snapshot!(store.resolve_import_errors("", &twice, false).unwrap_err(), @"Non-unique retry objects: [query:a]");
    let to = |id: &str| Retry { destination_id: Some("z".into()), ..retry("query", id) };
    insta::assert_snapshot!(store.resolve_import_errors("", &[to("a"), to("b")], false).unwrap_err(), @"Non-unique retry destinations: [query:z]");
}

#[test]
fn what_is_not_an_object_but_may_stand_in_an_export_is_passed_over() {
    let store = Store::in_memory();
    let ndjson = format!("\u{feff}\r\n{PATTERN}\r\n\r\nnull\n{{\"exportedCount\":99}}\n");
    let report = store.import(&ndjson, ImportOptions::default()).unwrap();
    assert_eq!(summary(&report), "index-pattern:p");
    assert!(store.import("", ImportOptions::default()).unwrap().is_success());
    assert!(store.import(r#"{"exportedCount":0,"missingRefCount":0}"#, ImportOptions::default()).unwrap().is_success());
}

#[test]
fn an_export_puts_each_object_after_what_it_needs_and_ends_with_a_summary() {
    let store = loaded();
    let board = Selection { objects: Some(vec![Key::new("dashboard", "d")]), ..Selection::default() };
    let deep = Export { selection: board.clone(), include_references_deep: true, ..Export::default() };
    let expected =
        [PATTERN, VIS, BOARD, r#"{"exportedCount":3,"missingRefCount":0,"missingReferences":[]}"#].join("\n");
    assert_eq!(store.export(&deep).unwrap(), expected);
    store.delete(&Key::new("index-pattern", "p")).unwrap();
    let expected = [
        VIS,
        BOARD,
        r#"{"exportedCount":2,"missingRefCount":1,"missingReferences":[{"id":"p","type":"index-pattern"}]}"#,
    ]
    .join("\n");
    assert_eq!(store.export(&deep).unwrap(), expected);
    let bare = Export { selection: board, exclude_export_details: true, ..Export::default() };
    assert_eq!(store.export(&bare).unwrap(), BOARD);
    let kinds = Selection { kinds: Some(vec!["dashboard".into(), "visualization".into()]), ..Selection::default() };
    let by_type = Export { selection: kinds, exclude_export_details: true, ..Export::default() };
    assert_eq!(store.export(&by_type).unwrap(), [VIS, BOARD].join("\n"));
}

#[test]
fn an_export_that_is_refused_says_why() {
    let store = loaded();
    let kinds = |kinds: &[&str]| Some(kinds.iter().map(|&kind| kind.to_owned()).collect::<Vec<_>>());
    let objects = |kind: &str, id: &str| Some(vec![Key::new(kind, id)]);
    for (selection, expected) in [
        (Selection::default(), "Either `type` or `objects` are required."),
        (
            Selection { kinds: kinds(&[]), objects: Some(Vec::new()), ..Selection::default() },
            "Either `type` or `objects` are required.",
        ),
        (
            Selection { kinds: kinds(&["query"]), objects: objects("dashboard", "d"), search: None },
            "Can't specify both \"types\" and \"objects\" properties when exporting",
        ),
        (
            Selection { objects: objects("dashboard", "d"), search: Some("x".into()), kinds: None },
            "Can't specify both \"search\" and \"objects\" properties when exporting",
        ),
        (
            Selection { kinds: kinds(&["query", "wigwags", "x"]), ..Selection::default() },
            "Trying to export non-exportable type(s): wigwags, x",
        ),
        (
            Selection { objects: objects("wigwags", "1"), ..Selection::default() },
            "Trying to export object(s) with non-exportable types: wigwags:1",
        ),
        (Selection { objects: objects("dashboard", "1"), ..Selection::default() }, "Bad Request"),
    ] {
        let error = store.export(&Export { selection, ..Export::default() }).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn objects_that_need_one_another_in_a_circle_are_not_exported() {
    let store = Store::in_memory();
    let link = |id: &str, to: &str| {
        format!(
            r#"{{"type":"visualization","id":"{id}","attributes":{{}},"references":[{{"name":"r","type":"visualization","id":"{to}"}}]}}"#
        )
    };
    store.import(&[link("a", "b"), link("b", "c"), link("c", "b")].join("\n"), ImportOptions::default()).unwrap();
    let kinds = Selection { kinds: Some(vec!["visualization".into()]), ..Selection::default() };
    let error = store.export(&Export { selection: kinds, ..Export::default() }).unwrap_err();
    insta::assert_snapshot!(error, @"circular reference: [visualization:a] ref-> [visualization:b] ref-> [visualization:c] ref-> [visualization:b]");
    let long: Vec<String> = (0..5_000).map(|id| link(&id.to_string(), &(id + 1).to_string())).collect();
    let store = Store::in_memory();
    store.import(&long.join("\n"), ImportOptions::default()).unwrap();
    let kinds = Selection { kinds: Some(vec!["visualization".into()]), ..Selection::default() };
    assert!(store.export(&Export { selection: kinds, ..Export::default() }).is_ok(), "a long chain is no circle");
}

#[test]
fn what_a_data_source_signs_in_with_stays_here() {
    let store = Store::in_memory();
    let line = r#"{"type":"data-source","id":"s","attributes":{"auth":{"type":"username_password","credentials":{"username":"u","password":"secret"}}}}"#;
    store.import(line, ImportOptions::default()).unwrap();
    let selection = Selection { kinds: Some(vec!["data-source".into()]), ..Selection::default() };
    let exported = store.export(&Export { selection, exclude_export_details: true, ..Export::default() }).unwrap();
    insta::assert_snapshot!(exported, @r#"{"attributes":{"auth":{"credentials":{"password":"pleaseUpdateCredentials","username":"pleaseUpdateCredentials"},"type":"username_password"}},"id":"s","type":"data-source"}"#);
}

#[test]
fn fixtures_fill_in_what_is_missing_and_change_nothing() {
    let store = Store::in_memory();
    store.import(&PATTERN.replace("logs-*", "mine"), ImportOptions::default()).unwrap();
    assert_eq!(store.import_missing(&all()).unwrap().len(), 2);
    assert_eq!(store.get(&Key::new("index-pattern", "p")).unwrap().title(), Some("mine"));
    assert!(matches!(store.import_missing("x"), Err(Error::Line { line: 1, .. })));
}
