//! Tests of the translation, against the queries that OpenSearch Dashboards makes of the same texts.

use super::*;
use crate::parse;

fn fields() -> Vec<Field> {
    let field =
        |name: &str, kind, nested: Option<&str>| Field { name: name.into(), kind, nested: nested.map(str::to_owned) };
    vec![
        field("asctime", Kind::Date, None),
        field("http.method", Kind::Other, None),
        field("http.status", Kind::Number, None),
        field("items.name", Kind::Other, Some("items")),
        field("items.parts.id", Kind::Other, Some("items.parts")),
        field("levelname", Kind::Other, None),
    ]
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let made = to_query(&parse(text).unwrap(), &fields(), Some("Europe/Berlin"));
    assert_eq!(made.map_or_else(|error| error.to_string(), |query| query.to_string()), expected, "{text}");
}

#[test]
fn values_of_a_field_are_matched_or_looked_for_as_a_phrase() {
    check("levelname:ERROR", r#"{"bool":{"minimum_should_match":1,"should":[{"match":{"levelname":"ERROR"}}]}}"#);
    check(
        "levelname:\"two words\"",
        r#"{"bool":{"minimum_should_match":1,"should":[{"match_phrase":{"levelname":"two words"}}]}}"#,
    );
    check("http.status:200", r#"{"bool":{"minimum_should_match":1,"should":[{"match":{"http.status":200}}]}}"#);
    check("unknown:true", r#"{"bool":{"minimum_should_match":1,"should":[{"match":{"unknown":true}}]}}"#);
    check("levelname:*", r#"{"bool":{"minimum_should_match":1,"should":[{"exists":{"field":"levelname"}}]}}"#);
    check(
        "levelname:ERR*",
        r#"{"bool":{"minimum_should_match":1,"should":[{"query_string":{"fields":["levelname"],"query":"ERR*"}}]}}"#,
    );
    check(
        "levelname:a-1 b*",
        r#"{"bool":{"minimum_should_match":1,"should":[{"query_string":{"fields":["levelname"],"query":"a\\-\\1 b*"}}]}}"#,
    );
}

#[test]
fn values_without_a_field_are_looked_for_in_all() {
    check("", r#"{"match_all":{}}"#);
    check("*", r#"{"query_string":{"query":"*"}}"#);
    check("*:*", r#"{"match_all":{}}"#);
    check("time out", r#"{"multi_match":{"lenient":true,"query":"time out","type":"best_fields"}}"#);
    check("\"time out\"", r#"{"multi_match":{"lenient":true,"query":"time out","type":"phrase"}}"#);
    check("tim*", r#"{"query_string":{"query":"tim*"}}"#);
    check("null:x", r#"{"multi_match":{"lenient":true,"query":"x","type":"best_fields"}}"#);
}

#[test]
fn dates_are_asked_by_ranges_in_the_readers_zone() {
    check(
        "asctime:\"2026-11-23\"",
        r#"{"bool":{"minimum_should_match":1,"should":[{"range":{"asctime":{"gte":"2026-11-23","lte":"2026-11-23","time_zone":"Europe/Berlin"}}}]}}"#,
    );
    check(
        "asctime > 2026-11-23",
        r#"{"bool":{"minimum_should_match":1,"should":[{"range":{"asctime":{"gt":"2026-11-23","time_zone":"Europe/Berlin"}}}]}}"#,
    );
    check(
        "http.status >= 500",
        r#"{"bool":{"minimum_should_match":1,"should":[{"range":{"http.status":{"gte":500}}}]}}"#,
    );
    let query = to_query(&parse("asctime < now").unwrap(), &fields(), None).unwrap();
    assert_eq!(
        query.to_string(),
        r#"{"bool":{"minimum_should_match":1,"should":[{"range":{"asctime":{"lt":"now"}}}]}}"#
    );
}

#[test]
fn and_or_and_not_are_clauses() {
    check(
        "levelname:a and http.status:1 or not x",
        r#"{"bool":{"minimum_should_match":1,"should":[{"bool":{"filter":[{"bool":{"minimum_should_match":1,"should":[{"match":{"levelname":"a"}}]}},{"bool":{"minimum_should_match":1,"should":[{"match":{"http.status":1}}]}}]}},{"bool":{"must_not":{"multi_match":{"lenient":true,"query":"x","type":"best_fields"}}}}]}}"#,
    );
}

#[test]
fn a_name_with_stars_stands_for_the_fields_that_it_matches() {
    check(
        "http.*:x",
        r#"{"bool":{"minimum_should_match":1,"should":[{"match":{"http.method":"x"}},{"match":{"http.status":"x"}}]}}"#,
    );
    check(
        "*name:x",
        r#"{"bool":{"minimum_should_match":1,"should":[{"nested":{"path":"items","query":{"match":{"items.name":"x"}},"score_mode":"none"}},{"match":{"levelname":"x"}}]}}"#,
    );
    check("nothing*:x", r#"{"bool":{"minimum_should_match":1,"should":[{"match":{"nothing*":"x"}}]}}"#);
}

#[test]
fn nested_documents_are_asked_as_such() {
    check(
        "items:{ name:a and not parts:{ id:7 } }",
        r#"{"nested":{"path":"items","query":{"bool":{"filter":[{"bool":{"minimum_should_match":1,"should":[{"match":{"items.name":"a"}}]}},{"bool":{"must_not":{"nested":{"path":"items.parts","query":{"bool":{"minimum_should_match":1,"should":[{"match":{"items.parts.id":7}}]}},"score_mode":"none"}}}}]}},"score_mode":"none"}}"#,
    );
    check("items.name:a", "items.name is a nested field, but is not in a nested group in the DQL expression.");
    check(
        "http:{ status:1 }",
        "http.status is not a nested field but is in nested group \"http\" in the DQL expression.",
    );
    check(
        "items:{ parts.id:1 }",
        "Nested field items.parts.id is being queried with the incorrect nested path. The correct path is items.parts.",
    );
}
