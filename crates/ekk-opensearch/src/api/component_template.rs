//! Component templates: parts that index templates are composed of.
//!
//! Source: <https://docs.opensearch.org/latest/im-plugin/index-templates/#component-templates>

use http::StatusCode;
use serde_json::{Map, Value};

use super::index_template::{
    self, COMPONENT_KIND as KIND, check_mapping, find, list, normal_template, not_found, printed_parts,
};
use crate::{
    error::{Exception, RestError, Result},
    json::{Json, Object, filter::wildcard_matches},
    node::Node,
    request::Request,
    response::Response,
};

/// `PUT|POST /_component_template/{name}`.
pub(crate) fn put(node: &Node, request: &Request) -> Result<Response> {
    let name = request.param("name").unwrap_or_default();
    let mut template = Map::new();
    for member in request.required_json()?.members().unwrap_or_default() {
        let value = member.value.to_value();
        match member.name.as_str() {
            "template" => drop(template.insert(member.name.clone(), normal_template(&value)?)),
            "version" | "_meta" => drop(template.insert(member.name.clone(), value)),
            name => {
                let reason = format!("[component_template] unknown field [{name}]");
                return Err(Exception::x_content(&reason, member.name_at).bad_request());
            }
        }
    }
    if !template.contains_key("template") {
        return Err(RestError::illegal_argument("Required [template]"));
    }
    check_mapping(template.get("template").unwrap_or(&Value::Null))?;
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    if request.flag("create", false)? && node.engine.document(KIND, name).is_some() {
        return Err(RestError::illegal_argument(format!("component template [{name}] already exists")));
    }
    node.engine.put_document(KIND, name, Value::Object(template))?;
    Ok(Response::acknowledged())
}

/// `GET /_component_template[/{name}]`.
pub(crate) fn get(node: &Node, request: &Request) -> Result<Response> {
    let flat = request.flag("flat_settings", false)?;
    let found = find(node, KIND, request.param("name"));
    if let (true, Some(name)) = (found.is_empty(), request.param("name").filter(|name| !name.contains('*'))) {
        return Err(not_found("component template", name));
    }
    let templates: Vec<Json> = found
        .into_iter()
        .map(|(name, template)| {
            let mut printed = Object::new();
            if let Some(inner) = template.get("template") {
                printed.put("template", printed_parts(inner, flat));
            }
            for key in ["version", "_meta"] {
                if let Some(value) = template.get(key) {
                    printed.put(key, value.clone());
                }
            }
            Object::new().with("name", name).with("component_template", printed).into()
        })
        .collect();
    Ok(Response::ok(Object::new().with("component_templates", templates)))
}

/// `HEAD /_component_template/{name}`.
#[expect(clippy::unnecessary_wraps, reason = "every handler has this shape")]
pub(crate) fn exists(node: &Node, request: &Request) -> Result<Response> {
    let found = !find(node, KIND, request.param("name")).is_empty();
    Ok(Response::empty(if found { StatusCode::OK } else { StatusCode::NOT_FOUND }))
}

/// `DELETE /_component_template/{name}`.
pub(crate) fn delete(node: &Node, request: &Request) -> Result<Response> {
    let pattern = request.param("name").unwrap_or_default();
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    let mut users = Vec::new();
    let mut used = Vec::new();
    for (user, template) in find(node, "index_template", None) {
        for component in list(&template, "composed_of").into_iter().filter(|name| wildcard_matches(pattern, name)) {
            users.push(user.clone());
            used.push(component);
        }
    }
    if !users.is_empty() {
        return Err(RestError::illegal_argument(format!(
            "component templates [{}] cannot be removed as they are still in use by index templates [{}]",
            used.join(", "),
            users.join(", ")
        )));
    }
    index_template::delete_matching(node, KIND, pattern)
}
