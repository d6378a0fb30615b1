//! `ListTagsForDeliveryStream`: the tags of a stream in the order of their keys, page by page.
//!
//! Differs from AWS: its order is not documented.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListTagsForDeliveryStream.html>

use super::answer_json;
use crate::{
    Service,
    caller::Caller,
    error::ApiError,
    limits, model,
    wire::{ListTagsForDeliveryStreamInput, ListTagsForDeliveryStreamOutput},
};

/// Answers `{"HasMoreTags": boolean, "Tags": [{"Key": string, "Value": string}]}`; all tags, when no limit is given.
///
/// The next page starts after the last key of this one; a key to start after need not exist.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) fn answer(service: &Service, caller: &Caller, body: &[u8]) -> Result<String, ApiError> {
    let input: ListTagsForDeliveryStreamInput = model::read(body)?;
    let (stream, _) = service.streams.get(&caller.owner, &input.delivery_stream_name)?;
    let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(limits::TAGS);
    let (tags, has_more_tags) = stream.definition.tags.page(input.exclusive_start_tag_key.as_deref(), limit);
    answer_json(&ListTagsForDeliveryStreamOutput { tags, has_more_tags })
}
