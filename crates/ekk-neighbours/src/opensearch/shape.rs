//! Reads a request: every value has the type that its member wants and satisfies the model's constraints.
//!
//! Members that are unknown or null are dropped. Wrong types are named in the words of AWS's JSON front end.

use serde_json::{Map, Value};

use crate::{
    constraint::{Checks, Text, java_name},
    error::ApiError,
};

/// What a value must be.
#[derive(Debug)]
pub(super) enum Shape {
    Boolean,
    Integer {
        min: i64,
        max: i64,
    },
    /// Seconds since 1970.
    Timestamp,
    Text(Text),
    List {
        of: &'static Shape,
        max: usize,
    },
    Map {
        of: &'static Shape,
        /// What its keys must be; anything when none.
        keys: Option<&'static Text>,
    },
    Structure(&'static [Member]),
}

/// A member of a structure.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) shape: &'static Shape,
    pub(super) required: bool,
}

/// Reads the body of a request; an empty one has no members.
///
/// # Errors
/// `SerializationException`, `ValidationException`.
pub(super) fn read(shape: &Shape, body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    let body = if body.iter().all(u8::is_ascii_whitespace) { b"{}" } else { body };
    let value: Value =
        serde_json::from_slice(body).map_err(|_| ApiError::Malformed("Request body is not JSON".to_owned()))?;
    let Value::Object(members) = convert(shape, value)? else {
        return Err(ApiError::Malformed("Request body is not an object".to_owned()));
    };
    let value = Value::Object(members);
    let mut found = Found { path: String::new(), checks: Checks::default() };
    found.value(shape, &value);
    found.checks.end()?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

/// Gives every value its type; null stands for nothing.
fn convert(shape: &Shape, value: Value) -> Result<Value, ApiError> {
    match (shape, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Shape::Structure(members), Value::Object(mut given)) => {
            let mut read = Map::new();
            for member in *members {
                match convert(member.shape, given.remove(member.name).unwrap_or(Value::Null))? {
                    Value::Null => {}
                    value => drop(read.insert(member.name.to_owned(), value)),
                }
            }
            Ok(Value::Object(read))
        }
        (Shape::Map { of, .. }, Value::Object(given)) => {
            given.into_iter().map(|(key, value)| Ok((key, convert(of, value)?))).collect()
        }
        (Shape::List { of, .. }, Value::Array(items)) => items.into_iter().map(|item| convert(of, item)).collect(),
        (Shape::Boolean, value @ Value::Bool(_))
        | (Shape::Text(_), value @ Value::String(_))
        | (Shape::Timestamp, value @ Value::Number(_)) => Ok(value),
        (Shape::Integer { .. }, Value::Number(number)) => integer(&number),
        (shape, value) => Err(wrong_type(shape, &value)),
    }
}

/// A whole number; a fraction is cut off, as Java does.
fn integer(number: &serde_json::Number) -> Result<Value, ApiError> {
    #[expect(clippy::cast_possible_truncation, reason = "what is cut off is the fraction, and the bounds saturate")]
    let whole = number.as_i64().or_else(|| number.as_f64().map(|number| number as i64));
    whole.map(Value::from).ok_or_else(|| wrong_type(&Shape::Boolean, &Value::Number(number.clone())))
}

fn wrong_type(shape: &Shape, value: &Value) -> ApiError {
    let wanted = match shape {
        Shape::Boolean => "a Boolean",
        Shape::Integer { .. } => "an Integer",
        Shape::Timestamp => "a Timestamp",
        Shape::Text(_) => "a String",
        Shape::List { .. } | Shape::Map { .. } | Shape::Structure(_) => "",
    };
    let found = match value {
        Value::Array(_) => return serialization("Start of list found where not expected"),
        Value::Object(_) => return serialization("Start of structure or map found where not expected."),
        _ if matches!(shape, Shape::List { .. }) => return serialization("Expected list or null"),
        _ if wanted.is_empty() => return serialization("Expected null"),
        Value::String(_) => "java.lang.String",
        Value::Bool(_) => "java.lang.Boolean",
        Value::Number(number) if number.is_f64() => "java.lang.Double",
        Value::Number(_) | Value::Null => "java.lang.Long",
    };
    ApiError::Malformed(format!("class {found} can not be converted to {wanted}"))
}

fn serialization(text: &str) -> ApiError {
    ApiError::Malformed(text.to_owned())
}

/// The violations so far, and where in the request the check stands.
struct Found {
    path: String,
    checks: Checks,
}

impl Found {
    fn value(&mut self, shape: &Shape, value: &Value) {
        match (shape, value) {
            (Shape::Text(text), Value::String(string)) => self.checks.text(&self.path, string, text),
            (&Shape::Integer { min, max }, value) => {
                self.checks.integer(&self.path, value.as_i64().unwrap_or(i64::MAX), (min, max));
            }
            (&Shape::List { of, max }, Value::Array(items)) => self.list(of, items, max),
            (Shape::Map { of, keys }, Value::Object(items)) => {
                for (key, item) in items {
                    keys.map(|keys| self.checks.map_key(&self.path, key, keys));
                    self.at(&format!("{key}.member"), |found| found.item(of, item));
                }
            }
            (Shape::Structure(members), Value::Object(given)) => {
                for member in *members {
                    self.at(&java_name(member.name), |found| match given.get(member.name) {
                        None if member.required => found.checks.missing(&found.path),
                        None => {}
                        Some(value) => found.value(member.shape, value),
                    });
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, of: &Shape, items: &[Value], max: usize) {
        self.checks.list_length(&self.path, items.len(), max, &format!("{} items", items.len()));
        for (index, item) in items.iter().enumerate() {
            self.at(&format!("{}.member", index + 1), |found| found.item(of, item));
        }
    }

    fn item(&mut self, of: &Shape, item: &Value) {
        match item {
            Value::Null => self.checks.missing(&self.path),
            item => self.value(of, item),
        }
    }

    fn at(&mut self, part: &str, check: impl FnOnce(&mut Self)) {
        if self.checks.are_enough() {
            return;
        }
        let parent = self.path.len();
        if parent > 0 {
            self.path.push('.');
        }
        self.path.push_str(part);
        check(self);
        self.path.truncate(parent);
    }
}
