//! `CreateDeliveryStream`: defines a stream, which takes records once it is active.
//!
//! Differs from AWS: without a transition delay it is so at once, where AWS shows `CREATING` for a minute or two.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html>

use super::answer_json;
use crate::{
    Service,
    caller::Caller,
    definition::Definition,
    destination::Destination,
    encryption::{Key, may_be_encrypted},
    error::ApiError,
    model, source,
    tags::Tags,
    wire::{
        CreateDeliveryStreamInput, CreateDeliveryStreamOutput, DeliveryStreamEncryptionConfigurationInput,
        DeliveryStreamType,
    },
};

/// Answers `{"DeliveryStreamARN": string}`.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let arn = create(service, caller, body)?;
    answer_json(&CreateDeliveryStreamOutput { delivery_stream_arn: Some(arn) })
}

/// Creates the stream of a request and answers its ARN.
///
/// # Errors
/// - `SerializationException`, `ValidationException`: the request breaks the model.
/// - `InvalidArgumentException`: its members contradict, or it asks for what is not supported.
/// - `ResourceInUseException`: the name is taken.
/// - `LimitExceededException`: there are as many streams as the quota allows.
pub(super) fn create(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let request = model::check::<CreateDeliveryStreamInput>(body)?;
    let destination = Destination::configured(&request.0, &caller.owner.region)?;
    let input: CreateDeliveryStreamInput = request.into_input()?;
    let life = service.streams.begun();
    let (delivery_stream_type, source) = source::of(&input, &destination, life.active_from())?;
    let key = input.delivery_stream_encryption_configuration_input;
    let key = key.map(|key| key_of(delivery_stream_type, key, caller)).transpose()?;
    let encryption = key.map(|key| service.streams.encrypted_from_its_beginning(key)).unwrap_or_default();
    destination.warn(&input.delivery_stream_name);
    let arn = caller.owner.arn(&input.delivery_stream_name);
    service.streams.create(Definition {
        id: String::new(),
        owner: caller.owner.clone(),
        delivery_stream_name: input.delivery_stream_name,
        delivery_stream_arn: arn.clone(),
        life,
        version_id: 1,
        delivery_stream_type,
        source,
        tags: Tags::default().with(input.tags.unwrap_or_default())?,
        encryption,
        destination,
    })?;
    Ok(arn)
}

/// The key of a stream that is encrypted: one with puts of its own or of a database, for what comes from another stream is
/// encrypted there.
fn key_of(
    delivery_stream_type: DeliveryStreamType,
    input: DeliveryStreamEncryptionConfigurationInput,
    caller: &Caller,
) -> Result<Key, ApiError> {
    if !may_be_encrypted(delivery_stream_type) {
        return Err(ApiError::invalid(
            "Server side encryption from firehose is only allowed for direct put delivery streams and database as a \
             source delivery streams",
        ));
    }
    Key::of(Some(input), &caller.owner.region)
}

#[cfg(test)]
mod tests;
