//! `CompleteMultipartUpload`.

use std::sync::Arc;

use s3s::{S3Request, dto};

use crate::{
    api::{conditions, wire_etag, write},
    catalogue::{Catalogue, Mutation, Object, Part, Upload},
    checksum::{self, Algorithm, Checksum, Kind, multipart_etag, set_checksum, supplied_checksums},
    error::{Failure, Outcome},
    limits,
    store::Store,
};

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>
pub(in crate::api) async fn complete_multipart_upload(
    store: &Arc<Store>,
    request: S3Request<dto::CompleteMultipartUploadInput>,
) -> Outcome<dto::CompleteMultipartUploadOutput> {
    let host = request.headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let location = format!("http://{host}{}", request.uri.path());
    let input = request.input;
    let supplied = supplied_checksums!(input);
    let listed = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    if listed.is_empty() {
        return Err(Failure::MalformedXml);
    }
    let conditions = conditions::Write { if_match: input.if_match, if_none_match: input.if_none_match };
    let (bucket, key, upload_id) = (input.bucket, input.key, input.upload_id);
    let mut output = dto::CompleteMultipartUploadOutput {
        bucket: Some(bucket.clone()),
        key: Some(key.clone()),
        location: Some(location),
        ..Default::default()
    };
    let last_modified = store.now();
    let decide = move |catalogue: &Catalogue| {
        let upload = catalogue.upload(&bucket, &key, &upload_id)?;
        write::check(catalogue, &bucket, &key, &conditions)?;
        let mut object = assemble(upload, &listed)?;
        object.last_modified = last_modified;
        verify(&object, &supplied, input.mpu_object_size)?;
        let object = Arc::new(object);
        Ok((Mutation::CompleteUpload { bucket, upload_id, object: Arc::clone(&object) }, object))
    };
    let object = store.commit(decide).await?;
    output.e_tag = Some(wire_etag(&object.etag));
    output.checksum_type = Some(object.checksum.kind.name().to_owned().into());
    set_checksum!(output, Some(&object.checksum));
    Ok(output)
}

/// The object that the listed parts make, in the order that they are listed in.
fn assemble(upload: &Upload, listed: &[dto::CompletedPart]) -> Outcome<Object> {
    let numbers =
        listed.iter().map(|part| part.part_number.ok_or(Failure::MalformedXml)).collect::<Outcome<Vec<_>>>()?;
    if !numbers.is_sorted_by(|left, right| left < right) {
        return Err(Failure::InvalidPartOrder);
    }
    let parts = numbers
        .iter()
        .zip(listed)
        .map(|(number, listed)| find(upload, *number, listed))
        .collect::<Outcome<Vec<_>>>()?;
    if let Some((_, all_but_last)) = parts.split_last()
        && all_but_last.iter().any(|part| part.size_bytes < limits::PART_BYTES_MIN)
    {
        return Err(Failure::EntityTooSmall);
    }
    let md5s: Vec<_> = parts.iter().map(|part| part.md5).collect();
    let part_bytes: Vec<_> = parts.iter().map(|part| part.size_bytes).collect();
    Ok(Object {
        size_bytes: part_bytes.iter().sum(),
        etag: multipart_etag(&md5s),
        last_modified: upload.initiated,
        checksum: combine(upload, &parts),
        headers: upload.headers.clone(),
        part_bytes,
        segments: parts.iter().flat_map(|part| part.segments.iter().cloned()).collect(),
    })
}

/// The uploaded part that a listed one means.
fn find<'a>(upload: &'a Upload, number: i32, listed: &dto::CompletedPart) -> Outcome<&'a Part> {
    let part = upload.parts.get(&number).ok_or(Failure::InvalidPart)?;
    let etag = listed.e_tag.as_ref().map(dto::ETag::value);
    if etag != Some(checksum::hex(&part.md5).as_str()) {
        return Err(Failure::InvalidPart);
    }
    let supplied = supplied_checksums!(listed);
    let fits = |(algorithm, value): &(Algorithm, String)| {
        [&part.checksum, &part.crc64nvme].into_iter().any(|own| own.algorithm == *algorithm && own.value == *value)
    };
    if !supplied.iter().all(fits) {
        return Err(Failure::InvalidPart);
    }
    if let Some((algorithm, Kind::Composite)) = upload.checksum
        && supplied.is_empty()
    {
        let algorithm = algorithm.name().to_lowercase();
        let message = format!(
            "The upload was created using a {algorithm} checksum. The complete request must include the checksum for \
             each part. It was missing for part {number} in the request."
        );
        return Err(Failure::InvalidRequest(message.into()));
    }
    Ok(part)
}

/// Without a wish of the client's the object has the CRC-64/NVME of all its bytes.
fn combine(upload: &Upload, parts: &[&Part]) -> Checksum {
    let (algorithm, kind) = upload.checksum.unwrap_or((Algorithm::Crc64Nvme, Kind::FullObject));
    let own = |part: &'_ &Part| if upload.checksum.is_some() { part.checksum.clone() } else { part.crc64nvme.clone() };
    let checksums: Vec<_> = parts.iter().map(own).collect();
    match kind {
        Kind::Composite => Checksum::composite(algorithm, checksums.iter()),
        Kind::FullObject => {
            let sizes = parts.iter().map(|part| part.size_bytes);
            Checksum::full_object(algorithm, checksums.iter().zip(sizes)).expect("the upload was made with a CRC")
        }
    }
}

fn verify(object: &Object, supplied: &[(Algorithm, String)], size_bytes: Option<i64>) -> Outcome<()> {
    if size_bytes.is_some_and(|size| u64::try_from(size).ok() != Some(object.size_bytes)) {
        let message = "The provided 'x-amz-mp-object-size' header does not match what was computed.";
        return Err(Failure::InvalidRequest(message.into()));
    }
    let own = &object.checksum;
    let wrong = supplied.iter().find(|(algorithm, value)| *algorithm != own.algorithm || *value != own.value);
    wrong.map_or(Ok(()), |(algorithm, _)| Err(Failure::BadDigest(algorithm.name())))
}
