//! The control API against its description, and what each of its requests does.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use ekk_faults::Rule;
use tower::ServiceExt as _;

use super::*;
use crate::Ekk;

fn document() -> Value {
    serde_json::from_str(openapi::DOCUMENT).unwrap()
}

/// The operations of the document: method, path, operation.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap();
            methods.iter().map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
        })
        .collect()
}

/// Whether a value is what a schema says, as far as these schemas say it: types, members, enumerations, alternatives.
fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        return check(document, document.pointer(name.trim_start_matches('#')).unwrap(), value);
    }
    let wrong = |what: &str| Err(format!("{what}: {value} by {schema}"));
    if schema.get("const").is_some_and(|expected| expected != value) {
        return wrong("not the constant");
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        return wrong("not in the enumeration");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is = |kind: &&str| match *kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    };
    if !kinds.is_empty() && !kinds.iter().any(is) {
        return wrong("not of the type");
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        values.iter().try_for_each(|value| check(document, items, value))?;
    }
    if let Some(members) = value.as_object() {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if required.into_iter().any(|name| !members.contains_key(name)) {
            return wrong("a member is missing");
        }
        for (name, member) in members {
            match (schema["properties"].get(name), &schema["additionalProperties"]) {
                (Some(schema), _) => check(document, schema, member)?,
                (None, Value::Bool(false)) => return wrong(&format!("{name} is not known")),
                (None, Value::Object(_)) => check(document, &schema["additionalProperties"], member)?,
                (None, _) => {}
            }
        }
    }
    match schema["oneOf"].as_array() {
        Some(choices) if choices.iter().filter(|choice| check(document, choice, value).is_ok()).count() != 1 => {
            wrong("not one of the alternatives")
        }
        _ => Ok(()),
    }
}

/// The values of `example` and `examples` in a part of the document.
fn examples(part: &Value) -> Vec<Value> {
    let many = part["examples"].as_object().into_iter().flatten().map(|(_, example)| example["value"].clone());
    part.get("example").cloned().into_iter().chain(many).collect()
}

#[test]
fn the_document_has_each_route_and_no_other() {
    let document = document();
    let described: BTreeSet<_> = operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    let routed: BTreeSet<_> = routes()
        .into_iter()
        .flat_map(|(path, methods, _)| methods.iter().map(move |method| ((*method).to_owned(), path.to_owned())))
        .collect();
    assert_eq!(described, routed);
}

#[test]
fn each_example_of_the_document_is_right_by_its_schema_and_by_the_code() {
    let document = document();
    let (mut rules, mut changes) = (0, 0);
    for (method, path, operation) in operations(&document) {
        let body = &operation["requestBody"]["content"]["application/json"];
        for example in examples(body) {
            check(&document, &body["schema"], &example).unwrap_or_else(|wrong| panic!("{method} {path}: {wrong}"));
            let json = example.to_string();
            match path.as_str() {
                "/_ekk/faults" => {
                    Rule::from_json(json.as_bytes()).unwrap_or_else(|wrong| panic!("{json}: {wrong}"));
                    rules += 1;
                }
                "/_ekk/clock" => {
                    let change =
                        clock::change_of(json.as_bytes()).unwrap_or_else(|(_, wrong)| panic!("{json}: {wrong:?}"));
                    assert!(change.advance.iter().all(|given| clock::duration(given).is_ok()), "{json}");
                    changes += 1;
                }
                other => panic!("{other} takes no body"),
            }
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            let content = &response["content"]["application/json"];
            for example in examples(content) {
                check(&document, &content["schema"], &example)
                    .unwrap_or_else(|wrong| panic!("{method} {path} {status}: {wrong}"));
            }
        }
    }
    assert!(rules > 5 && changes > 3);
}

/// Sends the request that the document shows, and answers its status and body.
async fn send(router: &Router, method: &str, path: &str, operation: &Value, body: Option<&Value>) -> (u16, String) {
    let mut target = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap();
        let value = &parameter["example"];
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match parameter["in"].as_str().unwrap() {
            "path" => target = target.replace(&format!("{{{name}}}"), &value),
            _ => query.push(format!("{name}={value}")),
        }
    }
    if !query.is_empty() {
        target = format!("{target}?{}", query.join("&"));
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = Request::builder().method(method).uri(target).body(body).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn each_route_answers_as_the_document_says() {
    let ekk = Ekk::start().await.unwrap();
    ekk.put("logging-test", [r#"{"message": "hello"}"#, r#"{"asctime": "soon"}"#]).await.unwrap();
    let router = ekk.control().clone().router();
    let document = document();
    for (method, path, operation) in operations(&document) {
        let bodies = examples(&operation["requestBody"]["content"]["application/json"]);
        let bodies: Vec<Option<&Value>> =
            if bodies.is_empty() { vec![None] } else { bodies.iter().map(Some).collect() };
        for body in bodies {
            let (status, text) = send(&router, &method, &path, operation, body).await;
            let response = &operation["responses"][status.to_string()];
            assert!(response.is_object(), "{method} {path} answers {status}, which is not in the document: {text}");
            assert!((200..300).contains(&status) || path == "/_ekk/faults/{id}", "{method} {path}: {status} {text}");
            if let Some(schema) = response["content"]["application/json"].get("schema") {
                let value: Value = serde_json::from_str(&text).unwrap();
                check(&document, schema, &value).unwrap_or_else(|wrong| panic!("{method} {path} {status}: {wrong}"));
            }
        }
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_named() {
    let ekk = Ekk::start().await.unwrap();
    let router = ekk.control().clone().router();
    for (method, target, body, status, expected) in [
        ("GET", "/_ekk/nothing", "", 404, "the control API has health, streams, streams/{id}"),
        ("GET", "/_ekk/reset", "", 405, "this path takes other methods"),
        ("POST", "/_ekk/clock", "{}", 400, "give one of set, advance, freeze and resume"),
        ("POST", "/_ekk/clock", r#"{"set":"soon"}"#, 400, "set: "),
        ("POST", "/_ekk/clock", r#"{"advance":"soon"}"#, 400, "advance: \"soon\" is no length of time"),
        ("POST", "/_ekk/clock", r#"{"freeze":true,"resume":true}"#, 400, "freeze and resume contradict"),
        ("POST", "/_ekk/faults", r#"{"effect":"gone"}"#, 400, "operation: a rule needs an operation"),
        ("DELETE", "/_ekk/faults/7", "", 404, "no fault has the id 7"),
        ("GET", "/_ekk/streams/other/deliveries", "", 404, "no stream has the name other"),
        ("GET", "/_ekk/streams/logging-test/records?last=0", "", 400, "last=0 is not in 1.."),
        ("POST", "/_ekk/wait?timeout_secs=4000", "", 400, "timeout_secs=4000 is not in 0..=3600"),
        ("POST", "/_ekk/wait?line=indexed", "", 400, "line without count"),
        ("POST", "/_ekk/wait?line=done&count=1", "", 400, "line=done is none of the account's: accepted"),
        ("POST", "/_ekk/wait?stream=other", "", 404, "no stream has the name other"),
    ] {
        let request = Request::builder().method(method).uri(target).body(Body::from(body)).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let found = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let answer: Value = serde_json::from_slice(&bytes).unwrap();
        let text = answer["error"].as_str().unwrap();
        assert!(found == status && text.starts_with(expected), "{method} {target}: {found} {text}");
    }
}
