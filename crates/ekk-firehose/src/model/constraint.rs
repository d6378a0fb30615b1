//! The second stage of a request: every constraint of every member is checked, and all violations are named at once.

use std::fmt;

use serde_json::Value;

use super::{Pattern, Shape, Structure, Text};
use crate::limits;

/// One or more violated constraints, in the model's order, no more than AWS names.
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
pub(super) fn check(structure: &'static Structure, value: &Value) -> Result<(), Violations> {
    let mut found = Found { path: String::new(), items: Vec::new() };
    found.structure(structure, value);
    if found.items.is_empty() { Ok(()) } else { Err(Violations { items: found.items }) }
}

/// The violations so far, and where in the request the check stands.
struct Found {
    path: String,
    items: Vec<String>,
}

impl Found {
    fn structure(&mut self, structure: &Structure, value: &Value) {
        for member in structure.members {
            if self.items.len() >= limits::VIOLATIONS {
                return;
            }
            let value = value.get(member.name).unwrap_or(&Value::Null);
            self.at(&lower_first(member.name), |found| match value {
                Value::Null if member.required => found.violation(value, member.shape, "Member must not be null"),
                Value::Null => {}
                value => found.value(member.shape, value),
            });
        }
    }

    fn value(&mut self, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Text(text), Value::String(string)) => self.text(text, shape, string),
            (&Shape::Integer { min, max }, Value::Number(number)) => {
                let number = number.as_i64().unwrap_or(i64::MAX);
                self.bounds("value", (number, min, max), value, shape);
            }
            (&Shape::Blob { max_bytes }, Value::String(text)) => {
                self.bounds("length", (blob_bytes(text), 0, max_bytes), value, shape);
            }
            (&Shape::List { of, min, max }, Value::Array(items)) => {
                self.bounds("length", (items.len(), min, max), value, shape);
                self.items(of, items);
            }
            (Shape::Structure(structure), value) => self.structure(structure, value),
            _ => {}
        }
    }

    fn text(&mut self, text: &Text, shape: &Shape, string: &str) {
        let value = Value::from(string);
        if !text.values.is_empty() && !text.values.contains(&string) {
            let values = text.values.join(", ");
            self.violation(&value, shape, &format!("Member must satisfy enum value set: [{values}]"));
        }
        if let Some(Pattern(pattern)) = text.pattern.filter(|pattern| !pattern.matches(string)) {
            self.violation(&value, shape, &format!("Member must satisfy regular expression pattern: {pattern}"));
        }
        self.bounds("length", (string.encode_utf16().count(), text.min, text.max), &value, shape);
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

    /// Checks a quantity that is called `what` and is given with its smallest and largest value.
    fn bounds<T: PartialOrd + fmt::Display>(
        &mut self,
        what: &str,
        (quantity, min, max): (T, T, T),
        value: &Value,
        shape: &Shape,
    ) {
        if quantity < min {
            self.violation(value, shape, &format!("Member must have {what} greater than or equal to {min}"));
        } else if quantity > max {
            self.violation(value, shape, &format!("Member must have {what} less than or equal to {max}"));
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

/// A value as AWS's front end, which is written in Java, prints it.
///
/// Differs from AWS: it prints a structure in a list as its class with a hash code, we print the shape's name; and
/// where it prints all elements, we stop after ten.
fn shown(shape: &Shape, value: &Value) -> String {
    match (shape, value) {
        (Shape::Blob { .. }, Value::String(text)) => {
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
        assert_eq!(check(structure, value).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_missing_member_is_named_without_quotes() {
        check_fails(
            &shapes::DELETE_DELIVERY_STREAM,
            &json!({}),
            "1 validation error detected: Value null at 'deliveryStreamName' failed to satisfy constraint: \
             Member must not be null",
        );
    }

    #[test]
    fn a_name_is_checked_for_its_pattern_and_its_length() {
        check_fails(
            &shapes::DELETE_DELIVERY_STREAM,
            &json!({"DeliveryStreamName": "alph1a-osquery'\n"}),
            "1 validation error detected: Value 'alph1a-osquery'\n' at 'deliveryStreamName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
        );
        check_fails(
            &shapes::DELETE_DELIVERY_STREAM,
            &json!({"DeliveryStreamName": ""}),
            "2 validation errors detected: Value '' at 'deliveryStreamName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '' at 'deliveryStreamName' \
             failed to satisfy constraint: Member must have length greater than or equal to 1",
        );
        let name = "a".repeat(65);
        check_fails(
            &shapes::DELETE_DELIVERY_STREAM,
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
            &shapes::PUT_RECORD_BATCH,
            &json!({"DeliveryStreamName": "a", "Records": records}),
            "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1024001 cap=1024001]' at \
             'records.97.member.data' failed to satisfy constraint: Member must have length less than or equal to \
             1024000",
        );
    }

    #[test]
    fn a_range_and_an_enum_are_named_with_what_is_allowed() {
        check_fails(
            &shapes::LIST_DELIVERY_STREAMS,
            &json!({"Limit": 0, "DeliveryStreamType": "Direct"}),
            "2 validation errors detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value \
             greater than or equal to 1; Value 'Direct' at 'deliveryStreamType' failed to satisfy constraint: Member \
             must satisfy enum value set: [DirectPut, KinesisStreamAsSource, MSKAsSource, DatabaseAsSource]",
        );
    }

    #[test]
    fn a_batch_has_one_to_five_hundred_records() {
        check_fails(
            &shapes::PUT_RECORD_BATCH,
            &json!({"DeliveryStreamName": "a", "Records": []}),
            "1 validation error detected: Value '[]' at 'records' failed to satisfy constraint: Member must have \
             length greater than or equal to 1",
        );
        check_fails(
            &shapes::PUT_RECORD_BATCH,
            &json!({"DeliveryStreamName": "a", "Records": vec![json!({"Data": ""}); 501]}),
            "1 validation error detected: Value '[Record, Record, Record, Record, Record, Record, Record, Record, \
             Record, Record, …]' at 'records' failed to satisfy constraint: Member must have length less than or \
             equal to 500",
        );
    }

    #[test]
    fn no_more_than_ten_violations_are_named() {
        let records = vec![json!({}); 20];
        let violations = check(&shapes::PUT_RECORD_BATCH, &json!({"DeliveryStreamName": "a", "Records": records}));
        let message = violations.unwrap_err().to_string();
        assert!(message.starts_with("10 validation errors detected: Value null at 'records.1.member.data'"));
        assert!(!message.contains("records.11.member"));
    }
}
