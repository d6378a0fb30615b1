//! `UpgradeDomain` and `GetUpgradeStatus`: the engine has its new version when the call returns.
//!
//! It is a number only: what answers is the stack's own `OpenSearch`, whatever the domain says.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_UpgradeDomain.html>

use serde_json::{Map, Value, json};

use super::{
    Call,
    dialect::{self, Dialect},
    domain::{self, Update, Upgrade},
    shapes, status, versions,
};
use crate::error::ApiError;

pub(super) fn answer(call: &Call<'_>) -> Result<Value, ApiError> {
    let shape = match call.dialect {
        Dialect::OpenSearch => &shapes::UPGRADE,
        Dialect::Elasticsearch => &shapes::OLD_UPGRADE,
    };
    let request = call.read(shape)?;
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let target = match call.dialect {
        Dialect::OpenSearch => text("TargetVersion").to_owned(),
        Dialect::Elasticsearch => dialect::read_version(text("TargetVersion")),
    };
    let is_check_only = request.get("PerformCheckOnly") == Some(&Value::Bool(true));
    let find = |call: &Call<'_>| {
        let name = text("DomainName");
        domain::find(call, name).ok_or_else(|| ApiError::DomainNotFound(name.to_owned()))
    };
    let domain = domain::change(call, find, |domain| {
        if !versions::targets(&domain.engine_version).contains(&target.as_str()) {
            let text = format!("Cannot upgrade from {} to {target}.", domain.engine_version);
            return Err(ApiError::Validation(text.into()));
        }
        if !is_check_only {
            domain.note_change(call);
            let update = Update { at: domain.last_change.at, version: domain.last_change.number };
            domain.updates.insert("EngineVersion".to_owned(), update);
            let from = std::mem::replace(&mut domain.engine_version, target.clone());
            domain.upgrade = Some(Upgrade { from, to: target.clone() });
        }
        Ok(())
    })?;
    let mut answer = Map::new();
    if call.dialect == Dialect::OpenSearch {
        answer.insert("UpgradeId".to_owned(), json!(domain.last_change.id));
    }
    answer.insert("DomainName".to_owned(), json!(domain.name));
    answer.insert("TargetVersion".to_owned(), json!(text("TargetVersion")));
    answer.insert("PerformCheckOnly".to_owned(), json!(is_check_only));
    answer.insert("ChangeProgressDetails".to_owned(), status::change_progress(&domain));
    Ok(Value::Object(answer))
}

pub(super) fn status(call: &Call<'_>) -> Result<Value, ApiError> {
    let domain = domain::in_path(call)?;
    let name = match &domain.upgrade {
        Some(Upgrade { from, to }) => {
            format!("Upgrade from {} to {}", call.dialect.version(from), call.dialect.version(to))
        }
        None => String::new(),
    };
    Ok(json!({"UpgradeStep": "UPGRADE", "StepStatus": "SUCCEEDED", "UpgradeName": name}))
}
