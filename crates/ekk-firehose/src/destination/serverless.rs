//! Destinations that are collections of OpenSearch Serverless: defaults and checks.

use ekk_delivery::{DefaultDocumentIdFormat, Destination, Flavour, IndexRotationPeriod, OpenSearchDestination};

use super::{Delivered, endpoint, search, settings::Settings};
use crate::error::ApiError;

const ENDPOINT: &str = "CollectionEndpoint";

/// Checks an `AmazonOpenSearchServerlessDestination` and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: there is no collection, or as of an index.
pub(super) fn complete(settings: Settings) -> Result<Settings, ApiError> {
    let Some(address) = settings.text(ENDPOINT) else {
        return Err(ApiError::invalid("Must specify collection endpoint for delivery to OpenSearch serverless."));
    };
    endpoint::cluster(ENDPOINT, address)?.ok();
    search::complete_index(settings)
}

/// What delivery is told. A collection takes no ids, and its index is not rotated.
pub(super) fn delivered(settings: &Settings) -> Result<Delivered, ApiError> {
    let address = settings.text(ENDPOINT).unwrap_or_default();
    Ok(match endpoint::cluster(ENDPOINT, address)? {
        Ok(endpoint) => Ok(Destination::OpenSearch(OpenSearchDestination {
            rotation: IndexRotationPeriod::NoRotation,
            document_id: DefaultDocumentIdFormat::NoDocumentId,
            ..search::index(settings, Flavour::OpenSearchServerless, endpoint)?
        })),
        Err(undelivered) => Err(undelivered),
    })
}
