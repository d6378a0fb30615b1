//! The parameters of a template: their defaults, the values given for them, and `CloudFormation`'s words when one is wrong.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::Error;

/// Refuses values for parameters that the template does not have.
pub(super) fn check_names(template: &Value, given: &BTreeMap<String, String>) -> Result<(), Error> {
    let declared = template.get("Parameters").and_then(Value::as_object);
    let unknown = |name: &&String| !declared.is_some_and(|declared| declared.contains_key(*name));
    let unknown: Vec<&str> = given.keys().filter(unknown).map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Error::Parameters(format!("Parameters: [{}] do not exist in the template", unknown.join(", "))))
}

/// The value of a declared parameter, as `Ref` returns it.
pub(super) fn value(name: &str, declared: &Map<String, Value>, given: Option<&String>) -> Result<Value, Error> {
    let kind = declared.get("Type").and_then(Value::as_str).unwrap_or("String");
    if given.is_none() && kind.starts_with("AWS::SSM::Parameter::Value<") {
        let reason = format!("its value is in the Systems Manager; give it with --parameter {name}=…");
        return Err(Error::at(format!("Parameters.{name}"), reason));
    }
    let text = match (given, declared.get("Default")) {
        (Some(given), _) => given.clone(),
        (None, Some(Value::String(text))) => text.clone(),
        (None, Some(scalar @ (Value::Number(_) | Value::Bool(_)))) => scalar.to_string(),
        (None, Some(_)) => return Err(Error::at(format!("Parameters.{name}.Default"), "it is no text")),
        (None, None) => return Err(Error::Parameters(format!("Parameters: [{name}] must have values"))),
    };
    allowed(name, declared, &text)?;
    if kind == "CommaDelimitedList" || kind.contains("List<") {
        return Ok(text.split(',').map(str::trim).collect());
    }
    Ok(Value::from(text))
}

fn allowed(name: &str, declared: &Map<String, Value>, text: &str) -> Result<(), Error> {
    let Some(values) = declared.get("AllowedValues").and_then(Value::as_array) else { return Ok(()) };
    let written = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values: Vec<String> = values.iter().map(written).collect();
    if values.iter().any(|value| value == text) {
        return Ok(());
    }
    Err(Error::Parameters(format!("Parameter '{name}' must be one of AllowedValues [{}]", values.join(", "))))
}
