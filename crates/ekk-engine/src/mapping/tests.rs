//! Mappings against what OpenSearch 3.4.0 made of them.

use serde_json::{Value, json};

use super::*;
use crate::error::Exception;

/// Mappings that are answered otherwise on purpose: field types that are not built, and bodies the edge refuses.
const UNSUPPORTED: [&str; 5] = ["date_nanos", "constant_keyword", "flat_object", "geo_point", "token_count"];

fn error_json(error: &Exception) -> Value {
    let mut json = json!({"type": error.kind, "reason": error.reason});
    if let Some(cause) = &error.caused_by {
        json["caused_by"] = error_json(cause);
    }
    json
}

fn outcome(result: Result<Mapping, MappingError>) -> (Value, Value) {
    match result {
        Ok(mapping) => (Value::Null, mapping.to_json()),
        Err(error) => (error_json(&error.0), Value::Null),
    }
}

#[test]
fn mappings_are_taken_shown_and_merged_as_recorded() {
    let recorded: Value = serde_json::from_str(include_str!("tests/recorded-3.4.0.json")).unwrap();
    let limits = MappingLimits::default();
    let mut mismatches = Vec::new();
    for row in recorded["created"].as_array().unwrap() {
        let json = &row["mapping"];
        if UNSUPPORTED.iter().any(|kind| json.to_string().contains(&format!("\"type\":\"{kind}\""))) {
            continue;
        }
        let (error, shown) = outcome(Mapping::from_json(json, &limits));
        if error != row["error"] || shown != row["shown"] {
            mismatches
                .push(format!("{json}\n  ours     {error} {shown}\n  recorded {} {}", row["error"], row["shown"]));
        }
    }
    for row in recorded["merged"].as_array().unwrap() {
        let mut mapping = Mapping::from_json(&recorded["base"], &limits).unwrap();
        let error = mapping.merge(&row["mapping"], &limits).err().map_or(Value::Null, |error| error_json(&error.0));
        let shown = mapping.to_json();
        if error != row["error"] || shown != row["shown"] {
            let json = &row["mapping"];
            mismatches.push(format!(
                "merge {json}\n  ours     {error} {shown}\n  recorded {} {}",
                row["error"], row["shown"]
            ));
        }
    }
    assert!(mismatches.is_empty(), "{} mismatches\n{}", mismatches.len(), mismatches.join("\n"));
}

#[test]
fn a_mapping_comes_back_from_its_json_with_its_numbers() {
    let limits = MappingLimits::default();
    let mut mapping = Mapping::from_json(
        &json!({"properties": {"z": {"type": "text", "fields": {"k": {"type": "keyword"}}}}}),
        &limits,
    )
    .unwrap();
    mapping
        .merge(&json!({"properties": {"a": {"type": "long"}, "o": {"properties": {"b": {"type": "date"}}}}}), &limits)
        .unwrap();
    let paths: Vec<String> = mapping.field_paths().into_iter().map(str::to_owned).collect();
    assert_eq!(paths, ["z", "z.k", "a", "o.b"]);
    let back = Mapping::from_json(&mapping.to_json(), &limits).unwrap().with_field_paths(&paths).unwrap();
    assert_eq!(back.to_json(), mapping.to_json());
    assert_eq!(back.fields, mapping.fields);
    assert_eq!(back.root, mapping.root);
    assert!(back.with_field_paths(&paths[1..]).is_none());
}

#[test]
fn patterns_match_as_opensearchs_simple_match() {
    let rows = [
        ("*", "", true),
        ("a*", "abc", true),
        ("*c", "abc", true),
        ("a*c", "abc", true),
        ("a*b*c", "aXbYc", true),
        ("a*a", "a", false),
        ("*b*", "abc", true),
        ("abc", "abc", true),
        ("abc", "abcd", false),
        ("a**c", "abc", true),
    ];
    for (pattern, text, expected) in rows {
        assert_eq!(dynamic::simple_match(pattern, text), expected, "{pattern} {text}");
    }
}

#[test]
fn limits_are_kept() {
    let limits = MappingLimits { total_fields: 3, ..MappingLimits::default() };
    let four = json!({"properties": {"a": {"type": "long"}, "b": {"type": "long"}, "c": {"properties": {"d": {"type": "long"}}}}});
    let error = Mapping::from_json(&four, &limits).unwrap_err();
    assert_eq!(error.0.reason, "Limit of total fields [3] has been exceeded");
    let mut deep = json!({"type": "long"});
    for _ in 0..21 {
        deep = json!({"properties": {"x": deep}});
    }
    let error = Mapping::from_json(&deep, &MappingLimits::default()).unwrap_err();
    assert!(error.0.reason.starts_with("Limit of mapping depth [20] has been exceeded"), "{error}");
}
