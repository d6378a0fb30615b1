//! YAML as `CloudFormation` reads it: one document, no aliases, no key twice, and tags for intrinsic functions.
//!
//! The parser hands out events one by one, so that depth costs no stack.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Number, Value};

use crate::{Error, limits::NESTING};

/// A collection that is still open.
enum Open {
    Sequence { items: Vec<Value>, tag: Option<Tag> },
    Mapping { members: Map<String, Value>, key: Option<String>, tag: Option<Tag> },
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    document: Option<Value>,
}

pub(super) fn read(text: &str) -> Result<Value, Error> {
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| syntax(error.to_string()))?;
        reader.take(event).map_err(|reason| syntax(placed(&reason, span)))?;
    }
    reader.document.ok_or_else(|| syntax("it is empty".to_owned()))
}

fn syntax(reason: String) -> Error {
    Error::Syntax { language: "YAML", reason }
}

fn placed(reason: &str, span: Span) -> String {
    format!("{reason} at line {} column {}", span.start.line(), span.start.col() + 1)
}

impl Reader {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.map(std::borrow::Cow::into_owned);
                self.add(scalar(&text, style, tag.as_ref())?)
            }
            Event::SequenceStart(_, tag) => {
                self.begin(Open::Sequence { items: Vec::new(), tag: tag.map(std::borrow::Cow::into_owned) })
            }
            Event::MappingStart(_, tag) => {
                let tag = tag.map(std::borrow::Cow::into_owned);
                self.begin(Open::Mapping { members: Map::new(), key: None, tag })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(_) => {
                Err("Template error: YAML aliases are not allowed in CloudFormation templates".to_owned())
            }
            Event::DocumentStart(_) if self.document.is_some() => Err("a second document begins".to_owned()),
            Event::DocumentStart(_) | Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => {
                Ok(())
            }
        }
    }

    fn begin(&mut self, open: Open) -> Result<(), String> {
        if self.open.len() >= NESTING {
            return Err(format!("it is nested deeper than {NESTING} levels"));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let (value, tag) = match self.open.pop() {
            Some(Open::Sequence { items, tag }) => (Value::Array(items), tag),
            Some(Open::Mapping { members, tag, .. }) => (Value::Object(members), tag),
            None => return Err("nothing is open to be ended".to_owned()),
        };
        self.add(tagged(value, tag.as_ref())?)
    }

    fn add(&mut self, value: Value) -> Result<(), String> {
        match self.open.last_mut() {
            None => self.document = Some(value),
            Some(Open::Sequence { items, .. }) => items.push(value),
            Some(Open::Mapping { members, key, .. }) => match key.take() {
                None => *key = Some(as_key(&value)?),
                Some(name) if members.contains_key(&name) => return Err(format!("the key {name} is there twice")),
                Some(name) => drop(members.insert(name, value)),
            },
        }
        Ok(())
    }
}

fn as_key(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err("a key is no text".to_owned()),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let is_text =
        style != ScalarStyle::Plain || tag.is_some_and(|tag| !tag.is_yaml_core_schema() || tag.suffix == "str");
    let value = if is_text { Value::from(text) } else { plain(text) };
    tagged(value, tag)
}

/// What a scalar without quotes means. A number stays text unless it would be written the same again (`012`, `1_000`).
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Value::Bool(false),
        _ => {}
    }
    let number = match text.parse::<i64>() {
        Ok(whole) => Some(Number::from(whole)),
        Err(_) => text.parse::<f64>().ok().and_then(Number::from_f64),
    };
    number.filter(|number| number.to_string() == text).map_or_else(|| Value::from(text), Value::Number)
}

/// The functions that have a short form, beside `!Ref`, `!Condition` and `!GetAtt`, which are written differently.
const SHORT: [&str; 18] = [
    "And",
    "Base64",
    "Cidr",
    "Contains",
    "Equals",
    "FindInMap",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

fn tagged(value: Value, tag: Option<&Tag>) -> Result<Value, String> {
    let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) else { return Ok(value) };
    let (name, value) = match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", name @ ("Ref" | "Condition")) => (name.to_owned(), value),
        ("!", "GetAtt") => ("Fn::GetAtt".to_owned(), attribute(value)),
        ("!", name) if SHORT.contains(&name) => (format!("Fn::{name}"), value),
        _ => return Err(format!("the tag {tag} is no intrinsic function")),
    };
    Ok(Value::Object(Map::from_iter([(name, value)])))
}

/// `Bucket.Arn` as `["Bucket", "Arn"]`.
fn attribute(value: Value) -> Value {
    match value.as_str().and_then(|text| text.split_once('.')) {
        Some((resource, attribute)) => Value::from(vec![resource, attribute]),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &Value) {
        assert_eq!(&read(text).unwrap(), expected, "{text}");
    }

    #[test]
    fn scalars_are_typed_and_numbers_keep_how_they_are_written() {
        let text = "a: 300\nb: '300'\nc: true\nd: no\ne: 0.05\nf: 012345678901\ng: 2012-10-17\nh: !!str 5\ni:\nj: 1e3";
        check(
            text,
            &json!({
                "a": 300, "b": "300", "c": true, "d": false, "e": 0.05, "f": "012345678901", "g": "2012-10-17", "h": "5",
                "i": null, "j": "1e3",
            }),
        );
    }

    #[test]
    fn short_forms_become_long_ones() {
        check("!Ref Bucket", &json!({ "Ref": "Bucket" }));
        check("!GetAtt Bucket.Arn", &json!({ "Fn::GetAtt": ["Bucket", "Arn"] }));
        check("!GetAtt [Bucket, Arn]", &json!({ "Fn::GetAtt": ["Bucket", "Arn"] }));
        check("!Sub '${A}-b'", &json!({ "Fn::Sub": "${A}-b" }));
        check("!If [Prod, !Ref A, 5]", &json!({ "Fn::If": ["Prod", { "Ref": "A" }, 5] }));
        check("!Not [!Condition Prod]", &json!({ "Fn::Not": [{ "Condition": "Prod" }] }));
    }

    #[test]
    fn what_cloudformation_does_not_take_is_refused_with_its_place() {
        for (text, reason) in [
            ("a: &x 1\nb: *x", "YAML aliases are not allowed in CloudFormation templates at line 2"),
            ("a: 1\na: 2", "the key a is there twice at line 2"),
            ("a: !Other 1", "the tag !Other is no intrinsic function at line 1"),
            ("a: 1\n---\nb: 2", "a second document begins"),
            ("[a]: 1", "a key is no text"),
            ("a: [1", "line"),
            ("", "it is empty"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let error = read(&"- ".repeat(5000)).unwrap_err().to_string();
        assert!(error.contains("nested deeper than 100 levels"), "{error}");
    }
}
