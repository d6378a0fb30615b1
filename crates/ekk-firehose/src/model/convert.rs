//! The first stage of a request: every value has the type that its member wants, or the request is refused.
//!
//! Members that are unknown or null are dropped. The words for each mismatch are those of AWS's JSON front end.

use std::fmt;

use serde_json::{Map, Value};

use super::{Shape, Structure};

/// A value of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConversionError {
    /// The request is neither an object nor a list; AWS gives no words to it.
    NotAnObject,
    ListNotExpected,
    StructureNotExpected,
    ListExpected,
    MapExpected,
    NullExpected,
    /// A scalar of another type than the member's.
    Scalar {
        found: &'static str,
        wanted: &'static str,
    },
    /// Text that is not base64.
    Blob {
        text: String,
        reason: BlobReason,
    },
}

impl std::error::Error for ConversionError {}

/// What is wrong with a base64 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlobReason {
    Length(usize),
    Character(char),
    LastCharacter,
}

impl fmt::Display for ConversionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => Ok(()),
            Self::ListNotExpected => formatter.write_str("Start of list found where not expected"),
            Self::StructureNotExpected => formatter.write_str("Start of structure or map found where not expected."),
            Self::ListExpected => formatter.write_str("Expected list or null"),
            Self::MapExpected => formatter.write_str("Expected map or null"),
            Self::NullExpected => formatter.write_str("Expected null"),
            Self::Scalar { found, wanted } => write!(formatter, "class {found} can not be converted to {wanted}"),
            Self::Blob { text, reason } => write!(formatter, "'{text}' can not be converted to a Blob: {reason}"),
        }
    }
}

impl fmt::Display for BlobReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(chars) => {
                write!(formatter, "Base64 encoded length is expected a multiple of 4 bytes but found: {chars}")
            }
            Self::Character(character) => write!(formatter, "Invalid Base64 character: '{character}'"),
            Self::LastCharacter => formatter.write_str("Invalid last non-pad Base64 character dectected"),
        }
    }
}

/// Converts a whole request.
pub(super) fn request(structure: &'static Structure, value: Value) -> Result<Map<String, Value>, ConversionError> {
    match value {
        Value::Object(members) => self::structure(structure, members),
        Value::Array(_) => Err(ConversionError::ListNotExpected),
        _ => Err(ConversionError::NotAnObject),
    }
}

fn structure(structure: &Structure, mut members: Map<String, Value>) -> Result<Map<String, Value>, ConversionError> {
    let mut converted = Map::new();
    for member in structure.members {
        match members.remove(member.name) {
            None | Some(Value::Null) => {}
            Some(value) => {
                converted.insert(member.name.to_owned(), convert(member.shape, value)?);
            }
        }
    }
    Ok(converted)
}

/// `value` is not null, except as an element of a list or map, where the constraint stage answers it.
fn convert(shape: &Shape, value: Value) -> Result<Value, ConversionError> {
    match (shape, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Shape::Text(_), value @ Value::String(_))
        | (Shape::Boolean, value @ Value::Bool(_))
        | (Shape::Double(_) | Shape::Timestamp, value @ Value::Number(_)) => Ok(value),
        (Shape::Integer(_), Value::Number(number)) => Ok(truncated(&number).into()),
        (Shape::Blob(_), Value::String(text)) => blob(text),
        (Shape::List { of, .. }, Value::Array(items)) => {
            items.into_iter().map(|item| convert(of, item)).collect::<Result<_, _>>().map(Value::Array)
        }
        (Shape::Map { value: of, .. }, Value::Object(entries)) => {
            let convert_entry = |(key, value)| Ok((key, convert(of, value)?));
            entries.into_iter().map(convert_entry).collect::<Result<_, _>>().map(Value::Object)
        }
        (Shape::Structure(structure), Value::Object(members)) => self::structure(structure, members).map(Value::Object),
        (shape, value) => Err(mismatch(shape, &value)),
    }
}

fn mismatch(shape: &Shape, value: &Value) -> ConversionError {
    let wanted = match (shape, value) {
        (_, Value::Array(_)) => return ConversionError::ListNotExpected,
        (_, Value::Object(_)) => return ConversionError::StructureNotExpected,
        (Shape::List { .. }, _) => return ConversionError::ListExpected,
        (Shape::Map { .. }, _) => return ConversionError::MapExpected,
        (Shape::Structure(_), _) => return ConversionError::NullExpected,
        (Shape::Text(_), _) => "an String",
        (Shape::Integer(_), _) => "an Integer",
        (Shape::Double(_), _) => "an Double",
        (Shape::Boolean, _) => "an Boolean",
        (Shape::Timestamp, _) => "milliseconds since epoch",
        (Shape::Blob(_), _) => "a Blob",
    };
    let found = match value {
        Value::String(_) => "java.lang.String",
        Value::Number(_) => "com.amazon.coral.value.json.numbers.TruncatingBigNumber",
        _ => "java.lang.Boolean",
    };
    ConversionError::Scalar { found, wanted }
}

#[expect(clippy::cast_possible_truncation, reason = "a fraction is cut off and a number out of range is clamped")]
fn truncated(number: &serde_json::Number) -> i64 {
    number.as_i64().unwrap_or_else(|| number.as_f64().map_or(i64::MAX, |float| float as i64))
}

fn blob(text: String) -> Result<Value, ConversionError> {
    match blob_error(&text) {
        None => Ok(Value::String(text)),
        Some(reason) => Err(ConversionError::Blob { text, reason }),
    }
}

fn blob_error(text: &str) -> Option<BlobReason> {
    let chars = text.encode_utf16().count();
    if !chars.is_multiple_of(4) {
        return Some(BlobReason::Length(chars));
    }
    let body = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if let Some(character) = body.chars().find(|&char| !(char.is_ascii_alphanumeric() || char == '+' || char == '/')) {
        return Some(BlobReason::Character(character));
    }
    base64_simd::STANDARD.check(text.as_bytes()).is_err().then_some(BlobReason::LastCharacter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::shapes, *};

    #[track_caller]
    fn check(structure: &'static Structure, value: Value, expected: &str) {
        assert_eq!(request(structure, value).unwrap_err().to_string(), expected);
    }

    #[test]
    fn each_wrong_type_is_named_in_the_words_of_aws() {
        let text = |value| json!({"DeliveryStreamName": value});
        let number = |value| json!({"Limit": value});
        let describe = &shapes::DESCRIBE_DELIVERY_STREAM_INPUT_MEMBERS;
        check(
            describe,
            text(json!(1)),
            "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
        );
        check(describe, text(json!(true)), "class java.lang.Boolean can not be converted to an String");
        check(describe, text(json!([])), "Start of list found where not expected");
        check(describe, text(json!({})), "Start of structure or map found where not expected.");
        check(describe, number(json!("1")), "class java.lang.String can not be converted to an Integer");
        check(describe, number(json!(false)), "class java.lang.Boolean can not be converted to an Integer");
        check(describe, json!([]), "Start of list found where not expected");
        check(describe, json!("x"), "");
        let batch = &shapes::PUT_RECORD_BATCH_INPUT_MEMBERS;
        check(batch, json!({"Records": "x"}), "Expected list or null");
        check(batch, json!({"Records": {}}), "Start of structure or map found where not expected.");
        check(batch, json!({"Records": ["x"]}), "Expected null");
        check(batch, json!({"Records": [[]]}), "Start of list found where not expected");
        let delete = &shapes::DELETE_DELIVERY_STREAM_INPUT_MEMBERS;
        check(delete, json!({"AllowForceDelete": "true"}), "class java.lang.String can not be converted to an Boolean");
    }

    #[test]
    fn text_that_is_not_base64_is_named_with_what_is_wrong() {
        let cases = [
            ("abc", "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
            ("ab*d", "Invalid Base64 character: '*'"),
            ("a=bc", "Invalid Base64 character: '='"),
            ("====", "Invalid Base64 character: '='"),
            ("äbcd", "Invalid Base64 character: 'ä'"),
            ("YR==", "Invalid last non-pad Base64 character dectected"),
        ];
        for (text, reason) in cases {
            check(
                &shapes::PUT_RECORD_INPUT_MEMBERS,
                json!({"Record": {"Data": text}}),
                &format!("'{text}' can not be converted to a Blob: {reason}"),
            );
        }
    }

    #[test]
    fn nulls_and_unknown_members_are_dropped_and_fractions_cut_off() {
        let value = json!({"DeliveryStreamName": "a", "Limit": 2.9, "ExclusiveStartDestinationId": null, "Other": 1});
        let converted = request(&shapes::DESCRIBE_DELIVERY_STREAM_INPUT_MEMBERS, value).unwrap();
        assert_eq!(Value::Object(converted), json!({"DeliveryStreamName": "a", "Limit": 2}));
    }
}
