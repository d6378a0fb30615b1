//! `CreateMultipartUpload`, `UploadPart`, `AbortMultipartUpload`; completing and listing in modules of their own.

pub(super) mod complete;
pub(super) mod list;

use std::{collections::BTreeMap, sync::Arc};

use s3s::{S3Request, dto};

use crate::{
    api::{
        headers::{check_size, check_wishes, headers_of},
        wire_etag,
    },
    catalogue::{Catalogue, Mutation, Part, Upload},
    checksum::{self, Algorithm, Digests, Kind, set_checksum, supplied_checksums},
    error::{Failure, Outcome},
    intake, limits,
    segment::Segment,
    store::Store,
};

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
pub(super) async fn create_multipart_upload(
    store: &Arc<Store>,
    request: S3Request<dto::CreateMultipartUploadInput>,
) -> Outcome<dto::CreateMultipartUploadOutput> {
    let mut input = request.input;
    check_wishes!(input)?;
    let headers = headers_of!(input);
    check_size(&headers)?;
    let checksum = wanted_checksum(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?;
    let parts = BTreeMap::new();
    let upload = Arc::new(Upload { key: input.key.clone(), initiated: store.now(), headers, checksum, parts });
    let upload_id = uuid::Uuid::new_v4().simple().to_string();
    let output = dto::CreateMultipartUploadOutput {
        bucket: Some(input.bucket.clone()),
        key: Some(input.key),
        upload_id: Some(upload_id.clone()),
        checksum_algorithm: checksum.map(|(algorithm, _)| algorithm.name().to_owned().into()),
        checksum_type: checksum.map(|(_, kind)| kind.name().to_owned().into()),
        ..Default::default()
    };
    let decide = move |catalogue: &Catalogue| {
        catalogue.bucket(&input.bucket)?;
        Ok((Mutation::CreateUpload { bucket: input.bucket, upload_id, upload }, ()))
    };
    store.commit(decide).await?;
    Ok(output)
}

fn wanted_checksum(
    algorithm: Option<&dto::ChecksumAlgorithm>,
    kind: Option<&dto::ChecksumType>,
) -> Outcome<Option<(Algorithm, Kind)>> {
    let Some(algorithm) = algorithm else {
        let message = "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.";
        return kind.map_or(Ok(None), |_| Err(Failure::InvalidRequest(message.into())));
    };
    let algorithm = Algorithm::from_name(algorithm.as_str())
        .ok_or(Failure::InvalidRequest("Checksum algorithm provided is unsupported.".into()))?;
    let kind = match kind.map(dto::ChecksumType::as_str) {
        None if algorithm == Algorithm::Crc64Nvme => Kind::FullObject,
        None | Some(dto::ChecksumType::COMPOSITE) => Kind::Composite,
        Some(dto::ChecksumType::FULL_OBJECT) => Kind::FullObject,
        Some(_) => return Err(Failure::InvalidRequest("Value for x-amz-checksum-type header is invalid.".into())),
    };
    let possible = match kind {
        Kind::Composite => algorithm != Algorithm::Crc64Nvme,
        Kind::FullObject => !matches!(algorithm, Algorithm::Sha1 | Algorithm::Sha256),
    };
    if possible {
        return Ok(Some((algorithm, kind)));
    }
    let (kind, algorithm) = (kind.name(), algorithm.name().to_lowercase());
    let message = format!("The {kind} checksum type cannot be used with the {algorithm} checksum algorithm.");
    Err(Failure::InvalidRequest(message.into()))
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>
pub(super) async fn upload_part(
    store: &Arc<Store>,
    request: S3Request<dto::UploadPartInput>,
) -> Outcome<dto::UploadPartOutput> {
    let payload = intake::payload(&request.extensions);
    let mut input = request.input;
    let stream = input.body.take();
    let checksums = supplied_checksums!(input);
    let supplied = checksums.first().map(|(algorithm, _)| *algorithm).or(payload.announced);
    let target = Target { bucket: input.bucket, key: input.key, upload_id: input.upload_id, number: input.part_number };
    let algorithm = match target.algorithm(store, supplied) {
        Ok(algorithm) => algorithm,
        Err(failure) => {
            intake::drain(stream).await;
            return Err(failure);
        }
    };
    let (content_length, content_md5) = (input.content_length, input.content_md5);
    let body = intake::Body { stream, content_length, content_md5, checksums, algorithm, payload };
    let (segments, digests) = intake::take(store, &target.bucket, &target.key, body).await?;
    let mut output =
        dto::UploadPartOutput { e_tag: Some(wire_etag(&checksum::hex(&digests.md5))), ..Default::default() };
    set_checksum!(output, Some(&digests.checksum));
    target.put(store, segments, digests).await?;
    Ok(output)
}

/// The place of a part.
pub(super) struct Target {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) upload_id: String,
    pub(super) number: i32,
}

impl Target {
    /// Checks that the part may be put, and answers the algorithm of its upload.
    pub(super) fn algorithm(&self, store: &Store, supplied: Option<Algorithm>) -> Outcome<Option<Algorithm>> {
        if !(1..=limits::PART_NUMBER_MAX).contains(&self.number) {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            return Err(Failure::InvalidArgument(message.into()));
        }
        let upload = store.read(|catalogue| catalogue.upload(&self.bucket, &self.key, &self.upload_id).cloned())?;
        let expected = upload.checksum.map(|(algorithm, _)| algorithm);
        match (expected, supplied) {
            (Some(expected), Some(supplied)) if expected != supplied => {
                let [expected, supplied] = [expected, supplied].map(|algorithm| algorithm.name().to_lowercase());
                let message = format!(
                    "Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {supplied}"
                );
                Err(Failure::InvalidRequest(message.into()))
            }
            _ => Ok(expected),
        }
    }

    /// Puts the part; it replaces an earlier one with its number.
    pub(super) async fn put(self, store: &Arc<Store>, segments: Vec<Segment>, digests: Digests) -> Outcome<()> {
        let part = Part {
            size_bytes: digests.size_bytes,
            md5: digests.md5,
            last_modified: store.now(),
            checksum: digests.checksum,
            crc64nvme: digests.crc64nvme,
            segments,
        };
        let Self { bucket, key, upload_id, number } = self;
        let decide = move |catalogue: &Catalogue| {
            catalogue.upload(&bucket, &key, &upload_id)?;
            Ok((Mutation::PutPart { bucket, upload_id, number, part }, ()))
        };
        store.commit(decide).await
    }
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>
pub(super) async fn abort_multipart_upload(
    store: &Arc<Store>,
    request: S3Request<dto::AbortMultipartUploadInput>,
) -> Outcome<dto::AbortMultipartUploadOutput> {
    let dto::AbortMultipartUploadInput { bucket, key, upload_id, if_match_initiated_time, .. } = request.input;
    if if_match_initiated_time.is_some() {
        return Err(Failure::NotImplemented("An abort that depends on time, which only directory buckets have,"));
    }
    let decide = move |catalogue: &Catalogue| {
        catalogue.upload(&bucket, &key, &upload_id)?;
        Ok((Mutation::AbortUpload { bucket, upload_id }, ()))
    };
    store.commit(decide).await?;
    Ok(dto::AbortMultipartUploadOutput::default())
}
