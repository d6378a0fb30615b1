//! Signed requests to the AWS endpoint of a stack, as an SDK would send them.

use std::{fmt, time::Duration};

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use ekk::Clock;
use ekk_server::aws::signature::{Credential, Rules};
use http::{Method, StatusCode};
use reqwest::Client;
use serde_json::Value;
use url::Url;

use crate::control::plain;

/// Who calls, and whom: the variables of the AWS SDKs.
#[derive(Args)]
pub(crate) struct Caller {
    /// The AWS endpoint of the running stack.
    #[arg(long, env = "AWS_ENDPOINT_URL", default_value = "http://127.0.0.1:4566", value_name = "URL")]
    endpoint_url: Url,
    /// The region that streams are created in.
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(super) region: String,
    #[arg(long, env = "AWS_ACCESS_KEY_ID", default_value = "test", hide = true)]
    access_key_id: String,
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", default_value = "test", hide = true, hide_env_values = true)]
    secret_access_key: String,
    #[arg(long, env = "AWS_SESSION_TOKEN", hide = true, hide_env_values = true)]
    session_token: Option<String>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint_url = self.endpoint_url.as_str();
        formatter.debug_struct("Caller").field("endpoint_url", &endpoint_url).finish_non_exhaustive()
    }
}

/// A client of one endpoint.
pub(super) struct Api {
    client: Client,
    endpoint: Url,
    region: String,
    credential: Credential,
}

/// An error of AWS's, with its code and text.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: String,
    message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.code)?;
        if self.message.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.message) }
    }
}

/// How often a call is sent at most. AWS allows five calls of an operation a second.
const ATTEMPTS: u32 = 5;

/// How long a throttled call waits.
const THROTTLED_PAUSE: Duration = Duration::from_secs(1);

/// How long the stack may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

impl Api {
    pub(super) fn new(caller: &Caller) -> anyhow::Result<Self> {
        let mut credential = format!("{}:{}", caller.access_key_id, caller.secret_access_key);
        if let Some(token) = caller.session_token.as_deref().filter(|token| !token.is_empty()) {
            credential = format!("{credential}:{token}");
        }
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        anyhow::ensure!(caller.region.chars().all(is_word), "{} is no region", caller.region);
        Ok(Self {
            client: Client::builder().timeout(PATIENCE).no_proxy().build()?,
            endpoint: plain(&caller.endpoint_url),
            region: caller.region.clone(),
            credential: credential.parse().context("the credentials of the environment cannot sign")?,
        })
    }

    /// Calls an operation of Firehose, again when it is throttled; an answer without a body is `null`.
    pub(super) async fn firehose(&self, operation: &str, request: &Value) -> anyhow::Result<Result<Value, Refused>> {
        for _ in 1..ATTEMPTS {
            match self.call(operation, request).await? {
                Err(refused) if refused.code == "ThrottlingException" => Clock::system().sleep(THROTTLED_PAUSE).await,
                answer => return Ok(answer),
            }
        }
        self.call(operation, request).await
    }

    async fn call(&self, operation: &str, request: &Value) -> anyhow::Result<Result<Value, Refused>> {
        let post = http::Request::post(self.endpoint.as_str())
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("Firehose_20150804.{operation}"))
            .body(Bytes::from(request.to_string()))?;
        let (status, body) = self.send(post, Rules::of("firehose")).await?;
        let answer: Value = match body.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).with_context(|| format!("not an answer of Firehose: {text}"))?,
        };
        if status.is_success() { Ok(Ok(answer)) } else { Ok(Err(refused(&answer))) }
    }

    /// Creates a bucket unless it is there; says whether it did, or what S3 says against it.
    pub(super) async fn create_bucket(&self, bucket: &str) -> anyhow::Result<Result<bool, String>> {
        let mut url = self.endpoint.clone();
        url.path_segments_mut()
            .map_err(|()| anyhow::anyhow!("{} is no endpoint", self.endpoint))?
            .pop_if_empty()
            .push(bucket);
        let request = |method: Method, body: String| {
            http::Request::builder().method(method).uri(url.as_str()).body(Bytes::from(body))
        };
        let (status, _) = self.send(request(Method::HEAD, String::new())?, Rules::of_s3()).await?;
        if status.is_success() {
            return Ok(Ok(false));
        }
        let location = match self.region.as_str() {
            "us-east-1" => String::new(),
            region => format!(
                "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
            ),
        };
        let (status, body) = self.send(request(Method::PUT, location)?, Rules::of_s3()).await?;
        if status.is_success() { Ok(Ok(true)) } else { Ok(Err(format!("S3 answers {status} {body}"))) }
    }

    /// Signs by the system's time, not by a stack's, because that is what a signature is compared with.
    async fn send(&self, mut request: http::Request<Bytes>, rules: Rules) -> anyhow::Result<(StatusCode, String)> {
        request.headers_mut().insert("host", self.endpoint.authority().parse()?);
        let signed = self.credential.sign(rules, request, &self.region, Clock::system().now());
        let response = self
            .client
            .execute(signed.map(reqwest::Body::from).try_into()?)
            .await
            .with_context(|| format!("no stack answers at {}; start one with `ekk up`", self.endpoint))?;
        let status = response.status();
        Ok((status, response.text().await.context("the stack's answer broke off")?))
    }
}

/// AWS writes the text as `message`, and of some codes as `Message`.
fn refused(answer: &Value) -> Refused {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    Refused { code: text("__type").unwrap_or("an error without a code").to_owned(), message: message.to_owned() }
}
