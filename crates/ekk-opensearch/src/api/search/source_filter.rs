//! `_source` filtering of a document that was read by its id.
//!
//! A search filters in the engine; here the same rules are applied to a source's text.

use crate::json::{Json, Object, filter::wildcard_matches, parse};

/// Keeps the paths that `includes` name (all when empty) and drops what `excludes` name; `*` is a wildcard, and a path
/// names what is below it too.
pub(crate) fn apply(source: &str, includes: &[String], excludes: &[String]) -> Json {
    match parse::parse(source.as_bytes()) {
        Ok(node) => keep(node.to_json(), "", includes, excludes).unwrap_or(Json::Object(Object::new())),
        Err(_) => Json::Object(Object::new()),
    }
}

fn keep(json: Json, path: &str, includes: &[String], excludes: &[String]) -> Option<Json> {
    match json {
        Json::Object(object) => {
            let mut kept = Object::new();
            for (name, value) in object.members {
                let below = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                if excludes.iter().any(|pattern| wildcard_matches(pattern, &below)) {
                    continue;
                }
                let named = includes.is_empty() || includes.iter().any(|pattern| wildcard_matches(pattern, &below));
                let holds_more = matches!(value, Json::Object(_) | Json::Array(_));
                if named {
                    // Below a path that is taken, all is taken but what is left out by name.
                    if let Some(value) = keep(value, &below, &[], excludes) {
                        kept.put(name, value);
                    }
                } else if holds_more
                    && includes.iter().any(|pattern| may_name_below(pattern, &below))
                    && let Some(value) = keep(value, &below, includes, excludes).filter(|value| !is_empty(value))
                {
                    kept.put(name, value);
                }
            }
            Some(Json::Object(kept))
        }
        Json::Array(items) => {
            let of_objects = items.iter().any(|item| matches!(item, Json::Object(_) | Json::Array(_)));
            if !of_objects && !includes.is_empty() {
                return None;
            }
            let kept: Vec<Json> = items
                .into_iter()
                .filter_map(|item| keep(item, path, includes, excludes))
                .filter(|item| includes.is_empty() || !is_empty(item))
                .collect();
            Some(Json::Array(kept))
        }
        other if includes.is_empty() => Some(other),
        _ => None,
    }
}

fn is_empty(json: &Json) -> bool {
    match json {
        Json::Object(object) => object.members.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// Whether `pattern` could name something inside the object at `path`.
fn may_name_below(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        Some((prefix, _)) => {
            let below = format!("{path}.");
            prefix.starts_with(&below) || below.starts_with(prefix)
        }
        None => pattern.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_and_left_out_as_in_opensearch() {
        let source = r#"{"level":"INFO","dur":1.50,"o":{"x":{"y":1},"z":2},"l":[{"a":1,"b":2},{"b":3}]}"#;
        for (includes, excludes, expected) in [
            (vec!["l*", "dur"], vec!["dur"], r#"{"level":"INFO","l":[{"a":1,"b":2},{"b":3}]}"#),
            (vec!["o.x"], vec![], r#"{"o":{"x":{"y":1}}}"#),
            (vec!["o.*"], vec!["*.z"], r#"{"o":{"x":{"y":1}}}"#),
            (vec![], vec!["o", "l"], r#"{"level":"INFO","dur":1.50}"#),
            (vec!["l.a"], vec![], r#"{"l":[{"a":1}]}"#),
            (vec!["nope"], vec![], "{}"),
        ] {
            let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            let kept = apply(source, &texts(&includes), &texts(&excludes)).to_bytes();
            assert_eq!(String::from_utf8(kept).unwrap(), expected, "{includes:?} {excludes:?}");
        }
    }
}
