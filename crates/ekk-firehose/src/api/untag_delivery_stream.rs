//! `UntagDeliveryStream`: removes tags from a stream by their keys.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_UntagDeliveryStream.html>

use crate::{Service, caller::Caller, error::ApiError, model, wire::UntagDeliveryStreamInput};

/// Answers an empty body; a key that no tag has is passed over.
///
/// # Errors
/// - `ResourceNotFoundException`.
/// - `ResourceInUseException`: the stream is not active.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let input: UntagDeliveryStreamInput = model::read(body)?;
    service.streams.tag(&caller.owner, &input.delivery_stream_name, |tags| Ok(tags.without(&input.tag_keys)))?;
    Ok(String::new())
}
