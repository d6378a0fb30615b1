//! `DescribeDeliveryStream`: a stream's state and its destination, with every default filled in.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_DescribeDeliveryStream.html>

use jiff::Timestamp;

use super::answer_json;
use crate::{
    Service,
    caller::Caller,
    definition::{DESTINATION_ID, Definition},
    encryption::may_be_encrypted,
    error::ApiError,
    life::State,
    model,
    wire::{DeliveryStreamDescription, DescribeDeliveryStreamInput, DescribeDeliveryStreamOutput},
};

/// Answers `{"DeliveryStreamDescription": {…}}`.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let input: DescribeDeliveryStreamInput = model::read(body)?;
    let (stream, state) = service.streams.get(&caller.owner, &input.delivery_stream_name)?;
    let described = Described { definition: &stream.definition, state, now: service.clock.now() };
    let description = describe(described, input.exclusive_start_destination_id.as_deref())?;
    answer_json(&DescribeDeliveryStreamOutput { delivery_stream_description: description })
}

/// A stream at an instant.
struct Described<'a> {
    definition: &'a Definition,
    state: State,
    now: Timestamp,
}

fn describe(
    Described { definition, state, now }: Described<'_>,
    after_destination: Option<&str>,
) -> Result<DeliveryStreamDescription, ApiError> {
    let is_after = after_destination.is_none_or(|start| DESTINATION_ID > start);
    let destination = is_after.then(|| definition.destination.described(DESTINATION_ID)).transpose()?;
    // A stream of another one is encrypted there, if at all, and AWS says nothing of it here.
    let is_encrypted_here = may_be_encrypted(definition.delivery_stream_type);
    Ok(DeliveryStreamDescription {
        delivery_stream_name: definition.delivery_stream_name.clone(),
        delivery_stream_arn: definition.delivery_stream_arn.clone(),
        delivery_stream_status: state.status(),
        failure_description: None,
        delivery_stream_encryption_configuration: is_encrypted_here.then(|| definition.encryption.described(now)),
        delivery_stream_type: definition.delivery_stream_type,
        version_id: definition.version_id.to_string(),
        create_timestamp: Some(epoch_seconds(definition.life.created)),
        last_update_timestamp: definition.life.updated.map(epoch_seconds),
        source: definition.source.clone(),
        destinations: destination.into_iter().collect(),
        has_more_destinations: false,
    })
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of any year to come fit into 53 bits")]
fn epoch_seconds(timestamp: Timestamp) -> f64 {
    timestamp.as_millisecond() as f64 / 1000.0
}
