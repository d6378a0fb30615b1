//! `DeleteDeliveryStream`: forgets a stream and what it still queues.
//!
//! Differs from AWS: without a transition delay the stream is gone when the call returns, where AWS shows `DELETING` for
//! minutes.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeleteDeliveryStream.html>

use std::sync::Arc;

use bytes::Bytes;

use super::run;
use crate::{
    Service,
    caller::Caller,
    error::ApiError,
    model,
    streams::deletion::{self, Deletion},
    wire::DeleteDeliveryStreamInput,
};

/// Answers an empty body, also when the stream is being deleted already. `AllowForceDelete` is about keys of KMS, of
/// which there are none.
///
/// # Errors
/// - `ResourceNotFoundException`.
/// - `ResourceInUseException`: the stream is being created.
pub(super) async fn answer(service: &Arc<Service>, caller: &Caller, body: Bytes) -> Result<String, ApiError> {
    let deletion = run(service, caller, body, begin).await?;
    deletion::see_to(service, deletion).await?;
    Ok(String::new())
}

fn begin(service: &Service, caller: &Caller, body: &[u8]) -> Result<Deletion, ApiError> {
    let input: DeleteDeliveryStreamInput = model::read(body)?;
    service.streams.begin_deletion(&caller.owner, &input.delivery_stream_name)
}
