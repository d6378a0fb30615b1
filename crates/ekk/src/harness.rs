//! A stack for a Rust test: isolated, in memory, on free ports, gone when it is dropped.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use ekk_clock::Clock;
use ekk_delivery::{Account, Unsettled};
use ekk_faults::Faults;
use ekk_firehose::Quotas;
use ekk_server::aws::signature::{Credential, Rules};
use reqwest::Client;
use serde_json::{Value, json};
use url::Url;

use crate::{Addresses, Config, Farewell, Fixtures, Listen, Stack, StartError};

/// A running stack and the calls a test makes on it.
#[derive(Debug)]
pub struct Ekk {
    stack: Stack,
    client: Client,
    /// What its own requests are signed with; signatures may be verified or not.
    credential: Credential,
    region: String,
}

/// Chooses what differs from [`Ekk::start`].
#[derive(Clone, Debug)]
pub struct Builder {
    config: Config,
    clock: Clock,
}

/// A call on the stack failed.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// Not everything was delivered in time; says what is missing and why.
    #[error(transparent)]
    Unsettled(#[from] Unsettled),
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
}

/// How long [`Ekk::settle`] waits, in real time.
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
        let config = Config { listen: Listen::any_port(), grace: Duration::from_secs(5), ..Config::default() };
        Builder { config, clock: Clock::system() }
    }

    /// The AWS endpoint, for a client's `endpoint_url`.
    pub fn endpoint_url(&self) -> &str {
        self.stack.addresses().aws.as_str().trim_end_matches('/')
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

    /// Delivers everything that is buffered and waits until it is searchable.
    ///
    /// # Errors
    /// [`HarnessError::Unsettled`] says per stream what is missing and why.
    pub async fn settle(&self) -> Result<(), HarnessError> {
        self.stack.delivery().settle(PATIENCE).await?;
        Ok(self.stack.provisioner().refresh().await?)
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
        let found = self.stack.delivery().stream(stream);
        found.map(|stream| stream.account()).ok_or_else(|| HarnessError::NoStream(stream.to_owned()))
    }

    /// Drains the stack and says what it delivered. Dropping it instead stops it at once.
    pub async fn stop(self) -> Farewell {
        self.stack.stop().await
    }

    async fn opensearch(&self, path: &str, body: &Value) -> Result<Value, HarnessError> {
        let mut url = self.stack.addresses().opensearch.clone();
        url.set_path(path);
        answer(self.client.post(url).header("content-type", "application/json").body(body.to_string())).await
    }
}

impl Builder {
    /// Runs the stack on `clock`; wanted when a test sets or advances the time.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Keeps the data in a folder; wanted when a test restarts a stack.
    #[must_use]
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.config.data = Some(folder.into());
        self
    }

    /// Starts with other fixtures; wanted when a test brings its own streams.
    #[must_use]
    pub fn fixtures(mut self, fixtures: Fixtures) -> Self {
        self.config.fixtures = fixtures;
        self
    }

    /// Delivers to an OpenSearch outside of the stack, by plain HTTP; wanted to test against the real one.
    #[must_use]
    pub fn opensearch(mut self, url: Url) -> Self {
        self.config.opensearch = Some(url);
        self
    }

    /// Verifies the signatures of requests to AWS's services against these credentials; wanted when a test holds a program
    /// to signing rightly. The calls of [`Ekk`] are signed with the first of them.
    #[must_use]
    pub fn credentials(mut self, credentials: impl IntoIterator<Item = Credential>) -> Self {
        self.config.access.credentials = credentials.into_iter().collect();
        self
    }

    /// Answers https beside http on every socket; wanted when a test's client insists on it. [`Ekk::ca_pem`] is what it
    /// must trust.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self) -> Self {
        self.config.access.tls = Some(crate::TlsAccess::default());
        self
    }

    /// Lets streams be created that cannot be delivered here; wanted to test what creates and describes them.
    #[must_use]
    pub fn allow_undelivered(mut self) -> Self {
        self.config.allow_undelivered = true;
        self
    }

    /// Makes streams take so long, on the stack's clock, for each change of their state; wanted to test what waits for it.
    #[must_use]
    pub fn transition_delay(mut self, delay: Duration) -> Self {
        self.config.transition_delay = delay;
        self
    }

    /// Applies quotas; wanted to see a producer meet AWS's throttling.
    #[must_use]
    pub fn quotas(mut self, quotas: Quotas) -> Self {
        self.config.quotas = quotas;
        self
    }

    /// Starts the stack.
    ///
    /// # Errors
    /// As [`Stack::start`].
    pub async fn start(self) -> Result<Ekk, StartError> {
        let credential = self.config.access.credentials.first().cloned();
        let credential = credential.unwrap_or_else(|| Credential::new("test", "test"));
        let region = self.config.region.clone();
        let stack = Stack::start(self.config, self.clock).await?;
        Ok(Ekk { stack, client: Client::builder().build()?, credential, region })
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
