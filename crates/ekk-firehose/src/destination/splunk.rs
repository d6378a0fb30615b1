//! Destinations that are Splunk: defaults and checks.

use url::Url;

use super::{
    processing, s3, secrets,
    settings::{self, S3_DESTINATION, Settings},
};
use crate::error::ApiError;

/// Checks a `SplunkDestination` and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: the endpoint is not https, the token is missing, or as of the bucket, the hints and the
/// processors; or an update takes the backup of all events back.
pub(super) fn complete(mut settings: Settings, before: Option<&Settings>) -> Result<Settings, ApiError> {
    settings.complete_hints(60, 5)?;
    settings.complete_retry(300);
    settings.default("HECAcknowledgmentTimeoutInSeconds", 180);
    settings.default("S3BackupMode", "FailedEventsOnly");
    settings.complete_logging()?;
    check_endpoint(settings.text("HECEndpoint").unwrap_or_default())?;
    check_credentials(&settings)?;
    settings.complete_given(S3_DESTINATION, s3::complete)?;
    processing::complete(&mut settings, processing::Keys::Unused)?;
    settings::check_backup_mode(&settings, before, "AllEvents")?;
    Ok(settings)
}

fn check_endpoint(endpoint: &str) -> Result<(), ApiError> {
    if Url::parse(endpoint).is_ok_and(|url| url.scheme() == "https") {
        return Ok(());
    }
    Err(ApiError::invalid("Invalid HECEndpoint. Supported endpoint format is https://<domain>:<port>."))
}

/// A secret needs a role, for the destination itself has none.
///
/// Differs from AWS: the words for a missing token and a missing role are ours.
fn check_credentials(settings: &Settings) -> Result<(), ApiError> {
    secrets::check(settings, &[("HECToken", "HECToken must be provided.")])?;
    let role = settings.text_within(secrets::SECRETS_MANAGER, "RoleARN");
    if settings.enabled(secrets::SECRETS_MANAGER) && role.is_none() {
        return Err(ApiError::invalid("SecretsManagerConfiguration.RoleARN must be provided for Splunk."));
    }
    Ok(())
}
