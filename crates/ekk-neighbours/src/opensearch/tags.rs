//! `AddTags`, `ListTags`, `RemoveTags`.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-awsresourcetagging.html>

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Call, arn,
    domain::{self, Domain},
    shapes,
};
use crate::{
    constraint::{Checks, Text},
    error::ApiError,
    limits,
};

/// A tag of a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    key: String,
    value: String,
}

/// The tags of a request whose shape was checked.
pub(super) fn read(list: Option<Value>) -> Vec<Tag> {
    list.and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default()
}

/// The tags after some were added or replaced.
///
/// # Errors
/// `ValidationException` for keys that are there twice or are AWS's own, `LimitExceededException` when there are too
/// many then.
pub(super) fn merged(mut tags: Vec<Tag>, added: Vec<Tag>) -> Result<Vec<Tag>, ApiError> {
    for (index, tag) in added.iter().enumerate() {
        if added.iter().skip(index + 1).any(|other| other.key == tag.key) {
            return Err(ApiError::Validation("Duplicate tag keys are not allowed.".into()));
        }
        if tag.key.starts_with("aws:") {
            return Err(ApiError::Validation("Tag keys must not begin with aws:".into()));
        }
    }
    for tag in added {
        match tags.iter_mut().find(|old| old.key == tag.key) {
            Some(old) => *old = tag,
            None => tags.push(tag),
        }
        if tags.len() > limits::DOMAIN_TAGS {
            let text = format!("A domain can have up to {} tags.", limits::DOMAIN_TAGS);
            return Err(ApiError::LimitExceeded(text.into()));
        }
    }
    Ok(tags)
}

pub(super) fn add(call: &Call<'_>) -> Result<Value, ApiError> {
    let mut request = call.read(&shapes::ADD_TAGS)?;
    let added = read(request.remove("TagList"));
    let arn = request.get("ARN").and_then(Value::as_str).unwrap_or_default();
    domain::change(
        call,
        |call| named(call, arn),
        |domain| {
            domain.tags = merged(std::mem::take(&mut domain.tags), added)?;
            Ok(())
        },
    )?;
    Ok(Value::Null)
}

pub(super) fn list(call: &Call<'_>) -> Result<Value, ApiError> {
    static ARN: Text = Text::length(20, 2048);
    let arn = call.parameter("arn");
    let mut checks = Checks::default();
    match &arn {
        Some(arn) => checks.text("aRN", arn, &ARN),
        None => checks.missing("aRN"),
    }
    checks.end()?;
    let domain = named(call, &arn.unwrap_or_default())?;
    Ok(json!({"TagList": domain.tags}))
}

/// A key that is not there is fine.
pub(super) fn remove(call: &Call<'_>) -> Result<Value, ApiError> {
    let request = call.read(&shapes::REMOVE_TAGS)?;
    let keys: Vec<_> = request.get("TagKeys").and_then(Value::as_array).into_iter().flatten().collect();
    let arn = request.get("ARN").and_then(Value::as_str).unwrap_or_default();
    domain::change(
        call,
        |call| named(call, arn),
        |domain| {
            domain.tags.retain(|tag| !keys.iter().any(|key| key.as_str() == Some(&tag.key)));
            Ok(())
        },
    )?;
    Ok(Value::Null)
}

/// The caller's domain of this ARN.
///
/// # Errors
/// `ValidationException`, in the words of AWS.
fn named(call: &Call<'_>, text: &str) -> Result<Arc<Domain>, ApiError> {
    let key = arn::key_of(text).filter(|key| key.owner == call.owner());
    let found = key.and_then(|key| call.service.domains.get(&key));
    found.ok_or(ApiError::Validation("Invalid ARN. Domain not found.".into()))
}
