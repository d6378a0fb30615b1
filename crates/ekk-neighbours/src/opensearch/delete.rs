//! `DeleteDomain`, `DeleteElasticsearchDomain`: the name is free when the call returns.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_DeleteDomain.html>

use serde_json::{Value, json};

use super::{
    Call, domain,
    status::{self, Life},
};
use crate::{error::ApiError, shelf::Kept as _};

pub(super) fn answer(call: &Call<'_>) -> Result<Value, ApiError> {
    let change = call.service.domains.change();
    let domain = domain::in_path(call)?;
    change.remove(&domain.key())?;
    Ok(json!({"DomainStatus": status::status(call, &domain, Life::Deleted)}))
}
