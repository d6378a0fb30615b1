//! S3's own API as a client calls it, signed; so it is the same for the embedded S3 and for one outside of the stack.

use std::time::Duration;

use bytes::Bytes;
use ekk_clock::Clock;
use ekk_server::aws::signature::{Credential, Rules};
use http::{Method, StatusCode};
use reqwest::Client;
use url::Url;

/// How long S3 may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Calls one S3 with one credential.
#[derive(Clone, Debug)]
pub(crate) struct S3Api {
    client: Client,
    /// Without credentials.
    address: Url,
    credential: Credential,
    region: String,
}

impl S3Api {
    /// Signs with what stands in the address, else with `credential`.
    pub(crate) fn new(client: Client, address: &Url, credential: Credential, region: &str) -> Self {
        let credential = match address.password() {
            Some(secret) => Credential::new(decoded(address.username()), decoded(secret)),
            None => credential,
        };
        let address = crate::stack::without_credentials(address);
        Self { client, address, credential, region: region.to_owned() }
    }

    /// Calls `method` on a bucket or, by `/bucket/key`, on an object; the path is encoded here.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Bytes,
    ) -> Result<reqwest::Response, reqwest::Error> {
        let pairs: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={}", encoded(value, false))).collect();
        let base = self.address.as_str().trim_end_matches('/');
        let target = format!("{base}{}?{}", encoded(path, true), pairs.join("&"));
        let request = http::Request::builder()
            .method(method)
            .uri(target.trim_end_matches('?'))
            .header("host", self.address.authority())
            .body(body)
            .expect("an encoded path makes a request");
        // By the system's time, not by a stack's, because that is what a signature is compared with.
        let signed = self.credential.sign(Rules::of_s3(), request, &self.region, Clock::system().now());
        let mut signed = reqwest::Request::try_from(signed.map(reqwest::Body::from))?;
        *signed.timeout_mut() = Some(PATIENCE);
        self.client.execute(signed).await
    }

    /// Creates a bucket unless it is there, whoever owns it.
    ///
    /// # Errors
    /// In words, with S3's own answer.
    pub(crate) async fn create_bucket_if_missing(&self, bucket: &str) -> Result<(), String> {
        let path = format!("/{bucket}");
        let words = |error: reqwest::Error| format!("{} does not answer: {error}", self.address);
        let found = self.call(Method::HEAD, &path, &[], Bytes::new()).await.map_err(words)?;
        if found.status() != StatusCode::NOT_FOUND {
            return Ok(());
        }
        let location = match self.region.as_str() {
            "us-east-1" => String::new(),
            region => format!(
                "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let created = self.call(Method::PUT, &path, &[], location.into()).await.map_err(words)?;
        let status = created.status();
        // Somebody may have been quicker.
        if status.is_success() || status == StatusCode::CONFLICT {
            return Ok(());
        }
        Err(format!("{} answers {status}: {}", self.address, created.text().await.unwrap_or_default()))
    }
}

/// Percent-encodes all but unreserved characters, and slashes where they may stay.
fn encoded(text: &str, with_slashes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let stays = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if stays || (with_slashes && byte == b'/') {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    out
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

/// What stands percent-encoded in an address.
fn decoded(text: &str) -> String {
    let pair = format!("={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_slashes_and_a_value_does_not() {
        assert_eq!(encoded("a/ü &", true), "a/%C3%BC%20%26");
        assert_eq!(encoded("a/", false), "a%2F");
    }

    #[test]
    fn credentials_are_read_from_an_address_as_they_were_meant() {
        for (text, meant) in [("test", "test"), ("a%2Fb%40", "a/b@"), ("a+b%3D", "a+b="), ("", "")] {
            assert_eq!(decoded(text), meant);
        }
    }
}
