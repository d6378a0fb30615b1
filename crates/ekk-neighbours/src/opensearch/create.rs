//! `CreateDomain`, `CreateElasticsearchDomain`: the domain is active when the call returns.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_CreateDomain.html>

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};

use super::{
    Call, defaults,
    dialect::Dialect,
    domain::{Domain, LastChange},
    rules, shapes,
    status::{self, Life},
    tags, versions,
};
use crate::{error::ApiError, limits, shelf::Kept as _};

pub(super) fn answer(call: &Call<'_>) -> Result<Value, ApiError> {
    let shape = match call.dialect {
        Dialect::OpenSearch => &shapes::CREATE,
        Dialect::Elasticsearch => &shapes::OLD_CREATE,
    };
    let request = call.dialect.read(call.read(shape)?);
    let domain = add(call, build(call, request)?)?;
    Ok(json!({"DomainStatus": status::status(call, &domain, Life::Active)}))
}

fn build(call: &Call<'_>, mut request: Map<String, Value>) -> Result<Domain, ApiError> {
    let mut text = |name: &str| match request.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let name = text("DomainName").unwrap_or_default();
    let engine_version = text("EngineVersion").unwrap_or_else(|| versions::default(call.dialect).to_owned());
    let tags = tags::merged(Vec::new(), tags::read(request.remove("TagList")))?;
    let now = call.service.clock.now();
    let mut domain = Domain {
        account: call.caller.account.clone(),
        region: call.caller.region.clone(),
        name,
        created: now,
        engine_version,
        options: request.clone(),
        updates: BTreeMap::new(),
        last_change: LastChange { id: call.service.ids.uuid().to_string(), at: now, number: 1 },
        upgrade: None,
        tags,
    };
    defaults::fill(call, &mut domain);
    rules::check(&domain.engine_version, &domain.options, &request)?;
    Ok(domain)
}

fn add(call: &Call<'_>, domain: Domain) -> Result<Arc<Domain>, ApiError> {
    let domains = &call.service.domains;
    let change = domains.change();
    if domains.get(&domain.key()).is_some() {
        return Err(ApiError::AlreadyExists(format!("Domain {} already exists.", domain.name)));
    }
    if domains.of(&domain.key().owner).len() >= limits::DOMAINS || domains.len() >= limits::DOMAINS_IN_ALL {
        let text = format!("You have reached the limit of {} domains in this region.", limits::DOMAINS);
        return Err(ApiError::LimitExceeded(text.into()));
    }
    change.put(domain)
}
