//! Destinations with an index and a bucket behind it: `OpenSearch` Service and Elasticsearch.

use std::time::Duration;

use ekk_delivery::{Endpoint, Flavour, OpenSearchDestination};
use url::{Host, Url};

use super::{buffering_hints, check_processing, cloud_watch_logging_options, deliver_hints, s3};
use crate::{
    error::ApiError,
    wire::{
        DefaultDocumentIdFormat, DocumentBackupMode, DocumentIdOptions, IndexRotationPeriod, ProcessingConfiguration,
        RetryOptions, SearchDestinationConfiguration, SearchDestinationDescription,
    },
};

/// Seconds for which delivery is tried when the stream does not say.
const RETRY_IN_SECONDS: u64 = 300;

/// Checks a configuration and fills in the defaults.
///
/// # Errors
/// `InvalidArgumentException`: the cluster is named twice or not at all, a type is named, a prefix breaks AWS's rules,
/// or a feature is asked for that is not built here.
pub(super) fn describe(
    configuration: &SearchDestinationConfiguration,
) -> Result<SearchDestinationDescription, ApiError> {
    let SearchDestinationConfiguration { domain_arn, cluster_endpoint, .. } = configuration;
    check_cluster(domain_arn.as_deref(), cluster_endpoint.as_deref())?;
    if configuration.type_name.as_deref().is_some_and(|name| !name.is_empty()) {
        return Err(ApiError::invalid("Types are deprecated in Elasticsearch version 7.1. TypeName must be empty."));
    }
    if configuration.vpc_configuration.is_some() {
        return Err(ApiError::unsupported("VpcConfiguration"));
    }
    check_processing(configuration.processing_configuration.as_ref())?;
    Ok(SearchDestinationDescription {
        role_arn: configuration.role_arn.clone(),
        domain_arn: domain_arn.clone(),
        cluster_endpoint: cluster_endpoint.clone(),
        index_name: configuration.index_name.clone(),
        type_name: String::new(),
        index_rotation_period: configuration.index_rotation_period.unwrap_or_default(),
        buffering_hints: buffering_hints(configuration.buffering_hints)?,
        retry_options: RetryOptions {
            duration_in_seconds: configuration
                .retry_options
                .and_then(|options| options.duration_in_seconds)
                .unwrap_or(RETRY_IN_SECONDS),
        },
        s3_backup_mode: configuration.s3_backup_mode.unwrap_or_default(),
        s3_destination_description: s3::describe(&configuration.s3_configuration)?,
        processing_configuration: processing_configuration(configuration.processing_configuration.as_ref()),
        cloud_watch_logging_options: cloud_watch_logging_options(configuration.cloud_watch_logging_options.as_ref()),
        document_id_options: configuration
            .document_id_options
            .unwrap_or(DocumentIdOptions { default_document_id_format: DefaultDocumentIdFormat::FirehoseDefault }),
    })
}

/// What delivery is told.
pub(super) fn deliver_to(
    description: &SearchDestinationDescription,
    flavour: Flavour,
) -> Result<OpenSearchDestination, ApiError> {
    Ok(OpenSearchDestination {
        flavour,
        endpoint: Endpoint::Stack,
        index_name: description.index_name.clone(),
        rotation: match description.index_rotation_period {
            IndexRotationPeriod::NoRotation => ekk_delivery::IndexRotationPeriod::NoRotation,
            IndexRotationPeriod::OneHour => ekk_delivery::IndexRotationPeriod::OneHour,
            IndexRotationPeriod::OneDay => ekk_delivery::IndexRotationPeriod::OneDay,
            IndexRotationPeriod::OneWeek => ekk_delivery::IndexRotationPeriod::OneWeek,
            IndexRotationPeriod::OneMonth => ekk_delivery::IndexRotationPeriod::OneMonth,
        },
        buffering_hints: deliver_hints(description.buffering_hints),
        retry_duration: Duration::from_secs(description.retry_options.duration_in_seconds),
        document_id: match description.document_id_options.default_document_id_format {
            DefaultDocumentIdFormat::FirehoseDefault => ekk_delivery::DefaultDocumentIdFormat::FirehoseDefault,
            DefaultDocumentIdFormat::NoDocumentId => ekk_delivery::DefaultDocumentIdFormat::NoDocumentId,
        },
        backup_mode: match description.s3_backup_mode {
            DocumentBackupMode::FailedDocumentsOnly => ekk_delivery::S3BackupMode::FailedDocumentsOnly,
            DocumentBackupMode::AllDocuments => ekk_delivery::S3BackupMode::AllDocuments,
        },
        backup: s3::deliver_to(&description.s3_destination_description)?,
    })
}

/// A cluster is named in one way, and then is the stack's own whatever its name: a definition that was copied
/// from AWS must never write to AWS.
///
/// Differs from AWS: the words of its refusal are not known, and no cluster but the stack's is reached.
fn check_cluster(domain_arn: Option<&str>, cluster_endpoint: Option<&str>) -> Result<(), ApiError> {
    match (domain_arn, cluster_endpoint) {
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

fn processing_configuration(given: Option<&ProcessingConfiguration>) -> ProcessingConfiguration {
    ProcessingConfiguration {
        enabled: Some(false),
        processors: Some(given.and_then(|given| given.processors.clone()).unwrap_or_default()),
    }
}
