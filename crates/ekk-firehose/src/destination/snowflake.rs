//! Destinations that are Snowflake: defaults and checks.

use super::{
    processing, s3, secrets,
    settings::{self, S3_DESTINATION, Settings},
};
use crate::error::ApiError;

/// Checks a `SnowflakeDestination` and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: credentials or names of columns are missing or too many, or as of the bucket, the hints
/// and the processors; or a change that AWS does not make.
pub(super) fn complete(mut settings: Settings, before: Option<&Settings>) -> Result<Settings, ApiError> {
    settings.complete_hints(0, 128)?;
    settings.complete_retry(60);
    settings.default("DataLoadingOption", "JSON_MAPPING");
    settings.default("S3BackupMode", "FailedDataOnly");
    settings.complete_logging()?;
    let required = [("PrivateKey", "PrivateKey must be provided."), ("User", "User must be provided.")];
    secrets::check(&settings, &required)?;
    check_columns(&settings)?;
    let role = "SnowflakeRoleConfiguration";
    if settings.enabled(role) && settings.text_within(role, "SnowflakeRole").is_none() {
        return Err(ApiError::invalid("Must provide SnowflakeRole when SnowflakeRoleConfiguration is enabled."));
    }
    settings.complete_given(S3_DESTINATION, s3::complete)?;
    processing::complete(&mut settings, processing::Keys::Unused)?;
    settings::check_backup_mode(&settings, before, "AllData")?;
    check_private_link(&settings, before)?;
    Ok(settings)
}

/// Which names of columns each way of loading has.
///
/// Differs from AWS: the words are known of `ContentColumnName` with `JSON_MAPPING` and of
/// `VARIANT_CONTENT_AND_METADATA_MAPPING`, and made alike for the others.
fn check_columns(settings: &Settings) -> Result<(), ApiError> {
    let given = (settings.has("ContentColumnName"), settings.has("MetaDataColumnName"));
    let refused = match (settings.text("DataLoadingOption").unwrap_or_default(), given) {
        ("VARIANT_CONTENT_AND_METADATA_MAPPING", (false, _) | (_, false)) => {
            "Must provide ContentColumnName and MetadataColumnName when Data Loading Option is \
             VARIANT_CONTENT_AND_METADATA_MAPPING."
        }
        ("VARIANT_CONTENT_MAPPING", (false, _)) => {
            "Must provide ContentColumnName when Data Loading Option is VARIANT_CONTENT_MAPPING."
        }
        ("JSON_MAPPING", (true, _)) => {
            "Can't configure ContentColumnName when Data Loading Option is not VARIANT_CONTENT_MAPPING or \
             VARIANT_CONTENT_AND_METADATA_MAPPING"
        }
        ("JSON_MAPPING" | "VARIANT_CONTENT_MAPPING", (_, true)) => {
            "Can't configure MetadataColumnName when Data Loading Option is not VARIANT_CONTENT_AND_METADATA_MAPPING"
        }
        _ => return Ok(()),
    };
    Err(ApiError::invalid(refused))
}

/// The address behind a private link stays what it is.
fn check_private_link(settings: &Settings, before: Option<&Settings>) -> Result<(), ApiError> {
    let is_private = |settings: &Settings| settings.has("SnowflakeVpcConfiguration");
    match before.filter(|before| is_private(before)) {
        Some(before) if before.text("AccountUrl") != settings.text("AccountUrl") => {
            Err(ApiError::invalid("Changing the snowflake private link url is not supported at this time."))
        }
        _ => Ok(()),
    }
}
