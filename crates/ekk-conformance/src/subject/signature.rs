//! Signs requests for S3 with Signature Version 4, as its clients do.

use std::time::SystemTime;

use anyhow::{Context as _, Result};
use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign as sign_request,
    },
    sign::v4,
};
use reqwest::{Request, header::HeaderName};

/// Adds the headers of a signature by `keys`, the key's id and its secret, over the request and its body.
pub(crate) fn sign(request: &mut Request, keys: &(String, String)) -> Result<()> {
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let identity = Credentials::new(&keys.0, &keys.1, None, None, "conformance").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("s3")
        .time(signing_time())
        .settings(settings)
        .build()?
        .into();
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())))
        .collect::<Result<_>>()?;
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let body = request.body().map(|body| body.as_bytes().context("the body is a stream")).transpose()?;
    let body = SignableBody::Bytes(body.unwrap_or_default());
    let signable = SignableRequest::new(request.method().as_str(), request.url().as_str(), headers, body)?;
    let (instructions, _signature) = sign_request(signable, &parameters)?.into_parts();
    for (name, value) in instructions.headers() {
        request.headers_mut().insert(HeaderName::from_bytes(name.as_bytes())?, value.parse()?);
    }
    Ok(())
}

/// Signatures are compared with the system's time.
#[expect(clippy::disallowed_methods, reason = "signature windows stay on real time")]
fn signing_time() -> SystemTime {
    SystemTime::now()
}
