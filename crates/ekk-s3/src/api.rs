//! The operations of S3, each in the module of what it works on.
//!
//! Here requests are only handed to them; what s3s's trait has and this impl has not answers `NotImplemented`.

pub(crate) mod buckets;
mod conditions;
mod copy;
mod delete;
mod headers;
mod list;
mod multipart;
mod read;
mod write;

use std::{sync::Arc, time::SystemTime};

use jiff::Timestamp;
use s3s::{S3Request, S3Response, S3Result, dto};

use crate::store::Store;

/// The operations on one store.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    store: Arc<Store>,
}

impl Endpoint {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }
}

/// One method of s3s's trait for each operation: its name, its types, and the function that does it.
///
/// Those that `look` take no time; those that `work` wait for bodies or for the store.
macro_rules! operations {
    (
        look { $($look:ident($look_input:ident) -> $look_output:ident = $looking:path;)* }
        work { $($work:ident($work_input:ident) -> $work_output:ident = $working:path;)* }
    ) => {
        #[async_trait::async_trait]
        impl s3s::S3 for Endpoint {
            $(async fn $look(&self, request: S3Request<dto::$look_input>) -> S3Result<S3Response<dto::$look_output>> {
                Ok(S3Response::new($looking(&self.store, request.input)?))
            })*
            $(async fn $work(&self, request: S3Request<dto::$work_input>) -> S3Result<S3Response<dto::$work_output>> {
                Ok(S3Response::new($working(&self.store, request).await?))
            })*
        }
    };
}

operations! {
    look {
        head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head_bucket;
        list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list_buckets;
        get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::get_bucket_location;
        get_object(GetObjectInput) -> GetObjectOutput = read::get_object;
        head_object(HeadObjectInput) -> HeadObjectOutput = read::head_object;
        list_objects(ListObjectsInput) -> ListObjectsOutput = list::list_objects;
        list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = list::list_objects_v2;
        list_parts(ListPartsInput) -> ListPartsOutput = multipart::list::list_parts;
        list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput
            = multipart::list::list_multipart_uploads;
    }
    work {
        create_bucket(CreateBucketInput) -> CreateBucketOutput = buckets::create_bucket;
        delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete_bucket;
        put_object(PutObjectInput) -> PutObjectOutput = write::put_object;
        copy_object(CopyObjectInput) -> CopyObjectOutput = copy::copy_object;
        delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete::delete_object;
        delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete::delete_objects;
        create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput
            = multipart::create_multipart_upload;
        upload_part(UploadPartInput) -> UploadPartOutput = multipart::upload_part;
        upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = copy::upload_part_copy;
        complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput
            = multipart::complete::complete_multipart_upload;
        abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput
            = multipart::abort_multipart_upload;
    }
}

/// A time as s3s writes it.
fn wire_time(time: Timestamp) -> dto::Timestamp {
    let time = SystemTime::try_from(time).unwrap_or(SystemTime::UNIX_EPOCH);
    dto::Timestamp::from(time)
}

/// An `ETag` as s3s writes it.
fn wire_etag(etag: &str) -> dto::ETag {
    dto::ETag::Strong(etag.to_owned())
}

/// A size as S3's types have it.
fn wire_size(size_bytes: u64) -> i64 {
    i64::try_from(size_bytes).unwrap_or(i64::MAX)
}

/// The owner of everything.
fn owner() -> dto::Owner {
    const CANONICAL_ID: &str = "0000000000000000000000000000000000000000000000000000000000000000";
    dto::Owner { display_name: None, id: Some(CANONICAL_ID.to_owned()) }
}
