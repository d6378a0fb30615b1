//! Index templates: `_index_template`, and what they would make of a name.
//!
//! Source: <https://docs.opensearch.org/latest/im-plugin/index-templates/>

use ekk_engine::{engine::IndexConfig, mapping::Mapping, settings::Settings};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    auto_create::{self, Layer, compose, flat_settings},
    settings::nested,
};
use crate::{
    error::{Exception, RestError, Result},
    json::{Json, Object, filter::wildcard_matches, parse::Node as JsonNode},
    node::Node,
    request::Request,
    response::Response,
};

/// The engine's kind of document that holds index templates.
const KIND: &str = "index_template";
/// The engine's kind of document that holds component templates.
pub(crate) const COMPONENT_KIND: &str = "component_template";

/// Parameters of a template that is put.
pub(crate) const PUT_PARAMS: &[&str] = &["create", "cause", "order"];

/// `PUT|POST /_index_template/{name}`.
pub(crate) fn put(node: &Node, request: &Request) -> Result<Response> {
    let name = request.param("name").unwrap_or_default();
    let body = request.required_json()?;
    let template = parse(&body)?;
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    if request.flag("create", false)? && node.engine.document(KIND, name).is_some() {
        return Err(RestError::illegal_argument(format!("index template [{name}] already exists")));
    }
    check(node, name, &template)?;
    check_composed(node, name, &template)?;
    node.engine.put_document(KIND, name, template)?;
    Ok(Response::acknowledged())
}

/// Reads a template into the form in which it is shown.
fn parse(body: &JsonNode) -> Result<Value> {
    let mut template = Map::new();
    for member in body.members().unwrap_or_default() {
        let value = member.value.to_value();
        match member.name.as_str() {
            "index_patterns" | "composed_of" => {
                let list = match value {
                    Value::Array(_) => value,
                    Value::Null => continue,
                    other => json!([other]),
                };
                template.insert(member.name.clone(), list);
            }
            "template" => {
                template.insert(member.name.clone(), normal_template(&value)?);
            }
            "priority" | "version" | "_meta" | "data_stream" | "context" => {
                template.insert(member.name.clone(), value);
            }
            name => {
                let reason = format!("[index_template] unknown field [{name}]");
                return Err(Exception::x_content(&reason, member.name_at).bad_request());
            }
        }
    }
    if !template.contains_key("index_patterns") {
        return Err(RestError::illegal_argument("Required [index_patterns]"));
    }
    template.entry("composed_of").or_insert_with(|| json!([]));
    Ok(Value::Object(template))
}

/// The inner `template`, with settings as strings under `index`.
pub(crate) fn normal_template(template: &Value) -> Result<Value> {
    let mut normal = Map::new();
    for (name, value) in template.as_object().into_iter().flatten() {
        match name.as_str() {
            "settings" => {
                let settings = Value::Object(texts(flat_settings(value)));
                Settings::from_json(&settings)?;
                normal.insert(name.clone(), settings);
            }
            "mappings" => {
                super::index::refuse_typed_mapping(value)?;
                normal.insert(name.clone(), value.clone());
            }
            "aliases" => drop(normal.insert(name.clone(), Value::Object(super::index::aliases_of(value)))),
            other => {
                let reason = format!("[template] unknown field [{other}]");
                return Err(Exception::new("x_content_parse_exception", reason).bad_request());
            }
        }
    }
    Ok(Value::Object(normal))
}

/// Settings are shown as texts, whatever they were given as.
fn texts(settings: Map<String, Value>) -> Map<String, Value> {
    let text = |value: Value| match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(value) => Value::String(value.to_string()),
        other => other,
    };
    settings.into_iter().map(|(key, value)| (key, text(value))).collect()
}

/// Refuses a mapping that no index could have.
pub(crate) fn check_mapping(template: &Value) -> Result<()> {
    let layer = Layer::of(template);
    Ok(mapping_of(&layer.mappings, &layer.settings).map(drop)?)
}

fn mapping_of(mappings: &Value, settings: &Value) -> std::result::Result<Mapping, ekk_engine::error::Error> {
    let limits = Settings::from_json(settings)?.mapping_limits();
    Ok(Mapping::from_json(mappings, &limits)?)
}

/// Refuses a mapping that no index could have once the components are laid under the template.
fn check_composed(node: &Node, name: &str, template: &Value) -> Result<()> {
    let composed = compose(name, layers(node, template), IndexConfig::default());
    let Err(error) = mapping_of(&composed.mappings, &composed.settings) else { return Ok(()) };
    let error = RestError::from(error);
    let Some(cause) = error.exception().cloned() else { return Err(error) };
    let invalid = Exception::new("illegal_argument_exception", format!("invalid composite mappings for [{name}]"));
    let reason = format!("composable template [{name}] template after composition is invalid");
    let outer = Exception::new("illegal_argument_exception", reason);
    let root = vec![outer.clone()];
    Err(outer.caused_by(invalid.caused_by(cause)).bad_request().with_root_causes(root))
}

/// Refuses unknown components, and patterns that another template of the same priority has.
fn check(node: &Node, name: &str, template: &Value) -> Result<()> {
    let missing: Vec<String> = list(template, "composed_of")
        .into_iter()
        .filter(|component| node.engine.document(COMPONENT_KIND, component).is_none())
        .collect();
    if !missing.is_empty() {
        let reason = format!(
            "index_template [{name}] invalid, cause [index template [{name}] specifies component templates [{}] that do \
             not exist]",
            missing.join(", ")
        );
        return Err(Exception::new("invalid_index_template_exception", reason).bad_request());
    }
    let patterns = list(template, "index_patterns");
    for (other, existing) in node.engine.documents(KIND) {
        let existing_patterns = list(&existing, "index_patterns");
        let same = existing_patterns.iter().any(|theirs| patterns.iter().any(|ours| overlap(ours, theirs)));
        if other != name && same && priority(&existing) == priority(template) {
            return Err(RestError::illegal_argument(format!(
                "index template [{name}] has index patterns [{}] matching patterns from existing templates [{other}] with \
                 patterns ({other} => [{}]) that have the same priority [{}], multiple index templates may not match during \
                 index creation, please use a different priority",
                patterns.join(", "),
                existing_patterns.join(", "),
                priority(template)
            )));
        }
    }
    Ok(())
}

/// Whether some name fits both patterns, judged by either fitting the other as a name.
fn overlap(a: &str, b: &str) -> bool {
    wildcard_matches(a, b) || wildcard_matches(b, a)
}

pub(crate) fn priority(template: &Value) -> i64 {
    template.get("priority").and_then(Value::as_i64).unwrap_or(0)
}

/// The texts of a template's list.
pub(crate) fn list(template: &Value, name: &str) -> Vec<String> {
    let items = template.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `GET /_index_template[/{name}]`.
pub(crate) fn get(node: &Node, request: &Request) -> Result<Response> {
    let flat = request.flag("flat_settings", false)?;
    let found = find(node, KIND, request.param("name"));
    if let (true, Some(name)) = (found.is_empty(), request.param("name").filter(|name| !name.contains('*'))) {
        return Err(not_found("index template", name));
    }
    let templates: Vec<Json> = found
        .into_iter()
        .map(|(name, template)| {
            Object::new().with("name", name).with("index_template", printed(&template, flat)).into()
        })
        .collect();
    Ok(Response::ok(Object::new().with("index_templates", templates)))
}

/// A template as it is shown: settings nested unless flat ones are asked for.
pub(crate) fn printed(template: &Value, flat: bool) -> Object {
    let order = ["index_patterns", "template", "composed_of", "priority", "version", "_meta", "data_stream"];
    let mut printed = Object::new();
    for name in order {
        match template.get(name) {
            Some(inner) if name == "template" => printed.put(name, printed_parts(inner, flat)),
            Some(value) => printed.put(name, value.clone()),
            None => {}
        }
    }
    printed
}

/// `settings`, `mappings` and `aliases` in this order.
pub(crate) fn printed_parts(template: &Value, flat: bool) -> Object {
    let mut printed = Object::new();
    if let Some(settings) = template.get("settings").and_then(Value::as_object) {
        printed.put("settings", if flat { Value::Object(settings.clone()).into() } else { nested(settings) });
    }
    for name in ["mappings", "aliases"] {
        if let Some(value) = template.get(name) {
            printed.put(name, value.clone());
        }
    }
    printed
}

/// The named templates that a name, a pattern or a list of them asks for; all when there is none.
pub(crate) fn find(node: &Node, kind: &str, names: Option<&str>) -> Vec<(String, Value)> {
    let wanted: Option<Vec<&str>> = names.map(|names| names.split(',').collect());
    node.engine
        .documents(kind)
        .into_iter()
        .filter(|(name, _)| {
            wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|pattern| wildcard_matches(pattern, name)))
        })
        .map(|(name, template)| (name, (*template).clone()))
        .collect()
}

pub(crate) fn not_found(what: &str, name: &str) -> RestError {
    Exception::new("resource_not_found_exception", format!("{what} matching [{name}] not found"))
        .status(StatusCode::NOT_FOUND)
}

/// `HEAD /_index_template/{name}`.
#[expect(clippy::unnecessary_wraps, reason = "every handler has this shape")]
pub(crate) fn exists(node: &Node, request: &Request) -> Result<Response> {
    let found = !find(node, KIND, request.param("name")).is_empty();
    Ok(Response::empty(if found { StatusCode::OK } else { StatusCode::NOT_FOUND }))
}

/// `DELETE /_index_template/{name}`.
pub(crate) fn delete(node: &Node, request: &Request) -> Result<Response> {
    let _guard = node.metadata.lock().expect("no handler panics while it holds the metadata");
    delete_matching(node, KIND, request.param("name").unwrap_or_default())
}

/// Deletes what a name or pattern names.
///
/// # Errors
/// 404 when that is nothing, unless the pattern is `*`.
pub(crate) fn delete_matching(node: &Node, kind: &str, pattern: &str) -> Result<Response> {
    let found = find(node, kind, Some(pattern));
    if found.is_empty() && pattern != "*" {
        return Err(Exception::new("index_template_missing_exception", format!("index_template [{pattern}] missing"))
            .status(StatusCode::NOT_FOUND));
    }
    for (name, _) in found {
        node.engine.delete_document(kind, &name)?;
    }
    Ok(Response::acknowledged())
}

/// The layers of the template that fits the name best; `None` when none fits.
pub(crate) fn layers_for(node: &Node, name: &str) -> Option<Vec<Layer>> {
    let (_, template) = best_for(node, name)?;
    Some(layers(node, &template))
}

fn best_for(node: &Node, name: &str) -> Option<(String, Value)> {
    let fits =
        |template: &Value| list(template, "index_patterns").iter().any(|pattern| wildcard_matches(pattern, name));
    let found = find(node, KIND, None).into_iter().filter(|(_, template)| fits(template));
    found.max_by_key(|(_, template)| priority(template))
}

/// The components in order, then the template itself.
fn layers(node: &Node, template: &Value) -> Vec<Layer> {
    let part = |value: &Value| Layer::of(value.get("template").unwrap_or(&Value::Null));
    let mut layers: Vec<Layer> = list(template, "composed_of")
        .iter()
        .filter_map(|component| node.engine.document(COMPONENT_KIND, component))
        .map(|component| part(&component))
        .collect();
    layers.push(part(template));
    layers
}

/// `POST /_index_template/_simulate_index/{name}`.
pub(crate) fn simulate_index(node: &Node, request: &Request) -> Result<Response> {
    let name = request.param("name").unwrap_or_default();
    let given = request.json()?.as_ref().map(parse).transpose()?;
    let best = match given {
        Some(template) => Some((String::new(), template)),
        None => best_for(node, name),
    };
    Ok(match best {
        Some((chosen, template)) => simulated(node, name, &chosen, &template),
        None => Response::ok(Object::new()),
    })
}

/// `POST /_index_template/_simulate[/{name}]`.
pub(crate) fn simulate(node: &Node, request: &Request) -> Result<Response> {
    let (name, template) = match (request.param("name"), request.json()?) {
        (name, Some(body)) => (name.unwrap_or_default().to_owned(), parse(&body)?),
        (Some(name), None) => {
            let template = node.engine.document(KIND, name).ok_or_else(|| {
                RestError::illegal_argument(format!("unable to simulate template [{name}] that does not exist"))
            })?;
            (name.to_owned(), (*template).clone())
        }
        (None, None) => {
            return Err(RestError::validation(&["either index name or index template body must be specified"]));
        }
    };
    check(node, &name, &template)?;
    let index = list(&template, "index_patterns").first().cloned().unwrap_or_default();
    Ok(simulated(node, &index, &name, &template))
}

/// What the template makes of an index, and the other templates that fit it too.
fn simulated(node: &Node, index: &str, chosen: &str, template: &Value) -> Response {
    let config = auto_create::compose(index, layers(node, template), ekk_engine::engine::IndexConfig::default());
    let settings = config.settings.as_object().cloned().unwrap_or_default();
    let mut made = Object::new().with("settings", nested(&texts(settings)));
    if config.mappings.as_object().is_some_and(|mappings| !mappings.is_empty()) {
        made.put("mappings", config.mappings);
    }
    made.put("aliases", Value::Object(config.aliases));
    let patterns = list(template, "index_patterns");
    let also = |(name, other): &(String, Value)| {
        let theirs = list(other, "index_patterns");
        let fits = theirs
            .iter()
            .any(|theirs| wildcard_matches(theirs, index) || patterns.iter().any(|ours| overlap(ours, theirs)));
        (name != chosen && fits)
            .then(|| Json::from(Object::new().with("name", name.clone()).with("index_patterns", theirs)))
    };
    let kinds = [super::legacy_template::KIND, KIND];
    let overlapping: Vec<Json> =
        kinds.iter().flat_map(|kind| find(node, kind, None)).filter_map(|entry| also(&entry)).collect();
    Response::ok(Object::new().with("template", made).with("overlapping", overlapping))
}
