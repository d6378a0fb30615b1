//! `UpdateDomainConfig`, `UpdateElasticsearchDomainConfig`: what is changed holds when the call returns.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_UpdateDomainConfig.html>

use serde_json::{Map, Value, json};

use super::{
    Call, defaults,
    dialect::Dialect,
    domain::{self, Domain, Update},
    rules, shapes, status,
};
use crate::error::ApiError;

pub(super) fn answer(call: &Call<'_>) -> Result<Value, ApiError> {
    let shape = match call.dialect {
        Dialect::OpenSearch => &shapes::UPDATE,
        Dialect::Elasticsearch => &shapes::OLD_UPDATE,
    };
    let mut request = call.dialect.read(call.read(shape)?);
    let is_dry_run = request.remove("DryRun") == Some(Value::Bool(true));
    request.remove("DryRunMode");
    if is_dry_run {
        let domain = domain::in_path(call)?;
        apply(call, &mut domain.as_ref().clone(), &request)?;
        let results = json!({
            "DeploymentType": "None",
            "Message": "This change will be applied at once, without a deployment.",
        });
        return Ok(json!({"DomainConfig": status::config(call, &domain), "DryRunResults": results}));
    }
    let domain = domain::change(call, domain::in_path, |domain| apply(call, domain, &request))?;
    Ok(json!({"DomainConfig": status::config(call, &domain)}))
}

fn apply(call: &Call<'_>, domain: &mut Domain, given: &Map<String, Value>) -> Result<(), ApiError> {
    let before = domain.options.clone();
    defaults::overlay(&mut domain.options, given.clone());
    defaults::fill(call, domain);
    rules::check(&domain.engine_version, &domain.options, given)?;
    domain.note_change(call);
    for (name, option) in &domain.options {
        if before.get(name) != Some(option) {
            let update = Update { at: domain.last_change.at, version: domain.last_change.number };
            domain.updates.insert(name.clone(), update);
        }
    }
    Ok(())
}
