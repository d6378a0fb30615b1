//! `_validate/query`: whether a query can be run, and why not.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/validate/>

use ekk_engine::search::{SearchRequest, TrackTotalHits};

use super::search::{self, Searched};
use crate::{
    api::count::body_query,
    dsl,
    error::{Exception, Result},
    json::{Json, Object},
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of a validation.
pub(crate) const PARAMS: &[&str] = &["explain", "rewrite", "all_shards"];

/// `GET|POST [/{index}]/_validate/query`.
pub(crate) fn query(node: &Node, request: &Request) -> Result<Response> {
    let explain = request.flag("explain", false)?;
    let parsed = match dsl::uri::query(request)? {
        Some(query) => Ok(Some(query)),
        None => request.json()?.as_ref().map_or(Ok(None), body_query),
    };
    let query = match parsed {
        Ok(query) => query,
        Err(error) => {
            let mut answer = Object::new().with("valid", false);
            if let (true, Some(exception)) = (explain, error.exception()) {
                let mut text = String::from("org.opensearch.core.common.ParsingException: ");
                append(&exception.to_json(), &mut text);
                answer.put("error", text);
            }
            return Ok(Response::ok(answer));
        }
    };
    let targets = search::targets(node, request)?;
    let asked = SearchRequest { query, size: 0, track_total_hits: TrackTotalHits::No, ..SearchRequest::default() };
    let mut valid = true;
    let mut explanations: Vec<Json> = Vec::new();
    for target in &targets {
        let searched = Searched::of(node, std::slice::from_ref(target));
        let failure = search::run(node, &searched, &asked).err();
        valid &= failure.is_none();
        let explanation = Object::new().with("index", target.index.name().to_owned()).with("valid", failure.is_none());
        explanations.push(
            match failure.as_ref().and_then(|error| error.exception()) {
                Some(exception) => {
                    explanation.with("error", nested_text(target.index.name(), target.index.uuid(), exception))
                }
                None => explanation,
            }
            .into(),
        );
    }
    let count = usize::from(!targets.is_empty());
    let mut answer = Object::new()
        .with("_shards", Object::new().with("total", count).with("successful", count).with("failed", 0))
        .with("valid", valid);
    if explain {
        answer.put("explanations", explanations);
    }
    Ok(Response::ok(answer))
}

/// The exception in one line, as `[index/uuid] Type[reason]; nested: …`.
fn nested_text(index: &str, uuid: &str, exception: &Exception) -> String {
    let root = exception.metadata.get("failed_shards").and_then(first_reason);
    let mut text = format!("[{index}/{uuid}] ");
    match root {
        Some(Json::Object(reason)) => append(reason, &mut text),
        _ => text.push_str(&exception.reason),
    }
    text
}

fn first_reason(failed: &Json) -> Option<&Json> {
    match failed {
        Json::Array(items) => match items.first()? {
            Json::Object(shard) => shard.get("reason"),
            _ => None,
        },
        _ => None,
    }
}

fn append(exception: &Object, text: &mut String) {
    let field = |name: &str| match exception.get(name) {
        Some(Json::String(text)) => text.to_string(),
        _ => String::new(),
    };
    let class: String = field("type")
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        })
        .collect();
    text.extend([class.as_str(), "[", &field("reason"), "]"]);
    if let Some(Json::Object(cause)) = exception.get("caused_by") {
        text.push_str("; nested: ");
        append(cause, text);
    } else {
        text.push(';');
    }
}
