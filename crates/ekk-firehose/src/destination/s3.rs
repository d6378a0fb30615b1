//! Destinations that are a bucket: Extended S3, and the bucket behind an index.

use ekk_delivery::{S3Destination, prefix};
use jiff::tz::TimeZone;

use super::{buffering_hints, check_processing, cloud_watch_logging_options, deliver_hints};
use crate::{
    error::ApiError,
    wire::{
        CompressionFormat, EncryptionConfiguration, ExtendedS3DestinationConfiguration,
        ExtendedS3DestinationDescription, S3BackupMode, S3DestinationConfiguration, S3DestinationDescription,
    },
};

/// Checks a bucket's configuration and fills in the defaults.
///
/// # Errors
/// `InvalidArgumentException`: a prefix breaks AWS's rules, hints come alone, or the bucket is to be encrypted.
pub(super) fn describe(configuration: &S3DestinationConfiguration) -> Result<S3DestinationDescription, ApiError> {
    if configuration.encryption_configuration.as_ref().is_some_and(|given| given.kms_encryption_config.is_some()) {
        return Err(ApiError::unsupported("EncryptionConfiguration with KMSEncryptionConfig"));
    }
    prefix::check(configuration.prefix.as_deref().unwrap_or_default(), configuration.error_output_prefix.as_deref())
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    Ok(S3DestinationDescription {
        role_arn: configuration.role_arn.clone(),
        bucket_arn: configuration.bucket_arn.clone(),
        prefix: configuration.prefix.clone(),
        error_output_prefix: configuration.error_output_prefix.clone(),
        buffering_hints: buffering_hints(configuration.buffering_hints)?,
        compression_format: configuration.compression_format.unwrap_or_default(),
        encryption_configuration: EncryptionConfiguration {
            no_encryption_config: Some("NoEncryption".to_owned()),
            kms_encryption_config: None,
        },
        cloud_watch_logging_options: cloud_watch_logging_options(configuration.cloud_watch_logging_options.as_ref()),
    })
}

/// Checks an Extended S3 configuration and fills in the defaults.
///
/// # Errors
/// As [`describe`], and `InvalidArgumentException` for a feature that is asked for and not built here.
pub(super) fn describe_extended(
    configuration: &ExtendedS3DestinationConfiguration,
) -> Result<ExtendedS3DestinationDescription, ApiError> {
    check_processing(configuration.processing_configuration.as_ref())?;
    if configuration.s3_backup_mode == Some(S3BackupMode::Enabled) {
        return Err(ApiError::unsupported("S3BackupMode Enabled"));
    }
    if configuration.s3_backup_configuration.is_some() {
        return Err(ApiError::unsupported("S3BackupConfiguration"));
    }
    if configuration.data_format_conversion_configuration.is_some_and(|conversion| conversion.enabled) {
        return Err(ApiError::unsupported("DataFormatConversionConfiguration with Enabled true"));
    }
    if configuration.dynamic_partitioning_configuration.is_some_and(|partitioning| partitioning.enabled) {
        return Err(ApiError::unsupported("DynamicPartitioningConfiguration with Enabled true"));
    }
    time_zone(configuration.custom_time_zone.as_deref())?;
    Ok(ExtendedS3DestinationDescription {
        s3: describe(&configuration.s3)?,
        processing_configuration: configuration.processing_configuration.clone(),
        s3_backup_mode: S3BackupMode::Disabled,
        data_format_conversion_configuration: configuration.data_format_conversion_configuration,
        dynamic_partitioning_configuration: configuration.dynamic_partitioning_configuration,
        file_extension: configuration.file_extension.clone(),
        custom_time_zone: configuration.custom_time_zone.clone(),
    })
}

/// What delivery is told about a bucket.
pub(super) fn deliver_to(description: &S3DestinationDescription) -> Result<S3Destination, ApiError> {
    Ok(S3Destination {
        bucket: bucket_name(&description.bucket_arn).to_owned(),
        prefix: description.prefix.clone().unwrap_or_default(),
        error_output_prefix: description.error_output_prefix.clone(),
        buffering_hints: deliver_hints(description.buffering_hints),
        compression: compression(description.compression_format)?,
        custom_time_zone: TimeZone::UTC,
        file_extension: None,
    })
}

/// What delivery is told about an Extended S3 destination.
pub(super) fn deliver_extended_to(description: &ExtendedS3DestinationDescription) -> Result<S3Destination, ApiError> {
    Ok(S3Destination {
        custom_time_zone: time_zone(description.custom_time_zone.as_deref())?,
        file_extension: description.file_extension.clone().filter(|extension| !extension.is_empty()),
        ..deliver_to(&description.s3)?
    })
}

fn compression(format: CompressionFormat) -> Result<ekk_delivery::CompressionFormat, ApiError> {
    let delivered = match format {
        CompressionFormat::Uncompressed => ekk_delivery::CompressionFormat::Uncompressed,
        CompressionFormat::Gzip => ekk_delivery::CompressionFormat::Gzip,
        CompressionFormat::Zip => ekk_delivery::CompressionFormat::Zip,
        CompressionFormat::Snappy => ekk_delivery::CompressionFormat::Snappy,
        CompressionFormat::HadoopSnappy => ekk_delivery::CompressionFormat::HadoopSnappy,
    };
    if delivered.is_supported() {
        Ok(delivered)
    } else {
        Err(ApiError::unsupported(format!("CompressionFormat {}", delivered.name())))
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
