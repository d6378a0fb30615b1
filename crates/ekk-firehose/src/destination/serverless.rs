//! Destinations that are collections of OpenSearch Serverless: defaults and checks.

use super::{endpoint, search, settings::Settings};
use crate::error::ApiError;

/// Checks an `AmazonOpenSearchServerlessDestination` and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: there is no collection, or as of an index.
pub(super) fn complete(settings: Settings) -> Result<Settings, ApiError> {
    let member = "CollectionEndpoint";
    let Some(address) = settings.text(member) else {
        return Err(ApiError::invalid("Must specify collection endpoint for delivery to OpenSearch serverless."));
    };
    endpoint::cluster(member, address)?.ok();
    search::complete_index(settings)
}
