//! A stack for a Rust test: isolated, in memory, on free ports, gone when it is dropped.

mod builder;
#[cfg(feature = "containers")]
mod containers;
mod delivered;
mod objects;
mod real_parts;
mod stream;

use std::time::Duration;

use bytes::Bytes;
use ekk_clock::Clock;
use ekk_delivery::{AcceptedRecord, Account, DeliveryAttempt};
use ekk_faults::Faults;
use ekk_server::aws::signature::{Credential, Rules};
use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};
use url::Url;

#[cfg(feature = "containers")]
pub use self::containers::ContainersError;
pub use self::{
    builder::Builder,
    delivered::{Delivered, Document},
    objects::Object,
    stream::{Rotation, Stream},
};
use crate::{
    Addresses, Farewell, Missing, ResetError, Stack, StartError,
    control::Control,
    explain,
    wait::{Until, Wait, WaitError},
};

/// A running stack and the calls a test makes on it.
#[derive(Debug)]
pub struct Ekk {
    stack: Stack,
    client: Client,
    /// What its own requests are signed with; signatures may be verified or not.
    credential: Credential,
    region: String,
    /// How long a call waits, in real time.
    patience: Duration,
    /// What it delivers to, when that is in containers of its own; they end after the stack.
    #[cfg(feature = "containers")]
    real_parts: Option<ekk_testcontainers::RealParts>,
}

/// A call on the stack failed.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// Not everything was delivered in time; says what is missing and why.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// The request did not arrive or had no answer.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    /// The part answered with an error.
    #[error("{url} answers {status}: {body}")]
    Refused {
        /// What was asked.
        url: Url,
        /// The HTTP status.
        status: u16,
        /// The body, as the part wrote it.
        body: String,
    },
    /// No stream has this name.
    #[error("no stream has the name {0}")]
    NoStream(String),
    /// What was asked for cannot be.
    #[error("{0}")]
    Asked(String),
    /// What is due is not done in time.
    #[error("what is due is not done in time; the stack's clock stands at {now}")]
    Late {
        /// Where the clock came to.
        now: Timestamp,
    },
    /// The stack could not be emptied.
    #[error(transparent)]
    Reset(#[from] ResetError),
}

/// How long a call waits when it is not told, in real time.
const PATIENCE: Duration = Duration::from_secs(30);

impl Ekk {
    /// Starts a stack with the built-in fixtures: stream `logging-test`, its bucket, its index template and Discover.
    ///
    /// # Errors
    /// When the system has no free port.
    pub async fn start() -> Result<Self, StartError> {
        Self::builder().start().await
    }

    /// Starts from the same defaults as [`Ekk::start`], to be changed.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The AWS endpoint, for a client's `endpoint_url`.
    pub fn endpoint_url(&self) -> &str {
        self.stack.addresses().aws.as_str().trim_end_matches('/')
    }

    /// The region to give to a client of the AWS SDK; streams of the fixtures are there.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Credentials to give to a client of the AWS SDK: the first of [`Builder::credentials`], else `test` and `test`, as any
    /// are good then.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Where all the parts listen.
    pub fn addresses(&self) -> &Addresses {
        self.stack.addresses()
    }

    /// The certificate of the authority that clients must trust for https, in PEM; none without [`Builder::tls`].
    #[cfg(feature = "tls")]
    pub fn ca_pem(&self) -> Option<&str> {
        self.stack.ca_pem()
    }

    /// The time the stack lives by.
    pub fn clock(&self) -> &Clock {
        self.stack.clock()
    }

    /// What the stack is told to let fail; see [`faults`](crate::faults).
    pub fn faults(&self) -> &Faults {
        self.stack.faults()
    }

    /// Sends records to a stream, each call one `PutRecordBatch` of up to 500 records.
    ///
    /// # Errors
    /// [`HarnessError::Refused`] with AWS's own answer.
    pub async fn put<T: AsRef<[u8]>>(
        &self,
        stream: &str,
        records: impl IntoIterator<Item = T>,
    ) -> Result<Value, HarnessError> {
        let records: Vec<Value> = records
            .into_iter()
            .map(|record| json!({ "Data": base64_simd::STANDARD.encode_to_string(record.as_ref()) }))
            .collect();
        self.firehose("PutRecordBatch", &json!({ "DeliveryStreamName": stream, "Records": records })).await
    }

    /// Calls an operation of the Firehose API by its name, with the request as AWS's documentation shows it.
    ///
    /// # Errors
    /// [`HarnessError::Refused`] with AWS's own answer.
    pub async fn firehose(&self, operation: &str, request: &Value) -> Result<Value, HarnessError> {
        let url = &self.stack.addresses().aws;
        let request = http::Request::post(url.as_str())
            .header("host", url.authority())
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Firehose_20150804.{operation}"))
            .body(Bytes::from(request.to_string()))
            .expect("an operation's name can stand in a header");
        let now = Clock::system().now();
        let signed = self.credential.sign(Rules::of("firehose"), request, &self.region, now);
        let signed = reqwest::Request::try_from(signed.map(reqwest::Body::from))?;
        answer(reqwest::RequestBuilder::from_parts(self.client.clone(), signed)).await
    }

    /// Delivers what a stream has buffered now, and answers when that is done or waits for a retry.
    ///
    /// # Errors
    /// [`HarnessError::NoStream`].
    pub async fn flush(&self, stream: &str) -> Result<(), HarnessError> {
        self.stream(stream)?.flush().await;
        Ok(())
    }

    /// Delivers everything that is buffered and waits until it is searchable.
    ///
    /// # Errors
    /// [`HarnessError::Missing`] says per stream what is missing and why, after 30 seconds or [`Builder::patience`].
    pub async fn settle(&self) -> Result<(), HarnessError> {
        let wait = Wait { stream: None, until: Until::Delivered, flush: true, patience: self.patience };
        self.wait(&wait).await
    }

    /// Waits until a line of a stream's account shows `count` or more, such as `indexed`, `failed` or `accepted`; what comes
    /// in meanwhile is flushed. For a program under test that still runs.
    ///
    /// # Errors
    /// [`HarnessError::Missing`] says what is missing and why, after 30 seconds or [`Builder::patience`]. [`HarnessError::Asked`] when the account
    /// has no such line.
    pub async fn wait_for(&self, stream: &str, line: &str, count: u64) -> Result<(), HarnessError> {
        let until = Until::Count { line: line.to_owned(), count };
        self.wait(&Wait { stream: Some(stream.to_owned()), until, flush: true, patience: self.patience }).await
    }

    async fn wait(&self, wait: &Wait) -> Result<(), HarnessError> {
        self.control().wait(wait).await.map_err(|error| match error {
            WaitError::NoStream(id) => HarnessError::NoStream(id),
            WaitError::Asked(text) => HarnessError::Asked(text),
            WaitError::Missing(missing) => HarnessError::Missing(missing),
            WaitError::Refresh(error) => HarnessError::Http(error),
        })
    }

    /// Moves the clock on, from one due thing to the next, each at its time, and answers when all that is due is done: an
    /// hour of retries, or the flushes of a day. [`Ekk::clock`] jumps instead.
    ///
    /// # Errors
    /// [`HarnessError::Late`] when something due takes longer than 30 seconds of real time or [`Builder::patience`].
    pub async fn advance(&self, by: Duration) -> Result<(), HarnessError> {
        let moved = tokio::time::timeout(self.patience, self.clock().advance_through(by)).await;
        moved.map_err(|_| HarnessError::Late { now: self.clock().now() })
    }

    /// [`Ekk::advance`] to an instant.
    ///
    /// # Errors
    /// As [`Ekk::advance`].
    pub async fn advance_to(&self, at: Timestamp) -> Result<(), HarnessError> {
        let moved = tokio::time::timeout(self.patience, self.clock().travel(at)).await;
        moved.map_err(|_| HarnessError::Late { now: self.clock().now() })
    }

    /// Empties the stack and puts the fixtures in anew, with the clock and without the faults of the start.
    ///
    /// # Errors
    /// [`HarnessError::Reset`].
    pub async fn reset(&self) -> Result<(), HarnessError> {
        Ok(self.control().reset().await?)
    }

    /// Searches with a body of OpenSearch's query DSL.
    ///
    /// # Errors
    /// [`HarnessError::Refused`] with OpenSearch's own answer.
    pub async fn search(&self, index: &str, body: &Value) -> Result<Value, HarnessError> {
        self.opensearch(&format!("{index}/_search"), body).await
    }

    /// Counts the documents of the indices that `index` names.
    ///
    /// # Errors
    /// [`HarnessError::Refused`] with OpenSearch's own answer.
    pub async fn count(&self, index: &str) -> Result<u64, HarnessError> {
        let answer = self.opensearch(&format!("{index}/_count"), &json!({ "query": { "match_all": {} } })).await?;
        Ok(answer.get("count").and_then(Value::as_u64).unwrap_or_default())
    }

    /// What became of a stream's records.
    ///
    /// # Errors
    /// [`HarnessError::NoStream`].
    pub fn account(&self, stream: &str) -> Result<Account, HarnessError> {
        Ok(self.stream(stream)?.account())
    }

    /// What of a stream's records ended badly or still waits, and why, in words; nothing when all is well. Nothing is
    /// flushed for it.
    ///
    /// # Errors
    /// [`HarnessError::NoStream`].
    pub fn explain(&self, stream: &str) -> Result<String, HarnessError> {
        Ok(explain::all(&self.stream(stream)?).join("; "))
    }

    /// The last 256 attempts of a stream to deliver, each with its reason, newest last.
    ///
    /// # Errors
    /// [`HarnessError::NoStream`].
    pub fn deliveries(&self, stream: &str) -> Result<Vec<DeliveryAttempt>, HarnessError> {
        Ok(self.stream(stream)?.recent())
    }

    /// The last records that a stream accepted, as they came in, newest last: at most 100, and 1 MiB.
    ///
    /// # Errors
    /// [`HarnessError::NoStream`].
    pub fn records(&self, stream: &str) -> Result<Vec<AcceptedRecord>, HarnessError> {
        Ok(self.stream(stream)?.newest())
    }

    /// Drains the stack and says what it delivered. Dropping it instead stops it at once.
    pub async fn stop(self) -> Farewell {
        self.stack.stop().await
    }

    pub(crate) fn control(&self) -> &Control {
        self.stack.control()
    }

    fn stream(&self, id: &str) -> Result<ekk_delivery::Stream, HarnessError> {
        self.control().delivery.stream(id).ok_or_else(|| HarnessError::NoStream(id.to_owned()))
    }

    async fn mapping(&self, index: &str) -> Result<Value, HarnessError> {
        let mut url = self.stack.addresses().opensearch.clone();
        url.set_path(&format!("{index}/_mapping"));
        answer(self.client.get(url)).await
    }

    async fn opensearch(&self, path: &str, body: &Value) -> Result<Value, HarnessError> {
        let mut url = self.stack.addresses().opensearch.clone();
        if !self.control().contents.owns_opensearch {
            // The stack's own shows a write to the next search, which a real one does a second later.
            url.set_path("_refresh");
            answer(self.client.post(url.clone())).await?;
        }
        url.set_path(path);
        answer(self.client.post(url).header("content-type", "application/json").body(body.to_string())).await
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Value, HarnessError> {
    let response = request.send().await?;
    let (url, status) = (response.url().clone(), response.status());
    let body = response.text().await?;
    if !status.is_success() {
        return Err(HarnessError::Refused { url, status: status.as_u16(), body });
    }
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&body).map_err(|_| HarnessError::Refused { url, status: status.as_u16(), body })
}
