//! Roles: created, read, changed, deleted.

use std::sync::Arc;

use super::{
    names,
    page::Page,
    policy_document::{self, Use},
    role::{Detail, Role, key},
    tags,
};
use crate::{
    constraint::Checks,
    error::ApiError,
    limits,
    query::{Answer, Call, xml::Xml},
};

/// Seconds of a session when the role does not say.
const MAX_SESSION_SECONDS: i64 = 3_600;

pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let name = names::role_name(call, &mut checks);
    let document = call.parameters.required("AssumeRolePolicyDocument", &names::DOCUMENT, &mut checks);
    let description = call.parameters.optional("Description", &names::ROLE_DESCRIPTION, &mut checks);
    let seconds = call.parameters.integer("MaxSessionDuration", names::SESSION_SECONDS, &mut checks)?;
    let boundary = call.parameters.optional("PermissionsBoundary", &names::BOUNDARY, &mut checks);
    let tags = tags::read(call, &mut checks);
    let path = names::path(call, &mut checks);
    checks.end()?;
    let role = Role {
        account: call.caller.account.clone(),
        path: path?.to_owned(),
        name: name.checked()?.to_owned(),
        id: call.service.ids.unique("AROA"),
        create_date: call.service.clock.now(),
        assume_role_policy_document: document.to_owned(),
        description: description.filter(|text| !text.is_empty()).map(str::to_owned),
        max_session_duration: seconds.unwrap_or(MAX_SESSION_SECONDS),
        permissions_boundary: boundary.map(str::to_owned),
        tags: tags::merged(Vec::new(), tags)?,
        inline_policies: std::collections::BTreeMap::default(),
        attached_policies: std::collections::BTreeSet::default(),
    };
    check_trust(document)?;
    if let Some(arn) = boundary {
        check_boundary(call, arn)?;
    }
    let role = add(call, role)?;
    Ok(Some(shown(&role, Detail::Created)))
}

fn add(call: &Call<'_>, role: Role) -> Result<Arc<Role>, ApiError> {
    let roles = &call.service.roles;
    let change = roles.change();
    if roles.get(&key(&role.account, &role.name)).is_some() {
        return Err(ApiError::AlreadyExists(format!("Role with name {} already exists.", role.name)));
    }
    if roles.of(&role.account).len() >= limits::ROLES || roles.len() >= limits::ROLES_IN_ALL {
        let text = format!("Cannot exceed quota for RolesPerAccount: {}", limits::ROLES);
        return Err(ApiError::LimitExceeded(text.into()));
    }
    change.put(role)
}

fn shown(role: &Role, detail: Detail) -> Xml {
    let mut xml = Xml::default();
    xml.within("Role", |xml| role.show(xml, detail));
    xml
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    Ok(Some(shown(&*named(call)?, Detail::Full)))
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let prefix = names::path_prefix(call, &mut checks);
    let page = Page::read(call, &mut checks)?;
    checks.end()?;
    let mut roles = call.service.roles.of(&call.caller.account);
    roles.retain(|role| role.path.starts_with(prefix));
    Ok(Some(page.show("Roles", &roles, |role| &role.name, |xml, role| role.show(xml, Detail::Listed))))
}

pub(super) fn update(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let description = call.parameters.optional("Description", &names::ROLE_DESCRIPTION, &mut checks);
    let seconds = call.parameters.integer("MaxSessionDuration", names::SESSION_SECONDS, &mut checks)?;
    checks.end()?;
    change_role(call, |role| {
        // AWS takes what the request leaves out as the default, not as what was.
        role.description = description.filter(|text| !text.is_empty()).map(str::to_owned);
        role.max_session_duration = seconds.unwrap_or(MAX_SESSION_SECONDS);
        Ok(())
    })?;
    Ok(Some(Xml::default()))
}

pub(super) fn update_description(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let description = call.parameters.required("Description", &names::ROLE_DESCRIPTION, &mut checks);
    checks.end()?;
    let role = change_role(call, |role| {
        role.description = Some(description).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(())
    })?;
    Ok(Some(shown(&role, Detail::Full)))
}

pub(super) fn update_assume_role_policy(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let document = call.parameters.required("PolicyDocument", &names::DOCUMENT, &mut checks);
    checks.end()?;
    change_role(call, |role| {
        check_trust(document)?;
        document.clone_into(&mut role.assume_role_policy_document);
        Ok(())
    })?;
    Ok(None)
}

pub(super) fn put_permissions_boundary(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let arn = call.parameters.required("PermissionsBoundary", &names::BOUNDARY, &mut checks);
    checks.end()?;
    change_role(call, |role| {
        check_boundary(call, arn)?;
        role.permissions_boundary = Some(arn.to_owned());
        Ok(())
    })?;
    Ok(None)
}

pub(super) fn delete_permissions_boundary(call: &Call<'_>) -> Answer {
    change_role(call, |role| {
        role.permissions_boundary = None;
        Ok(())
    })?;
    Ok(None)
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let change = call.service.roles.change();
    let role = named(call)?;
    if !role.attached_policies.is_empty() {
        return Err(ApiError::DeleteConflict("Cannot delete entity, must detach all policies first."));
    }
    if !role.inline_policies.is_empty() {
        return Err(ApiError::DeleteConflict("Cannot delete entity, must delete policies first."));
    }
    change.remove(&key(&role.account, &role.name))?;
    Ok(None)
}

/// There are no instances here, so no role has a profile for them.
pub(super) fn list_instance_profiles(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let page = Page::read(call, &mut checks)?;
    checks.end()?;
    named(call)?;
    Ok(Some(page.show("InstanceProfiles", &[], String::as_str, |_, _| {})))
}

/// The role that a request names.
///
/// # Errors
/// `ValidationError`, `NoSuchEntity`.
pub(super) fn named(call: &Call<'_>) -> Result<Arc<Role>, ApiError> {
    let mut checks = Checks::default();
    let name = names::role_name(call, &mut checks);
    checks.end()?;
    let name = name.checked()?;
    let found = call.service.roles.get(&key(&call.caller.account, name));
    found.ok_or_else(|| ApiError::NoSuchEntity(format!("The role with name {name} cannot be found.")))
}

/// Changes the role that a request names.
///
/// # Errors
/// `ValidationError`, `NoSuchEntity`, and those of the change, after which nothing is changed.
pub(super) fn change_role(
    call: &Call<'_>,
    edit: impl FnOnce(&mut Role) -> Result<(), ApiError>,
) -> Result<Arc<Role>, ApiError> {
    let change = call.service.roles.change();
    let mut role = named(call)?.as_ref().clone();
    edit(&mut role)?;
    change.put(role)
}

fn check_trust(document: &str) -> Result<(), ApiError> {
    policy_document::check(document, Use::Trust)?;
    if policy_document::size(document) > limits::TRUST_POLICY_CHARS {
        let text = format!("Cannot exceed quota for ACLSizePerRole: {}", limits::TRUST_POLICY_CHARS);
        return Err(ApiError::LimitExceeded(text.into()));
    }
    Ok(())
}

fn check_boundary(call: &Call<'_>, arn: &str) -> Result<(), ApiError> {
    if super::policies::exists(call, arn) {
        return Ok(());
    }
    Err(ApiError::NoSuchEntity(format!("Scope ARN: {arn} does not exist or is not attachable.")))
}
