//! Managed policies: created, read, deleted.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    names,
    page::Page,
    policy_document::{self, Use},
    role::date,
    tags::{self, Tag},
};
use crate::{
    constraint::{Checks, Text},
    error::ApiError,
    limits,
    query::{Answer, Call, xml::Xml},
    shelf::{Kept, Key},
};

/// A customer managed policy, as described and as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct ManagedPolicy {
    pub(super) account: String,
    pub(super) path: String,
    pub(super) policy_name: String,
    pub(super) policy_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) create_date: Timestamp,
    pub(super) update_date: Timestamp,
    /// The number of the version that holds, 1 for `v1`.
    pub(super) default_version: u64,
    /// The number of the version that was made last; a number is not used again.
    pub(super) last_version: u64,
    pub(super) versions: BTreeMap<u64, Version>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
}

/// A version of a policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Version {
    pub(super) document: String,
    pub(super) create_date: Timestamp,
}

impl Kept for ManagedPolicy {
    fn key(&self) -> Key {
        key(&self.account, &self.policy_name)
    }
}

/// Where the policy of this name stands: a name is taken whatever its case and its path.
fn key(account: &str, name: &str) -> Key {
    Key { owner: account.to_owned(), name: name.to_ascii_lowercase() }
}

impl ManagedPolicy {
    fn arn(&self) -> String {
        format!("arn:aws:iam::{}:policy{}{}", self.account, self.path, self.policy_name)
    }

    fn show(&self, call: &Call<'_>, xml: &mut Xml) {
        let arn = self.arn();
        let roles = call.service.roles.of(&self.account);
        let attached = roles.iter().filter(|role| role.attached_policies.contains(&arn)).count();
        let bounding = roles.iter().filter(|role| role.permissions_boundary.as_ref() == Some(&arn)).count();
        xml.text("PolicyName", &self.policy_name);
        xml.text("PolicyId", &self.policy_id);
        xml.text("Arn", &arn);
        xml.text("Path", &self.path);
        xml.text("DefaultVersionId", &format!("v{}", self.default_version));
        xml.text("AttachmentCount", &attached.to_string());
        xml.text("PermissionsBoundaryUsageCount", &bounding.to_string());
        xml.text("IsAttachable", "true");
        xml.optional("Description", self.description.as_deref());
        xml.text("CreateDate", &date(self.create_date));
        xml.text("UpdateDate", &date(self.update_date));
        if !self.tags.is_empty() {
            xml.list("Tags", &self.tags, |xml, tag| tag.show(xml));
        }
    }
}

pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut checks = Checks::default();
    let name = names::policy_name(call, &mut checks);
    let document = call.parameters.required("PolicyDocument", &names::DOCUMENT, &mut checks);
    let description = call.parameters.optional("Description", &names::POLICY_DESCRIPTION, &mut checks);
    let tags = tags::read(call, &mut checks);
    let path = names::path(call, &mut checks);
    checks.end()?;
    check_document(document)?;
    let now = call.service.clock.now();
    let policy = ManagedPolicy {
        account: call.caller.account.clone(),
        path: path?.to_owned(),
        policy_name: name.checked()?.to_owned(),
        policy_id: call.service.ids.unique("ANPA"),
        description: description.filter(|text| !text.is_empty()).map(str::to_owned),
        create_date: now,
        update_date: now,
        default_version: 1,
        last_version: 1,
        versions: BTreeMap::from([(1, Version { document: document.to_owned(), create_date: now })]),
        tags: tags::merged(Vec::new(), tags)?,
    };
    let policy = add(call, policy)?;
    let mut xml = Xml::default();
    xml.within("Policy", |xml| policy.show(call, xml));
    Ok(Some(xml))
}

fn add(call: &Call<'_>, policy: ManagedPolicy) -> Result<Arc<ManagedPolicy>, ApiError> {
    let policies = &call.service.policies;
    let change = policies.change();
    if policies.get(&policy.key()).is_some() {
        let name = &policy.policy_name;
        let text = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(ApiError::AlreadyExists(text));
    }
    if policies.of(&policy.account).len() >= limits::POLICIES || policies.len() >= limits::POLICIES_IN_ALL {
        let text = format!("Cannot exceed quota for PoliciesPerAccount: {}", limits::POLICIES);
        return Err(ApiError::LimitExceeded(text.into()));
    }
    change.put(policy)
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let policy = named(call)?;
    let mut xml = Xml::default();
    xml.within("Policy", |xml| policy.show(call, xml));
    Ok(Some(xml))
}

/// The policies of the account. AWS's own are not known here, so a list of them is empty.
pub(super) fn list(call: &Call<'_>) -> Answer {
    static SCOPE: Text = Text::one_of(&["All", "AWS", "Local"]);
    let mut checks = Checks::default();
    let scope = call.parameters.optional("Scope", &SCOPE, &mut checks);
    let prefix = names::path_prefix(call, &mut checks);
    let page = Page::read(call, &mut checks)?;
    checks.end()?;
    let only_attached = call.parameters.boolean("OnlyAttached")?.unwrap_or(false);
    let mut policies = call.service.policies.of(&call.caller.account);
    policies.retain(|policy| {
        scope != Some("AWS")
            && policy.path.starts_with(prefix)
            && (!only_attached || is_used(call, &policy.account, &policy.arn()))
    });
    Ok(Some(page.show("Policies", &policies, |policy| &policy.policy_name, |xml, policy| policy.show(call, xml))))
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    // A role cannot get the policy while it is looked for on roles: roles change one at a time.
    let _roles = call.service.roles.change();
    let change = call.service.policies.change();
    let policy = named(call)?;
    if is_used(call, &policy.account, &policy.arn()) {
        return Err(ApiError::DeleteConflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(ApiError::DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy.",
        ));
    }
    change.remove(&policy.key())?;
    Ok(None)
}

fn is_used(call: &Call<'_>, account: &str, arn: &str) -> bool {
    let uses = |boundary: Option<&String>| boundary.is_some_and(|boundary| boundary == arn);
    let roles = call.service.roles.of(account);
    roles.iter().any(|role| role.attached_policies.contains(arn) || uses(role.permissions_boundary.as_ref()))
}

/// The policy that a request names by its ARN.
///
/// # Errors
/// `ValidationError`, `NoSuchEntity`.
pub(super) fn named(call: &Call<'_>) -> Result<Arc<ManagedPolicy>, ApiError> {
    let mut checks = Checks::default();
    let arn = names::policy_arn(call, &mut checks);
    checks.end()?;
    if !arn.starts_with("arn:") {
        return Err(ApiError::InvalidInput("ARN is not valid."));
    }
    find(call, arn).ok_or_else(|| not_found(arn))
}

/// Changes the policy that a request names.
///
/// # Errors
/// `ValidationError`, `NoSuchEntity`, and those of the change, after which nothing is changed.
pub(super) fn change_policy(
    call: &Call<'_>,
    edit: impl FnOnce(&mut ManagedPolicy) -> Result<(), ApiError>,
) -> Result<Arc<ManagedPolicy>, ApiError> {
    let change = call.service.policies.change();
    let mut policy = named(call)?.as_ref().clone();
    edit(&mut policy)?;
    change.put(policy)
}

/// A policy of the caller's account; one of another account is not seen.
fn find(call: &Call<'_>, arn: &str) -> Option<Arc<ManagedPolicy>> {
    let (account, name) = names::customer_policy_of(arn)?;
    let policy = call.service.policies.get(&key(account, name))?;
    (account == call.caller.account && policy.arn() == arn).then_some(policy)
}

/// Whether there is a policy that can be attached: one of the account, or any that could be AWS's own.
pub(super) fn exists(call: &Call<'_>, arn: &str) -> bool {
    names::aws_policy_of(arn).is_some() || find(call, arn).is_some()
}

pub(super) fn not_found(arn: &str) -> ApiError {
    ApiError::NoSuchEntity(format!("Policy {arn} was not found."))
}

/// The last part of a policy's ARN.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The path in a policy's ARN, `/` when it has none.
pub(super) fn path_of(arn: &str) -> &str {
    let from_path = arn.split_once(":policy").map_or("/", |(_, path)| path);
    from_path.strip_suffix(name_of(arn)).unwrap_or("/")
}

pub(super) fn check_document(document: &str) -> Result<(), ApiError> {
    policy_document::check(document, Use::Identity)?;
    if policy_document::size(document) > limits::MANAGED_POLICY_CHARS {
        let text = format!("Cannot exceed quota for PolicySize: {}", limits::MANAGED_POLICY_CHARS);
        return Err(ApiError::LimitExceeded(text.into()));
    }
    Ok(())
}
