//! Destinations that are tables of Apache Iceberg: defaults and checks.

use serde_json::Value;

use super::{
    processing, s3,
    settings::{S3_DESTINATION, Settings},
};
use crate::{
    error::ApiError,
    wire::{Processor, ProcessorType},
};

/// Checks an `IcebergDestination` and fills in its defaults.
///
/// # Errors
/// `InvalidArgumentException`: all data would be backed up, records have no table to go to, or as of the bucket, the
/// hints and the processors.
pub(super) fn complete(mut settings: Settings) -> Result<Settings, ApiError> {
    settings.complete_hints(300, 5)?;
    settings.complete_retry(300);
    settings.default("S3BackupMode", "FailedDataOnly");
    settings.default("AppendOnly", false);
    settings.complete_logging()?;
    if settings.text("S3BackupMode") == Some("AllData") {
        return Err(ApiError::invalid("S3BackupMode.AllData is not supported for Iceberg as destination."));
    }
    settings.complete_given(S3_DESTINATION, s3::complete)?;
    let processors = processing::complete(&mut settings, processing::Keys::Extracted)?;
    check_tables(&settings, &processors)?;
    Ok(settings)
}

/// Without a processor that says which table a record goes to, there is one.
fn check_tables(settings: &Settings, processors: &[Processor]) -> Result<(), ApiError> {
    let routes =
        |processor: &Processor| matches!(processor.r#type, ProcessorType::Lambda | ProcessorType::MetadataExtraction);
    let tables = settings.value("DestinationTableConfigurationList").and_then(Value::as_array).map_or(0, Vec::len);
    if tables != 1 && !processors.iter().any(routes) {
        return Err(ApiError::invalid(
            "A single default destination table configuration must be provided when both Lambda and MetadataExtraction \
             processors are not provided",
        ));
    }
    Ok(())
}
