//! Where the records of a stream come from: which configuration each type of stream has, and how it is described.
//!
//! Records of any source but direct puts are not read here.

use jiff::Timestamp;

use crate::{
    destination::{Destination, Kind},
    error::ApiError,
    wire::{
        CreateDeliveryStreamInput, DatabaseSourceConfiguration, DatabaseSourceDescription, DeliveryStreamType,
        DirectPutSourceDescription, KinesisStreamSourceDescription, MSKSourceDescription, SourceDescription,
    },
};

/// The source of a stream that delivers from `start` on.
///
/// Differs from AWS: the words for the configuration of a type that the stream is not of are known for Kinesis alone,
/// and those for a missing one not for databases; the others are made alike.
///
/// # Errors
/// `InvalidArgumentException`: the configuration of another type is given, or that of the type is not.
pub(crate) fn of(
    input: &CreateDeliveryStreamInput,
    destination: &Destination,
    start: Timestamp,
) -> Result<(DeliveryStreamType, Option<SourceDescription>), ApiError> {
    let kind = input.delivery_stream_type.unwrap_or(DeliveryStreamType::DirectPut);
    check_applicable(input, kind)?;
    let source = match kind {
        DeliveryStreamType::DirectPut => direct_put(input),
        DeliveryStreamType::KinesisStreamAsSource => Some(kinesis(input, start)?),
        DeliveryStreamType::MSKAsSource => Some(msk(input, start)?),
        DeliveryStreamType::DatabaseAsSource => Some(database(input, destination)?),
    };
    Ok((kind, source))
}

fn check_applicable(input: &CreateDeliveryStreamInput, kind: DeliveryStreamType) -> Result<(), ApiError> {
    let given = [
        (DeliveryStreamType::DirectPut, "DirectPutSourceConfig", input.direct_put_source_configuration.is_some()),
        (
            DeliveryStreamType::KinesisStreamAsSource,
            "KinesisSourceStreamConfig",
            input.kinesis_stream_source_configuration.is_some(),
        ),
        (DeliveryStreamType::MSKAsSource, "MSKSourceConfig", input.msk_source_configuration.is_some()),
        (DeliveryStreamType::DatabaseAsSource, "DatabaseSourceConfig", input.database_source_configuration.is_some()),
    ];
    match given.into_iter().find(|&(of, _, is_given)| is_given && of != kind) {
        None => Ok(()),
        Some((of, name, _)) => Err(ApiError::invalid(format!("{name} is only applicable for {of:?} stream type"))),
    }
}

fn direct_put(input: &CreateDeliveryStreamInput) -> Option<SourceDescription> {
    let source = input.direct_put_source_configuration.as_ref()?;
    let hint = Some(source.throughput_hint_in_mbs);
    Some(SourceDescription {
        direct_put_source_description: Some(DirectPutSourceDescription { throughput_hint_in_mbs: hint }),
        ..SourceDescription::default()
    })
}

fn kinesis(input: &CreateDeliveryStreamInput, start: Timestamp) -> Result<SourceDescription, ApiError> {
    let source = input.kinesis_stream_source_configuration.as_ref().ok_or_else(|| {
        ApiError::invalid("KinesisSourceStreamConfig is mandatory for KinesisStreamAsSource stream type.")
    })?;
    Ok(SourceDescription {
        kinesis_stream_source_description: Some(KinesisStreamSourceDescription {
            kinesis_stream_arn: Some(source.kinesis_stream_arn.clone()),
            role_arn: Some(source.role_arn.clone()),
            delivery_start_timestamp: Some(epoch_seconds(start)),
        }),
        ..SourceDescription::default()
    })
}

/// A topic is read from when the stream is active, unless the request says since when.
fn msk(input: &CreateDeliveryStreamInput, start: Timestamp) -> Result<SourceDescription, ApiError> {
    let source = input
        .msk_source_configuration
        .as_ref()
        .ok_or_else(|| ApiError::invalid("MSKSourceConfig is mandatory for MSK as Source stream type."))?;
    let start = epoch_seconds(start);
    Ok(SourceDescription {
        msk_source_description: Some(MSKSourceDescription {
            msk_cluster_arn: Some(source.msk_cluster_arn.clone()),
            topic_name: Some(source.topic_name.clone()),
            authentication_configuration: Some(source.authentication_configuration.clone()),
            delivery_start_timestamp: Some(start),
            read_from_timestamp: Some(source.read_from_timestamp.unwrap_or(start)),
        }),
        ..SourceDescription::default()
    })
}

fn database(input: &CreateDeliveryStreamInput, destination: &Destination) -> Result<SourceDescription, ApiError> {
    if destination.kind != Kind::Iceberg {
        return Err(ApiError::invalid("IcebergDestinationConfiguration must be specified for Database as Source."));
    }
    let source = input
        .database_source_configuration
        .clone()
        .ok_or_else(|| ApiError::invalid("DatabaseSourceConfig is mandatory for Database as Source stream type."))?;
    Ok(SourceDescription { database_source_description: Some(described(source)), ..SourceDescription::default() })
}

fn described(source: DatabaseSourceConfiguration) -> DatabaseSourceDescription {
    DatabaseSourceDescription {
        r#type: Some(source.r#type),
        endpoint: Some(source.endpoint),
        port: Some(source.port),
        ssl_mode: source.ssl_mode,
        databases: Some(source.databases),
        tables: Some(source.tables),
        columns: source.columns,
        surrogate_keys: source.surrogate_keys,
        snapshot_watermark_table: Some(source.snapshot_watermark_table),
        snapshot_info: None,
        database_source_authentication_configuration: Some(source.database_source_authentication_configuration),
        database_source_vpc_configuration: Some(source.database_source_vpc_configuration),
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of any year to come fit into 53 bits")]
fn epoch_seconds(timestamp: Timestamp) -> f64 {
    timestamp.as_millisecond() as f64 / 1000.0
}

#[cfg(test)]
mod tests;
