//! Reads the dynamic templates of a mapping.

use regex::Regex;
use serde_json::{Map, Value};

use super::java_text;
use crate::{
    error::Exception,
    mapping::dynamic::{DynamicTemplate, Matcher},
};

/// Types that `match_mapping_type` may name.
const MAPPING_TYPES: [&str; 7] = ["object", "string", "long", "double", "boolean", "date", "binary"];

pub(super) fn parse_templates(value: &Value) -> Result<Vec<DynamicTemplate>, Exception> {
    let syntax = || Exception::mapper_parsing("Dynamic template syntax error. An array of named objects is expected.");
    let items = value.as_array().ok_or_else(syntax)?;
    items
        .iter()
        .map(|item| match item.as_object().map(|object| object.iter().collect::<Vec<_>>()).as_deref() {
            Some([(name, Value::Object(definition))]) => parse_template(name, definition),
            _ => Err(syntax()),
        })
        .collect()
}

fn parse_template(name: &str, definition: &Map<String, Value>) -> Result<DynamicTemplate, Exception> {
    let text = |key: &str| definition.get(key).and_then(Value::as_str);
    for key in definition.keys() {
        let known =
            ["match", "unmatch", "path_match", "path_unmatch", "match_mapping_type", "match_pattern", "mapping"];
        if !known.contains(&key.as_str()) {
            return Err(Exception::illegal_argument(format!("Illegal dynamic template parameter: [{key}]")));
        }
    }
    if text("match").is_none() && text("path_match").is_none() && text("match_mapping_type").is_none() {
        let shown = java_text(&Value::Object(definition.clone()));
        let reason = format!("template must have match, path_match or match_mapping_type set {shown}");
        return Err(Exception::mapper_parsing(reason));
    }
    let Some(mapping) = definition.get("mapping").and_then(Value::as_object) else {
        return Err(Exception::mapper_parsing("template must have mapping set"));
    };
    if let Some(kind) = text("match_mapping_type")
        && kind != "*"
        && !MAPPING_TYPES.contains(&kind)
    {
        let reason = format!("No field type matched on [{kind}], possible values are [{}]", MAPPING_TYPES.join(", "));
        return Err(Exception::illegal_argument(reason));
    }
    let is_regex = text("match_pattern") == Some("regex");
    let matcher = |key: &str| -> Result<Option<Matcher>, Exception> {
        let Some(pattern) = text(key) else { return Ok(None) };
        if !is_regex {
            return Ok(Some(Matcher::Simple(pattern.into())));
        }
        let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
            let reason =
                format!("Pattern [{pattern}] of type [REGEX] is invalid. Cannot create dynamic template [{name}].");
            Exception::illegal_argument(reason)
        })?;
        Ok(Some(Matcher::Regex(regex)))
    };
    Ok(DynamicTemplate {
        name: name.into(),
        matches: matcher("match")?,
        unmatches: matcher("unmatch")?,
        path_matches: matcher("path_match")?,
        path_unmatches: matcher("path_unmatch")?,
        mapping_type: text("match_mapping_type").filter(|kind| *kind != "*").map(Into::into),
        mapping: mapping.clone(),
        shown: definition.clone(),
    })
}
