//! `TagDeliveryStream`: adds tags to a stream and replaces those of the same key.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_TagDeliveryStream.html>

use crate::{Service, caller::Caller, error::ApiError, model, wire::TagDeliveryStreamInput};

/// Answers an empty body.
///
/// # Errors
/// - `InvalidArgumentException`: a key is given twice.
/// - `LimitExceededException`: the stream would have more than 50 tags.
/// - `ResourceNotFoundException`.
/// - `ResourceInUseException`: the stream is not active.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let input: TagDeliveryStreamInput = model::read(body)?;
    service.streams.tag(&caller.owner, &input.delivery_stream_name, |tags| tags.with(input.tags))?;
    Ok(String::new())
}
