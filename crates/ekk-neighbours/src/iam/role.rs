//! A role, and how it is shown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{names, tags::Tag};
use crate::{
    query::xml::{Xml, percent_encoded},
    shelf::{Kept, Key},
};

/// A role, as described and as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) account: String,
    pub(crate) path: String,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) create_date: Timestamp,
    pub(crate) assume_role_policy_document: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// In seconds.
    pub(crate) max_session_duration: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) permissions_boundary: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    /// Documents by their names.
    #[serde(default)]
    pub(crate) inline_policies: BTreeMap<String, String>,
    /// ARNs.
    #[serde(default)]
    pub(crate) attached_policies: BTreeSet<String>,
}

impl Kept for Role {
    fn key(&self) -> Key {
        key(&self.account, &self.name)
    }
}

/// Where the role of this name stands; names that differ by case alone are one.
pub(crate) fn key(account: &str, name: &str) -> Key {
    Key { owner: account.to_owned(), name: name.to_ascii_lowercase() }
}

/// The account and the name in a role's ARN.
pub(crate) fn account_and_name_of(arn: &str) -> Option<(&str, &str)> {
    let (account, rest) = arn.strip_prefix("arn:aws:iam::")?.split_once(':')?;
    let name = rest.strip_prefix("role/")?.rsplit('/').next()?;
    let is_account = account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit());
    (is_account && name.len() <= 64 && names::is_name(name)).then_some((account, name))
}

/// How much of a role an action shows: lists leave out what `GetRole` has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    Listed,
    Created,
    Full,
}

impl Role {
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role{}{}", self.account, self.path, self.name)
    }

    /// The members of a role, in the element that is open.
    pub(super) fn show(&self, xml: &mut Xml, detail: Detail) {
        xml.text("Path", &self.path);
        xml.text("RoleName", &self.name);
        xml.text("RoleId", &self.id);
        xml.text("Arn", &self.arn());
        xml.text("CreateDate", &date(self.create_date));
        xml.text("AssumeRolePolicyDocument", &percent_encoded(&self.assume_role_policy_document));
        xml.optional("Description", self.description.as_deref());
        xml.text("MaxSessionDuration", &self.max_session_duration.to_string());
        if detail == Detail::Listed {
            return;
        }
        if let Some(arn) = &self.permissions_boundary {
            xml.within("PermissionsBoundary", |xml| {
                xml.text("PermissionsBoundaryType", "PermissionsBoundaryPolicy");
                xml.text("PermissionsBoundaryArn", arn);
            });
        }
        if !self.tags.is_empty() {
            xml.list("Tags", &self.tags, |xml, tag| tag.show(xml));
        }
        if detail == Detail::Full {
            xml.within("RoleLastUsed", |_| {});
        }
    }
}

/// A date as IAM writes it, to the second.
pub(super) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
