//! The second stage of a request: every constraint of every member is checked, and all violations are named at once.

use std::fmt;

use serde_json::{Map, Value};

use super::{Bounds, Pattern, Shape, Structure, Text};
use crate::limits;

/// One or more violated constraints in AWS's order, no more than AWS names.
///
/// Shown as `N validation errors detected: Value … at … failed to satisfy constraint: …; …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violations {
    items: Vec<String>,
}

impl fmt::Display for Violations {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.items.len() == 1 { "" } else { "s" };
        write!(formatter, "{} validation error{plural} detected: {}", self.items.len(), self.items.join("; "))
    }
}

impl std::error::Error for Violations {}

/// Checks a request whose types were converted.
pub(super) fn check(structure: &'static Structure, members: &Map<String, Value>) -> Result<(), Violations> {
    let mut found = Found { path: String::new(), items: Vec::new() };
    found.structure(structure, members);
    if found.items.is_empty() { Ok(()) } else { Err(Violations { items: found.items }) }
}

/// The violations so far, and where in the request the check stands.
struct Found {
    path: String,
    items: Vec<String>,
}

impl Found {
    fn structure(&mut self, structure: &Structure, members: &Map<String, Value>) {
        for member in structure.members {
            if self.items.len() >= limits::VIOLATIONS {
                return;
            }
            let value = members.get(member.name).unwrap_or(&Value::Null);
            self.at(&lower_first(member.name), |found| match value {
                Value::Null if member.required => found.violation(value, member.shape, "Member must not be null"),
                Value::Null => {}
                value => found.value(member.shape, value),
            });
        }
    }

    fn value(&mut self, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Structure(structure), Value::Object(members)) => self.structure(structure, members),
            (&Shape::List { of: of @ Shape::Structure(_), .. }, Value::Array(items)) => {
                self.own(shape, value);
                self.items(of, items);
            }
            (&Shape::List { of, .. }, Value::Array(items)) => {
                self.own(shape, value);
                self.parts(("Member", of), items.iter(), (shape, value));
            }
            (&Shape::Map { key, value: of }, Value::Object(entries)) => {
                let keys: Vec<_> = entries.keys().map(|key| Value::from(key.as_str())).collect();
                self.parts(("Map keys", key), keys.iter(), (shape, value));
                self.parts(("Map value", of), entries.values(), (shape, value));
            }
            _ => self.own(shape, value),
        }
    }

    /// The constraints that a value has by itself, whatever it holds.
    fn own(&mut self, shape: &Shape, value: &Value) {
        for constraint in violated(shape, value) {
            self.violation(value, shape, &constraint);
        }
    }

    fn items(&mut self, of: &Shape, items: &[Value]) {
        for (index, item) in items.iter().enumerate() {
            if self.items.len() >= limits::VIOLATIONS {
                return;
            }
            self.at(&format!("{}.member", index + 1), |found| match item {
                Value::Null => found.violation(item, of, "Member must not be null"),
                item => found.value(of, item),
            });
        }
    }

    /// The elements of a list of scalars, or the keys or values of a map: one that violates is named by all
    /// constraints that it has, at the place of the whole.
    fn parts<'a>(
        &mut self,
        (called, of): (&str, &Shape),
        mut parts: impl Iterator<Item = &'a Value>,
        (shape, whole): (&Shape, &Value),
    ) {
        if parts.any(|part| part.is_null() || !violated(of, part).is_empty()) {
            let all = constraints(of).join(", ");
            self.violation(whole, shape, &format!("{called} must satisfy constraint: [{all}]"));
        }
    }

    fn violation(&mut self, value: &Value, shape: &Shape, constraint: &str) {
        if self.items.len() < limits::VIOLATIONS {
            let shown = match value {
                Value::Null => "null".to_owned(),
                value => format!("'{}'", shown(shape, value)),
            };
            let path = &self.path;
            self.items.push(format!("Value {shown} at '{path}' failed to satisfy constraint: {constraint}"));
        }
    }

    fn at(&mut self, part: &str, check: impl FnOnce(&mut Self)) {
        let parent = self.path.len();
        if parent > 0 {
            self.path.push('.');
        }
        self.path.push_str(part);
        check(self);
        self.path.truncate(parent);
    }
}

/// The constraints of a value that it violates, in AWS's words and order.
fn violated(shape: &Shape, value: &Value) -> Vec<String> {
    match (shape, value) {
        (Shape::Text(text), Value::String(string)) => {
            let is_value = text.values.is_empty() || text.values.contains(&string.as_str());
            let is_match = text.pattern.is_none_or(|pattern| pattern.matches(string));
            let mut violated = Vec::new();
            violated.extend((!is_value).then(|| enumerated(text)));
            violated.extend(out_of("length", as_quantity(string.encode_utf16().count()), text.length));
            violated.extend(text.pattern.filter(|_| !is_match).map(patterned));
            violated
        }
        (Shape::Integer(bounds) | Shape::Double(bounds), Value::Number(number)) => {
            out_of("value", number.as_f64().unwrap_or(f64::MAX), *bounds).into_iter().collect()
        }
        (Shape::Blob(bounds), Value::String(text)) => {
            out_of("length", as_quantity(blob_bytes(text)), *bounds).into_iter().collect()
        }
        (Shape::List { length, .. }, Value::Array(items)) => {
            out_of("length", as_quantity(items.len()), *length).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// All constraints of a scalar, as they are listed for the elements of a list: the upper bound first.
fn constraints(shape: &Shape) -> Vec<String> {
    let (what, bounds, text) = match shape {
        Shape::Text(text) => ("length", text.length, Some(text)),
        Shape::Integer(bounds) | Shape::Double(bounds) => ("value", *bounds, None),
        Shape::Blob(bounds) => ("length", *bounds, None),
        _ => return Vec::new(),
    };
    let mut all = Vec::new();
    all.extend(bounds.max.map(|max| at_most(what, max)));
    all.extend(bounds.min.map(|min| at_least(what, min)));
    all.extend(text.filter(|text| !text.values.is_empty()).map(enumerated));
    all.extend(text.and_then(|text| text.pattern).map(patterned));
    all
}

fn enumerated(text: &Text) -> String {
    format!("Member must satisfy enum value set: [{}]", text.values.join(", "))
}

fn patterned(Pattern(pattern): Pattern) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

fn at_most(what: &str, max: i64) -> String {
    format!("Member must have {what} less than or equal to {max}")
}

fn at_least(what: &str, min: i64) -> String {
    format!("Member must have {what} greater than or equal to {min}")
}

#[expect(clippy::cast_precision_loss, reason = "bounds are far below 2 to the power of 53")]
fn out_of(what: &str, quantity: f64, bounds: Bounds) -> Option<String> {
    let too_small = bounds.min.filter(|&min| quantity < min as f64);
    let too_large = bounds.max.filter(|&max| quantity > max as f64);
    too_small.map(|min| at_least(what, min)).or_else(|| too_large.map(|max| at_most(what, max)))
}

#[expect(clippy::cast_precision_loss, reason = "a request is shorter than 2 to the power of 53 bytes")]
fn as_quantity(count: usize) -> f64 {
    count as f64
}

/// A value as AWS's front end, which is written in Java, prints it.
///
/// Differs from AWS: it prints a structure in a list as its class with a hash code, we print the shape's name; and
/// where it prints all elements, we stop after ten.
fn shown(shape: &Shape, value: &Value) -> String {
    match (shape, value) {
        (Shape::Blob(_), Value::String(text)) => {
            let bytes = blob_bytes(text);
            format!("java.nio.HeapByteBuffer[pos=0 lim={bytes} cap={bytes}]")
        }
        (Shape::List { of, .. }, Value::Array(items)) => {
            let mut elements: Vec<_> = items.iter().take(limits::VIOLATIONS).map(|item| shown(of, item)).collect();
            if items.len() > elements.len() {
                elements.push("…".to_owned());
            }
            format!("[{}]", elements.join(", "))
        }
        (Shape::Structure(structure), Value::Object(_)) => structure.name.to_owned(),
        (Shape::Map { value: of, .. }, Value::Object(entries)) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}={}", shown(of, value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        (_, Value::String(text)) => text.clone(),
        (_, value) => value.to_string(),
    }
}

/// Bytes that a base64 text, which was found valid, stands for.
fn blob_bytes(text: &str) -> usize {
    let padding = text.bytes().rev().take_while(|&byte| byte == b'=').count();
    text.len() / 4 * 3 - padding
}

/// AWS's front end spells members as Java does: `DeliveryStreamName` is `deliveryStreamName`.
fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + chars.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::shapes, *};

    #[track_caller]
    fn check_fails(structure: &'static Structure, value: &Value, expected: &str) {
        let members = value.as_object().unwrap();
        assert_eq!(check(structure, members).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_missing_member_is_named_without_quotes() {
        check_fails(
            &shapes::DELETE_DELIVERY_STREAM_INPUT_MEMBERS,
            &json!({}),
            "1 validation error detected: Value null at 'deliveryStreamName' failed to satisfy constraint: \
             Member must not be null",
        );
    }

    #[test]
    fn a_name_is_checked_for_its_pattern_and_its_length() {
        check_fails(
            &shapes::DELETE_DELIVERY_STREAM_INPUT_MEMBERS,
            &json!({"DeliveryStreamName": "alph1a-osquery'\n"}),
            "1 validation error detected: Value 'alph1a-osquery'\n' at 'deliveryStreamName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        );
        check_fails(
            &shapes::DELETE_DELIVERY_STREAM_INPUT_MEMBERS,
            &json!({"DeliveryStreamName": ""}),
            "2 validation errors detected: Value '' at 'deliveryStreamName' failed to satisfy constraint: \
             Member must have length greater than or equal to 1; Value '' at 'deliveryStreamName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        );
        let name = "a".repeat(65);
        check_fails(
            &shapes::DELETE_DELIVERY_STREAM_INPUT_MEMBERS,
            &json!({"DeliveryStreamName": name}),
            &format!(
                "1 validation error detected: Value '{name}' at 'deliveryStreamName' failed to satisfy constraint: \
                 Member must have length less than or equal to 64"
            ),
        );
    }

    #[test]
    fn a_record_over_the_limit_is_named_by_its_place() {
        let data = base64_simd::STANDARD.encode_to_string(vec![0; 1_024_001]);
        let mut records = vec![json!({"Data": ""}); 97];
        records[96] = json!({"Data": data});
        check_fails(
            &shapes::PUT_RECORD_BATCH_INPUT_MEMBERS,
            &json!({"DeliveryStreamName": "a", "Records": records}),
            "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1024001 cap=1024001]' at \
             'records.97.member.data' failed to satisfy constraint: Member must have length less than or equal to \
             1024000",
        );
    }

    #[test]
    fn a_range_and_an_enum_are_named_with_what_is_allowed() {
        check_fails(
            &shapes::LIST_DELIVERY_STREAMS_INPUT_MEMBERS,
            &json!({"Limit": 0, "DeliveryStreamType": "Direct"}),
            "2 validation errors detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value \
             greater than or equal to 1; Value 'Direct' at 'deliveryStreamType' failed to satisfy constraint: Member \
             must satisfy enum value set: [DirectPut, DatabaseAsSource, MSKAsSource, KinesisStreamAsSource]",
        );
    }

    #[test]
    fn a_batch_has_one_to_five_hundred_records() {
        check_fails(
            &shapes::PUT_RECORD_BATCH_INPUT_MEMBERS,
            &json!({"DeliveryStreamName": "a", "Records": []}),
            "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have \
             length greater than or equal to 1",
        );
        check_fails(
            &shapes::PUT_RECORD_BATCH_INPUT_MEMBERS,
            &json!({"DeliveryStreamName": "a", "Records": vec![json!({"Data": ""}); 501]}),
            "1 validation error detected: Value '[Record, Record, Record, Record, Record, Record, Record, Record, \
             Record, Record, …]' at 'records' failed to satisfy constraint: Member must have length less than or \
             equal to 500",
        );
    }

    #[test]
    fn no_more_than_ten_violations_are_named() {
        let records = vec![json!({}); 20];
        let request = json!({"DeliveryStreamName": "a", "Records": records});
        let violations = check(&shapes::PUT_RECORD_BATCH_INPUT_MEMBERS, request.as_object().unwrap());
        let message = violations.unwrap_err().to_string();
        assert!(message.starts_with("10 validation errors detected: Value null at 'records.1.member.data'"));
        assert!(!message.contains("records.11.member"));
    }

    #[test]
    fn the_elements_of_a_list_of_texts_are_named_by_all_their_constraints() {
        check_fails(
            &shapes::UNTAG_DELIVERY_STREAM_INPUT_MEMBERS,
            &json!({"DeliveryStreamName": "a", "TagKeys": ["team", "aws:x"]}),
            "1 validation error detected: Value '[team, aws:x]' at 'tagKeys' failed to satisfy constraint: Member must \
             satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater \
             than or equal to 1, Member must satisfy regular expression pattern: \
             ^(?!aws:)[\\p{L}\\p{Z}\\p{N}_.:\\/=+\\-@%]*$]",
        );
    }
}
