//! `DescribeDeliveryStream`: a stream's state and its destination, with every default filled in.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_DescribeDeliveryStream.html>

use jiff::Timestamp;

use super::answer_json;
use crate::{
    Service,
    definition::{DESTINATION_ID, Definition},
    error::ApiError,
    model,
    wire::{
        DeliveryStreamDescription, DeliveryStreamEncryptionConfiguration, DeliveryStreamEncryptionStatus,
        DeliveryStreamStatus, DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput,
    },
};

/// Answers `{"DeliveryStreamDescription": {…}}`.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) fn answer(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let input: DescribeDeliveryStreamInput = model::read(body)?;
    let stream = service.streams.get(&input.delivery_stream_name)?;
    let description = describe(&stream.definition, input.exclusive_start_destination_id.as_deref())?;
    answer_json(&DescribeDeliveryStreamOutput { delivery_stream_description: description })
}

fn describe(definition: &Definition, after_destination: Option<&str>) -> Result<DeliveryStreamDescription, ApiError> {
    let is_after = after_destination.is_none_or(|start| DESTINATION_ID > start);
    let destination = is_after.then(|| definition.destination.described(DESTINATION_ID)).transpose()?;
    let status = if definition.deleting { DeliveryStreamStatus::Deleting } else { DeliveryStreamStatus::Active };
    Ok(DeliveryStreamDescription {
        delivery_stream_name: definition.delivery_stream_name.clone(),
        delivery_stream_arn: definition.delivery_stream_arn.clone(),
        delivery_stream_status: status,
        failure_description: None,
        delivery_stream_encryption_configuration: Some(DeliveryStreamEncryptionConfiguration {
            status: Some(DeliveryStreamEncryptionStatus::Disabled),
            ..DeliveryStreamEncryptionConfiguration::default()
        }),
        delivery_stream_type: definition.delivery_stream_type,
        version_id: definition.version_id.to_string(),
        create_timestamp: Some(epoch_seconds(definition.create_timestamp)),
        last_update_timestamp: definition.last_update_timestamp.map(epoch_seconds),
        source: definition.source.clone(),
        destinations: destination.into_iter().collect(),
        has_more_destinations: false,
    })
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of any year to come fit into 53 bits")]
fn epoch_seconds(timestamp: Timestamp) -> f64 {
    timestamp.as_millisecond() as f64 / 1000.0
}
