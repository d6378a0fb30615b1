//! Destinations that are HTTP endpoints: defaults and checks.

use ekk_delivery::{Destination, HttpEndpointDestination, S3BackupMode};
use serde_json::Value;
use url::Url;

use super::{
    Delivered, Undelivered, processing, s3, secrets,
    settings::{self, S3_DESTINATION, Settings},
};
use crate::{
    error::ApiError,
    loopback::is_plain_loopback,
    wire::{ContentEncoding, HttpEndpointDestinationDescription, HttpEndpointS3BackupMode},
};

/// Megabytes that are buffered by default for the partners that AWS knows, by the end of their hosts' names.
///
/// Source: <https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html>
const PARTNERS_SIZE_IN_MBS: [(&str, u64); 6] = [
    ("datadoghq.com", 4),
    ("datadoghq.eu", 4),
    ("coralogix.com", 6),
    ("elastic-cloud.com", 1),
    ("elastic.co", 1),
    ("honeycomb.io", 15),
];

/// Checks an `HttpEndpointDestination` and fills in its defaults.
///
/// The interval is 60 seconds by default, as the developer guide says; the API reference says 300.
///
/// # Errors
/// `InvalidArgumentException`: the address is not a URL, an attribute has two values, or as of the bucket, the hints and
/// the processors; or an update takes the backup of all data back.
pub(super) fn complete(mut settings: Settings, before: Option<&Settings>) -> Result<Settings, ApiError> {
    let url = url(&settings)?;
    settings.complete_hints(60, size_in_mbs(url.host_str().unwrap_or_default()))?;
    settings.complete_retry(300);
    settings.default("S3BackupMode", "FailedDataOnly");
    settings.default_within("RequestConfiguration", "ContentEncoding", "NONE");
    settings.complete_logging()?;
    check_attributes(&settings)?;
    secrets::check(&settings, &[])?;
    settings.complete_given(S3_DESTINATION, s3::complete)?;
    processing::complete(&mut settings, processing::Keys::Unused)?;
    settings::check_backup_mode(&settings, before, "AllData")?;
    Ok(settings)
}

/// What delivery is told.
///
/// An endpoint that is not on this machine is not sent to: a definition that was copied from AWS must never be.
pub(super) fn delivered(settings: &Settings) -> Result<Delivered, ApiError> {
    let url = url(settings)?;
    if !is_plain_loopback(url.as_str()) {
        return Ok(Err(Undelivered(format!("HttpEndpointDestination with {url}, which is not http on this machine,"))));
    }
    if settings.enabled(secrets::SECRETS_MANAGER) {
        return Ok(Err(Undelivered(format!("HttpEndpointDestination with {}", secrets::SECRETS_MANAGER))));
    }
    let description: HttpEndpointDestinationDescription = settings.typed()?;
    let request = description.request_configuration.unwrap_or_default();
    let attributes = request.common_attributes.unwrap_or_default().into_iter();
    let hints = description.buffering_hints.unwrap_or_default();
    let retry = description.retry_options.and_then(|options| options.duration_in_seconds);
    let text = |member| settings.text_within("EndpointConfiguration", member).map(str::to_owned);
    Ok(Ok(Destination::HttpEndpoint(HttpEndpointDestination {
        url,
        name: text("Name"),
        access_key: text("AccessKey"),
        content_encoding: match request.content_encoding {
            None | Some(ContentEncoding::None) => ekk_delivery::ContentEncoding::None,
            Some(ContentEncoding::Gzip) => ekk_delivery::ContentEncoding::Gzip,
        },
        common_attributes: attributes.map(|attribute| (attribute.attribute_name, attribute.attribute_value)).collect(),
        buffering_hints: settings::hints(hints.interval_in_seconds, hints.size_in_mbs),
        retry_duration: settings::retry(retry),
        backup_mode: match description.s3_backup_mode {
            None | Some(HttpEndpointS3BackupMode::FailedDataOnly) => S3BackupMode::FailedDocumentsOnly,
            Some(HttpEndpointS3BackupMode::AllData) => S3BackupMode::AllDocuments,
        },
        backup: s3::behind(description.s3_destination_description.as_ref())?,
    })))
}

fn url(settings: &Settings) -> Result<Url, ApiError> {
    let address = settings.text_within("EndpointConfiguration", "Url").unwrap_or_default();
    Url::parse(address)
        .map_err(|error| ApiError::invalid(format!("EndpointConfiguration.Url {address} is not a URL: {error}")))
}

fn size_in_mbs(host: &str) -> u64 {
    let is_of = |partner: &str| host.strip_suffix(partner).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PARTNERS_SIZE_IN_MBS.iter().find(|(partner, _)| is_of(partner)).map_or(5, |(_, size)| *size)
}

fn check_attributes(settings: &Settings) -> Result<(), ApiError> {
    let attributes = settings.value("RequestConfiguration").and_then(|request| request.get("CommonAttributes"));
    let attributes = attributes.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let names: Vec<_> =
        attributes.iter().filter_map(|attribute| attribute.get("AttributeName")).filter_map(Value::as_str).collect();
    let twice = names.iter().enumerate().find(|(index, name)| names.iter().take(*index).any(|before| before == *name));
    match twice {
        None => Ok(()),
        Some((_, name)) => {
            Err(ApiError::invalid(format!("Http Endpoint Common Attributes have duplicate name {name}.")))
        }
    }
}
