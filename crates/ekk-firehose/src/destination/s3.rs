//! Destinations that are a bucket, and the bucket behind every other kind.

use ekk_delivery::{Destination, S3Destination};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Delivered, prefix, settings::Settings};
use crate::{
    error::ApiError,
    wire::{CompressionFormat, S3DestinationDescription},
};

/// Checks a bucket and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: its members contradict, a prefix breaks AWS's rules, or hints come alone.
pub(super) fn complete(mut settings: Settings) -> Result<Settings, ApiError> {
    settings.complete_hints(300, 5)?;
    complete_members(&mut settings)?;
    prefix::check(&settings)?;
    Ok(settings)
}

/// Fills in and checks what a bucket has beside hints and prefixes.
///
/// # Errors
/// `InvalidArgumentException`: encryption is asked for in no way or in both, or logging is on without a name.
pub(super) fn complete_members(settings: &mut Settings) -> Result<(), ApiError> {
    settings.default("CompressionFormat", "UNCOMPRESSED");
    settings.default("EncryptionConfiguration", json!({"NoEncryptionConfig": "NoEncryption"}));
    settings.complete_logging()?;
    let given = ["NoEncryptionConfig", "KMSEncryptionConfig"]
        .map(|name| settings.value("EncryptionConfiguration").is_some_and(|given| given.get(name).is_some()));
    if given[0] == given[1] {
        return Err(ApiError::invalid("Exactly one of NoEncryptionConfig or KMSEncryptionConfig must be specified"));
    }
    Ok(())
}

/// A plain bucket as AWS describes it when it is asked for the extended one.
pub(super) fn extended(mut settings: Settings) -> Settings {
    settings.default("S3BackupMode", "Disabled");
    settings
}

/// What delivery is told about a plain bucket.
pub(super) fn delivered(settings: &Settings) -> Result<Delivered, ApiError> {
    Ok(Ok(Destination::S3(bucket(&settings.typed()?).into())))
}

/// What delivery is told about a bucket.
pub(super) fn bucket(description: &S3DestinationDescription) -> S3Destination {
    let hints = &description.buffering_hints;
    S3Destination {
        bucket: bucket_name(&description.bucket_arn).to_owned(),
        prefix: description.prefix.clone().unwrap_or_default(),
        error_output_prefix: description.error_output_prefix.clone(),
        buffering_hints: super::settings::hints(hints.interval_in_seconds, hints.size_in_mbs),
        compression: compression(description.compression_format),
        custom_time_zone: TimeZone::UTC,
        file_extension: None,
    }
}

/// What delivery is told about the bucket behind a destination, which every one of them has.
///
/// # Errors
/// `InternalFailure` when it has none.
pub(super) fn behind(description: Option<&S3DestinationDescription>) -> Result<S3Destination, ApiError> {
    let missing = || ApiError::Internal { doing: "find the bucket of a stream", source: "it has none".into() };
    description.map(bucket).ok_or_else(missing)
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

/// The pattern of the model ends with the bucket: `arn:.*:s3:::[\w\.\-]{1,255}`.
fn bucket_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
