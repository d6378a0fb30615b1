//! IAM, as far as the plan of a logging pipeline needs it: roles with their policies, and managed policies.
//!
//! They are kept and shown, and nothing else: no request is allowed or refused by them.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>

mod attachments;
mod inline_policies;
mod names;
mod page;
pub(crate) mod policies;
pub(crate) mod policy_document;
mod policy_versions;
pub(crate) mod role;
mod roles;
mod tags;

use crate::query::{self, Answer, Call};

/// Carries out an action.
pub(crate) fn answer(call: &Call<'_>, action: &str) -> Answer {
    match action {
        "CreateRole" => roles::create(call),
        "GetRole" => roles::get(call),
        "ListRoles" => roles::list(call),
        "UpdateRole" => roles::update(call),
        "UpdateRoleDescription" => roles::update_description(call),
        "UpdateAssumeRolePolicy" => roles::update_assume_role_policy(call),
        "PutRolePermissionsBoundary" => roles::put_permissions_boundary(call),
        "DeleteRolePermissionsBoundary" => roles::delete_permissions_boundary(call),
        "DeleteRole" => roles::delete(call),
        "ListInstanceProfilesForRole" => roles::list_instance_profiles(call),
        "TagRole" => tags::tag_role(call),
        "UntagRole" => tags::untag_role(call),
        "ListRoleTags" => tags::list_role_tags(call),
        "PutRolePolicy" => inline_policies::put(call),
        "GetRolePolicy" => inline_policies::get(call),
        "ListRolePolicies" => inline_policies::list(call),
        "DeleteRolePolicy" => inline_policies::delete(call),
        "AttachRolePolicy" => attachments::attach(call),
        "DetachRolePolicy" => attachments::detach(call),
        "ListAttachedRolePolicies" => attachments::list(call),
        "ListEntitiesForPolicy" => attachments::list_entities(call),
        "CreatePolicy" => policies::create(call),
        "GetPolicy" => policies::get(call),
        "ListPolicies" => policies::list(call),
        "DeletePolicy" => policies::delete(call),
        "TagPolicy" => tags::tag_policy(call),
        "UntagPolicy" => tags::untag_policy(call),
        "ListPolicyTags" => tags::list_policy_tags(call),
        "CreatePolicyVersion" => policy_versions::create(call),
        "GetPolicyVersion" => policy_versions::get(call),
        "ListPolicyVersions" => policy_versions::list(call),
        "SetDefaultPolicyVersion" => policy_versions::set_default(call),
        "DeletePolicyVersion" => policy_versions::delete(call),
        other => Err(query::not_built("IAM", other)),
    }
}
