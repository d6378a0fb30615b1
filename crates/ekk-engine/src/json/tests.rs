//! The reader against serde's.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

/// Reads a whole text to a tree.
fn tree(text: &str) -> Result<Value, Exception> {
    let mut reader = Reader::new(text);
    let token = reader.next()?.ok_or_else(|| Exception::illegal_argument("empty"))?;
    let value = value(&mut reader, token)?;
    match reader.next()? {
        None => Ok(value),
        Some(_) => Err(Exception::illegal_argument("more than one value")),
    }
}

fn value(reader: &mut Reader<'_>, token: Token<'_>) -> Result<Value, Exception> {
    Ok(match token {
        Token::Null => Value::Null,
        Token::Boolean(value) => Value::Bool(value),
        Token::String(text) => Value::String(text.into_owned()),
        // serde refuses numbers over a double's range, which Jackson takes.
        Token::Number { text, .. } => serde_json::from_str(text).unwrap_or_default(),
        Token::StartArray => {
            let mut items = Vec::new();
            while let Some(token) = reader.next()?.filter(|token| *token != Token::EndArray) {
                items.push(value(reader, token)?);
            }
            Value::Array(items)
        }
        Token::StartObject => {
            let mut object = Map::new();
            while let Some(Token::Name(name)) = reader.next()? {
                let token = reader.next()?.expect("a value after a name");
                let value = value(reader, token)?;
                object.insert(name.into_owned(), value);
            }
            Value::Object(object)
        }
        Token::Name(_) | Token::EndObject | Token::EndArray => panic!("{token:?} is no value"),
    })
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<i16>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        "[ -~\u{e9}\u{1f600}\n\"\\\\]{0,8}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            proptest::collection::btree_map("[a-z\"\\\\\u{e9}]{0,4}", inner, 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_serde_writes_is_read_as_it_was(json in json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&json).unwrap() } else { json.to_string() };
        prop_assert_eq!(tree(&text).unwrap(), json);
    }

    #[test]
    fn a_damaged_text_is_refused_and_never_panics(json in json(), at in any::<prop::sample::Index>(), with in "[{}\\[\\]:,\"0e.a\\\\-]?") {
        let mut text: Vec<char> = json.to_string().chars().collect();
        let at = at.index(text.len());
        text.splice(at..=at, with.chars());
        let text: String = text.into_iter().collect();
        let serde = serde_json::from_str::<Value>(&text);
        let ours = tree(&text);
        // Duplicate names are refused by ours only, and lone surrogates by serde only.
        if let Err(error) = &ours && serde.is_ok() {
            prop_assert!(error.reason.starts_with("Duplicate field"), "{text}: {error}");
        }
        if ours.is_ok() && let Err(error) = serde {
            let reason = error.to_string();
            let known = reason.contains("surrogate") || reason.contains("hex escape") || reason.contains("out of range");
            prop_assert!(known, "{text}: {reason}");
        }
    }
}

#[test]
fn tokens_know_where_they_stand() {
    let mut reader = Reader::new("{\"a\":\n [1.5, \"x\"]}");
    let mut places = Vec::new();
    while let Some(token) = reader.next().unwrap() {
        let (line, column) = reader.line_and_column(reader.token_offset());
        places.push(format!("{token:?} {line}:{column}"));
    }
    assert_eq!(
        places,
        [
            "StartObject 1:1",
            "Name(\"a\") 1:2",
            "StartArray 2:2",
            "Number { text: \"1.5\", whole: false } 2:3",
            "String(\"x\") 2:8",
            "EndArray 2:11",
            "EndObject 2:12",
        ]
    );
}

#[test]
fn nesting_has_a_bound() {
    let error = tree(&"[".repeat(1_001)).unwrap_err();
    assert_eq!(error.kind, "stream_constraints_exception");
}
