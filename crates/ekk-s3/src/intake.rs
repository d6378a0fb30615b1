//! Takes the body of a `PutObject` or `UploadPart` into the store, and checks it against everything the client said of it.

use std::sync::atomic::Ordering;

use futures_util::StreamExt as _;
use http::Extensions;
use s3s::dto::StreamingBlob;

use crate::{
    checksum::{Algorithm, Digester, Digests},
    edge::Payload,
    error::{Failure, Outcome},
    limits,
    segment::{self, Segment},
    store::Store,
};

/// A body with what its headers say of it.
pub(crate) struct Body {
    pub(crate) stream: Option<StreamingBlob>,
    pub(crate) content_length: Option<i64>,
    /// In base64.
    pub(crate) content_md5: Option<String>,
    pub(crate) checksums: Vec<(Algorithm, String)>,
    /// The algorithm that the client names without giving a value, or that its upload has.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) payload: Payload,
}

/// What the edge found out about the payload of this request.
pub(crate) fn payload(extensions: &Extensions) -> Payload {
    extensions.get().cloned().unwrap_or_default()
}

/// Stores `body`; nothing of it stays when it is not what the client said.
pub(crate) async fn take(store: &Store, bucket: &str, key: &str, body: Body) -> Outcome<(Vec<Segment>, Digests)> {
    let length = body.content_length.ok_or(Failure::MissingContentLength)?;
    let length =
        u64::try_from(length).map_err(|_| Failure::InvalidArgument("Content-Length must not be negative".into()))?;
    if length > limits::UPLOAD_BYTES {
        return Err(Failure::EntityTooLarge);
    }
    let content_md5 = body.content_md5.as_deref().map(parse_md5).transpose()?;
    let algorithm = choose(&body)?;
    let mut staging = store.stage(bucket, key, length).await?;
    let mut digester = Digester::new(algorithm, body.payload.sha256.is_some());
    let mut received = 0;
    let mut stream = body.stream;
    while let Some(chunk) = match &mut stream {
        Some(stream) => stream.next().await,
        None => None,
    } {
        let chunk = chunk.map_err(|error| {
            tracing::debug!(%error, "a body ended early");
            let is_forged = body.payload.is_forged.load(Ordering::Acquire);
            if is_forged { Failure::SignatureDoesNotMatch } else { Failure::IncompleteBody }
        })?;
        received += chunk.len() as u64;
        if received > length {
            return Err(Failure::IncompleteBody);
        }
        digester.update(&chunk);
        staging.write(&chunk).await?;
    }
    if received < length {
        return Err(Failure::IncompleteBody);
    }
    let digests = digester.finish();
    verify(&digests, content_md5, &body.checksums, &body.payload)?;
    Ok((staging.finish().await?, digests))
}

/// Reads what is left of a body that was refused, so that its sender gets to read the answer.
pub(crate) async fn drain(stream: Option<StreamingBlob>) {
    if let Some(mut stream) = stream {
        while let Some(Ok(_)) = stream.next().await {}
    }
}

/// The digests of bytes that are in the store already.
pub(crate) async fn digest(segments: Vec<Segment>, algorithm: Algorithm) -> Outcome<Digests> {
    let mut digester = Digester::new(algorithm, false);
    let mut chunks = std::pin::pin!(segment::read(segments));
    while let Some(chunk) = chunks.next().await {
        digester.update(&chunk?);
    }
    Ok(digester.finish())
}

fn parse_md5(text: &str) -> Outcome<[u8; 16]> {
    let bytes = base64_simd::STANDARD.decode_to_vec(text).map_err(|_| Failure::InvalidDigest)?;
    bytes.try_into().map_err(|_| Failure::InvalidDigest)
}

/// Without a wish of the client's S3 computes CRC-64/NVME.
fn choose(body: &Body) -> Outcome<Algorithm> {
    let supplied = match body.checksums.as_slice() {
        [] => body.payload.announced,
        [(algorithm, value)] if !algorithm.is_value(value) => {
            let message = format!("Value for {} header is invalid.", algorithm.header());
            return Err(Failure::InvalidRequest(message.into()));
        }
        [(algorithm, _)] => Some(*algorithm),
        _ => {
            let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
            return Err(Failure::InvalidRequest(message.into()));
        }
    };
    Ok(supplied.or(body.algorithm).unwrap_or(Algorithm::Crc64Nvme))
}

fn verify(
    digests: &Digests,
    content_md5: Option<[u8; 16]>,
    checksums: &[(Algorithm, String)],
    payload: &Payload,
) -> Outcome<()> {
    if content_md5.is_some_and(|md5| md5 != digests.md5) {
        return Err(Failure::BadDigest("Content-MD5"));
    }
    if let (Some(expected), Some(sha256)) = (&payload.sha256, &digests.sha256)
        && !expected.eq_ignore_ascii_case(sha256)
    {
        return Err(Failure::ContentSha256Mismatch);
    }
    let algorithm = digests.checksum.algorithm;
    let trailers = payload.trailers.lock().expect("no one panics while holding this lock");
    let trailer = trailers.get(algorithm.header()).map(http::HeaderValue::as_bytes);
    let expected = checksums.iter().map(|(_, value)| value.as_bytes()).chain(trailer);
    let mut wrong = expected.filter(|expected| *expected != digests.checksum.value.as_bytes());
    wrong.next().map_or(Ok(()), |_| Err(Failure::BadDigest(algorithm.name())))
}
