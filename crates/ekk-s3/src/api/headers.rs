//! What a client may say about an object, and what it may not.

use s3s::dto;

use crate::{
    catalogue::Headers,
    error::{Failure, Outcome},
    limits,
};

/// The headers of an input that makes an object: of `PutObject`, `CopyObject` or `CreateMultipartUpload`.
macro_rules! headers_of {
    ($input:expr) => {
        crate::catalogue::Headers {
            cache_control: $input.cache_control.take(),
            content_disposition: $input.content_disposition.take(),
            content_encoding: $input.content_encoding.take(),
            content_language: $input.content_language.take(),
            content_type: $input.content_type.take(),
            expires: $input.expires.take(),
            storage_class: $input.storage_class.take().map(|class| class.as_str().to_owned()),
            website_redirect_location: $input.website_redirect_location.take(),
            metadata: $input.metadata.take().into_iter().flatten().collect(),
        }
    };
}
pub(super) use headers_of;

/// Refuses by name what an input that makes an object asks for and is not done here.
macro_rules! check_wishes {
    ($input:expr) => {{
        let grants = [&$input.grant_full_control, &$input.grant_read, &$input.grant_read_acp, &$input.grant_write_acp];
        let lock = $input.object_lock_legal_hold_status.is_some()
            || $input.object_lock_mode.is_some()
            || $input.object_lock_retain_until_date.is_some();
        let refused = [
            (lock, "Object Lock"),
            ($input.sse_customer_algorithm.is_some(), "Encryption with a customer's key (SSE-C)"),
            ($input.tagging.is_some(), "Object tagging"),
        ];
        crate::api::headers::check_access($input.acl.as_ref(), grants.into_iter().any(Option::is_some))
            .and_then(|()| crate::api::headers::check_encryption($input.server_side_encryption.as_ref()))
            .and_then(|()| {
                let wished = refused.into_iter().find(|(wished, _)| *wished);
                wished.map_or(Ok(()), |(_, name)| Err(crate::error::Failure::NotImplemented(name)))
            })
    }};
}
pub(super) use check_wishes;

/// As in S3's own buckets since 2023, the bucket's owner owns every object, and there are no grants.
pub(super) fn check_access(acl: Option<&dto::ObjectCannedACL>, grants: bool) -> Outcome<()> {
    let owned = [dto::ObjectCannedACL::PRIVATE, dto::ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL];
    if grants || acl.is_some_and(|acl| !owned.contains(&acl.as_str())) {
        return Err(Failure::AclNotSupported);
    }
    Ok(())
}

/// S3's own encryption cannot be seen from outside; nothing is encrypted here.
pub(super) fn check_encryption(encryption: Option<&dto::ServerSideEncryption>) -> Outcome<()> {
    match encryption.map(dto::ServerSideEncryption::as_str) {
        None | Some(dto::ServerSideEncryption::AES256) => Ok(()),
        Some(_) => Err(Failure::NotImplemented("Encryption with AWS KMS")),
    }
}

/// Refuses metadata over S3's limit.
pub(super) fn check_size(headers: &Headers) -> Outcome<()> {
    let bytes: usize = headers.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > limits::METADATA_BYTES { Err(Failure::MetadataTooLarge) } else { Ok(()) }
}

/// Versions are not kept: the only one there is has the id `null`.
pub(super) fn check_version(version_id: Option<&String>) -> Outcome<()> {
    match version_id.map(String::as_str) {
        None | Some("null") => Ok(()),
        Some(_) => Err(Failure::InvalidArgument("Invalid version id specified".into())),
    }
}
