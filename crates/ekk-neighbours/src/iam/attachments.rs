//! Managed policies on roles.
//!
//! Differs from AWS: a policy of AWS's own can be attached by any name, because its list is not known here.

use super::{names, page::Page, policies, roles};
use crate::{
    constraint::{Checks, Text},
    error::ApiError,
    limits,
    query::{Answer, Call, xml::Xml},
};

static ENTITIES: Text = Text::one_of(&["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"]);

pub(super) fn attach(call: &Call<'_>) -> Answer {
    let arn = policy_arn(call)?;
    roles::change_role(call, |role| {
        if !policies::exists(call, arn) {
            return Err(ApiError::NoSuchEntity(format!("Policy {arn} does not exist or is not attachable.")));
        }
        role.attached_policies.insert(arn.to_owned());
        if role.attached_policies.len() > limits::ATTACHED_POLICIES {
            let text = format!("Cannot exceed quota for PoliciesPerRole: {}", limits::ATTACHED_POLICIES);
            return Err(ApiError::LimitExceeded(text.into()));
        }
        Ok(())
    })?;
    Ok(None)
}

pub(super) fn detach(call: &Call<'_>) -> Answer {
    let arn = policy_arn(call)?;
    roles::change_role(call, |role| {
        if role.attached_policies.remove(arn) {
            Ok(())
        } else {
            Err(ApiError::NoSuchEntity(format!("Policy {arn} was not found.")))
        }
    })?;
    Ok(None)
}

pub(super) fn list(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let prefix = names::path_prefix(call, &mut checks);
    let page = Page::read(call, &mut checks)?;
    checks.end()?;
    let role = roles::named(call)?;
    let mut attached: Vec<_> = role.attached_policies.iter().map(|arn| (policies::name_of(arn), arn)).collect();
    attached.retain(|(_, arn)| policies::path_of(arn).starts_with(prefix));
    attached.sort_by_key(|(_, arn)| arn.to_ascii_lowercase());
    Ok(Some(page.show(
        "AttachedPolicies",
        &attached,
        |(_, arn)| arn.as_str(),
        |xml, (name, arn)| {
            xml.text("PolicyName", name);
            xml.text("PolicyArn", arn);
        },
    )))
}

/// The roles that a policy is attached to, or is the boundary of.
pub(super) fn list_entities(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let arn = names::policy_arn(call, &mut checks);
    let filter = call.parameters.optional("EntityFilter", &ENTITIES, &mut checks);
    checks.end()?;
    if !policies::exists(call, arn) {
        return Err(policies::not_found(arn));
    }
    let roles = call.service.roles.of(&call.caller.account);
    let uses = roles.iter().filter(|role| role.attached_policies.contains(arn));
    let mut xml = Xml::default();
    xml.list("PolicyGroups", [(); 0], |_, ()| {});
    xml.list("PolicyUsers", [(); 0], |_, ()| {});
    xml.list("PolicyRoles", uses.filter(|_| filter.is_none_or(|kind| kind == "Role")), |xml, role| {
        xml.text("RoleName", &role.name);
        xml.text("RoleId", &role.id);
    });
    xml.text("IsTruncated", "false");
    Ok(Some(xml))
}

fn policy_arn<'a>(call: &Call<'a>) -> Result<&'a str, ApiError> {
    let mut checks = Checks::default();
    let arn = names::policy_arn(call, &mut checks);
    checks.end()?;
    Ok(arn)
}
