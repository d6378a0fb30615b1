//! Destinations that are Redshift: defaults and checks.

use super::{
    extended_s3, processing, s3, secrets,
    settings::{self, S3_BACKUP, S3_DESTINATION, Settings},
};
use crate::error::ApiError;

/// Checks a `RedshiftDestination` and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: credentials are missing, the bucket has what `COPY` cannot read, or as of the buckets and
/// the processors; or an update takes the backup back.
pub(super) fn complete(mut settings: Settings, before: Option<&Settings>) -> Result<Settings, ApiError> {
    settings.complete_retry(3_600);
    settings.default("S3BackupMode", "Disabled");
    settings.complete_logging()?;
    // Differs from AWS: the words for a missing user are ours.
    let required = [
        ("Password", "Redshift Database Password is required for Redshift Destination"),
        ("Username", "Redshift Database Username is required for Redshift Destination"),
    ];
    secrets::check(&settings, &required)?;
    settings.complete_given(S3_DESTINATION, complete_bucket)?;
    settings.complete_given(S3_BACKUP, s3::complete)?;
    processing::complete(&mut settings, processing::Keys::Unused)?;
    settings::check_backup_mode(&settings, before, "Enabled")?;
    extended_s3::check_backup(&settings)?;
    Ok(settings)
}

/// The bucket that Redshift copies from has names without expressions, and files that Redshift can read.
fn complete_bucket(bucket: Settings) -> Result<Settings, ApiError> {
    let text = |name| bucket.text(name).unwrap_or_default();
    if text("Prefix").contains("!{") || !text("ErrorOutputPrefix").is_empty() {
        return Err(ApiError::invalid(
            "Ths supplied prefix(es) do not satisfy the following constraint: Prefix Expressions or ErrorOutputPrefix \
             is currently not supported for this destination",
        ));
    }
    let bucket = s3::complete(bucket)?;
    if !matches!(bucket.text("CompressionFormat"), Some("UNCOMPRESSED" | "GZIP")) {
        return Err(ApiError::invalid(
            "Only the following compression formats are allowed when using Redshift: [UNCOMPRESSED, GZIP]",
        ));
    }
    Ok(bucket)
}
