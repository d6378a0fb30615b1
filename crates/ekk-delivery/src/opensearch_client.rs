//! Bulk requests to a cluster through the official client, with the answer as bytes.
//!
//! No `refresh` is asked for, as Firehose asks for none: when documents become visible is the cluster's decision.

use std::{error, sync::Arc};

use bytes::Bytes;
use opensearch::{
    auth::Credentials,
    http::{
        Method,
        headers::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue},
        transport::{SingleNodeConnectionPool, Transport, TransportBuilder},
    },
};
use url::Url;

use crate::{
    Error,
    address::{Address, chain},
    limits::{BULK_ANSWER_BYTES, REQUEST_TIMEOUT},
};

/// A cluster that bulk requests go to.
#[derive(Clone, Debug)]
pub(crate) struct OpenSearchClient {
    transport: Arc<Transport>,
    url: String,
}

/// An answered request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

/// A request without an answer.
#[derive(Clone, Debug)]
pub(crate) struct NoReply {
    /// Whether the time for an answer was up.
    pub(crate) timed_out: bool,
    /// Whether the cluster may have done what it was asked.
    pub(crate) may_have_arrived: bool,
    /// Why, in a developer's words.
    pub(crate) reason: String,
}

impl OpenSearchClient {
    /// Makes a client for the cluster at `url`; its user and password are sent by basic authentication.
    ///
    /// # Errors
    /// [`Error::Address`] for a URL that is not plain HTTP.
    pub(crate) fn new(url: &Url) -> Result<Self, Error> {
        let address = Address::parse(url)?;
        let mut builder = TransportBuilder::new(SingleNodeConnectionPool::new(address.url.clone()));
        if address.is_loopback() {
            builder = builder.disable_proxy();
        }
        if let Some((user, password)) = address.credentials.clone() {
            builder = builder.auth(Credentials::Basic(user, password));
        }
        let transport = builder.timeout(REQUEST_TIMEOUT).build().map_err(|error| address.unusable(&error))?;
        Ok(Self { transport: Arc::new(transport), url: address.url.to_string() })
    }

    /// Sends one bulk request.
    pub(crate) async fn bulk(&self, body: Bytes) -> Result<Reply, NoReply> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
        // Compressing an answer that is hardly looked at would cost both sides more than sending it.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let sent = self.transport.send(Method::Post, "_bulk", headers, None::<&()>, Some(body), None).await;
        let response = sent.map_err(|error| self.no_reply(&error))?;
        let status = response.status_code().as_u16();
        if response.content_length().is_some_and(|length| length > BULK_ANSWER_BYTES) {
            let reason = format!("{} answers with more than {BULK_ANSWER_BYTES} bytes", self.url);
            return Err(NoReply { timed_out: false, may_have_arrived: true, reason });
        }
        let body = response.bytes().await.map_err(|error| self.no_reply(&error))?;
        Ok(Reply { status, body })
    }

    fn no_reply(&self, error: &opensearch::Error) -> NoReply {
        let cause = error::Error::source(error).and_then(|source| source.downcast_ref::<reqwest::Error>());
        NoReply {
            timed_out: error.is_timeout(),
            may_have_arrived: !cause.is_some_and(reqwest::Error::is_connect),
            reason: format!("no answer from {}: {}", self.url, chain(error)),
        }
    }
}
