//! The other side of every constraint: the smallest, the largest and each named value that the model allows is taken.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Stand,
    requests::{Place, good_text, places, smallest},
};
use crate::model::{Bounds, Shape, Text};

/// A text of this many characters that a member takes; none where its pattern has none.
fn text_of(text: &Text, length: i64) -> Option<String> {
    let length = usize::try_from(length).unwrap();
    let good = good_text(text);
    let fits =
        |candidate: &String| candidate.len() == length && text.pattern.is_none_or(|pattern| pattern.matches(candidate));
    let signs = ["a", "1", "=", "/"];
    let alone = signs.iter().map(|sign| sign.repeat(length)).find(fits);
    alone.or_else(|| {
        let more = length.checked_sub(good.len())?;
        let places = good.char_indices().map(|(at, _)| at).chain([good.len()]);
        places.flat_map(|at| signs.map(|sign| (at, sign))).find_map(|(at, sign)| {
            let mut longer = good.clone();
            longer.insert_str(at, &sign.repeat(more));
            Some(longer).filter(fits)
        })
    })
}

/// Values at the bounds of a place, each with the name of its bound.
fn extremes(place: &Place) -> Vec<(&'static str, Value)> {
    let both = |Bounds { min, max }: Bounds| [("least", min), ("most", max)];
    match place.shape {
        Shape::Text(text) if !text.values.is_empty() => {
            text.values.iter().map(|value| ("value", (*value).into())).collect()
        }
        Shape::Text(text) => {
            let of_length = |(bound, length): (&'static str, Option<i64>)| match text_of(text, length?) {
                Some(found) => Some((bound, found.into())),
                // The shortest text that a pattern matches may be longer than the least length: an ARN is no letter.
                None if bound == "least" => Some(("least of the pattern", good_text(text).into())),
                None => panic!("no text of the most length is known for {text:?}"),
            };
            both(text.length).into_iter().filter_map(of_length).collect()
        }
        Shape::Integer(bounds) | Shape::Double(bounds) => {
            both(*bounds).into_iter().filter_map(|(bound, number)| Some((bound, number?.into()))).collect()
        }
        Shape::Blob(bounds) => {
            let bytes = |length: i64| base64_simd::STANDARD.encode_to_string(vec![0; usize::try_from(length).unwrap()]);
            both(*bounds).into_iter().filter_map(|(bound, length)| Some((bound, bytes(length?).into()))).collect()
        }
        Shape::List { of, length } => {
            let items = |length: i64| Value::from(vec![smallest(of); usize::try_from(length).unwrap()]);
            both(*length).into_iter().filter_map(|(bound, length)| Some((bound, items(length?)))).collect()
        }
        Shape::Boolean => vec![("value", true.into()), ("value", false.into())],
        Shape::Map { .. } | Shape::Timestamp | Shape::Structure(_) => Vec::new(),
    }
}

#[tokio::test]
async fn a_value_at_each_bound_is_taken() {
    let stand = Stand::allowing_undelivered();
    let mut counts = BTreeMap::new();
    for place in places() {
        for (bound, value) in extremes(&place) {
            let answer = stand.call(place.operation, &place.with(value)).await;
            let code = answer.body["__type"].as_str().unwrap_or_default();
            let is_taken = !["ValidationException", "SerializationException"].contains(&code);
            assert!(is_taken, "{bound} of {} of {}: {}", place.path(), place.operation, answer.body);
            *counts.entry(bound).or_insert(0) += 1;
        }
    }
    insta::assert_debug_snapshot!(counts, @r#"
    {
        "least": 398,
        "least of the pattern": 135,
        "most": 521,
        "value": 736,
    }
    "#);
}
