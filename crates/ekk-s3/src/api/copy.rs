//! `CopyObject` and `UploadPartCopy`.

use std::{ops::Range, sync::Arc};

use s3s::{S3Request, dto};

use crate::{
    api::{
        conditions,
        headers::{check_size, check_version, check_wishes, headers_of},
        multipart::Target,
        wire_etag, wire_time, write,
    },
    catalogue::Object,
    checksum::{self, Algorithm, set_checksum},
    error::{Failure, Outcome},
    intake, limits, segment,
    store::Store,
};

/// Finds the source of a copy and checks the conditions on it.
macro_rules! source_of {
    ($store:expr, $input:expr) => {{
        if $input.copy_source_sse_customer_algorithm.is_some() || $input.sse_customer_algorithm.is_some() {
            return Err(Failure::NotImplemented("Encryption with a customer's key (SSE-C)"));
        }
        let conditions = conditions::Read {
            if_match: $input.copy_source_if_match.take(),
            if_none_match: $input.copy_source_if_none_match.take(),
            if_modified_since: $input.copy_source_if_modified_since.take(),
            if_unmodified_since: $input.copy_source_if_unmodified_since.take(),
        };
        let object = source($store, &$input.copy_source)?;
        conditions.check_source(&object)?;
        object
    }};
}

fn source(store: &Store, source: &dto::CopySource) -> Outcome<Arc<Object>> {
    let dto::CopySource::Bucket { bucket, key, version_id } = source else {
        return Err(Failure::NotImplemented("A copy source behind an access point"));
    };
    check_version(version_id.as_ref().map(std::string::ToString::to_string).as_ref())?;
    store.read(|catalogue| catalogue.object(bucket, key).cloned())
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub(super) async fn copy_object(
    store: &Arc<Store>,
    request: S3Request<dto::CopyObjectInput>,
) -> Outcome<dto::CopyObjectOutput> {
    let mut input = request.input;
    check_wishes!(input)?;
    let source = source_of!(store, input);
    if source.size_bytes > limits::UPLOAD_BYTES {
        let message =
            "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120";
        return Err(Failure::InvalidRequest(message.into()));
    }
    let algorithm = input.checksum_algorithm.as_ref().and_then(|name| Algorithm::from_name(name.as_str()));
    let replaced = input
        .metadata_directive
        .as_ref()
        .is_some_and(|directive| directive.as_str() == dto::MetadataDirective::REPLACE);
    let to_itself = matches!(&input.copy_source, dto::CopySource::Bucket { bucket, key, .. }
        if **bucket == *input.bucket && **key == *input.key);
    let given = headers_of!(input);
    if to_itself && !replaced && given.storage_class.is_none() && given.website_redirect_location.is_none() {
        let message = "This copy request is illegal because it is trying to copy an object to itself without changing \
                       the object's metadata, storage class, website redirect location or encryption attributes.";
        return Err(Failure::InvalidRequest(message.into()));
    }
    let mut headers = if replaced { given.clone() } else { source.headers.clone() };
    headers.storage_class = given.storage_class;
    headers.website_redirect_location = given.website_redirect_location;
    check_size(&headers)?;
    store.read(|catalogue| catalogue.bucket(&input.bucket).map(|_| ()))?;
    let mut object = in_one_piece(&source, algorithm.unwrap_or(source.checksum.algorithm)).await?;
    object.segments = store.duplicate(&input.bucket, &input.key, object.segments).await?;
    object.headers = headers;
    object.last_modified = store.now();
    let mut result = dto::CopyObjectResult {
        e_tag: Some(wire_etag(&object.etag)),
        last_modified: Some(wire_time(object.last_modified)),
        checksum_type: Some(object.checksum.kind.name().to_owned().into()),
        ..Default::default()
    };
    set_checksum!(result, Some(&object.checksum));
    write::put(store, input.bucket, input.key, Arc::new(object), conditions::Write::default()).await?;
    Ok(dto::CopyObjectOutput { copy_object_result: Some(result), ..Default::default() })
}

/// The same object as `PutObject` would have made it: the copy of a multipart object has a plain MD5 as its `ETag`.
async fn in_one_piece(source: &Object, algorithm: Algorithm) -> Outcome<Object> {
    if source.part_bytes.is_empty() && source.checksum.algorithm == algorithm {
        return Ok(source.clone());
    }
    let digests = intake::digest(source.segments.clone(), algorithm).await?;
    let etag = checksum::hex(&digests.md5);
    Ok(Object { etag, checksum: digests.checksum, part_bytes: Vec::new(), ..source.clone() })
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>
pub(super) async fn upload_part_copy(
    store: &Arc<Store>,
    request: S3Request<dto::UploadPartCopyInput>,
) -> Outcome<dto::UploadPartCopyOutput> {
    let mut input = request.input;
    let target = Target { bucket: input.bucket, key: input.key, upload_id: input.upload_id, number: input.part_number };
    let algorithm = target.algorithm(store, None)?.unwrap_or(Algorithm::Crc64Nvme);
    let source = source_of!(store, input);
    let range = match input.copy_source_range {
        Some(range) => source_range(&range, source.size_bytes)?,
        None => 0..source.size_bytes,
    };
    if range.end - range.start > limits::UPLOAD_BYTES {
        return Err(Failure::EntityTooLarge);
    }
    let segments = segment::slice(&source.segments, &range);
    let digests = intake::digest(segments.clone(), algorithm).await?;
    let segments = store.duplicate(&target.bucket, &target.key, segments).await?;
    let mut result = dto::CopyPartResult {
        e_tag: Some(wire_etag(&checksum::hex(&digests.md5))),
        last_modified: Some(wire_time(store.now())),
        ..Default::default()
    };
    set_checksum!(result, Some(&digests.checksum));
    target.put(store, segments, digests).await?;
    Ok(dto::UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() })
}

fn source_range(range: &str, size_bytes: u64) -> Outcome<Range<u64>> {
    let form = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the \
                zero-based offsets of the first and last bytes to copy";
    match dto::Range::parse(range) {
        Ok(dto::Range::Int { first, last: Some(last) }) if last < size_bytes => Ok(first..last + 1),
        Ok(dto::Range::Int { last: Some(_), .. }) => {
            let message = format!("Range specified is not valid for source object of size: {size_bytes}");
            Err(Failure::InvalidArgument(message.into()))
        }
        _ => Err(Failure::InvalidArgument(form.into())),
    }
}
