//! Every member of every request with a value of each wrong type: the words of AWS's front end for it.

use serde_json::{Value, json};

use super::{Stand, requests::places};
use crate::model::Shape;

const LIST: &str = "Start of list found where not expected";
const STRUCTURE: &str = "Start of structure or map found where not expected.";

/// The words for a value that a shape does not take; none for one that it takes.
fn refusal(shape: &Shape, value: &Value) -> Option<String> {
    let found = match value {
        Value::String(_) => "java.lang.String",
        Value::Number(_) => "com.amazon.coral.value.json.numbers.TruncatingBigNumber",
        _ => "java.lang.Boolean",
    };
    let as_a = |wanted: &str| Some(format!("class {found} can not be converted to {wanted}"));
    match (shape, value) {
        (Shape::Text(_) | Shape::Blob(_), Value::String(_))
        | (Shape::Integer(_) | Shape::Double(_) | Shape::Timestamp, Value::Number(_))
        | (Shape::Boolean, Value::Bool(_))
        | (Shape::List { .. }, Value::Array(_))
        | (Shape::Map { .. } | Shape::Structure(_), Value::Object(_)) => None,
        (_, Value::Array(_)) => Some(LIST.to_owned()),
        (_, Value::Object(_)) => Some(STRUCTURE.to_owned()),
        (Shape::Text(_), _) => as_a("an String"),
        (Shape::Integer(_), _) => as_a("an Integer"),
        (Shape::Double(_), _) => as_a("an Double"),
        (Shape::Boolean, _) => as_a("an Boolean"),
        (Shape::Timestamp, _) => as_a("milliseconds since epoch"),
        (Shape::Blob(_), _) => as_a("a Blob"),
        (Shape::List { .. }, _) => Some("Expected list or null".to_owned()),
        (Shape::Map { .. }, _) => Some("Expected map or null".to_owned()),
        (Shape::Structure(_), _) => Some("Expected null".to_owned()),
    }
}

#[tokio::test]
async fn every_wrong_type_of_every_member_is_named() {
    let stand = Stand::new();
    let mut count = 0;
    for place in places() {
        for value in [json!("a"), json!(1), json!(true), json!([]), json!({})] {
            let Some(expected) = refusal(place.shape, &value) else { continue };
            let answer = stand.call(place.operation, &place.with(value)).await;
            assert_eq!(answer.body["Message"], json!(expected), "{} of {}", place.path(), place.operation);
            assert_eq!(answer.refused_as("SerializationException"), expected);
            count += 1;
        }
    }
    // Four wrong types for each member of each structure and for what each list and map holds.
    assert_eq!(count, 4480);
}
