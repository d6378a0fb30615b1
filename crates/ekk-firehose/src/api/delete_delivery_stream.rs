//! `DeleteDeliveryStream`: forgets a stream and what it still queues.
//!
//! Differs from AWS: there the stream is `DELETING` for minutes; here it is gone when the call returns.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeleteDeliveryStream.html>

use std::sync::Arc;

use crate::{Service, error::ApiError, model, wire::DeleteDeliveryStreamInput};

/// Answers an empty body. `AllowForceDelete` is about keys of KMS, of which there are none.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) async fn answer(service: &Arc<Service>, body: &[u8]) -> Result<String, ApiError> {
    let input: DeleteDeliveryStreamInput = model::read(body)?;
    let name = input.delivery_stream_name;
    service.streams.begin_deletion(&name)?;
    // A task of its own, because this call is dropped when the client goes away.
    let deletion = {
        let service = service.clone();
        let tasks = service.tasks.clone();
        tasks.spawn(async move { service.streams.end_deletion(&name).await })
    };
    deletion
        .await
        .map_err(|source| ApiError::Internal { doing: "finish a deletion", source: source.into() })?
        .map(|()| String::new())
}
