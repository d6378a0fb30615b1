//! Destinations with an index and a bucket behind it: OpenSearch Service and Elasticsearch, which have the same members.

use ekk_delivery::{Destination, Endpoint, Flavour, OpenSearchDestination};
use serde_json::json;
use url::{Host, Url};

use super::{
    Delivered, Undelivered, s3,
    settings::{self, S3_DESTINATION, Settings},
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
pub(super) fn complete(mut settings: Settings, _before: Option<&Settings>) -> Result<Settings, ApiError> {
    check_cluster(&settings)?;
    if settings.text("TypeName").is_some_and(|name| !name.is_empty()) {
        return Err(ApiError::invalid("Types are deprecated in Elasticsearch version 7.1. TypeName must be empty."));
    }
    settings.default("TypeName", "");
    settings.default("IndexRotationPeriod", "OneDay");
    settings.complete_hints(300, 5)?;
    settings.default("RetryOptions", json!({"DurationInSeconds": 300}));
    settings.default("S3BackupMode", "FailedDocumentsOnly");
    settings.default("ProcessingConfiguration", json!({"Enabled": false, "Processors": []}));
    settings.default("CloudWatchLoggingOptions", json!({"Enabled": false}));
    settings.default("DocumentIdOptions", json!({"DefaultDocumentIdFormat": "FIREHOSE_DEFAULT"}));
    settings.complete_given(S3_DESTINATION, s3::complete)?;
    Ok(settings)
}

/// What delivery is told.
pub(super) fn delivered(settings: &Settings, flavour: Flavour) -> Result<Delivered, ApiError> {
    let description: AmazonopensearchserviceDestinationDescription = settings.typed()?;
    if description.processing_configuration.as_ref().is_some_and(settings::is_processing) {
        return Ok(Err(Undelivered("ProcessingConfiguration".to_owned())));
    }
    let Some(bucket) = &description.s3_destination_description else {
        return Err(ApiError::Internal { doing: "find the bucket of a stream", source: "it has none".into() });
    };
    let hints = description.buffering_hints.unwrap_or_default();
    let retry = description.retry_options.and_then(|options| options.duration_in_seconds).unwrap_or(300);
    let id_format = description.document_id_options.map(|options| options.default_document_id_format);
    Ok(Ok(Destination::OpenSearch(OpenSearchDestination {
        flavour,
        endpoint: Endpoint::Stack,
        index_name: description.index_name.unwrap_or_default(),
        rotation: rotation(description.index_rotation_period),
        buffering_hints: settings::hints(hints.interval_in_seconds, hints.size_in_mbs),
        retry_duration: settings::seconds(retry),
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
        backup: s3::bucket(bucket)?,
    })))
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

/// A cluster is named in one way, and then is the stack's own whatever its name: a definition that was copied
/// from AWS must never write to AWS.
///
/// Differs from AWS: the words of its refusal are not known, and no cluster but the stack's is reached.
fn check_cluster(settings: &Settings) -> Result<(), ApiError> {
    match (settings.text("DomainARN"), settings.text("ClusterEndpoint")) {
        (Some(_), None) => Ok(()),
        (None, Some(endpoint)) => {
            let url = Url::parse(endpoint)
                .map_err(|error| ApiError::invalid(format!("ClusterEndpoint {endpoint} is not a URL: {error}")))?;
            if is_loopback(&url) {
                return Err(ApiError::unsupported(format!("ClusterEndpoint {endpoint} on this machine over https")));
            }
            Ok(())
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(ApiError::invalid("Exactly one of DomainARN and ClusterEndpoint must be specified."))
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
