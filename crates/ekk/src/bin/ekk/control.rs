//! `ekk streams`, `ekk flush`, `ekk wait`: the control API of a running stack from the command line.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use reqwest::{Client, Method};
use serde_json::Value;
use url::Url;

use crate::{apply::Apply, up::say};

/// Which stack to ask.
#[derive(Args, Debug)]
pub(crate) struct Target {
    /// The AWS endpoint of the running stack.
    #[arg(long, env = "AWS_ENDPOINT_URL", default_value = "http://127.0.0.1:4566", value_name = "URL")]
    endpoint_url: Url,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Streams {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    what: Option<StreamsCommand>,
}

#[derive(Debug, Subcommand)]
enum StreamsCommand {
    /// Creates the streams of a request, a `CloudFormation` or CDK template, or Terraform's JSON.
    Apply(Box<Apply>),
}

#[derive(Args, Debug)]
pub(crate) struct Flush {
    #[command(flatten)]
    target: Target,
    /// The stream to flush; all of them when left out.
    stream: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Wait {
    #[command(flatten)]
    target: Target,
    /// How long to wait before giving up.
    #[arg(long, default_value_t = 30, value_name = "SECS")]
    timeout_secs: u64,
}

pub(crate) async fn streams(streams: &Streams) -> anyhow::Result<()> {
    match &streams.what {
        Some(StreamsCommand::Apply(apply)) => apply.run().await,
        None => {
            show(&ask(&streams.target, Method::GET, "streams", &[]).await?);
            Ok(())
        }
    }
}

pub(crate) async fn flush(flush: &Flush) -> anyhow::Result<()> {
    let query: Vec<(&str, String)> = flush.stream.iter().map(|stream| ("stream", stream.clone())).collect();
    show(&ask(&flush.target, Method::POST, "flush", &query).await?);
    Ok(())
}

pub(crate) async fn wait(wait: &Wait) -> anyhow::Result<()> {
    let query = [("timeout_secs", wait.timeout_secs.to_string())];
    show(&ask(&wait.target, Method::POST, "wait", &query).await?);
    Ok(())
}

async fn ask(target: &Target, method: Method, what: &str, query: &[(&str, String)]) -> anyhow::Result<Value> {
    let mut url = plain(&target.endpoint_url).join(&format!("/_ekk/{what}")).context("not an endpoint")?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let response = Client::new()
        .request(method, url)
        .send()
        .await
        .with_context(|| format!("no stack answers at {}; start one with `ekk up`", target.endpoint_url))?;
    let status = response.status();
    let text = response.text().await.context("the stack's answer broke off")?;
    let answer: Value = serde_json::from_str(&text).with_context(|| format!("not a stack of ekk: {text}"))?;
    if !status.is_success() {
        anyhow::bail!("{}", answer.get("error").and_then(Value::as_str).unwrap_or(&text));
    }
    Ok(answer)
}

/// The endpoint by plain HTTP when it is on this machine, where a stack answers both on one port: these commands trust no
/// certificate.
pub(crate) fn plain(endpoint: &Url) -> Url {
    let mut url = endpoint.clone();
    let is_local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if is_local && url.scheme() == "https" {
        let port = url.port().unwrap_or(443);
        url.set_scheme("http").and_then(|()| url.set_port(Some(port))).ok();
    }
    url
}

fn show(answer: &Value) {
    for stream in answer.get("streams").and_then(Value::as_array).into_iter().flatten() {
        say(&format!("{stream:#}"));
    }
}
