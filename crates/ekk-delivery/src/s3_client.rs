//! `PutObject` to a bucket, path-style and signed with Signature Version 4.
//!
//! The payload is sent unsigned, as the AWS SDKs may over a trusted line: hashing every object would cost more than
//! making it.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>

use std::{fmt::Write, time::SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use bytes::Bytes;
use reqwest::{Request, header::CONTENT_TYPE};
use url::Url;

use crate::{
    Error,
    address::{Address, chain},
    limits::{ERROR_BODY_BYTES, REQUEST_TIMEOUT},
};

/// An S3 endpoint that objects go to.
#[derive(Clone, Debug)]
pub(crate) struct S3Client {
    client: reqwest::Client,
    endpoint: Url,
    region: String,
    credentials: Credentials,
}

/// An object to write.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) body: Bytes,
    pub(crate) content_encoding: Option<&'static str>,
}

impl S3Client {
    /// Makes a client for the endpoint at `url`, whose user and password are access key and secret, else `test` and
    /// `test`.
    ///
    /// # Errors
    /// [`Error::Address`] for a URL that is not plain HTTP.
    pub(crate) fn new(url: &Url, region: &str) -> Result<Self, Error> {
        let address = Address::parse(url)?;
        let mut builder = reqwest::Client::builder().timeout(REQUEST_TIMEOUT);
        if address.is_loopback() {
            builder = builder.no_proxy();
        }
        let (access_key, secret) =
            address.credentials.clone().unwrap_or_else(|| ("test".to_owned(), "test".to_owned()));
        Ok(Self {
            client: builder.build().map_err(|error| address.unusable(&error))?,
            endpoint: address.url,
            region: region.to_owned(),
            credentials: Credentials::from_keys(access_key, secret, None),
        })
    }

    /// Writes one object; the error says why it is not there, or may not be.
    pub(crate) async fn put(&self, object: &Object) -> Result<(), String> {
        let request = self.request(object)?;
        let response = self
            .client
            .execute(request)
            .await
            .map_err(|error| format!("no answer from {}: {}", self.endpoint, chain(&error)))?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let body = response.bytes().await.unwrap_or_default();
        Err(describe(object, status.as_u16(), &body))
    }

    fn request(&self, object: &Object) -> Result<Request, String> {
        let base = self.endpoint.as_str().trim_end_matches('/');
        let url = format!("{base}/{}/{}", encode(&object.bucket), encode(&object.key));
        let mut builder = self.client.put(&url).header(CONTENT_TYPE, "application/octet-stream");
        if let Some(encoding) = object.content_encoding {
            builder = builder.header(reqwest::header::CONTENT_ENCODING, encoding);
        }
        let mut request = builder.body(object.body.clone()).build().map_err(|error| chain(&error))?;
        self.sign(&mut request).map_err(|error| format!("cannot sign the request: {error}"))?;
        Ok(request)
    }

    fn sign(&self, request: &mut Request) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(signing_time())
            .settings(settings)
            .build()?
            .into();
        let headers: Vec<(String, String)> = request
            .headers()
            .iter()
            .map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())))
            .collect::<Result<_, reqwest::header::ToStrError>>()?;
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let signable = SignableRequest::new("PUT", request.url().as_str(), headers, SignableBody::UnsignedPayload)?;
        let (instructions, _signature) = sign(signable, &params)?.into_parts();
        for (name, value) in instructions.headers() {
            let name = reqwest::header::HeaderName::from_bytes(name.as_bytes())?;
            request.headers_mut().insert(name, value.parse()?);
        }
        Ok(())
    }
}

/// The time that a signature is made for: the system's, not the stack's, because services compare it with theirs.
#[expect(clippy::disallowed_methods, reason = "signature windows stay on real time")]
fn signing_time() -> SystemTime {
    SystemTime::now()
}

/// Percent-encodes all but unreserved characters and slashes, as Signature Version 4 wants paths.
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a string takes what is written to it");
        }
    }
    out
}

/// What an error answer says, and what to do about the commonest.
fn describe(object: &Object, status: u16, body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    let code = element(&body, "Code").unwrap_or("no error code");
    let message = element(&body, "Message").unwrap_or_default();
    let advice = match code {
        "NoSuchBucket" => "; create the bucket or use a bucket that exists",
        _ => "",
    };
    let mut text = format!("S3 answers {status} {code} for bucket {}: {message}{advice}", object.bucket);
    text.truncate(text.floor_char_boundary(ERROR_BODY_BYTES));
    text
}

/// The text of the first `name` element.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = after.split_once(&format!("</{name}>"))?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object() -> Object {
        Object {
            bucket: "logs".to_owned(),
            key: "year=2026/a b+c/ü!".to_owned(),
            body: Bytes::from_static(b"{}"),
            content_encoding: Some("gzip"),
        }
    }

    #[test]
    fn requests_are_path_style_and_signed() {
        let client = S3Client::new(&"http://key:secret@localhost:9000".parse().unwrap(), "eu-west-1").unwrap();
        let request = client.request(&object()).unwrap();
        assert_eq!(request.url().as_str(), "http://localhost:9000/logs/year%3D2026/a%20b%2Bc/%C3%BC%21");
        let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap();
        assert_eq!(header("content-type"), "application/octet-stream");
        assert_eq!(header("content-encoding"), "gzip");
        assert_eq!(header("x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
        let authorization = header("authorization");
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=key/"), "{authorization}");
        assert!(authorization.contains("/eu-west-1/s3/aws4_request, SignedHeaders="), "{authorization}");
    }

    #[test]
    fn errors_say_what_s3_said_and_what_to_do() {
        let body = b"<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>";
        assert_eq!(
            describe(&object(), 404, body),
            "S3 answers 404 NoSuchBucket for bucket logs: The specified bucket does not exist; create the bucket or use a \
             bucket that exists"
        );
        assert_eq!(describe(&object(), 503, b""), "S3 answers 503 no error code for bucket logs: ");
    }
}
