//! `filter_path`: keeps or drops parts of an answer by dotted paths with `*` and `**`; a leading `-` drops.

use std::borrow::Cow;

use crate::json::{Json, Object};

/// Applies the comma-separated `paths`; `None` when nothing of the answer is left.
///
/// Objects and arrays that become empty go away, as in OpenSearch.
pub(crate) fn apply(json: Json, paths: &str) -> Option<Json> {
    let split = |path: &str| -> Vec<String> { path.split('.').map(str::to_owned).collect() };
    let paths: Vec<&str> = paths.split(',').map(str::trim).filter(|path| !path.is_empty()).collect();
    let excludes: Vec<Vec<String>> = paths.iter().filter_map(|path| path.strip_prefix('-')).map(split).collect();
    let includes: Vec<Vec<String>> =
        paths.iter().filter(|path| !path.starts_with('-')).map(|path| split(path)).collect();
    let kept = if includes.is_empty() { Some(json) } else { include(json, &views(&includes)) };
    if excludes.is_empty() { kept } else { kept.and_then(|json| exclude(json, &views(&excludes))) }
}

fn views(paths: &[Vec<String>]) -> Vec<&[String]> {
    paths.iter().map(Vec::as_slice).collect()
}

/// What is left of each path below a member called `name`; an empty rest says that the member itself is meant.
fn below<'a>(paths: &[&'a [String]], name: &str) -> Vec<&'a [String]> {
    let mut rests = Vec::new();
    for path in paths {
        let Some((head, rest)) = path.split_first() else { continue };
        if head == "**" {
            rests.push(*path);
            if rest.first().is_some_and(|next| wildcard_matches(next, name)) {
                rests.push(rest.get(1..).unwrap_or_default());
            }
            if rest.is_empty() {
                rests.push(rest);
            }
        } else if wildcard_matches(head, name) {
            rests.push(rest);
        }
    }
    rests
}

fn include(json: Json, paths: &[&[String]]) -> Option<Json> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(json);
    }
    match json {
        Json::Object(object) => {
            let members: Vec<(Cow<'static, str>, Json)> = object
                .members
                .into_iter()
                .filter_map(|(name, value)| {
                    let rests = below(paths, &name);
                    let kept = if rests.is_empty() { None } else { include(value, &rests) };
                    kept.map(|value| (name, value))
                })
                .collect();
            (!members.is_empty()).then_some(Json::Object(Object { members }))
        }
        Json::Array(items) => {
            let items: Vec<Json> = items.into_iter().filter_map(|item| include(item, paths)).collect();
            (!items.is_empty()).then_some(Json::Array(items))
        }
        _ => None,
    }
}

fn exclude(json: Json, paths: &[&[String]]) -> Option<Json> {
    match json {
        Json::Object(object) => {
            let was_empty = object.members.is_empty();
            let members: Vec<(Cow<'static, str>, Json)> = object
                .members
                .into_iter()
                .filter_map(|(name, value)| {
                    let rests = below(paths, &name);
                    let kept = if rests.iter().any(|rest| rest.is_empty()) { None } else { exclude(value, &rests) };
                    kept.map(|value| (name, value))
                })
                .collect();
            (was_empty || !members.is_empty()).then_some(Json::Object(Object { members }))
        }
        Json::Array(items) => {
            let was_empty = items.is_empty();
            let items: Vec<Json> = items.into_iter().filter_map(|item| exclude(item, paths)).collect();
            (was_empty || !items.is_empty()).then_some(Json::Array(items))
        }
        other => Some(other),
    }
}

/// Whether `pattern`, in which each `*` stands for any run of characters, matches all of `text`.
pub(crate) fn wildcard_matches(pattern: &str, text: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(prefix) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let suffix = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match text.find(piece).and_then(|at| text.get(at + piece.len()..)) {
            Some(after) => text = after,
            None => return false,
        }
    }
    text.ends_with(suffix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse::parse;

    #[test]
    fn paths_keep_and_drop_as_in_opensearch() {
        let body =
            r#"{"took":1,"hits":{"total":{"value":48},"hits":[{"_id":"0","_index":"a"},{"_index":"b"}]},"e":{}}"#;
        for (paths, expected) in [
            ("hits.total,hits.hits._id", r#"{"hits":{"total":{"value":48},"hits":[{"_id":"0"}]}}"#),
            ("hits.hits._*", r#"{"hits":{"hits":[{"_id":"0","_index":"a"},{"_index":"b"}]}}"#),
            ("**._id", r#"{"hits":{"hits":[{"_id":"0"}]}}"#),
            ("h*.**.value", r#"{"hits":{"total":{"value":48}}}"#),
            ("-hits", r#"{"took":1,"e":{}}"#),
            ("hits,-hits.hits", r#"{"hits":{"total":{"value":48}}}"#),
            ("nope", ""),
        ] {
            let json = parse(body.as_bytes()).unwrap().to_json();
            let kept = apply(json, paths).map(|json| String::from_utf8(json.to_bytes()).unwrap()).unwrap_or_default();
            assert_eq!(kept, expected, "{paths}");
        }
    }

    #[test]
    fn wildcards_match_whole_texts() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("log*", "log-1", true),
            ("log*", "xlog", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "xxaxxbxx", false),
            ("a", "a", true),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(wildcard_matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
