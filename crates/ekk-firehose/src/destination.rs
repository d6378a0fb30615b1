//! Where a stream delivers to: from what the caller configured, over what is described, to what delivery is told.
//!
//! Here the one destination of a request is found; the checks and defaults of each kind are in its own module.
//! A kind that is not delivered is refused by name: it would otherwise swallow records in silence.

mod s3;
mod search;

use serde::{Deserialize, Serialize};

use crate::{
    error::ApiError,
    wire::{
        BufferingHints, CloudWatchLoggingOptions, CreateDeliveryStreamInput, ExtendedS3DestinationDescription,
        PartialBufferingHints, ProcessingConfiguration, SearchDestinationDescription,
    },
};

/// The destination of a stream as it is described, with every default filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum DestinationDescription {
    #[serde(rename = "AmazonopensearchserviceDestinationDescription")]
    Amazonopensearchservice(Box<SearchDestinationDescription>),
    #[serde(rename = "ElasticsearchDestinationDescription")]
    Elasticsearch(Box<SearchDestinationDescription>),
    #[serde(rename = "ExtendedS3DestinationDescription")]
    ExtendedS3(Box<ExtendedS3DestinationDescription>),
}

/// Finds the one destination of a request, checks it and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: there is none or more than one, it is not supported, or its members contradict.
pub(crate) fn describe(input: &CreateDeliveryStreamInput) -> Result<DestinationDescription, ApiError> {
    let undelivered = [
        ("S3DestinationConfiguration", input.s3.is_some()),
        ("RedshiftDestinationConfiguration", input.redshift.is_some()),
        ("SplunkDestinationConfiguration", input.splunk.is_some()),
        ("HttpEndpointDestinationConfiguration", input.http_endpoint.is_some()),
        ("AmazonOpenSearchServerlessDestinationConfiguration", input.amazon_open_search_serverless.is_some()),
        ("SnowflakeDestinationConfiguration", input.snowflake.is_some()),
        ("IcebergDestinationConfiguration", input.iceberg.is_some()),
    ];
    let mut undelivered = undelivered.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
    let more = undelivered.next();
    match (&input.amazonopensearchservice, &input.elasticsearch, &input.extended_s3, more, undelivered.next()) {
        (Some(configuration), None, None, None, None) => {
            search::describe(configuration).map(Box::new).map(DestinationDescription::Amazonopensearchservice)
        }
        (None, Some(configuration), None, None, None) => {
            search::describe(configuration).map(Box::new).map(DestinationDescription::Elasticsearch)
        }
        (None, None, Some(configuration), None, None) => {
            s3::describe_extended(configuration).map(Box::new).map(DestinationDescription::ExtendedS3)
        }
        (None, None, None, Some(name), None) => Err(ApiError::unsupported(name)),
        _ => Err(ApiError::invalid("Exactly one destination configuration is supported for a Firehose")),
    }
}

/// What delivery is told about a destination that [`describe`] found good.
///
/// # Errors
/// `InvalidArgumentException` for a member whose text only delivery can read, such as a time zone.
pub(crate) fn deliver_to(description: &DestinationDescription) -> Result<ekk_delivery::Destination, ApiError> {
    use ekk_delivery::{Destination, Flavour};
    Ok(match description {
        DestinationDescription::Amazonopensearchservice(description) => {
            Destination::OpenSearch(search::deliver_to(description, Flavour::OpenSearch)?)
        }
        DestinationDescription::Elasticsearch(description) => {
            Destination::OpenSearch(search::deliver_to(description, Flavour::Elasticsearch)?)
        }
        DestinationDescription::ExtendedS3(description) => Destination::S3(s3::deliver_extended_to(description)?),
    })
}

/// Both hints or none; the defaults are those of the account.
///
/// Differs from AWS: the words of its refusal are not known.
fn buffering_hints(given: Option<PartialBufferingHints>) -> Result<BufferingHints, ApiError> {
    let given = given.map_or((None, None), |hints| (hints.interval_in_seconds, hints.size_in_mbs));
    match given {
        (None, None) => Ok(BufferingHints { interval_in_seconds: 300, size_in_mbs: 5 }),
        (Some(interval_in_seconds), Some(size_in_mbs)) => Ok(BufferingHints { interval_in_seconds, size_in_mbs }),
        (None, Some(_)) => {
            Err(ApiError::invalid("BufferingHints.IntervalInSeconds must be specified when SizeInMBs is specified."))
        }
        (Some(_), None) => {
            Err(ApiError::invalid("BufferingHints.SizeInMBs must be specified when IntervalInSeconds is specified."))
        }
    }
}

fn deliver_hints(hints: BufferingHints) -> ekk_delivery::BufferingHints {
    ekk_delivery::BufferingHints {
        size_bytes: hints.size_in_mbs << 20,
        interval: std::time::Duration::from_secs(hints.interval_in_seconds),
    }
}

/// Processing that does nothing is taken as it came; Terraform sends it with every stream.
fn check_processing(given: Option<&ProcessingConfiguration>) -> Result<(), ApiError> {
    let Some(ProcessingConfiguration { enabled, processors }) = given else { return Ok(()) };
    let has_processors = processors.as_ref().is_some_and(|processors| !processors.is_empty());
    match enabled {
        Some(false) => Ok(()),
        None if !has_processors => Ok(()),
        _ => Err(ApiError::unsupported("ProcessingConfiguration with processors enabled")),
    }
}

/// Differs from AWS: there are no `CloudWatch` logs here. The options are kept and described, and the log says so.
fn cloud_watch_logging_options(given: Option<&CloudWatchLoggingOptions>) -> CloudWatchLoggingOptions {
    let options = given.cloned().unwrap_or_default();
    if options.enabled {
        tracing::warn!(
            log_group = options.log_group_name.as_deref(),
            "errors of this stream go to ekk's own log, not to CloudWatch"
        );
    }
    options
}
