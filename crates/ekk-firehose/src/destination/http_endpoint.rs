//! Destinations that are HTTP endpoints: defaults and checks.

use serde_json::Value;
use url::Url;

use super::{
    processing, s3, secrets,
    settings::{self, S3_DESTINATION, Settings},
};
use crate::error::ApiError;

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
    let address = settings.text_within("EndpointConfiguration", "Url").unwrap_or_default();
    let url = Url::parse(address)
        .map_err(|error| ApiError::invalid(format!("EndpointConfiguration.Url {address} is not a URL: {error}")))?;
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
