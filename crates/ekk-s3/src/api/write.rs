//! `PutObject`.

use std::sync::Arc;

use s3s::{S3Request, dto};

use crate::{
    api::{
        conditions,
        headers::{check_size, check_wishes, headers_of},
        wire_etag,
    },
    catalogue::{Catalogue, Mutation, Object},
    checksum::{self, Algorithm, set_checksum, supplied_checksums},
    error::{Failure, Outcome},
    intake,
    store::Store,
};

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
pub(super) async fn put_object(
    store: &Arc<Store>,
    request: S3Request<dto::PutObjectInput>,
) -> Outcome<dto::PutObjectOutput> {
    let payload = intake::payload(&request.extensions);
    let mut input = request.input;
    let body = intake::Body {
        stream: input.body.take(),
        content_length: input.content_length,
        content_md5: input.content_md5.take(),
        checksums: supplied_checksums!(input),
        algorithm: input.checksum_algorithm.as_ref().and_then(|name| Algorithm::from_name(name.as_str())),
        payload,
    };
    let conditions = conditions::Write { if_match: input.if_match.take(), if_none_match: input.if_none_match.take() };
    let headers = headers_of!(input);
    let refusal = check_wishes!(input)
        .and_then(|()| {
            input.write_offset_bytes.map_or(Ok(()), |_| Err(Failure::NotImplemented("Appending to an object")))
        })
        .and_then(|()| check_size(&headers))
        .and_then(|()| store.read(|catalogue| check(catalogue, &input.bucket, &input.key, &conditions)));
    if let Err(failure) = refusal {
        intake::drain(body.stream).await;
        return Err(failure);
    }
    let (segments, digests) = intake::take(store, &input.bucket, &input.key, body).await?;
    let object = Arc::new(Object {
        size_bytes: digests.size_bytes,
        etag: checksum::hex(&digests.md5),
        last_modified: store.now(),
        checksum: digests.checksum,
        headers,
        part_bytes: Vec::new(),
        segments,
    });
    let mut output = dto::PutObjectOutput {
        e_tag: Some(wire_etag(&object.etag)),
        checksum_type: Some(object.checksum.kind.name().to_owned().into()),
        ..Default::default()
    };
    set_checksum!(output, Some(&object.checksum));
    put(store, input.bucket, input.key, object, conditions).await?;
    Ok(output)
}

/// Puts an object whose bytes are in the store already.
pub(super) async fn put(
    store: &Arc<Store>,
    bucket: String,
    key: String,
    object: Arc<Object>,
    conditions: conditions::Write,
) -> Outcome<()> {
    let decide = move |catalogue: &Catalogue| {
        check(catalogue, &bucket, &key, &conditions)?;
        Ok((Mutation::PutObject { bucket, key, object }, ()))
    };
    store.commit(decide).await
}

pub(super) fn check(catalogue: &Catalogue, bucket: &str, key: &str, conditions: &conditions::Write) -> Outcome<()> {
    conditions.check(catalogue.bucket(bucket)?.objects.get(key).map(AsRef::as_ref))
}
