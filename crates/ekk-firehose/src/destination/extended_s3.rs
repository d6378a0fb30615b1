//! Extended S3 destinations: a bucket with processors, partitions, another format, and a copy of what came in.

use ekk_delivery::{Destination, DynamicPartitioning, ExtendedS3Destination, S3Destination};

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
    if settings.enabled(conversion::CONVERSION) {
        return Ok(Err(Undelivered(format!("ExtendedS3Destination with {}", conversion::CONVERSION))));
    }
    let description: ExtendedS3DestinationDescription = settings.typed()?;
    let plain: S3DestinationDescription = settings.typed()?;
    let is_backed_up = description.s3_backup_mode == Some(S3BackupMode::Enabled);
    let backup = description.s3_backup_description.as_ref();
    let partitioning = description.dynamic_partitioning_configuration.filter(|given| given.enabled == Some(true));
    Ok(Ok(Destination::S3(ExtendedS3Destination {
        objects: S3Destination {
            custom_time_zone: time_zone::zone(description.custom_time_zone.as_deref().unwrap_or_default()),
            file_extension: description.file_extension.filter(|extension| !extension.is_empty()),
            ..s3::bucket(&plain)
        },
        source_backup: is_backed_up.then(|| s3::behind(backup)).transpose()?,
        dynamic_partitioning: partitioning.map(|given| DynamicPartitioning {
            retry_duration: settings::retry(given.retry_options.and_then(|options| options.duration_in_seconds)),
        }),
    })))
}
