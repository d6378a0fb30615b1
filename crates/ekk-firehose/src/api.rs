//! The operations of the API, each in its own module, and the one place that routes to them.

mod caller;
mod create_delivery_stream;
mod delete_delivery_stream;
mod describe_delivery_stream;
mod fault;
mod front_end;
mod list_delivery_streams;
mod operation;
mod put_record;
mod put_record_batch;
mod put_request;
mod update_destination;

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use ekk_server::aws::{JsonError, signature::Verifier};
use serde::Serialize;

use self::{caller::Caller, operation::Operation};
use crate::{Service, error::ApiError, limits};

pub(crate) fn router(service: Arc<Service>, verifier: Option<Verifier>) -> Router {
    Router::new().fallback(front_end::answer).with_state(front_end::FrontEnd { service, verifier })
}

/// The effect of `CreateDeliveryStream` without HTTP around it.
pub(crate) fn create_from_json(service: &Service, request: &[u8]) -> Result<String, JsonError> {
    create_delivery_stream::create(service, request).map_err(JsonError::from)
}

/// Carries out an operation whose request came through the front end, and answers the body.
async fn route(service: &Arc<Service>, caller: &Caller, operation: Operation, body: Bytes) -> Result<String, ApiError> {
    tracing::trace!(account = caller.account, region = caller.region, ?operation, "request");
    match operation {
        Operation::CreateDeliveryStream => run(service, body, create_delivery_stream::answer).await,
        Operation::DeleteDeliveryStream => delete_delivery_stream::answer(service, &body).await,
        Operation::DescribeDeliveryStream => describe_delivery_stream::answer(service, &body),
        Operation::ListDeliveryStreams => list_delivery_streams::answer(service, &body),
        Operation::PutRecord => run(service, body, put_record::answer).await,
        Operation::PutRecordBatch => run(service, body, put_record_batch::answer).await,
        Operation::UpdateDestination => run(service, body, update_destination::answer).await,
        Operation::ListTagsForDeliveryStream
        | Operation::StartDeliveryStreamEncryption
        | Operation::StopDeliveryStreamEncryption
        | Operation::TagDeliveryStream
        | Operation::UntagDeliveryStream => Err(ApiError::unsupported(format!("{operation:?}"))),
    }
}

/// Runs a short operation here, and one that reads much or touches the disk where blocking is allowed.
///
/// There it runs to its end even when the client goes away.
async fn run(
    service: &Arc<Service>,
    body: Bytes,
    operation: fn(&Service, &[u8]) -> Result<String, ApiError>,
) -> Result<String, ApiError> {
    if !service.durable && body.len() <= limits::INLINE_BODY_BYTES {
        return operation(service, &body);
    }
    let service = service.clone();
    tokio::task::spawn_blocking(move || operation(&service, &body))
        .await
        .map_err(|source| ApiError::Internal { doing: "finish an operation", source: source.into() })?
}

/// The body of an answer.
fn answer_json(output: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(output)
        .map_err(|source| ApiError::Internal { doing: "write an answer", source: source.into() })
}

#[cfg(test)]
mod tests;
