//! The operations of the API, each in its own module, and the one place that routes to them.

mod create_delivery_stream;
mod delete_delivery_stream;
mod describe_delivery_stream;
mod fault;
mod front_end;
mod list_delivery_streams;
mod list_tags_for_delivery_stream;
mod operation;
mod put_record;
mod put_record_batch;
mod put_request;
mod start_delivery_stream_encryption;
mod stop_delivery_stream_encryption;
mod tag_delivery_stream;
mod untag_delivery_stream;
mod update_destination;

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use ekk_server::aws::{JsonError, signature::Verifier};
use serde::Serialize;

pub(crate) use self::operation::Operation;
use crate::{Service, caller::Caller, error::ApiError, limits, streams::deletion};

pub(crate) fn router(service: Arc<Service>, verifier: Option<Verifier>) -> Router {
    Router::new().fallback(front_end::answer).with_state(front_end::FrontEnd { service, verifier })
}

/// The effect of `CreateDeliveryStream` without HTTP around it.
pub(crate) fn create_from_json(service: &Service, request: &[u8]) -> Result<String, JsonError> {
    create_delivery_stream::create(service, &Caller::home(service), request).map_err(JsonError::from)
}

/// Carries out an operation whose request came through the front end, and answers the body.
async fn route(service: &Arc<Service>, caller: &Caller, operation: Operation, body: Bytes) -> Result<String, ApiError> {
    tracing::trace!(account = caller.owner.account, region = caller.owner.region, ?operation, "request");
    check_rate(service, caller, operation)?;
    match operation {
        Operation::CreateDeliveryStream => {
            deletion::end_due(service).await?;
            run(service, caller, body, create_delivery_stream::answer).await
        }
        Operation::DeleteDeliveryStream => delete_delivery_stream::answer(service, caller, body).await,
        Operation::DescribeDeliveryStream => look(service, caller, body, describe_delivery_stream::answer).await,
        Operation::ListDeliveryStreams => look(service, caller, body, list_delivery_streams::answer).await,
        Operation::ListTagsForDeliveryStream => {
            look(service, caller, body, list_tags_for_delivery_stream::answer).await
        }
        Operation::PutRecord => run(service, caller, body, put_record::answer).await,
        Operation::PutRecordBatch => run(service, caller, body, put_record_batch::answer).await,
        Operation::StartDeliveryStreamEncryption => {
            run(service, caller, body, start_delivery_stream_encryption::answer).await
        }
        Operation::StopDeliveryStreamEncryption => {
            run(service, caller, body, stop_delivery_stream_encryption::answer).await
        }
        Operation::TagDeliveryStream => run(service, caller, body, tag_delivery_stream::answer).await,
        Operation::UntagDeliveryStream => run(service, caller, body, untag_delivery_stream::answer).await,
        Operation::UpdateDestination => run(service, caller, body, update_destination::answer).await,
    }
}

fn check_rate(service: &Service, caller: &Caller, operation: Operation) -> Result<(), ApiError> {
    match &service.call_quota {
        Some(quota) if !quota.admit(&caller.owner, operation, service.clock.now()) => {
            Err(ApiError::Throttled { account: caller.owner.account.clone() })
        }
        _ => Ok(()),
    }
}

/// What an operation does, without the waiting.
type Effect<T> = fn(&Service, &Caller, &[u8]) -> Result<T, ApiError>;

/// Runs an operation that may touch the disk: where blocking is allowed when there is one.
async fn run<T: Send + 'static>(
    service: &Arc<Service>,
    caller: &Caller,
    body: Bytes,
    effect: Effect<T>,
) -> Result<T, ApiError> {
    if service.durable {
        blocking(service, caller, body, effect).await
    } else {
        look(service, caller, body, effect).await
    }
}

/// Runs an operation that does not touch the disk: here, unless it reads much.
async fn look<T: Send + 'static>(
    service: &Arc<Service>,
    caller: &Caller,
    body: Bytes,
    effect: Effect<T>,
) -> Result<T, ApiError> {
    if body.len() <= limits::INLINE_BODY_BYTES {
        return effect(service, caller, &body);
    }
    blocking(service, caller, body, effect).await
}

/// Runs an operation where blocking is allowed. There it runs to its end even when the client goes away.
async fn blocking<T: Send + 'static>(
    service: &Arc<Service>,
    caller: &Caller,
    body: Bytes,
    effect: Effect<T>,
) -> Result<T, ApiError> {
    let (service, caller) = (service.clone(), caller.clone());
    tokio::task::spawn_blocking(move || effect(&service, &caller, &body))
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
