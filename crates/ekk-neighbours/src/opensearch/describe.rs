//! What there is: `DescribeDomain`, `DescribeDomains`, `DescribeDomainConfig`, `DescribeDomainChangeProgress`,
//! `ListDomainNames`.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DescribeDomain.html>

use serde_json::{Value, json};

use super::{
    Call, domain, shapes,
    status::{self, Life},
};
use crate::{
    constraint::{Checks, Text},
    error::ApiError,
    limits,
};

pub(super) fn one(call: &Call<'_>) -> Result<Value, ApiError> {
    let domain = domain::in_path(call)?;
    Ok(json!({"DomainStatus": status::status(call, &domain, Life::Active)}))
}

/// Names that no domain has are left out of the answer.
pub(super) fn some(call: &Call<'_>) -> Result<Value, ApiError> {
    let request = call.read(&shapes::DESCRIBE_DOMAINS)?;
    let names = request.get("DomainNames").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if names.len() > limits::DESCRIBED_DOMAINS {
        let text = format!("Please provide a maximum of {} domain names to describe.", limits::DESCRIBED_DOMAINS);
        return Err(ApiError::Validation(text.into()));
    }
    let found = names.iter().filter_map(|name| domain::find(call, name.as_str()?));
    let list: Vec<_> = found.map(|domain| status::status(call, &domain, Life::Active)).collect();
    Ok(json!({"DomainStatusList": list}))
}

pub(super) fn config(call: &Call<'_>) -> Result<Value, ApiError> {
    let domain = domain::in_path(call)?;
    Ok(json!({"DomainConfig": status::config(call, &domain)}))
}

/// Every change is complete as soon as it is made.
pub(super) fn change_progress(call: &Call<'_>) -> Result<Value, ApiError> {
    let domain = domain::in_path(call)?;
    let at = status::seconds(domain.last_change.at);
    Ok(json!({"ChangeProgressStatus": {
        "ChangeId": domain.last_change.id,
        "StartTime": at,
        "LastUpdatedTime": at,
        "Status": "COMPLETED",
        "ConfigChangeStatus": "Completed",
        "InitiatedBy": "CUSTOMER",
        "PendingProperties": [],
        "CompletedProperties": [],
        "TotalNumberOfStages": 0,
        "ChangeProgressStages": [],
    }}))
}

pub(super) fn names(call: &Call<'_>) -> Result<Value, ApiError> {
    static ENGINE_TYPE: Text = Text::one_of(&["OpenSearch", "Elasticsearch"]);
    let wanted = call.parameter("engineType");
    if let Some(wanted) = &wanted {
        let mut checks = Checks::default();
        checks.text("engineType", wanted, &ENGINE_TYPE);
        checks.end()?;
    }
    let domains = call.service.domains.of(&call.owner());
    let domains = domains.iter().filter(|domain| wanted.as_ref().is_none_or(|wanted| domain.engine_type() == wanted));
    let names: Vec<_> =
        domains.map(|domain| json!({"DomainName": domain.name, "EngineType": domain.engine_type()})).collect();
    Ok(json!({"DomainNames": names}))
}
