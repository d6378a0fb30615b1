//! Objects to a bucket, whole or in parts, path-style and signed with Signature Version 4.
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
use reqwest::{
    Method, Request, Response,
    header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG},
};
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

/// An object to write, without its body.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) content_encoding: Option<&'static str>,
}

/// Why an object is not there, or may not be.
#[derive(Clone, Debug)]
pub(crate) struct S3Error {
    /// AWS's code for its error log.
    pub(crate) code: String,
    /// In a developer's words.
    pub(crate) reason: String,
}

impl S3Error {
    pub(crate) fn new(code: &str, reason: String) -> Self {
        Self { code: code.to_owned(), reason }
    }
}

/// An upload in parts that has begun.
#[derive(Debug)]
pub(crate) struct Upload {
    id: String,
    /// The tags of the parts so far.
    parts: Vec<String>,
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

    /// Writes one object.
    pub(crate) async fn put(&self, object: &Object, body: Bytes) -> Result<(), S3Error> {
        self.send(object, Method::PUT, "", body).await.map(|_| ())
    }

    /// Begins to write an object in parts.
    pub(crate) async fn begin(&self, object: &Object) -> Result<Upload, S3Error> {
        let response = self.send(object, Method::POST, "?uploads=", Bytes::new()).await?;
        let body = self.text(response).await?;
        match element(&body, "UploadId") {
            Some(id) => Ok(Upload { id: id.to_owned(), parts: Vec::new() }),
            None => Err(S3Error::new("InternalError", "S3 answers without an UploadId".to_owned())),
        }
    }

    /// Writes the next part, which is at least 5 MiB unless it is the last.
    pub(crate) async fn put_part(&self, object: &Object, upload: &mut Upload, body: Bytes) -> Result<(), S3Error> {
        let query = format!("?partNumber={}&uploadId={}", upload.parts.len() + 1, encode(&upload.id));
        let response = self.send(object, Method::PUT, &query, body).await?;
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        let tag = tag.ok_or_else(|| S3Error::new("InternalError", "S3 answers without an ETag".to_owned()))?;
        upload.parts.push(tag.to_owned());
        Ok(())
    }

    /// Makes the object of its parts.
    pub(crate) async fn complete(&self, object: &Object, upload: &Upload) -> Result<(), S3Error> {
        let mut body = String::from("<CompleteMultipartUpload>");
        for (number, tag) in (1..).zip(&upload.parts) {
            let tag = tag.replace('&', "&amp;").replace('<', "&lt;");
            write!(body, "<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>")
                .expect("a string takes what is written to it");
        }
        body.push_str("</CompleteMultipartUpload>");
        let query = format!("?uploadId={}", encode(&upload.id));
        let response = self.send(object, Method::POST, &query, body.into()).await?;
        // A completion that fails late is answered with 200 and an error.
        let answer = self.text(response).await?;
        if answer.contains("<Error>") { Err(describe(object, 200, answer.as_bytes())) } else { Ok(()) }
    }

    /// Gives the parts up that were written.
    pub(crate) async fn abort(&self, object: &Object, upload: &Upload) -> Result<(), S3Error> {
        let query = format!("?uploadId={}", encode(&upload.id));
        self.send(object, Method::DELETE, &query, Bytes::new()).await.map(|_| ())
    }

    async fn send(&self, object: &Object, method: Method, query: &str, body: Bytes) -> Result<Response, S3Error> {
        let request = self.request(object, method, query, body)?;
        let response = self.client.execute(request).await.map_err(|error| self.no_answer(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let body = self.text(response).await.unwrap_or_default();
        Err(describe(object, status.as_u16(), body.as_bytes()))
    }

    /// The body of an answer, as far as it is of use.
    async fn text(&self, mut response: Response) -> Result<String, S3Error> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.no_answer(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES {
                break;
            }
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    fn no_answer(&self, error: &reqwest::Error) -> S3Error {
        S3Error::new("InternalError", format!("no answer from {}: {}", self.endpoint, chain(error)))
    }

    fn request(&self, object: &Object, method: Method, query: &str, body: Bytes) -> Result<Request, S3Error> {
        let base = self.endpoint.as_str().trim_end_matches('/');
        let url = format!("{base}/{}/{}{query}", encode(&object.bucket), encode_path(&object.key));
        let is_begun_or_whole = query.is_empty() || query == "?uploads=";
        let mut builder = self.client.request(method, &url);
        if is_begun_or_whole {
            builder = builder.header(CONTENT_TYPE, "application/octet-stream");
            if let Some(encoding) = object.content_encoding {
                builder = builder.header(CONTENT_ENCODING, encoding);
            }
        }
        let failed = |reason| S3Error::new("InternalError", reason);
        let mut request = builder.body(body).build().map_err(|error| failed(chain(&error)))?;
        self.sign(&mut request).map_err(|error| failed(format!("cannot sign the request: {error}")))?;
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
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            headers,
            SignableBody::UnsignedPayload,
        )?;
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

/// Bytes of an answer that are read.
const ANSWER_BYTES: usize = 64 << 10;

/// Percent-encodes all but unreserved characters, as Signature Version 4 wants it.
fn encode(text: &str) -> String {
    encode_path(text).replace('/', "%2F")
}

/// Percent-encodes all but unreserved characters and slashes.
fn encode_path(text: &str) -> String {
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
fn describe(object: &Object, status: u16, body: &[u8]) -> S3Error {
    let body = String::from_utf8_lossy(body);
    let code = element(&body, "Code");
    let message = element(&body, "Message").unwrap_or_default();
    let advice = match code {
        Some("NoSuchBucket") => "; create the bucket or use a bucket that exists",
        _ => "",
    };
    let shown = code.unwrap_or("no error code");
    let mut reason = format!("S3 answers {status} {shown} for bucket {}: {message}{advice}", object.bucket);
    reason.truncate(reason.floor_char_boundary(ERROR_BODY_BYTES));
    let known = [
        "AccessDenied",
        "AccountProblem",
        "AllAccessDisabled",
        "InvalidPayer",
        "MethodNotAllowed",
        "NoSuchBucket",
        "NotSignedUp",
    ];
    let code = code
        .filter(|code| known.contains(code))
        .map_or_else(|| "InternalError".to_owned(), |code| format!("S3.{code}"));
    S3Error { code, reason }
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
        Object { bucket: "logs".to_owned(), key: "year=2026/a b+c/ü!".to_owned(), content_encoding: Some("gzip") }
    }

    #[test]
    fn requests_are_path_style_and_signed() {
        let client = S3Client::new(&"http://key:secret@localhost:9000".parse().unwrap(), "eu-west-1").unwrap();
        let request = client.request(&object(), Method::PUT, "", Bytes::from_static(b"{}")).unwrap();
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
            describe(&object(), 404, body).reason,
            "S3 answers 404 NoSuchBucket for bucket logs: The specified bucket does not exist; create the bucket or use a \
             bucket that exists"
        );
        assert_eq!(describe(&object(), 404, body).code, "S3.NoSuchBucket");
        let nothing = describe(&object(), 503, b"");
        assert_eq!(
            (nothing.reason.as_str(), nothing.code.as_str()),
            ("S3 answers 503 no error code for bucket logs: ", "InternalError")
        );
    }
}
