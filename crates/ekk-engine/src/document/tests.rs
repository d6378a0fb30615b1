//! Documents against what OpenSearch 3.4.0 answered for them.

use serde_json::{Value, json};

use super::*;
use crate::settings::MappingLimits;

/// Documents that are answered otherwise on purpose, with the reason.
const DIFFERENT: [(&str, &str, &str); 1] =
    [("unsigned_long", r#"{"f":1e30}"#, "the preview is that of a Java BigDecimal")];

fn error_json(error: &Exception) -> Value {
    let mut json = json!({"type": error.kind, "reason": error.reason});
    if let Some(cause) = &error.caused_by {
        json["caused_by"] = error_json(cause);
    }
    json
}

/// Reads a document, letting the mapping grow as an index does.
fn read_growing(mapping: &mut Mapping, id: &str, source: &str) -> Result<Parsed, Exception> {
    for _ in 0..8 {
        match read(mapping, id, source)? {
            Reading::Complete(parsed) => return Ok(parsed),
            Reading::NeedsFields(update) => *mapping = update.apply(mapping, &MappingLimits::default())?,
        }
    }
    panic!("the document brings new fields each time: {source}");
}

#[test]
fn documents_are_taken_and_refused_as_recorded() {
    let cases: Value = serde_json::from_str(include_str!("tests/recorded-3.4.0.json")).unwrap();
    let mut mismatches = Vec::new();
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let mut mapping = Mapping::from_json(&case["mapping"], &MappingLimits::default()).unwrap();
        for (at, row) in case["documents"].as_array().unwrap().iter().enumerate() {
            let document = row["document"].as_str().unwrap();
            if DIFFERENT.iter().any(|(case, different, _)| *case == name && *different == document) {
                continue;
            }
            let error = read_growing(&mut mapping, &at.to_string(), document).err();
            let error = error.as_ref().map_or(Value::Null, error_json);
            if error != row["error"] {
                mismatches.push(format!("{name}: {document}\n  ours     {error}\n  recorded {}", row["error"]));
            }
        }
        if mapping.to_json() != case["mapping_after"] {
            mismatches.push(format!(
                "{name}: mapping\n  ours     {}\n  recorded {}",
                mapping.to_json(),
                case["mapping_after"]
            ));
        }
    }
    assert!(mismatches.is_empty(), "{} mismatches\n{}", mismatches.len(), mismatches.join("\n"));
}

/// The values of `f` that a document gives, as a list.
#[track_caller]
fn check_values(definition: &Value, document: &str, expected: &[Val]) {
    let mut mapping = Mapping::from_json(&json!({"properties": {"f": definition}}), &MappingLimits::default()).unwrap();
    let parsed = read_growing(&mut mapping, "1", document).unwrap();
    let id = mapping.field("f").unwrap().id;
    let values: Vec<_> = parsed.values.into_iter().filter(|(field, _)| *field == id).map(|(_, value)| value).collect();
    assert_eq!(values, expected, "{document}");
}

#[test]
fn values_are_converted_by_their_type() {
    check_values(&json!({"type": "long"}), r#"{"f":[12.9,"-3.5",1e2,"7"]}"#, &[12, -3, 100, 7].map(Val::I64));
    check_values(&json!({"type": "float"}), r#"{"f":[0.1]}"#, &[Val::F64(f64::from(0.1_f32))]);
    check_values(
        &json!({"type": "half_float"}),
        r#"{"f":[0.1,65504]}"#,
        &[Val::F64(0.099_975_585_937_5), Val::F64(65_504.0)],
    );
    check_values(&json!({"type": "scaled_float", "scaling_factor": 100}), r#"{"f":1.999}"#, &[Val::F64(2.0)]);
    check_values(&json!({"type": "boolean"}), r#"{"f":[true,"false",""]}"#, &[true, false, false].map(Val::Bool));
    check_values(
        &json!({"type": "date"}),
        r#"{"f":["2020-05-11T14:44:44+0200",5,2020]}"#,
        &[Val::I64(1_589_201_084_000), Val::I64(5), Val::I64(1_577_836_800_000)],
    );
    check_values(&json!({"type": "ip"}), r#"{"f":"10.0.0.1"}"#, &[Val::Ip("::ffff:10.0.0.1".parse().unwrap())]);
    check_values(
        &json!({"type": "unsigned_long"}),
        r#"{"f":[18446744073709551615,"1.9"]}"#,
        &[Val::U64(u64::MAX), Val::U64(1)],
    );
    check_values(
        &json!({"type": "keyword", "ignore_above": 2}),
        r#"{"f":["ab","abc",12]}"#,
        &[Val::Slice { start: 7, end: 9 }, Val::Slice { start: 17, end: 19 }],
    );
    check_values(&json!({"type": "keyword"}), r#"{"f":"a\nb"}"#, &[Val::Owned("a\nb".into())]);
    check_values(&json!({"type": "keyword", "normalizer": "lowercase"}), r#"{"f":"AbÄ"}"#, &[Val::Owned("abä".into())]);
    check_values(&json!({"type": "long", "null_value": "-1"}), r#"{"f":[null,1]}"#, &[Val::I64(-1), Val::I64(1)]);
}

#[test]
fn a_term_that_is_too_long_is_refused() {
    let mut mapping =
        Mapping::from_json(&json!({"properties": {"f": {"type": "keyword"}}}), &MappingLimits::default()).unwrap();
    let document = format!(r#"{{"f":"{}"}}"#, "x".repeat(32_767));
    let error = read_growing(&mut mapping, "1", &document).unwrap_err();
    assert!(error.reason.starts_with("Document contains at least one immense term in field=\"f\""), "{error}");
    assert_eq!(error.caused_by.unwrap().reason, "bytes can be at most 32766 in length; got 32767");
}

#[test]
fn fields_without_a_column_are_named_once() {
    let mut mapping = Mapping::default();
    let parsed = read_growing(&mut mapping, "1", r#"{"a":["x","y"],"n":1,"b":{"c":"z"}}"#).unwrap();
    let names: Vec<_> = parsed.names.iter().map(|id| mapping.fields[id.0 as usize].path.to_string()).collect();
    assert_eq!(names, ["a", "b.c"]);
}
