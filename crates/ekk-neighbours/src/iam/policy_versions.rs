//! The versions of managed policies.

use super::{
    names,
    page::Page,
    policies::{self, ManagedPolicy, Version},
    role::date,
};
use crate::{
    constraint::Checks,
    error::ApiError,
    limits,
    query::{
        Answer, Call,
        xml::{Xml, percent_encoded},
    },
};

pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let document = call.parameters.required("PolicyDocument", &names::DOCUMENT, &mut checks);
    checks.end()?;
    let is_default = call.parameters.boolean("SetAsDefault")?.unwrap_or(false);
    let policy = policies::change_policy(call, |policy| {
        policies::check_document(document)?;
        if policy.versions.len() >= limits::POLICY_VERSIONS {
            return Err(ApiError::LimitExceeded(
                "A managed policy can have up to 5 versions. Before you create a new version, you must delete an \
                 existing version."
                    .into(),
            ));
        }
        let now = call.service.clock.now();
        policy.last_version += 1;
        policy.versions.insert(policy.last_version, Version { document: document.to_owned(), create_date: now });
        policy.update_date = now;
        if is_default {
            policy.default_version = policy.last_version;
        }
        Ok(())
    })?;
    let number = policy.last_version;
    let mut xml = Xml::default();
    xml.within("PolicyVersion", |xml| show(xml, &policy, number, false));
    Ok(Some(xml))
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let id = version_id(call)?;
    let policy = policies::named(call)?;
    let number = number_of(call, &policy, id)?;
    let mut xml = Xml::default();
    xml.within("PolicyVersion", |xml| show(xml, &policy, number, true));
    Ok(Some(xml))
}

/// All versions, the newest first; there are so few that they are one page.
pub(super) fn list(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    Page::read(call, &mut checks)?;
    checks.end()?;
    let policy = policies::named(call)?;
    let mut xml = Xml::default();
    xml.text("IsTruncated", "false");
    xml.list("Versions", policy.versions.keys().rev(), |xml, number| show(xml, &policy, *number, false));
    Ok(Some(xml))
}

pub(super) fn set_default(call: &Call<'_>) -> Answer {
    let id = version_id(call)?;
    policies::change_policy(call, |policy| {
        policy.default_version = number_of(call, policy, id)?;
        policy.update_date = call.service.clock.now();
        Ok(())
    })?;
    Ok(None)
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let id = version_id(call)?;
    policies::change_policy(call, |policy| {
        let number = number_of(call, policy, id)?;
        if number == policy.default_version {
            return Err(ApiError::DeleteConflict("Cannot delete the default version of a policy."));
        }
        policy.versions.remove(&number);
        policy.update_date = call.service.clock.now();
        Ok(())
    })?;
    Ok(None)
}

fn show(xml: &mut Xml, policy: &ManagedPolicy, number: u64, with_document: bool) {
    let Some(version) = policy.versions.get(&number) else { return };
    if with_document {
        xml.text("Document", &percent_encoded(&version.document));
    }
    xml.text("VersionId", &format!("v{number}"));
    xml.text("IsDefaultVersion", &(number == policy.default_version).to_string());
    xml.text("CreateDate", &date(version.create_date));
}

fn version_id<'a>(call: &Call<'a>) -> Result<&'a str, ApiError> {
    let mut checks = Checks::default();
    let id = call.parameters.required("VersionId", &names::VERSION_ID, &mut checks);
    checks.end()?;
    Ok(id)
}

fn number_of(call: &Call<'_>, policy: &ManagedPolicy, id: &str) -> Result<u64, ApiError> {
    let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
    number.filter(|number| policy.versions.contains_key(number)).ok_or_else(|| {
        let arn = call.parameters.get("PolicyArn").unwrap_or_default();
        ApiError::NoSuchEntity(format!("Policy {arn} version {id} does not exist or is not attachable."))
    })
}
