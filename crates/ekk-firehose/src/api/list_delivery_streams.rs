//! `ListDeliveryStreams`: the names of the caller's streams in alphabetical order, page by page.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html>

use super::answer_json;
use crate::{
    Service,
    caller::Caller,
    error::ApiError,
    limits, model,
    wire::{ListDeliveryStreamsInput, ListDeliveryStreamsOutput},
};

/// Answers `{"DeliveryStreamNames": [string], "HasMoreDeliveryStreams": boolean}`.
///
/// The next page starts after the last name of this one; a name to start after need not exist.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let input: ListDeliveryStreamsInput = model::read(body)?;
    let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(limits::LIST_DEFAULT);
    let start = input.exclusive_start_delivery_stream_name;
    let (delivery_stream_names, has_more_delivery_streams) =
        service.streams.names_after(&caller.owner, start.as_deref(), limit, input.delivery_stream_type);
    answer_json(&ListDeliveryStreamsOutput { delivery_stream_names, has_more_delivery_streams })
}
