//! `DeleteObject` and `DeleteObjects`.

use std::sync::Arc;

use http::HeaderMap;
use s3s::{S3Request, dto};

use crate::{
    api::{conditions, headers::check_version, write},
    catalogue::{Catalogue, Mutation},
    checksum::Algorithm,
    error::{Failure, Outcome},
    limits,
    store::Store,
};

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
pub(super) async fn delete_object(
    store: &Arc<Store>,
    request: S3Request<dto::DeleteObjectInput>,
) -> Outcome<dto::DeleteObjectOutput> {
    let input = request.input;
    check_version(input.version_id.as_ref())?;
    if input.if_match_last_modified_time.is_some() || input.if_match_size.is_some() {
        return Err(Failure::NotImplemented(
            "A deletion that depends on time or size, which only directory buckets have,",
        ));
    }
    let conditions = conditions::Write { if_match: input.if_match, if_none_match: None };
    let (bucket, key) = (input.bucket, input.key);
    let decide = move |catalogue: &Catalogue| {
        write::check(catalogue, &bucket, &key, &conditions)?;
        Ok((deletion(catalogue, bucket, vec![key]), ()))
    };
    store.commit(decide).await?;
    Ok(dto::DeleteObjectOutput::default())
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
pub(super) async fn delete_objects(
    store: &Arc<Store>,
    request: S3Request<dto::DeleteObjectsInput>,
) -> Outcome<dto::DeleteObjectsOutput> {
    if !has_checksum(&request.headers) {
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(Failure::InvalidRequest(message.into()));
    }
    let dto::DeleteObjectsInput { bucket, delete, .. } = request.input;
    if delete.objects.is_empty() || delete.objects.len() > limits::PAGE_ENTRIES {
        return Err(Failure::MalformedXml);
    }
    let (mut keys, mut errors) = (Vec::new(), Vec::new());
    for object in delete.objects {
        match refuse_unsupported(&object) {
            Ok(()) => keys.push(object.key),
            Err(failure) => errors.push(describe(object.key, failure)),
        }
    }
    let quiet = delete.quiet == Some(true);
    let reported = if quiet { Vec::new() } else { keys.clone() };
    let decide = move |catalogue: &Catalogue| {
        catalogue.bucket(&bucket)?;
        Ok((deletion(catalogue, bucket, keys), ()))
    };
    store.commit(decide).await?;
    let deleted = reported.into_iter().map(|key| dto::DeletedObject { key: Some(key), ..Default::default() }).collect();
    Ok(dto::DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), request_charged: None })
}

/// So that no byte is lost on the way of what says which objects go.
fn has_checksum(headers: &HeaderMap) -> bool {
    let names = ["content-md5", "x-amz-trailer"];
    names.iter().any(|name| headers.contains_key(*name))
        || Algorithm::ALL.iter().any(|algorithm| headers.contains_key(algorithm.header()))
}

/// Deletes those of `keys` that exist; to delete what does not exist is no error.
fn deletion(catalogue: &Catalogue, bucket: String, mut keys: Vec<String>) -> Mutation {
    keys.retain(|key| catalogue.object(&bucket, key).is_ok());
    if keys.is_empty() { Mutation::Nothing } else { Mutation::DeleteObjects { bucket, keys } }
}

fn refuse_unsupported(object: &dto::ObjectIdentifier) -> Outcome<()> {
    check_version(object.version_id.as_ref())?;
    if object.e_tag.is_some() || object.last_modified_time.is_some() || object.size.is_some() {
        return Err(Failure::NotImplemented(
            "A condition on one of many deletions, which only directory buckets have,",
        ));
    }
    Ok(())
}

fn describe(key: String, failure: Failure) -> dto::Error {
    let error = s3s::S3Error::from(failure);
    dto::Error {
        code: Some(error.code().as_str().to_owned()),
        key: Some(key),
        message: error.message().map(str::to_owned),
        version_id: None,
    }
}
