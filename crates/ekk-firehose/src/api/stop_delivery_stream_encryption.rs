//! `StopDeliveryStreamEncryption`: disables server-side encryption of a stream.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_StopDeliveryStreamEncryption.html>

use crate::{Service, caller::Caller, error::ApiError, model, wire::StopDeliveryStreamEncryptionInput};

/// Answers an empty body, also for a stream that is not encrypted.
///
/// # Errors
/// - `InvalidArgumentException`: the records of the stream come from elsewhere.
/// - `LimitExceededException`: encryption was started and stopped 25 times within 24 hours.
/// - `ResourceNotFoundException`.
/// - `ResourceInUseException`: the stream is not active, or its encryption is being changed.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let input: StopDeliveryStreamEncryptionInput = model::read(body)?;
    service.streams.encrypt(&caller.owner, &input.delivery_stream_name, None)?;
    Ok(String::new())
}
