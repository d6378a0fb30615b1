//! Requests to HTTP endpoints, with their headers, and answers within their bound.
//!
//! Differs from AWS: an address on this machine may be plain `http`; `https` is not spoken yet.

use std::error::Error as _;

use bytes::{Bytes, BytesMut};
use reqwest::{
    Client,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
    redirect::Policy,
};

use crate::{
    Error,
    address::{Address, chain},
    http_endpoint::{Answer, Refusal, common_attributes},
    limits::{ENDPOINT_ANSWER_BYTES, ENDPOINT_TIMEOUT},
    spec::{ContentEncoding, HttpEndpointDestination},
};

/// Sends to all HTTP endpoints of a stack.
#[derive(Clone, Debug)]
pub(crate) struct EndpointClient {
    client: Client,
}

impl EndpointClient {
    pub(crate) fn new() -> Result<Self, Error> {
        let builder = Client::builder().timeout(ENDPOINT_TIMEOUT).no_proxy().redirect(Policy::none());
        let client =
            builder.build().map_err(|error| Error::Unsupported(format!("an HTTP client ({})", chain(&error))))?;
        Ok(Self { client })
    }

    /// Whether an endpoint can be spoken to.
    ///
    /// # Errors
    /// [`Error::Address`] for an address that is not plain HTTP, [`Error::Unsupported`] for an access key or attributes
    /// that a header cannot have.
    pub(crate) fn check(destination: &HttpEndpointDestination) -> Result<(), Error> {
        Address::parse(&destination.url)?;
        headers(destination, "arn", "id").map(|_| ())
    }

    /// Sends one request.
    pub(crate) async fn send(
        &self,
        destination: &HttpEndpointDestination,
        arn: &str,
        request_id: &str,
        body: Bytes,
    ) -> Result<Answer, Refusal> {
        let headers = headers(destination, arn, request_id)
            .map_err(|error| Refusal::new("HttpEndpoint.ConnectionFailed", error.to_string()))?;
        let sent = self.client.post(destination.url.clone()).headers(headers).body(body).send().await;
        let mut response = sent.map_err(|error| no_answer(&error))?;
        let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let mut answer = Answer {
            status: response.status().as_u16(),
            content_type: header(CONTENT_TYPE).map(str::to_owned),
            has_content_length: header(CONTENT_LENGTH).is_some(),
            has_content_encoding: header(CONTENT_ENCODING).is_some(),
            body: Bytes::new(),
        };
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
            body.extend_from_slice(&chunk);
            if body.len() > ENDPOINT_ANSWER_BYTES {
                let message = format!("The endpoint answers with more than {ENDPOINT_ANSWER_BYTES} bytes");
                return Err(Refusal::new("HttpEndpoint.ResponseTooLarge", message));
            }
        }
        answer.body = body.freeze();
        Ok(answer)
    }
}

fn headers(destination: &HttpEndpointDestination, arn: &str, request_id: &str) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    let mut add = |name: &'static str, value: &str| -> Result<(), Error> {
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| Error::Unsupported(format!("a value of {name} with line feeds or control characters")))?;
        headers.insert(HeaderName::from_static(name), value);
        Ok(())
    };
    add("x-amz-firehose-protocol-version", "1.0")?;
    add("x-amz-firehose-request-id", request_id)?;
    add("x-amz-firehose-source-arn", arn)?;
    if let Some(key) = destination.access_key.as_deref().filter(|key| !key.is_empty()) {
        add("x-amz-firehose-access-key", key)?;
    }
    if let Some(attributes) = common_attributes(destination) {
        add("x-amz-firehose-common-attributes", &attributes)?;
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static("Amazon Kinesis Data Firehose Agent/1.0"));
    if destination.content_encoding == ContentEncoding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(headers)
}

fn no_answer(error: &reqwest::Error) -> Refusal {
    let text = chain(error);
    let mut cause = error.source();
    let mut is_reset = false;
    while let Some(next) = cause {
        is_reset |= next.downcast_ref::<std::io::Error>().is_some_and(|error| {
            matches!(error.kind(), std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe)
        });
        cause = next.source();
    }
    let code = match () {
        () if error.is_timeout() => "HttpEndpoint.RequestTimeout",
        () if is_reset => "HttpEndpoint.ConnectionReset",
        () => "HttpEndpoint.ConnectionFailed",
    };
    Refusal::new(code, text)
}
