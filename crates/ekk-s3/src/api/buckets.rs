//! `CreateBucket`, `HeadBucket`, `DeleteBucket`, `ListBuckets`, `GetBucketLocation`.

use std::sync::Arc;

use jiff::Timestamp;
use s3s::{S3Request, dto};

use crate::{
    api::{owner, wire_time},
    catalogue::{Catalogue, Mutation},
    error::{Failure, Outcome},
    limits,
    store::Store,
};

const HOME_REGION: &str = "us-east-1";

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
pub(super) async fn create_bucket(
    store: &Arc<Store>,
    request: S3Request<dto::CreateBucketInput>,
) -> Outcome<dto::CreateBucketOutput> {
    let input = request.input;
    refuse_unsupported(&input)?;
    let location = input.create_bucket_configuration.and_then(|configuration| configuration.location_constraint);
    let location = location.map(|location| location.as_str().to_owned()).filter(|location| !location.is_empty());
    if location.as_deref() == Some(HOME_REGION) {
        return Err(Failure::InvalidLocationConstraint);
    }
    let (bucket, created) = (input.bucket, store.now());
    let path = format!("/{bucket}");
    store.commit(move |catalogue| create(catalogue, &bucket, location, created)).await?;
    Ok(dto::CreateBucketOutput { location: Some(path) })
}

/// Decides on a new bucket. In us-east-1 it is no error to create one's own bucket again.
pub(crate) fn create(
    catalogue: &Catalogue,
    bucket: &str,
    location: Option<String>,
    created: Timestamp,
) -> Outcome<(Mutation, ())> {
    match catalogue.buckets().get(bucket) {
        None => Ok((Mutation::CreateBucket { bucket: bucket.to_owned(), created, location }, ())),
        Some(existing) if existing.location.is_none() && location.is_none() => Ok((Mutation::Nothing, ())),
        Some(_) => Err(Failure::BucketAlreadyOwnedByYou),
    }
}

fn refuse_unsupported(input: &dto::CreateBucketInput) -> Outcome<()> {
    let private = input.acl.as_ref().is_none_or(|acl| acl.as_str() == dto::BucketCannedACL::PRIVATE);
    let grants = [
        &input.grant_full_control,
        &input.grant_read,
        &input.grant_read_acp,
        &input.grant_write,
        &input.grant_write_acp,
    ];
    if !private || grants.into_iter().any(Option::is_some) {
        return Err(Failure::AclNotSupported);
    }
    if input.object_lock_enabled_for_bucket == Some(true) {
        return Err(Failure::NotImplemented("Object Lock"));
    }
    let configuration = input.create_bucket_configuration.as_ref();
    if configuration.is_some_and(|configuration| configuration.bucket.is_some() || configuration.location.is_some()) {
        return Err(Failure::NotImplemented("A directory bucket"));
    }
    Ok(())
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
pub(super) fn head_bucket(store: &Store, input: dto::HeadBucketInput) -> Outcome<dto::HeadBucketOutput> {
    let dto::HeadBucketInput { bucket, .. } = input;
    let region = location(store, &bucket)?.unwrap_or_else(|| HOME_REGION.to_owned());
    Ok(dto::HeadBucketOutput { bucket_region: Some(region), ..Default::default() })
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
pub(super) fn get_bucket_location(
    store: &Store,
    input: dto::GetBucketLocationInput,
) -> Outcome<dto::GetBucketLocationOutput> {
    let dto::GetBucketLocationInput { bucket, .. } = input;
    let location_constraint = location(store, &bucket)?.map(Into::into);
    Ok(dto::GetBucketLocationOutput { location_constraint })
}

fn location(store: &Store, bucket: &str) -> Outcome<Option<String>> {
    store.read(|catalogue| Ok(catalogue.bucket(bucket)?.location.clone()))
}

/// Uploads under way do not keep a bucket from being deleted; they go with it.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html>
pub(super) async fn delete_bucket(
    store: &Arc<Store>,
    request: S3Request<dto::DeleteBucketInput>,
) -> Outcome<dto::DeleteBucketOutput> {
    let bucket = request.input.bucket;
    let decide = move |catalogue: &Catalogue| {
        if !catalogue.bucket(&bucket)?.objects.is_empty() {
            return Err(Failure::BucketNotEmpty);
        }
        Ok((Mutation::DeleteBucket { bucket }, ()))
    };
    store.commit(decide).await?;
    Ok(dto::DeleteBucketOutput::default())
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
pub(super) fn list_buckets(store: &Store, input: dto::ListBucketsInput) -> Outcome<dto::ListBucketsOutput> {
    let limit = match input.max_buckets {
        None => limits::PAGE_BUCKETS,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=limits::PAGE_BUCKETS).contains(limit))
            .ok_or(Failure::InvalidArgument("Argument max-buckets must be an integer between 1 and 10000".into()))?,
    };
    let prefix = input.prefix.unwrap_or_default();
    let region = input.bucket_region.filter(|region| !region.is_empty());
    let after = input.continuation_token;
    let mut buckets: Vec<_> = store.read(|catalogue| {
        let matching = catalogue.buckets().iter().filter(|(name, bucket)| {
            let bucket_region = bucket.location.as_deref().unwrap_or(HOME_REGION);
            name.starts_with(&prefix)
                && after.as_ref().is_none_or(|after| *name > after)
                && region.as_ref().is_none_or(|region| region == bucket_region)
        });
        let described = matching.map(|(name, bucket)| dto::Bucket {
            bucket_region: Some(bucket.location.clone().unwrap_or_else(|| HOME_REGION.to_owned())),
            creation_date: Some(wire_time(bucket.created)),
            name: Some(name.clone()),
        });
        described.take(limit + 1).collect()
    });
    let truncated = buckets.len() > limit;
    buckets.truncate(limit);
    let continuation_token = buckets.last().filter(|_| truncated).and_then(|bucket| bucket.name.clone());
    let prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
    Ok(dto::ListBucketsOutput { buckets: Some(buckets), continuation_token, owner: Some(owner()), prefix })
}
