//! `_mapping` and `_mapping/field`.
//!
//! Source: <https://docs.opensearch.org/latest/api-reference/index-apis/put-mapping/>

use http::StatusCode;
use serde_json::Value;

use crate::{
    error::{RestError, Result},
    expression::{self, IndicesOptions},
    json::{Json, Object, filter::wildcard_matches},
    node::Node,
    request::Request,
    response::Response,
};

/// Parameters of a change of mappings.
pub(crate) const PUT_PARAMS: &[&str] = &["write_index_only"];

/// `GET [/{index}]/_mapping`.
pub(crate) fn get(node: &Node, request: &Request) -> Result<Response> {
    let mut answer = Object::new();
    for index in expression::indices(node, request, IndicesOptions::OPEN)? {
        answer.put(index.name().to_owned(), Object::new().with("mappings", index.mapping().to_json()));
    }
    Ok(Response::ok(answer))
}

/// `PUT|POST /{index}/_mapping`.
pub(crate) fn put(node: &Node, request: &Request) -> Result<Response> {
    let mapping = request.required_json()?.to_value();
    if mapping.as_object().is_some_and(|members| members.get("_doc").is_some_and(Value::is_object)) {
        return Err(RestError::illegal_argument("Types cannot be provided in put mapping requests"));
    }
    for index in expression::indices(node, request, IndicesOptions::OPEN_AND_CLOSED)? {
        index.put_mapping(&mapping)?;
    }
    Ok(Response::acknowledged())
}

/// `GET [/{index}]/_mapping/field/{fields}`.
pub(crate) fn get_field(node: &Node, request: &Request) -> Result<Response> {
    let patterns = request.list("fields").unwrap_or_default();
    let mut answer = Object::new();
    let mut found = false;
    let indices = expression::indices(node, request, IndicesOptions::OPEN)?;
    let none = indices.is_empty();
    for index in indices {
        let mapping = index.mapping();
        let mut fields = Object::new();
        let paths = mapping.fields().map(|field| field.path.to_string()).collect::<Vec<_>>();
        let aliases = mapping.aliases().map(|(path, _)| path.to_owned()).collect::<Vec<_>>();
        for path in paths.into_iter().chain(aliases) {
            if !patterns.iter().any(|pattern| wildcard_matches(pattern, &path)) {
                continue;
            }
            let leaf = path.rsplit('.').next().unwrap_or(&path).to_owned();
            let definition = mapping.field_to_json(&path).unwrap_or(Value::Null);
            let inner = Object::new().with(leaf, definition);
            fields.put(path.clone(), Object::new().with("full_name", path).with("mapping", inner));
        }
        found |= !fields.members.is_empty();
        answer.put(index.name().to_owned(), Object::new().with("mappings", fields));
    }
    // One field asked for that no index has is a 404 with an empty body.
    let status = if none || (!found && patterns.len() == 1 && !patterns.iter().any(|pattern| pattern.contains('*'))) {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::OK
    };
    let body = if none { Json::Object(Object::new()) } else { answer.into() };
    Ok(Response::json(status, body))
}
