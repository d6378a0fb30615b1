//! Every constraint that the model puts on any member of any request, broken once: exactly that is answered.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Stand, bucket, named,
    requests::{Place, places, smallest},
    stream,
};
use crate::model::{Bounds, Shape, Text};

/// One constraint of one place, broken.
struct Broken {
    kind: &'static str,
    request: Value,
    /// All items of the answer: a value may break two constraints at once.
    items: Vec<String>,
}

fn item(value: &str, path: &str, constraint: &str) -> String {
    format!("Value {value} at '{path}' failed to satisfy constraint: {constraint}")
}

/// What is answered to a value at a place, by the constraints of its shape.
fn items_of(place: &Place, value: &Value) -> Vec<String> {
    let constraints = broken_by(place.shape, value);
    constraints
        .iter()
        .map(|constraint| item(&format!("'{}'", shown(place.shape, value)), &place.path(), constraint))
        .collect()
}

fn broken_by(shape: &Shape, value: &Value) -> Vec<String> {
    match (shape, value) {
        (Shape::Text(text), Value::String(string)) => {
            let mut broken = Vec::new();
            if !text.values.is_empty() && !text.values.contains(&string.as_str()) {
                broken.push(enumerated(text));
            }
            broken.extend(out_of("length", units(string), text.length));
            broken.extend(text.pattern.filter(|pattern| !pattern.matches(string)).map(|pattern| patterned(pattern.0)));
            broken
        }
        (Shape::Integer(bounds), value) => out_of("value", value.as_i64().unwrap(), *bounds),
        (Shape::Double(bounds), value) => {
            #[expect(clippy::cast_possible_truncation, reason = "the test breaks bounds by whole numbers")]
            let number = value.as_f64().unwrap() as i64;
            out_of("value", number, *bounds)
        }
        (Shape::Blob(bounds), Value::String(text)) => out_of("length", blob_bytes(text), *bounds),
        (Shape::List { length, .. }, Value::Array(items)) => {
            out_of("length", i64::try_from(items.len()).unwrap(), *length)
        }
        _ => Vec::new(),
    }
}

fn out_of(what: &str, quantity: i64, Bounds { min, max }: Bounds) -> Vec<String> {
    let below =
        min.filter(|min| quantity < *min).map(|min| format!("Member must have {what} greater than or equal to {min}"));
    let above =
        max.filter(|max| quantity > *max).map(|max| format!("Member must have {what} less than or equal to {max}"));
    below.into_iter().chain(above).collect()
}

fn enumerated(text: &Text) -> String {
    format!("Member must satisfy enum value set: [{}]", text.values.join(", "))
}

fn patterned(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

/// All constraints of what a list or a map holds, as AWS lists them in one.
fn all_of(shape: &Shape) -> String {
    let (what, Bounds { min, max }, text) = match shape {
        Shape::Text(text) => ("length", text.length, Some(text)),
        shape => panic!("{shape:?} is not held by a list or map of scalars"),
    };
    let mut all = Vec::new();
    all.extend(max.map(|max| format!("Member must have {what} less than or equal to {max}")));
    all.extend(min.map(|min| format!("Member must have {what} greater than or equal to {min}")));
    all.extend(text.filter(|text| !text.values.is_empty()).map(enumerated));
    all.extend(text.and_then(|text| text.pattern).map(|pattern| patterned(pattern.0)));
    all.join(", ")
}

fn units(text: &str) -> i64 {
    i64::try_from(text.encode_utf16().count()).unwrap()
}

fn blob_bytes(text: &str) -> i64 {
    i64::try_from(base64_simd::STANDARD.decode_to_vec(text).unwrap().len()).unwrap()
}

/// A value as AWS prints it, but for structures in lists.
fn shown(shape: &Shape, value: &Value) -> String {
    match (shape, value) {
        (Shape::Blob(_), Value::String(text)) => {
            format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", blob_bytes(text))
        }
        (Shape::List { of, .. }, Value::Array(items)) => {
            let more = if items.len() > 10 { ", …" } else { "" };
            let items: Vec<_> = items.iter().take(10).map(|item| shown(of, item)).collect();
            format!("[{}{more}]", items.join(", "))
        }
        (Shape::Map { .. }, Value::Object(entries)) => {
            let entries: Vec<_> =
                entries.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap())).collect();
            format!("{{{}}}", entries.join(", "))
        }
        (Shape::Structure(structure), _) => structure.name.to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, value) => value.to_string(),
    }
}

/// Texts that break a text's constraints, each with the constraint that it is for.
fn bad_texts(text: &Text) -> Vec<(&'static str, String)> {
    let mut bad = Vec::new();
    if !text.values.is_empty() {
        bad.push(("enum", "NoSuchValue".to_owned()));
    }
    if let Some(min) = text.length.min.filter(|min| *min > 0) {
        bad.push(("length below", "a".repeat(usize::try_from(min - 1).unwrap())));
    }
    if let Some(max) = text.length.max {
        bad.push(("length above", "a".repeat(usize::try_from(max + 1).unwrap())));
    }
    if let Some(pattern) = text.pattern {
        let least = usize::try_from(text.length.min.unwrap_or(0).max(1)).unwrap();
        let mut candidates = ["\u{1}", "\n", " ", "*", "\u{0}"].into_iter().map(|sign| sign.repeat(least));
        let mismatch = candidates.find(|candidate| !pattern.matches(candidate));
        bad.push(("pattern", mismatch.unwrap_or_else(|| panic!("nothing breaks {}", pattern.0))));
    }
    bad
}

/// Every way to break the value at a place by itself.
fn broken_values(place: &Place) -> Vec<Broken> {
    let of_value = |kind, value: Value| Broken { kind, items: items_of(place, &value), request: place.with(value) };
    let beyond = |Bounds { min, max }: Bounds| {
        let below = min.map(|min| ("value below", min - 1));
        let above = max.map(|max| ("value above", max + 1));
        below.into_iter().chain(above)
    };
    match place.shape {
        Shape::Text(text) => bad_texts(text).into_iter().map(|(kind, text)| of_value(kind, text.into())).collect(),
        Shape::Integer(bounds) => beyond(*bounds).map(|(kind, number)| of_value(kind, number.into())).collect(),
        Shape::Double(bounds) => beyond(*bounds).map(|(kind, number)| of_value(kind, number.into())).collect(),
        Shape::Blob(bounds) => {
            let above = vec![0; usize::try_from(bounds.max.unwrap() + 1).unwrap()];
            vec![of_value("blob above", base64_simd::STANDARD.encode_to_string(above).into())]
        }
        Shape::List { of, length } => broken_lists(place, of, *length),
        Shape::Map { key, value } => broken_maps(place, key, value),
        Shape::Boolean | Shape::Timestamp | Shape::Structure(_) => Vec::new(),
    }
}

fn broken_lists(place: &Place, of: &'static Shape, length: Bounds) -> Vec<Broken> {
    let of_length = |kind, length: i64| {
        let value = Value::from(vec![smallest(of); usize::try_from(length).unwrap()]);
        Broken { kind, items: items_of(place, &value), request: place.with(value) }
    };
    let mut broken = Vec::new();
    broken.extend(length.min.filter(|min| *min > 0).map(|min| of_length("list below", min - 1)));
    broken.extend(length.max.map(|max| of_length("list above", max + 1)));
    let in_list = |kind, element: Value| {
        let value = json!([element]);
        let constraint = format!("Member must satisfy constraint: [{}]", all_of(of));
        let items = vec![item(&format!("'{}'", shown(place.shape, &value)), &place.path(), &constraint)];
        Broken { kind, items, request: place.with(value) }
    };
    if let Shape::Text(text) = of {
        broken.push(in_list("element null", Value::Null));
        broken.extend(bad_texts(text).into_iter().map(|(_, text)| in_list("element", text.into())));
    } else {
        let items = vec![item("null", &format!("{}.1.member", place.path()), "Member must not be null")];
        broken.push(Broken { kind: "element null", items, request: place.with(json!([null])) });
    }
    broken
}

fn broken_maps(place: &Place, key: &'static Shape, value: &'static Shape) -> Vec<Broken> {
    let (Shape::Text(keys), Shape::Text(values)) = (key, value) else { panic!("maps are of texts") };
    let in_map = |kind, called, of, entries: Value| {
        let constraint = format!("{called} must satisfy constraint: [{}]", all_of(of));
        let items = vec![item(&format!("'{}'", shown(place.shape, &entries)), &place.path(), &constraint)];
        Broken { kind, items, request: place.with(entries) }
    };
    let bad_keys = bad_texts(keys).into_iter().map(|(_, text)| in_map("map key", "Map keys", key, json!({text: "a"})));
    let bad_values =
        bad_texts(values).into_iter().map(|(_, text)| in_map("map value", "Map value", value, json!({"a": text})));
    bad_keys.chain(bad_values).collect()
}

fn broken(place: &Place) -> Vec<Broken> {
    // What a list or a map holds is broken with the whole; members of structures in it are places of their own.
    if !place.is_member() {
        return Vec::new();
    }
    let mut all = broken_values(place);
    if place.required {
        let items = vec![item("null", &place.path(), "Member must not be null")];
        all.push(Broken { kind: "required", items: items.clone(), request: place.without() });
        all.push(Broken { kind: "required, null", items, request: place.with(Value::Null) });
    }
    all
}

#[tokio::test]
async fn every_constraint_of_every_member_is_held() {
    let stand = Stand::new();
    let mut counts = BTreeMap::new();
    for place in places() {
        for Broken { kind, request, items } in broken(&place) {
            let plural = if items.len() == 1 { "" } else { "s" };
            let expected = format!("{} validation error{plural} detected: {}", items.len(), items.join("; "));
            let (code, text) = stand.call(place.operation, &request).await.refused();
            assert!(!items.is_empty(), "{kind} of {} of {} is not broken", place.path(), place.operation);
            assert_eq!((code.as_str(), text), ("ValidationException", expected), "{kind}: {}", place.operation);
            *counts.entry(kind).or_insert(0) += 1;
        }
    }
    // As many as a count over the JSON of AWS's model finds.
    insta::assert_debug_snapshot!(counts, @r#"
    {
        "blob above": 2,
        "element": 60,
        "element null": 65,
        "enum": 128,
        "length above": 378,
        "length below": 226,
        "list above": 12,
        "list below": 10,
        "map key": 6,
        "map value": 6,
        "pattern": 362,
        "required": 213,
        "required, null": 213,
        "value above": 107,
        "value below": 119,
    }
    "#);
}

/// Answers of AWS's that were quoted in public, word for word but for the names of streams.
#[tokio::test]
async fn the_violations_that_aws_was_seen_to_name_are_named_in_its_words() {
    let stand = Stand::new();
    let mut lambda = stream("logs");
    lambda["ExtendedS3DestinationConfiguration"] = bucket();
    lambda["ExtendedS3DestinationConfiguration"]["ProcessingConfiguration"] =
        json!({"Processors": [{"Type": "NotLambda"}]});
    let large = base64_simd::STANDARD.encode_to_string(vec![0; 2_757_283]);
    let mut records = vec![json!({"Data": ""}); 97];
    records[96] = json!({"Data": large});
    let long = "bobStackLocal-".repeat(5);
    let cases = [
        (
            "DescribeDeliveryStream",
            json!({}),
            "1 validation error detected: Value null at 'deliveryStreamName' failed to satisfy constraint: Member must \
             not be null"
                .to_owned(),
        ),
        (
            "DescribeDeliveryStream",
            named("alph1a-osquery'\n"),
            "1 validation error detected: Value 'alph1a-osquery'\n' at 'deliveryStreamName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
                .to_owned(),
        ),
        (
            "DescribeDeliveryStream",
            named(&long),
            format!(
                "1 validation error detected: Value '{long}' at 'deliveryStreamName' failed to satisfy constraint: \
                 Member must have length less than or equal to 64"
            ),
        ),
        (
            "PutRecordBatch",
            json!({"DeliveryStreamName": "logs", "Records": records}),
            "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=2757283 cap=2757283]' at \
             'records.97.member.data' failed to satisfy constraint: Member must have length less than or equal to \
             1024000"
                .to_owned(),
        ),
    ];
    for (operation, request, expected) in cases {
        assert_eq!(stand.call(operation, &request).await.refused_as("ValidationException"), expected);
    }
    // The set has more values today than when this was seen.
    let text = stand.call("CreateDeliveryStream", &lambda).await.refused_as("ValidationException");
    let beginning = "1 validation error detected: Value 'NotLambda' at \
                     'extendedS3DestinationConfiguration.processingConfiguration.processors.1.member.type' failed to \
                     satisfy constraint: Member must satisfy enum value set: [";
    assert!(text.starts_with(beginning), "{text}");
}
