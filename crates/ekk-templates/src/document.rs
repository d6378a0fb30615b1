//! The text of a file as a JSON value, whether it is written in JSON or in YAML.
//!
//! Both are bounded in size and depth. The short forms of `CloudFormation`'s YAML (`!Ref`, `!Sub`) become the long ones.

mod yaml;

use serde_json::Value;

use crate::{Error, limits::FILE_BYTES};

/// Reads a document: JSON when it begins with a brace or a bracket, YAML otherwise.
pub(crate) fn read(text: &str) -> Result<Value, Error> {
    if text.len() > FILE_BYTES {
        return Err(Error::TooLarge { bytes: text.len(), limit: FILE_BYTES });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text)
            .map_err(|error| Error::Syntax { language: "JSON", reason: error.to_string() });
    }
    yaml::read(text)
}

/// Says what a document without streams is, as far as that can be told, and what to do.
pub(crate) fn what_it_may_be(document: &Value) -> String {
    let has = |name: &str| document.get(name).is_some();
    let may_be = if has("terraform_version") && has("serial") {
        "it is a state file of Terraform; use the output of `terraform show -json`"
    } else if has("artifacts") {
        "it is the manifest of a CDK assembly; use a template beside it, cdk.out/NAME.template.json"
    } else if document.is_string() {
        "it is plain text; of Terraform's own language use the output of `terraform show -json`"
    } else {
        "it has none of DeliveryStreamName, Resources, planned_values and values"
    };
    format!(
        "the file is no CreateDeliveryStream request, no CloudFormation or CDK template, and no output of \
         `terraform show -json`: {may_be}"
    )
}
