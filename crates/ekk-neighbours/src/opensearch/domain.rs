//! A domain: its name, version and options, and what of them changed when.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Call, arn, shapes, tags::Tag};
use crate::{
    constraint::Checks,
    error::ApiError,
    shelf::{Change, Kept, Key},
};

/// A domain, as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Domain {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) name: String,
    pub(super) created: Timestamp,
    /// Of the newer dialect, such as `OpenSearch_2.19` or `Elasticsearch_7.10`.
    pub(super) engine_version: String,
    /// The options by their names in the newer dialect, every default filled in.
    pub(super) options: Map<String, Value>,
    /// When options were changed last, and as which change; the others are as they were created.
    #[serde(default)]
    pub(super) updates: BTreeMap<String, Update>,
    /// The last change, and the number of all of them; creating is the first.
    pub(super) last_change: LastChange,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) upgrade: Option<Upgrade>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
}

/// A change of one option.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Update {
    pub(super) at: Timestamp,
    pub(super) version: u64,
}

/// The last change of a domain.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct LastChange {
    /// A UUID.
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) number: u64,
}

/// The last upgrade of the engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Upgrade {
    pub(super) from: String,
    pub(super) to: String,
}

impl Kept for Domain {
    fn key(&self) -> Key {
        Key { owner: format!("{}.{}", self.account, self.region), name: self.name.clone() }
    }
}

impl Domain {
    pub(super) fn arn(&self) -> String {
        arn::of(&self.account, &self.region, &self.name)
    }

    /// `OpenSearch` or `Elasticsearch`.
    pub(super) fn engine_type(&self) -> &str {
        self.engine_version.split('_').next().unwrap_or_default()
    }

    /// Notes that something was changed now.
    pub(super) fn note_change(&mut self, call: &Call<'_>) {
        let number = self.last_change.number + 1;
        self.last_change = LastChange { id: call.service.ids.uuid().to_string(), at: call.service.clock.now(), number };
    }
}

/// The domain in a request's path.
///
/// # Errors
/// `ValidationException` for what is no name, `ResourceNotFoundException`.
pub(super) fn in_path(call: &Call<'_>) -> Result<Arc<Domain>, ApiError> {
    let name = call.domain.unwrap_or_default();
    let mut checks = Checks::default();
    checks.text("domainName", name, &shapes::NAME);
    checks.end()?;
    find(call, name).ok_or_else(|| ApiError::DomainNotFound(name.to_owned()))
}

/// The caller's domain of this name.
pub(super) fn find(call: &Call<'_>, name: &str) -> Option<Arc<Domain>> {
    call.service.domains.get(&Key { owner: call.owner(), name: name.to_owned() })
}

/// Changes a domain.
///
/// # Errors
/// Those of finding it and of the edit, after which nothing is changed.
pub(super) fn change(
    call: &Call<'_>,
    find: impl FnOnce(&Call<'_>) -> Result<Arc<Domain>, ApiError>,
    edit: impl FnOnce(&mut Domain) -> Result<(), ApiError>,
) -> Result<Arc<Domain>, ApiError> {
    let change: Change<'_, Domain> = call.service.domains.change();
    let mut domain = find(call)?.as_ref().clone();
    edit(&mut domain)?;
    change.put(domain)
}
