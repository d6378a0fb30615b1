//! Extended S3 destinations: a bucket with processors, partitions, another format, and a copy of what came in.

use ekk_delivery::{Destination, S3Destination};

use super::{
    Delivered, Undelivered, conversion, partitioning, prefix, processing, s3,
    settings::{self, S3_BACKUP, Settings},
    time_zone,
};
use crate::{
    error::ApiError,
    wire::{ExtendedS3DestinationDescription, S3BackupMode, S3DestinationDescription},
};

/// Megabytes that are buffered by default where files are better large: with another format, and in partitions.
const LARGE_SIZE_IN_MBS: u64 = 128;

/// Checks an Extended S3 destination and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: its members contradict, or a change that AWS does not make.
pub(super) fn complete(mut settings: Settings, before: Option<&Settings>) -> Result<Settings, ApiError> {
    conversion::complete(&mut settings);
    partitioning::complete(&mut settings)?;
    let is_partitioned = settings.enabled(partitioning::PARTITIONING);
    let is_large = is_partitioned || settings.enabled(conversion::CONVERSION);
    settings.complete_hints(300, if is_large { LARGE_SIZE_IN_MBS } else { 5 })?;
    settings.default("S3BackupMode", "Disabled");
    s3::complete_members(&mut settings)?;
    settings.complete_given(S3_BACKUP, s3::complete)?;
    conversion::check(&settings)?;
    partitioning::check_change(&settings, before)?;
    if is_partitioned {
        let keys = prefix::check_partitioned(&settings)?;
        let processors = processing::complete(&mut settings, processing::Keys::Extracted)?;
        partitioning::check(&settings, &keys, &processors)?;
    } else {
        prefix::check(&settings)?;
        processing::complete(&mut settings, processing::Keys::Unused)?;
    }
    settings::check_backup_mode(&settings, before, "Enabled")?;
    check_backup(&settings)?;
    time_zone::check(settings.text("CustomTimeZone").unwrap_or_default())?;
    Ok(settings)
}

/// A copy of what came in needs a bucket to go to.
///
/// # Errors
/// `InvalidArgumentException`.
pub(super) fn check_backup(settings: &Settings) -> Result<(), ApiError> {
    if settings.text("S3BackupMode") == Some("Enabled") && !settings.has(S3_BACKUP) {
        return Err(ApiError::invalid("S3 backup destination configuration is required when enabling S3 backup."));
    }
    Ok(())
}

/// What delivery is told.
pub(super) fn delivered(settings: &Settings) -> Result<Delivered, ApiError> {
    let description: ExtendedS3DestinationDescription = settings.typed()?;
    if let Some(what) = undelivered(settings, &description) {
        return Ok(Err(Undelivered(format!("ExtendedS3Destination with {what}"))));
    }
    let plain: S3DestinationDescription = settings.typed()?;
    let objects = S3Destination {
        custom_time_zone: time_zone::zone(description.custom_time_zone.as_deref().unwrap_or_default()),
        file_extension: description.file_extension.filter(|extension| !extension.is_empty()),
        ..s3::bucket(&plain)
    };
    Ok(Ok(Destination::S3(objects.into())))
}

/// A feature that is turned on and would change or copy records, which is not done here.
fn undelivered(settings: &Settings, description: &ExtendedS3DestinationDescription) -> Option<&'static str> {
    if settings.enabled(processing::PROCESSING) {
        Some("ProcessingConfiguration")
    } else if settings.enabled(conversion::CONVERSION) {
        Some("DataFormatConversionConfiguration")
    } else if settings.enabled(partitioning::PARTITIONING) {
        Some("DynamicPartitioningConfiguration")
    } else if description.s3_backup_mode == Some(S3BackupMode::Enabled) {
        Some("S3BackupMode Enabled")
    } else {
        None
    }
}
