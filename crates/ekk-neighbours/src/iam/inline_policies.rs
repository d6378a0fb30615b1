//! The policies that are part of a role.

use super::{
    names,
    page::Page,
    policy_document::{self, Use},
    roles,
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

pub(super) fn put(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let name = names::policy_name(call, &mut checks);
    let document = call.parameters.required("PolicyDocument", &names::DOCUMENT, &mut checks);
    checks.end()?;
    let name = name.checked()?;
    roles::change_role(call, |role| {
        policy_document::check(document, Use::Identity)?;
        role.inline_policies.insert(name.to_owned(), document.to_owned());
        let size: usize = role.inline_policies.values().map(|document| policy_document::size(document)).sum();
        if size > limits::INLINE_POLICIES_CHARS {
            let (bytes, role) = (limits::INLINE_POLICIES_CHARS, &role.name);
            let text = format!("Maximum policy size of {bytes} bytes exceeded for role {role}");
            return Err(ApiError::LimitExceeded(text.into()));
        }
        Ok(())
    })?;
    Ok(None)
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let name = policy_name(call)?;
    let role = roles::named(call)?;
    let document = role.inline_policies.get(name).ok_or_else(|| not_found(name))?;
    let mut xml = Xml::default();
    xml.text("RoleName", &role.name);
    xml.text("PolicyName", name);
    xml.text("PolicyDocument", &percent_encoded(document));
    Ok(Some(xml))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let page = Page::read(call, &mut checks)?;
    checks.end()?;
    let role = roles::named(call)?;
    let mut policies: Vec<_> = role.inline_policies.keys().collect();
    policies.sort_by_key(|name| name.to_ascii_lowercase());
    Ok(Some(page.show("PolicyNames", &policies, |name| name.as_str(), |xml, name| xml.escape(name))))
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let name = policy_name(call)?;
    roles::change_role(call, |role| match role.inline_policies.remove(name) {
        Some(_) => Ok(()),
        None => Err(not_found(name)),
    })?;
    Ok(None)
}

fn policy_name<'a>(call: &Call<'a>) -> Result<&'a str, ApiError> {
    let mut checks = Checks::default();
    let name = names::policy_name(call, &mut checks);
    checks.end()?;
    name.checked()
}

fn not_found(name: &str) -> ApiError {
    ApiError::NoSuchEntity(format!("The role policy with name {name} cannot be found."))
}
