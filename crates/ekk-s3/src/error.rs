//! What can go wrong in an operation, and what S3 calls it on the wire.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use std::{borrow::Cow, io};

use http::{HeaderMap, HeaderValue, StatusCode, header};
use s3s::{S3Error, S3ErrorCode, dto::Timestamp, dto::TimestampFormat};

use crate::limits;

/// The outcome of an operation or of a step of one.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("The specified bucket does not exist")]
    NoSuchBucket,
    #[error("The specified key does not exist.")]
    NoSuchKey,
    #[error(
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )]
    NoSuchUpload,
    #[error("The bucket you tried to delete is not empty")]
    BucketNotEmpty,
    #[error("Your previous request to create the named bucket succeeded and you already own it.")]
    BucketAlreadyOwnedByYou,
    #[error("The specified location-constraint is not valid")]
    InvalidLocationConstraint,
    #[error("At least one of the pre-conditions you specified did not hold")]
    PreconditionFailed,
    #[error("Not Modified")]
    NotModified { etag: String, last_modified: Timestamp },
    #[error("The requested range is not satisfiable")]
    InvalidRange { size_bytes: u64 },
    #[error("The requested partnumber is not satisfiable")]
    InvalidPartNumber,
    #[error(
        "One or more of the specified parts could not be found.  \
         The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
    )]
    InvalidPart,
    #[error("The list of parts was not in ascending order. Parts must be ordered by part number.")]
    InvalidPartOrder,
    #[error("Your proposed upload is smaller than the minimum allowed size")]
    EntityTooSmall,
    #[error("Your proposed upload exceeds the maximum allowed size")]
    EntityTooLarge,
    #[error("Your metadata headers exceed the maximum allowed metadata size")]
    MetadataTooLarge,
    #[error("You did not provide the number of bytes specified by the Content-Length HTTP header")]
    IncompleteBody,
    #[error("You must provide the Content-Length HTTP header.")]
    MissingContentLength,
    #[error("The {0} you specified did not match what we received.")]
    BadDigest(&'static str),
    #[error("The Content-MD5 you specified was invalid.")]
    InvalidDigest,
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your key and signing method."
    )]
    SignatureDoesNotMatch,
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    ContentSha256Mismatch,
    #[error("The XML you provided was not well-formed or did not validate against our published schema")]
    MalformedXml,
    #[error("The bucket does not allow ACLs")]
    AclNotSupported,
    #[error("{0}")]
    InvalidArgument(Cow<'static, str>),
    #[error("{0}")]
    InvalidRequest(Cow<'static, str>),
    #[error("{0} is not supported by this endpoint")]
    NotImplemented(&'static str),
    #[error(
        "the store in memory is full: it holds up to {} bytes; delete objects, or keep them in a folder",
        limits::MEMORY_BYTES
    )]
    MemoryFull,
    #[error("the folder of this store cannot be read or written: {0}")]
    Storage(#[from] io::Error),
}

impl Failure {
    fn code(&self) -> S3ErrorCode {
        match self {
            Self::NoSuchBucket => S3ErrorCode::NoSuchBucket,
            Self::NoSuchKey => S3ErrorCode::NoSuchKey,
            Self::NoSuchUpload => S3ErrorCode::NoSuchUpload,
            Self::BucketNotEmpty => S3ErrorCode::BucketNotEmpty,
            Self::BucketAlreadyOwnedByYou => S3ErrorCode::BucketAlreadyOwnedByYou,
            Self::InvalidLocationConstraint => S3ErrorCode::InvalidLocationConstraint,
            Self::PreconditionFailed => S3ErrorCode::PreconditionFailed,
            Self::NotModified { .. } => S3ErrorCode::NotModified,
            Self::InvalidRange { .. } => S3ErrorCode::InvalidRange,
            Self::InvalidPartNumber => S3ErrorCode::Custom("InvalidPartNumber".into()),
            Self::InvalidPart => S3ErrorCode::InvalidPart,
            Self::InvalidPartOrder => S3ErrorCode::InvalidPartOrder,
            Self::EntityTooSmall => S3ErrorCode::EntityTooSmall,
            Self::EntityTooLarge => S3ErrorCode::EntityTooLarge,
            Self::MetadataTooLarge => S3ErrorCode::MetadataTooLarge,
            Self::IncompleteBody => S3ErrorCode::IncompleteBody,
            Self::MissingContentLength => S3ErrorCode::MissingContentLength,
            Self::BadDigest(_) => S3ErrorCode::BadDigest,
            Self::InvalidDigest => S3ErrorCode::InvalidDigest,
            Self::SignatureDoesNotMatch => S3ErrorCode::SignatureDoesNotMatch,
            Self::ContentSha256Mismatch => S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            Self::MalformedXml => S3ErrorCode::MalformedXML,
            Self::AclNotSupported => S3ErrorCode::AccessControlListNotSupported,
            Self::InvalidArgument(_) => S3ErrorCode::InvalidArgument,
            Self::InvalidRequest(_) => S3ErrorCode::InvalidRequest,
            Self::NotImplemented(_) => S3ErrorCode::NotImplemented,
            Self::MemoryFull => S3ErrorCode::Custom("InsufficientStorage".into()),
            Self::Storage(_) => S3ErrorCode::InternalError,
        }
    }

    /// The status of the codes that s3s does not know.
    fn status(&self) -> Option<StatusCode> {
        match self {
            Self::InvalidPartNumber => Some(StatusCode::RANGE_NOT_SATISFIABLE),
            Self::ContentSha256Mismatch => Some(StatusCode::BAD_REQUEST),
            Self::MemoryFull => Some(StatusCode::INSUFFICIENT_STORAGE),
            _ => None,
        }
    }

    /// The headers that an answer carries beside the error.
    fn headers(&self) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        match self {
            Self::NotModified { etag, last_modified } => {
                headers.insert(header::ETAG, HeaderValue::try_from(format!("\"{etag}\"")).ok()?);
                let mut date = Vec::new();
                last_modified.format(TimestampFormat::HttpDate, &mut date).ok()?;
                headers.insert(header::LAST_MODIFIED, HeaderValue::from_bytes(&date).ok()?);
            }
            Self::InvalidRange { size_bytes } => {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
                headers.insert(header::CONTENT_RANGE, HeaderValue::try_from(format!("bytes */{size_bytes}")).ok()?);
            }
            _ => return None,
        }
        Some(headers)
    }
}

impl From<Failure> for S3Error {
    fn from(failure: Failure) -> Self {
        let mut error = S3Error::with_message(failure.code(), failure.to_string());
        if let Some(status) = failure.status() {
            error.set_status_code(status);
        }
        if let Some(headers) = failure.headers() {
            error.set_headers(headers);
        }
        if let Failure::Storage(source) = failure {
            tracing::warn!(error = %source, "cannot use the folder of the S3 store");
            error.set_source(Box::new(source));
        }
        error
    }
}

#[cfg(test)]
mod tests;
