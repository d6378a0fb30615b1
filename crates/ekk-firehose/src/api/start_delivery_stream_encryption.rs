//! `StartDeliveryStreamEncryption`: enables server-side encryption of a stream, or changes its key.
//!
//! Differs from AWS: nothing is encrypted, and no key is looked for.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_StartDeliveryStreamEncryption.html>

use crate::{
    Service, caller::Caller, encryption::Key, error::ApiError, model, wire::StartDeliveryStreamEncryptionInput,
};

/// Answers an empty body. Without a configuration the key is AWS's own.
///
/// # Errors
/// - `InvalidArgumentException`: a key's type and its ARN contradict, or the records of the stream come from elsewhere.
/// - `LimitExceededException`: encryption was started and stopped 25 times within 24 hours.
/// - `ResourceNotFoundException`.
/// - `ResourceInUseException`: the stream is not active, or its encryption is being changed.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let input: StartDeliveryStreamEncryptionInput = model::read(body)?;
    let key = Key::of(input.delivery_stream_encryption_configuration_input, &caller.owner.region)?;
    service.streams.encrypt(&caller.owner, &input.delivery_stream_name, Some(key))?;
    Ok(String::new())
}
