//! A record's `_source`, as a reader sees it: flattened to fields and values, or as indented JSON.
//!
//! Works on the bytes the engine sent: numbers keep their digits, keys their order.

use std::collections::HashMap;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::limits::FLATTENED_DEPTH;

/// A field of a record, with all values that an array (or an array of objects) gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordField {
    /// The keys from the outside in, joined by dots, as the mapping names it.
    pub(crate) path: String,
    pub(crate) values: Vec<Leaf>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// A JSON string, unescaped.
    Text(String),
    /// A number, boolean, empty object, or what lies too deep, as it was written.
    Literal(String),
    Null,
}

impl Leaf {
    /// The value as text; nothing for null.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Literal(text) => text,
            Self::Null => "",
        }
    }
}

/// The fields of `source` in the order they were written.
pub(crate) fn flatten(source: &RawValue) -> Vec<RecordField> {
    let mut found = Found::default();
    collect("", source, 0, &mut found);
    found.fields
}

/// The fields so far, and where each path is among them, so that a record of many fields takes no longer for each.
#[derive(Default)]
struct Found {
    fields: Vec<RecordField>,
    places: HashMap<String, usize>,
}

fn collect(path: &str, value: &RawValue, depth: usize, found: &mut Found) {
    let text = value.get();
    if depth <= FLATTENED_DEPTH {
        if text.starts_with('{')
            && let Ok(Entries(entries)) = serde_json::from_str(text)
            && (!entries.is_empty() || depth == 0)
        {
            for (key, value) in entries {
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                collect(&path, value, depth + 1, found);
            }
            return;
        }
        if text.starts_with('[')
            && let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(text)
            && !elements.is_empty()
        {
            for element in elements {
                collect(path, element, depth + 1, found);
            }
            return;
        }
    }
    let leaf = leaf(text);
    if let Some(field) = found.places.get(path).and_then(|place| found.fields.get_mut(*place)) {
        field.values.push(leaf);
    } else {
        found.places.insert(path.to_owned(), found.fields.len());
        found.fields.push(RecordField { path: path.to_owned(), values: vec![leaf] });
    }
}

fn leaf(text: &str) -> Leaf {
    if text == "null" {
        Leaf::Null
    } else if let Ok(text) = serde_json::from_str::<String>(text) {
        Leaf::Text(text)
    } else {
        Leaf::Literal(text.to_owned())
    }
}

/// An object's entries as they were written: in their order, also those that share a key.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;
        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<String, &'de RawValue>()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// `json` with one entry a line, indented by two spaces; text and numbers stay as they were written.
pub(crate) fn indented(json: &RawValue) -> String {
    let mut shown = String::with_capacity(json.get().len() * 2);
    let mut depth = 0_usize;
    let mut characters = json.get().chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => copy_string(&mut shown, &mut characters),
            '{' | '[' => {
                while characters.next_if(char::is_ascii_whitespace).is_some() {}
                shown.push(character);
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    shown.push(end);
                } else {
                    depth += 1;
                    break_line(&mut shown, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut shown, depth);
                shown.push(character);
            }
            ',' => {
                shown.push(',');
                break_line(&mut shown, depth);
            }
            ':' => shown.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => shown.push(other),
        }
    }
    shown
}

fn copy_string(shown: &mut String, characters: &mut impl Iterator<Item = char>) {
    shown.push('"');
    while let Some(character) = characters.next() {
        shown.push(character);
        match character {
            '\\' => shown.extend(characters.next()),
            '"' => return,
            _ => {}
        }
    }
}

fn break_line(shown: &mut String, depth: usize) {
    shown.push('\n');
    // A hostile depth must not multiply the size of the text.
    for _ in 0..depth.min(FLATTENED_DEPTH) {
        shown.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, expected: &str) {
        let raw: Box<RawValue> = serde_json::from_str(source).unwrap();
        let fields: Vec<String> = flatten(&raw)
            .iter()
            .map(|field| {
                let values: Vec<&str> = field.values.iter().map(Leaf::text).collect();
                format!("{}={}", field.path, values.join("|"))
            })
            .collect();
        assert_eq!(fields.join("; "), expected, "{source}");
    }

    #[test]
    fn objects_become_dotted_names_and_arrays_several_values() {
        check(r#"{"b":1,"a":{"y":{"z":"t"},"x":true}}"#, "b=1; a.y.z=t; a.x=true");
        check(r#"{"tags":["a","b"],"e":[],"o":{}}"#, "tags=a|b; e=[]; o={}");
        check(r#"{"items":[{"id":1,"n":"x"},{"id":2}]}"#, "items.id=1|2; items.n=x");
        check(r#"{"a.b":1,"a":{"b":2}}"#, "a.b=1|2");
        check(r#"{"n":null}"#, "n=");
        check("{}", "");
    }

    #[test]
    fn numbers_keep_their_digits_and_texts_their_lines() {
        check(
            r#"{"big":123456789012345678901234567890,"f":1.0,"e":1e5}"#,
            "big=123456789012345678901234567890; f=1.0; e=1e5",
        );
        check(r#"{"t":"Traceback:\n\tü \u0000 \"x\""}"#, "t=Traceback:\n\tü \0 \"x\"");
    }

    #[test]
    fn what_lies_too_deep_stays_json() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(500), "}".repeat(500));
        let raw: Box<RawValue> = serde_json::from_str(&deep).unwrap_or_else(|_| serde_json::from_str("{}").unwrap());
        assert!(flatten(&raw).len() <= 1);
    }

    #[test]
    fn json_is_indented_without_touching_its_texts() {
        let raw: Box<RawValue> =
            serde_json::from_str(r#"{ "b" : 1.0,"a":["x, {y}: \"z\"\\",{ }, [ ]],"n":{"k":null} }"#).unwrap();
        insta::assert_snapshot!(indented(&raw), @r#"
        {
          "b": 1.0,
          "a": [
            "x, {y}: \"z\"\\",
            {},
            []
          ],
          "n": {
            "k": null
          }
        }
        "#);
    }
}
