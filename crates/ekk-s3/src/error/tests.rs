//! Every failure with what goes over the wire.

use s3s::S3Error;

use super::{Failure, Timestamp};

#[test]
fn every_failure_has_its_code_and_status() {
    let not_modified = || Failure::NotModified { etag: "e".to_owned(), last_modified: Timestamp::default() };
    let cases = [
        (Failure::NoSuchBucket, "NoSuchBucket", 404),
        (Failure::NoSuchKey, "NoSuchKey", 404),
        (Failure::NoSuchUpload, "NoSuchUpload", 404),
        (Failure::BucketNotEmpty, "BucketNotEmpty", 409),
        (Failure::BucketAlreadyOwnedByYou, "BucketAlreadyOwnedByYou", 409),
        (Failure::InvalidLocationConstraint, "InvalidLocationConstraint", 400),
        (Failure::PreconditionFailed, "PreconditionFailed", 412),
        (not_modified(), "NotModified", 304),
        (Failure::InvalidRange { size_bytes: 7 }, "InvalidRange", 416),
        (Failure::InvalidPartNumber, "InvalidPartNumber", 416),
        (Failure::InvalidPart, "InvalidPart", 400),
        (Failure::InvalidPartOrder, "InvalidPartOrder", 400),
        (Failure::EntityTooSmall, "EntityTooSmall", 400),
        (Failure::EntityTooLarge, "EntityTooLarge", 400),
        (Failure::MetadataTooLarge, "MetadataTooLarge", 400),
        (Failure::IncompleteBody, "IncompleteBody", 400),
        (Failure::MissingContentLength, "MissingContentLength", 411),
        (Failure::BadDigest("CRC32"), "BadDigest", 400),
        (Failure::InvalidDigest, "InvalidDigest", 400),
        (Failure::SignatureDoesNotMatch, "SignatureDoesNotMatch", 403),
        (Failure::ContentSha256Mismatch, "XAmzContentSHA256Mismatch", 400),
        (Failure::MalformedXml, "MalformedXML", 400),
        (Failure::AclNotSupported, "AccessControlListNotSupported", 400),
        (Failure::InvalidArgument("a".into()), "InvalidArgument", 400),
        (Failure::InvalidRequest("a".into()), "InvalidRequest", 400),
        (Failure::NotImplemented("a"), "NotImplemented", 501),
        (Failure::MemoryFull, "InsufficientStorage", 507),
        (Failure::Storage(std::io::Error::other("a")), "InternalError", 500),
    ];
    for (failure, code, status) in cases {
        let message = failure.to_string();
        let error = S3Error::from(failure);
        assert_eq!(error.code().as_str(), code);
        assert_eq!(error.status_code().map(|status| status.as_u16()), Some(status), "{code}");
        assert_eq!(error.message(), Some(message.as_str()));
    }
}

#[test]
fn an_answer_without_a_body_tells_what_it_is_about() {
    let error = S3Error::from(Failure::NotModified { etag: "e".to_owned(), last_modified: Timestamp::default() });
    let headers = error.headers().unwrap();
    assert_eq!(
        (&headers["etag"], &headers["last-modified"]),
        (&"\"e\"".parse().unwrap(), &"Thu, 01 Jan 1970 00:00:00 GMT".parse().unwrap())
    );
    let error = S3Error::from(Failure::InvalidRange { size_bytes: 7 });
    assert_eq!(error.headers().unwrap()["content-range"], "bytes */7");
}
