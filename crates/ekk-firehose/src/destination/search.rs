//! Destinations with an index and a bucket behind it: OpenSearch Service and Elasticsearch, which have the same members.

use ekk_delivery::{Destination, Endpoint, Flavour, OpenSearchDestination};
use serde_json::json;

use super::{
    Delivered, Kind, Undelivered, endpoint, processing, s3,
    settings::{self, S3_DESTINATION, Settings},
    vpc,
};
use crate::{
    error::ApiError,
    wire::{
        AmazonopensearchserviceDestinationDescription, AmazonopensearchserviceIndexRotationPeriod,
        AmazonopensearchserviceS3BackupMode, DefaultDocumentIdFormat,
    },
};

/// Checks a configuration and fills in the defaults.
///
/// # Errors
/// `InvalidArgumentException`: the cluster is named twice or not at all, a type is named, a prefix breaks AWS's rules.
pub(super) fn complete(mut settings: Settings, kind: Kind) -> Result<Settings, ApiError> {
    check_cluster(&settings)?;
    if settings.text("TypeName").is_some_and(|name| !name.is_empty()) {
        // Both were recorded from AWS, years apart; the older names the version of an Elasticsearch domain.
        let engines = match kind {
            Kind::Elasticsearch => "Elasticsearch version 7.1",
            _ => "Elasticsearch version 7+ and all OpenSearch versions",
        };
        return Err(ApiError::invalid(format!("Types are deprecated in {engines}. TypeName must be empty.")));
    }
    settings.default("TypeName", "");
    settings.default("IndexRotationPeriod", "OneDay");
    settings.default("DocumentIdOptions", json!({"DefaultDocumentIdFormat": "FIREHOSE_DEFAULT"}));
    complete_index(settings)
}

/// Checks and fills in what every destination with an index has.
///
/// # Errors
/// `InvalidArgumentException`: as of the bucket, the hints and the processors.
pub(super) fn complete_index(mut settings: Settings) -> Result<Settings, ApiError> {
    settings.complete_hints(300, 5)?;
    settings.complete_retry(300);
    settings.default("S3BackupMode", "FailedDocumentsOnly");
    settings.default("ProcessingConfiguration", json!({"Enabled": false, "Processors": []}));
    settings.complete_logging()?;
    settings.complete_given(S3_DESTINATION, s3::complete)?;
    processing::complete(&mut settings, processing::Keys::Unused)?;
    vpc::complete(&mut settings)?;
    Ok(settings)
}

/// What delivery is told.
pub(super) fn delivered(settings: &Settings, flavour: Flavour) -> Result<Delivered, ApiError> {
    Ok(match cluster(settings)? {
        Ok(endpoint) => Ok(Destination::OpenSearch(index(settings, flavour, endpoint)?)),
        Err(undelivered) => Err(undelivered),
    })
}

/// What delivery is told of an index in a cluster.
pub(super) fn index(
    settings: &Settings,
    flavour: Flavour,
    endpoint: Endpoint,
) -> Result<OpenSearchDestination, ApiError> {
    let description: AmazonopensearchserviceDestinationDescription = settings.typed()?;
    let hints = description.buffering_hints.unwrap_or_default();
    let id_format = description.document_id_options.map(|options| options.default_document_id_format);
    Ok(OpenSearchDestination {
        flavour,
        endpoint,
        index_name: description.index_name.unwrap_or_default(),
        rotation: rotation(description.index_rotation_period),
        buffering_hints: settings::hints(hints.interval_in_seconds, hints.size_in_mbs),
        retry_duration: settings::retry(description.retry_options.and_then(|options| options.duration_in_seconds)),
        document_id: match id_format {
            None | Some(DefaultDocumentIdFormat::FirehoseDefault) => {
                ekk_delivery::DefaultDocumentIdFormat::FirehoseDefault
            }
            Some(DefaultDocumentIdFormat::NoDocumentId) => ekk_delivery::DefaultDocumentIdFormat::NoDocumentId,
        },
        backup_mode: match description.s3_backup_mode {
            None | Some(AmazonopensearchserviceS3BackupMode::FailedDocumentsOnly) => {
                ekk_delivery::S3BackupMode::FailedDocumentsOnly
            }
            Some(AmazonopensearchserviceS3BackupMode::AllDocuments) => ekk_delivery::S3BackupMode::AllDocuments,
        },
        backup: s3::behind(description.s3_destination_description.as_ref())?,
    })
}

fn rotation(period: Option<AmazonopensearchserviceIndexRotationPeriod>) -> ekk_delivery::IndexRotationPeriod {
    use AmazonopensearchserviceIndexRotationPeriod as Period;
    match period {
        Some(Period::NoRotation) => ekk_delivery::IndexRotationPeriod::NoRotation,
        Some(Period::OneHour) => ekk_delivery::IndexRotationPeriod::OneHour,
        None | Some(Period::OneDay) => ekk_delivery::IndexRotationPeriod::OneDay,
        Some(Period::OneWeek) => ekk_delivery::IndexRotationPeriod::OneWeek,
        Some(Period::OneMonth) => ekk_delivery::IndexRotationPeriod::OneMonth,
    }
}

/// A cluster is named in one way.
fn check_cluster(settings: &Settings) -> Result<(), ApiError> {
    let refused = match (settings.has("DomainARN"), settings.has("ClusterEndpoint")) {
        (true, true) => {
            "Cannot provide both Elasticsearch cluster endpoint and domain ARN. Provide either the cluster endpoint or \
             domain arn. Must specify cluster endpoint for cross account elasticsearch cluster."
        }
        (false, false) => {
            "Provide either the Elasticsearch cluster endpoint or domain arn. Must specify cluster endpoint for cross \
             account Elasticsearch cluster."
        }
        _ => return cluster(settings).map(|_| ()),
    };
    Err(ApiError::invalid(refused))
}

/// A domain is the stack's own OpenSearch, whatever its name.
fn cluster(settings: &Settings) -> Result<Result<Endpoint, Undelivered>, ApiError> {
    let member = "ClusterEndpoint";
    settings.text(member).map_or(Ok(Ok(Endpoint::Stack)), |address| endpoint::cluster(member, address))
}
