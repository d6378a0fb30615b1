//! `ListDeliveryStreams`: the names of all streams in alphabetical order, page by page.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html>

use serde::Deserialize;
use serde_json::json;

use crate::{Service, error::ApiError, limits, model};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListDeliveryStreamsInput {
    limit: Option<usize>,
    delivery_stream_type: Option<String>,
    exclusive_start_delivery_stream_name: Option<String>,
}

/// Answers `{"DeliveryStreamNames": [string], "HasMoreDeliveryStreams": boolean}`.
///
/// The next page starts after the last name of this one; a name to start after need not exist.
pub(super) fn answer(service: &Service, body: &[u8]) -> Result<String, ApiError> {
    let input: ListDeliveryStreamsInput = model::read(&model::shapes::LIST_DELIVERY_STREAMS, body)?;
    let wants_direct_put = input.delivery_stream_type.as_deref().is_none_or(|kind| kind == "DirectPut");
    let limit = if wants_direct_put { input.limit.unwrap_or(limits::LIST_DEFAULT) } else { 0 };
    let start = input.exclusive_start_delivery_stream_name;
    let (names, has_more) = service.streams.names_after(start.as_deref(), limit);
    Ok(json!({"DeliveryStreamNames": names, "HasMoreDeliveryStreams": wants_direct_put && has_more}).to_string())
}
