//! `DynamicPartitioningConfiguration`: what partitions need before AWS takes them.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning.html>

mod query;

use super::{prefix::PartitionKeys, processing, settings::Settings};
use crate::{
    error::ApiError,
    wire::{Processor, ProcessorParameterName, ProcessorType},
};

/// Where partitions are asked for.
pub(super) const PARTITIONING: &str = "DynamicPartitioningConfiguration";

/// Fills in the default of partitioning that is on.
pub(super) fn complete(settings: &mut Settings) -> Result<(), ApiError> {
    if !settings.enabled(PARTITIONING) {
        return Ok(());
    }
    settings.complete_given(PARTITIONING, |mut partitioning| {
        partitioning.complete_retry(300);
        Ok(partitioning)
    })
}

/// Checks that an update leaves partitioning on or off.
///
/// Differs from AWS: the words of its refusal are not known.
///
/// # Errors
/// `InvalidArgumentException`.
pub(super) fn check_change(settings: &Settings, before: Option<&Settings>) -> Result<(), ApiError> {
    let Some(before) = before else { return Ok(()) };
    match (before.enabled(PARTITIONING), settings.enabled(PARTITIONING)) {
        (false, true) => Err(ApiError::invalid(
            "Enabling Dynamic Partitioning on an existing delivery stream is not currently supported.",
        )),
        (true, false) => Err(ApiError::invalid("Disabling Dynamic Partitioning is not currently supported.")),
        _ => Ok(()),
    }
}

/// Checks partitions by the `keys` of the prefix, which the `processors` have to provide.
///
/// # Errors
/// `InvalidArgumentException`: buffers are too small, or prefix and processors do not go together.
pub(super) fn check(settings: &Settings, keys: &PartitionKeys, processors: &[Processor]) -> Result<(), ApiError> {
    check_hints(settings)?;
    if *keys == PartitionKeys::default() {
        return Err(ApiError::invalid(
            "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled",
        ));
    }
    let find = |wanted| processors.iter().find(|processor| processor.r#type == wanted);
    let (lambda, extraction) = (find(ProcessorType::Lambda), find(ProcessorType::MetadataExtraction));
    if lambda.is_none() && extraction.is_none() {
        return Err(ApiError::invalid("Processing Configuration is not enabled when DataPartitioning is enabled"));
    }
    if lambda.is_none() && !keys.lambda.is_empty() {
        return Err(ApiError::invalid(
            "Lambda should be present when S3 Prefix contains keys from partitionKeyFromLambda namespace",
        ));
    }
    if extraction.is_none() && !keys.query.is_empty() {
        return Err(ApiError::invalid(
            "MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace",
        ));
    }
    let query = extraction
        .and_then(|extraction| processing::parameter(extraction, ProcessorParameterName::MetadataExtractionQuery));
    let extracted = query.and_then(query::keys).unwrap_or_default();
    if extracted.iter().any(|key| !keys.query.contains(key)) {
        return Err(ApiError::invalid(
            "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix expression",
        ));
    }
    Ok(())
}

fn check_hints(settings: &Settings) -> Result<(), ApiError> {
    if settings.number("BufferingHints", "SizeInMBs") < Some(64) {
        return Err(ApiError::invalid(
            "BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.",
        ));
    }
    if settings.number("BufferingHints", "IntervalInSeconds") < Some(60) {
        return Err(ApiError::invalid(
            "BufferingHints.IntervalInSeconds must be at least 60 seconds when Dynamic Partitioning is enabled.",
        ));
    }
    Ok(())
}
