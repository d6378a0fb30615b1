//! What a test may want otherwise of its stack.

use std::{path::PathBuf, time::Duration};

use ekk_clock::Clock;
use ekk_delivery::LambdaTarget;
use ekk_firehose::Quotas;
use ekk_server::aws::signature::Credential;
use jiff::Timestamp;
use reqwest::Client;
use serde_json::Value;
use url::Url;

use super::{Ekk, PATIENCE, Stream, real_parts};
use crate::{Config, Fixture, Fixtures, Listen, Stack, StartError};

/// Chooses what differs from [`Ekk::start`].
#[derive(Clone, Debug)]
pub struct Builder {
    config: Config,
    clock: Clock,
    patience: Duration,
}

impl Builder {
    pub(super) fn new() -> Self {
        let config = Config { listen: Listen::any_port(), grace: Duration::from_secs(5), ..Config::default() };
        Self { config, clock: Clock::system(), patience: PATIENCE }
    }

    /// Runs the stack on a clock that stands at `at` until the test moves it; wanted when times matter.
    #[must_use]
    pub fn frozen_at(self, at: Timestamp) -> Self {
        self.clock(Clock::frozen_at(at))
    }

    /// Adds a stream to those of the fixtures, with the bucket that it writes to.
    #[must_use]
    pub fn stream(self, stream: Stream) -> Self {
        self.stream_json(&stream.into_json())
    }

    /// Adds a stream by the JSON of its `CreateDeliveryStream` request, with the buckets that it writes to.
    #[must_use]
    pub fn stream_json(mut self, request: &Value) -> Self {
        let name = request.get("DeliveryStreamName").and_then(Value::as_str).unwrap_or("unnamed");
        let path = format!("streams/{name}.json").into();
        self.config.fixtures.streams.push(Fixture { path, text: request.to_string() });
        self
    }

    /// Repeats another run: ids, jitter and the chance of faults follow from the seed, which is 0 by default.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// Stores in an S3 outside of the stack, by plain HTTP; access key and secret may stand in the address.
    #[must_use]
    pub fn s3(mut self, url: Url) -> Self {
        self.config.s3 = Some(url);
        self
    }

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

    /// Lets an endpoint or a program do the work of a Lambda function: its ARN, its name, or `*` for all others.
    #[must_use]
    pub fn lambda(mut self, function: impl Into<String>, target: LambdaTarget) -> Self {
        self.config.lambda.insert(function.into(), target);
        self
    }

    /// Applies quotas; wanted to see a producer meet AWS's throttling.
    #[must_use]
    pub fn quotas(mut self, quotas: Quotas) -> Self {
        self.config.quotas = quotas;
        self
    }

    /// Lets [`Ekk::settle`], [`Ekk::wait_for`] and [`Ekk::advance`] wait so long, in real time, instead of 30 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Lets [`Ekk::stop`] deliver for so long, in real time, instead of 5 s; zero leaves to the next start what is buffered.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.config.grace = grace;
        self
    }

    /// Starts the stack.
    ///
    /// Where the environment names a real OpenSearch (`EKK_TEST_OPENSEARCH`) or a real S3 (`EKK_TEST_S3`, its keys in the
    /// address) and the test names none, everything in it is deleted and the stack works on it.
    ///
    /// # Errors
    /// As [`Stack::start`]; [`StartError::TestPart`].
    pub async fn start(mut self) -> Result<Ekk, StartError> {
        let client = Client::builder().build()?;
        real_parts::choose(&mut self.config, &client).await?;
        let credential = self.config.access.credentials.first().cloned();
        let credential = credential.unwrap_or_else(|| Credential::new("test", "test"));
        let region = self.config.region.clone();
        let stack = Stack::start(self.config, self.clock).await?;
        Ok(Ekk {
            stack,
            client,
            credential,
            region,
            patience: self.patience,
            #[cfg(feature = "containers")]
            real_parts: None,
        })
    }
}
