//! `GetObject` and `HeadObject`.

use std::{ops::Range, sync::Arc};

use axum::body::Body;
use s3s::dto;

use crate::{
    api::{conditions, headers::check_version, wire_etag, wire_size, wire_time},
    catalogue::Object,
    checksum::set_checksum,
    error::{Failure, Outcome},
    segment,
    store::Store,
};

/// The object of an answer and the bytes of it that were asked for.
struct Selection {
    object: Arc<Object>,
    /// `None` is the whole object.
    range: Option<Range<u64>>,
    with_checksum: bool,
}

/// Selects what an input of `GetObject` or `HeadObject` asks for.
macro_rules! select {
    ($store:expr, $input:expr) => {{
        check_version($input.version_id.as_ref())?;
        if $input.sse_customer_algorithm.is_some() {
            return Err(Failure::NotImplemented("Encryption with a customer's key (SSE-C)"));
        }
        let object = $store.read(|catalogue| catalogue.object(&$input.bucket, &$input.key).cloned())?;
        let conditions = conditions::Read {
            if_match: $input.if_match,
            if_none_match: $input.if_none_match,
            if_modified_since: $input.if_modified_since,
            if_unmodified_since: $input.if_unmodified_since,
        };
        conditions.check(&object)?;
        let range = range(&object, $input.range, $input.part_number)?;
        // The checksum of the whole object says nothing of a range.
        let with_checksum = range.is_none() && $input.checksum_mode.is_some();
        Selection { object, range, with_checksum }
    }};
}

/// The headers of an answer that `GetObject` and `HeadObject` share.
macro_rules! describe {
    ($output:ident, $selection:expr, $part_number:expr) => {{
        let Selection { object, range, with_checksum } = $selection;
        let headers = &object.headers;
        let length = range.as_ref().map_or(object.size_bytes, |range| range.end - range.start);
        let mut output = dto::$output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control.clone(),
            content_disposition: headers.content_disposition.clone(),
            content_encoding: headers.content_encoding.clone(),
            content_language: headers.content_language.clone(),
            content_length: Some(wire_size(length)),
            content_range: range.as_ref().and_then(|range| content_range(range, object.size_bytes)),
            content_type: Some(headers.content_type.clone().unwrap_or_else(|| DEFAULT_CONTENT_TYPE.to_owned())),
            e_tag: Some(wire_etag(&object.etag)),
            expires: headers.expires.clone(),
            last_modified: Some(wire_time(object.last_modified)),
            metadata: Some(headers.metadata.clone().into_iter().collect()),
            parts_count: $part_number.and_then(|_| parts_count(object)),
            storage_class: storage_class(headers.storage_class.as_deref()),
            website_redirect_location: headers.website_redirect_location.clone(),
            ..Default::default()
        };
        if *with_checksum {
            output.checksum_type = Some(object.checksum.kind.name().to_owned().into());
            set_checksum!(output, Some(&object.checksum));
        }
        output
    }};
}

const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(super) fn get_object(store: &Store, input: dto::GetObjectInput) -> Outcome<dto::GetObjectOutput> {
    let part_number = input.part_number;
    let selection = select!(store, input);
    let mut output = describe!(GetObjectOutput, &selection, part_number);
    let range = selection.range.unwrap_or(0..selection.object.size_bytes);
    let chunks = segment::read(segment::slice(&selection.object.segments, &range));
    output.body = Some(s3s::Body::http_body_unsync(Body::from_stream(chunks)).into());
    Ok(output)
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
pub(super) fn head_object(store: &Store, input: dto::HeadObjectInput) -> Outcome<dto::HeadObjectOutput> {
    let part_number = input.part_number;
    let selection = select!(store, input);
    Ok(describe!(HeadObjectOutput, &selection, part_number))
}

fn range(object: &Object, range: Option<dto::Range>, part_number: Option<i32>) -> Outcome<Option<Range<u64>>> {
    match (range, part_number) {
        (None, None) => Ok(None),
        (Some(range), None) => {
            let unsatisfiable = || Failure::InvalidRange { size_bytes: object.size_bytes };
            let range = range.check(object.size_bytes).map_err(|_| unsatisfiable())?;
            if range.is_empty() { Err(unsatisfiable()) } else { Ok(Some(range)) }
        }
        (None, Some(number)) => part_range(object, number),
        (Some(_), Some(_)) => {
            Err(Failure::InvalidRequest("Cannot specify both Range header and partNumber query parameter".into()))
        }
    }
}

/// An object that was put in one piece has one part.
fn part_range(object: &Object, number: i32) -> Outcome<Option<Range<u64>>> {
    let index =
        usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).ok_or(Failure::InvalidPartNumber)?;
    if object.part_bytes.is_empty() && index == 0 {
        return Ok((object.size_bytes > 0).then_some(0..object.size_bytes));
    }
    let (before, rest) = object.part_bytes.split_at_checked(index).ok_or(Failure::InvalidPartNumber)?;
    let start = before.iter().sum();
    let size = rest.first().ok_or(Failure::InvalidPartNumber)?;
    Ok(Some(start..start + size))
}

fn parts_count(object: &Object) -> Option<i32> {
    i32::try_from(object.part_bytes.len()).ok().filter(|count| *count > 0)
}

fn content_range(range: &Range<u64>, size_bytes: u64) -> Option<String> {
    let last = range.end.checked_sub(1)?;
    Some(format!("bytes {}-{last}/{size_bytes}", range.start))
}

/// S3 does not name the class that is the default.
fn storage_class(class: Option<&str>) -> Option<dto::StorageClass> {
    class.filter(|class| *class != dto::StorageClass::STANDARD).map(|class| class.to_owned().into())
}
