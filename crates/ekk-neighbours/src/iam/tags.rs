//! Tags of roles and policies.

use serde::{Deserialize, Serialize};

use super::{page::Page, policies, roles};
use crate::{
    constraint::{Checks, Pattern, Text},
    error::ApiError,
    limits,
    query::{Answer, Call, xml::Xml},
};

static KEY: Text = Text::like(1, 128, &KEYS);
static KEYS: Pattern = Pattern::rewritten(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+");
static VALUE: Text = Text::like(0, 256, &VALUES);
static VALUES: Pattern = Pattern::rewritten(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*");

/// A tag. Its key is found whatever its case, and shown as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    key: String,
    value: String,
}

impl Tag {
    pub(super) fn show(&self, xml: &mut Xml) {
        xml.text("Key", &self.key);
        xml.text("Value", &self.value);
    }

    fn is(&self, key: &str) -> bool {
        self.key.to_lowercase() == key.to_lowercase()
    }
}

/// The tags of a request; no more of them are read than a list may have.
pub(super) fn read(call: &Call<'_>, checks: &mut Checks) -> Vec<Tag> {
    let count = call.parameters.count("Tags", &["Key", "Value"]);
    checks.list_length("tags", count, limits::IAM_TAGS, &format!("{count} tags"));
    let mut tags = Vec::new();
    for number in 1..=count.min(limits::IAM_TAGS) {
        let mut member = |name: &str, text: &Text| {
            let path = format!("tags.{number}.member.{}", name.to_lowercase());
            let value = call.parameters.get(&format!("Tags.member.{number}.{name}"));
            match value {
                Some(value) => checks.text(&path, value, text),
                None => checks.missing(&path),
            }
            value.unwrap_or_default().to_owned()
        };
        tags.push(Tag { key: member("Key", &KEY), value: member("Value", &VALUE) });
    }
    tags
}

fn read_keys<'a>(call: &Call<'a>, checks: &mut Checks) -> Vec<&'a str> {
    let keys: Vec<_> = call.parameters.list("TagKeys").take(limits::IAM_TAGS + 1).collect();
    checks.list_length("tagKeys", keys.len(), limits::IAM_TAGS, &format!("{} keys", keys.len()));
    for (index, key) in keys.iter().enumerate() {
        checks.text(&format!("tagKeys.{}.member", index + 1), key, &KEY);
    }
    keys
}

/// The tags after some were added or replaced.
///
/// # Errors
/// `InvalidInput` for a key that is there twice or is AWS's own, `LimitExceeded` when there are too many then.
pub(super) fn merged(mut tags: Vec<Tag>, added: Vec<Tag>) -> Result<Vec<Tag>, ApiError> {
    for (index, tag) in added.iter().enumerate() {
        if added.iter().skip(index + 1).any(|other| other.is(&tag.key)) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(ApiError::InvalidInput(text));
        }
        if tag.key.to_lowercase().starts_with("aws:") {
            return Err(ApiError::InvalidInput("System tags cannot be added/updated by requester"));
        }
    }
    for tag in added {
        match tags.iter_mut().find(|old| old.is(&tag.key)) {
            Some(old) => *old = tag,
            None => tags.push(tag),
        }
    }
    if tags.len() > limits::IAM_TAGS {
        return Err(ApiError::LimitExceeded("The number of tags has reached the maximum limit.".into()));
    }
    Ok(tags)
}

/// Adds the tags of a request to `tags`.
fn add(call: &Call<'_>, tags: &mut Vec<Tag>) -> Result<(), ApiError> {
    let mut checks = Checks::default();
    let added = read(call, &mut checks);
    if added.is_empty() {
        checks.missing("tags");
    }
    checks.end()?;
    *tags = merged(std::mem::take(tags), added)?;
    Ok(())
}

/// Removes the keys of a request from `tags`; a key that is not there is fine.
fn remove(call: &Call<'_>, tags: &mut Vec<Tag>) -> Result<(), ApiError> {
    let mut checks = Checks::default();
    let keys = read_keys(call, &mut checks);
    if keys.is_empty() {
        checks.missing("tagKeys");
    }
    checks.end()?;
    tags.retain(|tag| !keys.iter().any(|key| tag.is(key)));
    Ok(())
}

fn list(call: &Call<'_>, tags: &[Tag]) -> Answer {
    let mut checks = Checks::default();
    let page = Page::read(call, &mut checks)?;
    checks.end()?;
    let mut tags = tags.to_vec();
    tags.sort_by_key(|tag| tag.key.to_ascii_lowercase());
    Ok(Some(page.show("Tags", &tags, |tag| &tag.key, |xml, tag| tag.show(xml))))
}

pub(super) fn tag_role(call: &Call<'_>) -> Answer {
    roles::change_role(call, |role| add(call, &mut role.tags))?;
    Ok(None)
}

pub(super) fn untag_role(call: &Call<'_>) -> Answer {
    roles::change_role(call, |role| remove(call, &mut role.tags))?;
    Ok(None)
}

pub(super) fn list_role_tags(call: &Call<'_>) -> Answer {
    list(call, &roles::named(call)?.tags)
}

pub(super) fn tag_policy(call: &Call<'_>) -> Answer {
    policies::change_policy(call, |policy| add(call, &mut policy.tags))?;
    Ok(None)
}

pub(super) fn untag_policy(call: &Call<'_>) -> Answer {
    policies::change_policy(call, |policy| remove(call, &mut policy.tags))?;
    Ok(None)
}

pub(super) fn list_policy_tags(call: &Call<'_>) -> Answer {
    list(call, &policies::named(call)?.tags)
}
