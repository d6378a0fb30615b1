//! What a client may say about an object, and what it may not.

use s3s::dto;

use crate::{
    catalogue::Headers,
    error::{Failure, Outcome},
    limits,
};

/// The headers of an input that makes an object: of PutObject, CopyObject or CreateMultipartUpload.
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

/// What an input that makes an object asks for beyond the object; see [`Wishes::check`].
macro_rules! wishes_of {
    ($input:expr) => {
        crate::api::headers::Wishes {
            acl: $input.acl.as_ref(),
            grants: [&$input.grant_full_control, &$input.grant_read, &$input.grant_read_acp, &$input.grant_write_acp]
                .into_iter()
                .any(Option::is_some),
            object_lock: $input.object_lock_legal_hold_status.is_some()
                || $input.object_lock_mode.is_some()
                || $input.object_lock_retain_until_date.is_some(),
            customer_key: $input.sse_customer_algorithm.is_some(),
            encryption: $input.server_side_encryption.as_ref(),
            tagging: $input.tagging.is_some(),
        }
    };
}
pub(super) use wishes_of;

pub(super) struct Wishes<'a> {
    pub(super) acl: Option<&'a dto::ObjectCannedACL>,
    pub(super) grants: bool,
    pub(super) object_lock: bool,
    pub(super) customer_key: bool,
    pub(super) encryption: Option<&'a dto::ServerSideEncryption>,
    pub(super) tagging: bool,
}

impl Wishes<'_> {
    /// Refuses by name what is not done here. As in S3's own buckets since 2023, the bucket's owner owns every object.
    pub(super) fn check(&self) -> Outcome<()> {
        let owned = [dto::ObjectCannedACL::PRIVATE, dto::ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL];
        if self.grants || self.acl.is_some_and(|acl| !owned.contains(&acl.as_str())) {
            return Err(Failure::AclNotSupported);
        }
        let encrypted =
            self.encryption.is_some_and(|encryption| encryption.as_str() != dto::ServerSideEncryption::AES256);
        let refused = [
            (self.object_lock, "Object Lock"),
            (self.customer_key, "Encryption with a customer's key (SSE-C)"),
            (encrypted, "Encryption with AWS KMS"),
            (self.tagging, "Object tagging"),
        ];
        refused.into_iter().find(|(wished, _)| *wished).map_or(Ok(()), |(_, name)| Err(Failure::NotImplemented(name)))
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
