//! Destinations that are a bucket: S3, Extended S3, and the bucket behind every other kind.

use ekk_delivery::{Destination, S3Destination, prefix};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{
    Delivered, Undelivered,
    settings::{S3_BACKUP, Settings},
};
use crate::{
    error::ApiError,
    wire::{
        BufferingHints, CompressionFormat, ExtendedS3DestinationDescription, S3BackupMode, S3DestinationDescription,
    },
};

/// Checks a bucket and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: a prefix breaks AWS's rules, or hints come alone.
pub(super) fn complete(mut settings: Settings) -> Result<Settings, ApiError> {
    settings.complete_hints(300, 5)?;
    settings.default("CompressionFormat", "UNCOMPRESSED");
    settings.default("EncryptionConfiguration", json!({"NoEncryptionConfig": "NoEncryption"}));
    settings.default("CloudWatchLoggingOptions", json!({"Enabled": false}));
    prefix::check(settings.text("Prefix").unwrap_or_default(), settings.text("ErrorOutputPrefix"))
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    Ok(settings)
}

/// Checks an Extended S3 destination and fills in its defaults.
///
/// # Errors
/// As [`complete`], and `InvalidArgumentException` for members that contradict and changes that AWS does not make.
pub(super) fn complete_extended(mut settings: Settings, _before: Option<&Settings>) -> Result<Settings, ApiError> {
    settings = complete(settings)?;
    settings.default("S3BackupMode", "Disabled");
    settings.complete_given(S3_BACKUP, complete)?;
    time_zone(settings.text("CustomTimeZone"))?;
    Ok(settings)
}

/// What delivery is told about a plain bucket.
pub(super) fn delivered(settings: &Settings) -> Result<Delivered, ApiError> {
    Ok(Ok(Destination::S3(bucket(&settings.typed()?)?)))
}

/// What delivery is told about an Extended S3 destination.
pub(super) fn delivered_extended(settings: &Settings) -> Result<Delivered, ApiError> {
    let description: ExtendedS3DestinationDescription = settings.typed()?;
    if let Some(what) = undelivered(&description) {
        return Ok(Err(Undelivered(format!("ExtendedS3Destination with {what}"))));
    }
    let plain: S3DestinationDescription = settings.typed()?;
    Ok(Ok(Destination::S3(S3Destination {
        custom_time_zone: time_zone(description.custom_time_zone.as_deref())?,
        file_extension: description.file_extension.filter(|extension| !extension.is_empty()),
        ..bucket(&plain)?
    })))
}

/// A feature that is turned on and would change or copy records, which is not done here.
fn undelivered(description: &ExtendedS3DestinationDescription) -> Option<&'static str> {
    let processing = description.processing_configuration.as_ref();
    let conversion = description.data_format_conversion_configuration.as_ref();
    let partitioning = description.dynamic_partitioning_configuration.as_ref();
    if processing.is_some_and(super::settings::is_processing) {
        Some("ProcessingConfiguration")
    } else if conversion.is_some_and(|conversion| conversion.enabled.unwrap_or(true)) {
        Some("DataFormatConversionConfiguration")
    } else if partitioning.is_some_and(|partitioning| partitioning.enabled == Some(true)) {
        Some("DynamicPartitioningConfiguration")
    } else if description.s3_backup_mode == Some(S3BackupMode::Enabled) {
        Some("S3BackupMode Enabled")
    } else {
        None
    }
}

/// What delivery is told about a bucket.
pub(super) fn bucket(description: &S3DestinationDescription) -> Result<S3Destination, ApiError> {
    Ok(S3Destination {
        bucket: bucket_name(&description.bucket_arn).to_owned(),
        prefix: description.prefix.clone().unwrap_or_default(),
        error_output_prefix: description.error_output_prefix.clone(),
        buffering_hints: hints(&description.buffering_hints),
        compression: compression(description.compression_format),
        custom_time_zone: TimeZone::UTC,
        file_extension: None,
    })
}

fn hints(hints: &BufferingHints) -> ekk_delivery::BufferingHints {
    super::settings::hints(hints.interval_in_seconds, hints.size_in_mbs)
}

fn compression(format: CompressionFormat) -> ekk_delivery::CompressionFormat {
    match format {
        CompressionFormat::Uncompressed => ekk_delivery::CompressionFormat::Uncompressed,
        CompressionFormat::Gzip => ekk_delivery::CompressionFormat::Gzip,
        CompressionFormat::Zip => ekk_delivery::CompressionFormat::Zip,
        CompressionFormat::Snappy => ekk_delivery::CompressionFormat::Snappy,
        CompressionFormat::HadoopSnappy => ekk_delivery::CompressionFormat::HadoopSnappy,
    }
}

/// Differs from AWS: it takes the names of a list of its own and its words of refusal are not known; here any name of
/// the IANA database is taken.
fn time_zone(name: Option<&str>) -> Result<TimeZone, ApiError> {
    match name {
        None | Some("" | "UTC") => Ok(TimeZone::UTC),
        Some(name) => TimeZone::get(name)
            .map_err(|_| ApiError::invalid(format!("CustomTimeZone {name} is not the name of a time zone."))),
    }
}

/// The pattern of the model ends with the bucket: `arn:.*:s3:::[\w\.\-]{1,255}`.
fn bucket_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
