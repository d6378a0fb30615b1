//! `UpdateDestination`: changes where and how a stream delivers, while it goes on taking records.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_UpdateDestination.html>

use crate::{Service, caller::Caller, error::ApiError, model, wire::UpdateDestinationInput};

/// Answers an empty body.
///
/// # Errors
/// - `ResourceNotFoundException`: no stream has this name.
/// - `ResourceInUseException`: the stream is not active.
/// - `ConcurrentModificationException`: the stream was changed since the caller described it.
/// - `InvalidArgumentException`: there is no such destination, not exactly one update, or one that AWS does not make.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let request = model::check::<UpdateDestinationInput>(body)?;
    let members = request.0.clone();
    let input: UpdateDestinationInput = request.into_input()?;
    service.streams.update(&caller.owner, &input, &members)?;
    Ok(String::new())
}
