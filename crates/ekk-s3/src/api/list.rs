//! `ListObjects` and `ListObjectsV2`.

use std::fmt::Write as _;

use s3s::dto;

use crate::{
    api::{owner, wire_etag, wire_size, wire_time},
    catalogue::{
        Object,
        page::{self, Query},
    },
    error::{Failure, Outcome},
    limits,
    store::Store,
};

/// How names are written into an answer: as they are, or percent-encoded, so that each fits into XML.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoding {
    url: bool,
}

impl Encoding {
    pub(super) fn of(encoding_type: Option<&dto::EncodingType>) -> Outcome<Self> {
        match encoding_type.map(dto::EncodingType::as_str) {
            None => Ok(Self { url: false }),
            Some(dto::EncodingType::URL) => Ok(Self { url: true }),
            Some(_) => Err(Failure::InvalidArgument("Invalid Encoding Method specified in Request".into())),
        }
    }

    pub(super) fn encode(self, text: impl Into<String>) -> String {
        let text = text.into();
        if !self.url {
            return text;
        }
        let mut encoded = String::with_capacity(text.len());
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                    encoded.push(char::from(byte));
                }
                b' ' => encoded.push('+'),
                byte => write!(encoded, "%{byte:02X}").expect("a string takes everything"),
            }
        }
        encoded
    }

    pub(super) fn common_prefixes(self, prefixes: Vec<String>) -> Vec<dto::CommonPrefix> {
        prefixes.into_iter().map(|prefix| dto::CommonPrefix { prefix: Some(self.encode(prefix)) }).collect()
    }
}

/// The size of a page: 1,000 unless less is asked for.
pub(super) fn page_entries(asked: Option<i32>) -> Outcome<usize> {
    let asked = asked.map_or(Ok(limits::PAGE_ENTRIES), usize::try_from);
    let asked = asked
        .map_err(|_| Failure::InvalidArgument("A page size must be an integer between 0 and 2147483647".into()))?;
    Ok(asked.min(limits::PAGE_ENTRIES))
}

/// A page size as S3's types have it.
pub(super) fn wire_count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

struct Listed {
    contents: Vec<dto::Object>,
    common_prefixes: Vec<String>,
    next: Option<String>,
}

fn list(store: &Store, bucket: &str, query: Query<'_>, encoding: Encoding) -> Outcome<Listed> {
    store.read(|catalogue| {
        let page = page::list(&catalogue.bucket(bucket)?.objects, query);
        let contents = page.names.into_iter().map(|(key, object)| describe(key, object, encoding)).collect();
        Ok(Listed { contents, common_prefixes: page.common_prefixes, next: page.next })
    })
}

fn describe(key: &str, object: &Object, encoding: Encoding) -> dto::Object {
    let storage_class = object.headers.storage_class.as_deref().unwrap_or(dto::ObjectStorageClass::STANDARD);
    dto::Object {
        checksum_algorithm: Some(vec![object.checksum.algorithm.name().to_owned().into()]),
        checksum_type: Some(object.checksum.kind.name().to_owned().into()),
        e_tag: Some(wire_etag(&object.etag)),
        key: Some(encoding.encode(key)),
        last_modified: Some(wire_time(object.last_modified)),
        size: Some(wire_size(object.size_bytes)),
        storage_class: Some(storage_class.to_owned().into()),
        ..Default::default()
    }
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
pub(super) fn list_objects_v2(store: &Store, input: dto::ListObjectsV2Input) -> Outcome<dto::ListObjectsV2Output> {
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let limit = page_entries(input.max_keys)?;
    let prefix = input.prefix.unwrap_or_default();
    let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
    let after = match &input.continuation_token {
        Some(token) => Some(read_token(token)?),
        None => input.start_after.clone().filter(|after| !after.is_empty()),
    };
    let query =
        Query { prefix: &prefix, delimiter: delimiter.as_deref().unwrap_or_default(), after: after.as_deref(), limit };
    let mut listed = list(store, &input.bucket, query, encoding)?;
    if input.fetch_owner == Some(true) {
        listed.contents.iter_mut().for_each(|object| object.owner = Some(owner()));
    }
    Ok(dto::ListObjectsV2Output {
        name: Some(input.bucket),
        max_keys: Some(wire_count(limit)),
        key_count: Some(wire_count(listed.contents.len() + listed.common_prefixes.len())),
        continuation_token: input.continuation_token,
        is_truncated: Some(listed.next.is_some()),
        next_continuation_token: listed.next.as_deref().map(write_token),
        contents: Some(listed.contents),
        common_prefixes: Some(encoding.common_prefixes(listed.common_prefixes)),
        delimiter: delimiter.map(|delimiter| encoding.encode(delimiter)),
        encoding_type: input.encoding_type,
        start_after: input.start_after.map(|after| encoding.encode(after)),
        prefix: Some(encoding.encode(prefix)),
        request_charged: None,
    })
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html>
pub(super) fn list_objects(store: &Store, input: dto::ListObjectsInput) -> Outcome<dto::ListObjectsOutput> {
    let encoding = Encoding::of(input.encoding_type.as_ref())?;
    let limit = page_entries(input.max_keys)?;
    let prefix = input.prefix.unwrap_or_default();
    let marker = input.marker.unwrap_or_default();
    let delimiter = input.delimiter.filter(|delimiter| !delimiter.is_empty());
    let after = Some(marker.as_str()).filter(|marker| !marker.is_empty());
    let query = Query { prefix: &prefix, delimiter: delimiter.as_deref().unwrap_or_default(), after, limit };
    let mut listed = list(store, &input.bucket, query, encoding)?;
    listed.contents.iter_mut().for_each(|object| object.owner = Some(owner()));
    Ok(dto::ListObjectsOutput {
        name: Some(input.bucket),
        marker: Some(encoding.encode(marker)),
        max_keys: Some(wire_count(limit)),
        is_truncated: Some(listed.next.is_some()),
        // Without a delimiter the last key of the page is the marker of the next, and S3 does not repeat it.
        next_marker: listed.next.filter(|_| delimiter.is_some()).map(|next| encoding.encode(next)),
        contents: Some(listed.contents),
        common_prefixes: Some(encoding.common_prefixes(listed.common_prefixes)),
        delimiter: delimiter.map(|delimiter| encoding.encode(delimiter)),
        encoding_type: input.encoding_type,
        prefix: Some(encoding.encode(prefix)),
        request_charged: None,
    })
}

/// A token is the last entry of its page, in base64: it stays valid whatever happens to the bucket.
fn write_token(last: &str) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(last)
}

fn read_token(token: &str) -> Outcome<String> {
    let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(token).ok();
    let last = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    last.ok_or(Failure::InvalidArgument("The continuation token provided is incorrect".into()))
}
