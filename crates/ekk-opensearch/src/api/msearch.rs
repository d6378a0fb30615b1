//! `_msearch`: several searches in one request, each with a line that names its indices.
//!
//! A body that cannot be read fails the whole request; a search that fails is an answer of its own.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/search-apis/multi-search/>

use ekk_engine::search::SearchRequest;

use super::search::{self, Searched, answer};
use crate::{
    dsl::{self, search::SearchBody},
    error::{RestError, Result},
    expression::{self, IndicesOptions},
    json::{Json, Object, parse},
    node::Node,
    request::{Request, body_required},
    response::Response,
};

/// Parameters of a multi-search.
pub(crate) const PARAMS: &[&str] = &[
    "search_type",
    "max_concurrent_searches",
    "typed_keys",
    "pre_filter_shard_size",
    "max_concurrent_shard_requests",
    "rest_total_hits_as_int",
    "ccs_minimize_roundtrips",
    "cancel_after_time_interval",
];

struct Search {
    indices: Option<String>,
    options: IndicesOptions,
    body: SearchBody,
}

/// `GET|POST [/{index}]/_msearch`.
pub(crate) fn msearch(node: &Node, request: &Request) -> Result<Response> {
    let started = node.clock.now();
    let content = request.content()?;
    if content.is_empty() {
        return Err(body_required());
    }
    let text = std::str::from_utf8(&content).map_err(|error| RestError::parse(error.to_string()))?;
    if !text.ends_with('\n') {
        return Err(RestError::illegal_argument("The msearch request must be terminated by a newline [\\n]"));
    }
    let options = IndicesOptions::OPEN_ONLY.of(request)?;
    let mut lines = text.lines();
    let mut searches = Vec::new();
    while let Some(head) = lines.next() {
        if head.trim().is_empty() && searches.is_empty() && text.trim().is_empty() {
            break;
        }
        let (indices, options) = header(head, request.param("index"), options)?;
        let body = match lines.next().map(str::trim) {
            None => break,
            Some("") => SearchBody::default(),
            Some(body) => dsl::search::parse(&parse::parse(body.as_bytes())?)?,
        };
        search::style(request, &body.request)?;
        searches.push(Search { indices, options, body });
    }
    if searches.is_empty() {
        return Err(RestError::validation(&["no requests added"]));
    }
    let mut responses = Vec::with_capacity(searches.len());
    for search in &searches {
        responses.push(match run(node, request, search) {
            Ok(answer) => Json::from(answer.with("status", 200)),
            Err(error) => error.to_json(),
        });
    }
    let took = search::took(started, node.clock.now());
    Ok(Response::ok(Object::new().with("took", took).with("responses", responses)))
}

fn run(node: &Node, request: &Request, search: &Search) -> Result<Object> {
    let started = node.clock.now();
    let style = search::style(request, &search.body.request)?;
    let targets = expression::targets(node, search.indices.as_deref(), search.options)?;
    let searched = Searched::of(node, &targets);
    search::check_window(node, &searched, &search.body.request)?;
    let index_boosts = search::index_boosts(node, &search.body, search.options)?;
    let boosted = SearchRequest { index_boosts, ..search.body.request.clone() };
    let response = search::run(node, &searched, &boosted)?;
    let took = search::took(started, node.clock.now());
    Ok(answer::to_json(&response, &search.body.request, style, (took, searched.snapshots.len())))
}

/// The line before a body: which indices, and how their expression is resolved.
fn header(line: &str, index: Option<&str>, mut options: IndicesOptions) -> Result<(Option<String>, IndicesOptions)> {
    let mut indices = index.map(str::to_owned);
    if line.trim().is_empty() {
        return Ok((indices, options));
    }
    let node = parse::parse(line.as_bytes())?;
    for member in node.members().unwrap_or_default() {
        let value = &member.value;
        match member.name.as_str() {
            "index" | "indices" => {
                if !value.is_null() {
                    indices = Some(dsl::texts(value)?.join(","));
                }
            }
            "ignore_unavailable" | "ignoreUnavailable" => options.ignore_unavailable = dsl::boolean(value)?,
            "allow_no_indices" | "allowNoIndices" => options.allow_no_indices = dsl::boolean(value)?,
            "expand_wildcards" | "expandWildcards" => {
                let values = dsl::texts(value)?;
                options.set_expand_wildcards(values.iter().flat_map(|value| value.split(',')))?;
            }
            "search_type"
            | "preference"
            | "routing"
            | "request_cache"
            | "allow_partial_search_results"
            | "ccs_minimize_roundtrips"
            | "ignore_throttled"
            | "max_concurrent_shard_requests"
            | "cancel_after_time_interval" => {}
            name => {
                return Err(RestError::illegal_argument(format!(
                    "key [{name}] is not supported in the metadata section"
                )));
            }
        }
    }
    Ok((indices, options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_name_indices_and_options() {
        let (indices, options) =
            header(r#"{"index":["a","b*"],"ignore_unavailable":true,"preference":1}"#, None, IndicesOptions::OPEN_ONLY)
                .unwrap();
        assert_eq!((indices.as_deref(), options.ignore_unavailable), (Some("a,b*"), true));
        assert_eq!(header("{}", Some("x"), IndicesOptions::OPEN).unwrap().0.as_deref(), Some("x"));
        assert!(header(r#"{"foo":1}"#, None, IndicesOptions::OPEN).is_err());
    }
}
