//! `ekk streams`, `ekk flush`, `ekk wait`: the control API of a running stack from the command line.

use std::fmt;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use ekk::Account;
use reqwest::{Client, Method};
use serde::Deserialize;
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

/// How the streams are shown.
#[derive(Args, Debug)]
struct Form {
    /// Prints all that the control API says of each stream, as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Streams {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    form: Form,
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
    #[command(flatten)]
    form: Form,
    /// The stream to flush; all of them when left out.
    stream: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Wait {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    form: Form,
    /// How long to wait before giving up.
    #[arg(long, default_value_t = 30, value_name = "SECS")]
    timeout_secs: u64,
    /// Waits for this stream only.
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// Waits until the line of the account shows so many or more, while a program still sends.
    #[arg(long, value_name = "COUNT")]
    count: Option<u64>,
    /// The line of the account that `--count` is about, such as accepted, indexed, failed or `backed_up`.
    #[arg(long, default_value = "indexed", requires = "count", value_name = "LINE")]
    line: String,
    /// Lets buffers wait for their hints, instead of delivering what is there at once.
    #[arg(long)]
    no_flush: bool,
}

/// A request to the control API.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    target: &'a Target,
    method: Method,
    what: String,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

pub(crate) async fn streams(streams: &Streams) -> anyhow::Result<()> {
    match &streams.what {
        Some(StreamsCommand::Apply(apply)) => apply.run().await,
        None => show(&Ask::get(&streams.target, "streams").send().await?, &streams.form),
    }
}

pub(crate) async fn flush(flush: &Flush) -> anyhow::Result<()> {
    let mut ask = Ask::new(&flush.target, Method::POST, "flush");
    if let Some(stream) = &flush.stream {
        ask = ask.query("stream", stream);
    }
    show(&ask.send().await?, &flush.form)
}

pub(crate) async fn wait(wait: &Wait) -> anyhow::Result<()> {
    let mut ask = Ask::new(&wait.target, Method::POST, "wait").query("timeout_secs", &wait.timeout_secs.to_string());
    if let Some(stream) = &wait.stream {
        ask = ask.query("stream", stream);
    }
    if let Some(count) = wait.count {
        ask = ask.query("line", &wait.line).query("count", &count.to_string());
    }
    if wait.no_flush {
        ask = ask.query("flush", "false");
    }
    show(&ask.send().await?, &wait.form)
}

impl<'a> Ask<'a> {
    pub(crate) fn get(target: &'a Target, what: &str) -> Self {
        Self::new(target, Method::GET, what)
    }

    /// Asks for `what`, a path below `/_ekk/`.
    pub(crate) fn new(target: &'a Target, method: Method, what: &str) -> Self {
        Self { target, method, what: what.to_owned(), query: Vec::new(), body: None }
    }

    pub(crate) fn query(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The stack's answer; what it refuses is an error in its words.
    pub(crate) async fn send(self) -> anyhow::Result<Value> {
        let endpoint = &self.target.endpoint_url;
        let mut url = plain(endpoint).join("/_ekk/").context("not an endpoint")?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(self.what.split('/'));
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        let mut request = Client::new().request(self.method, url);
        if let Some(body) = &self.body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let sent = request.send().await;
        let response = sent.with_context(|| format!("no stack answers at {endpoint}; start one with `ekk up`"))?;
        let status = response.status();
        let text = response.text().await.context("the stack's answer broke off")?;
        let answer: Value = serde_json::from_str(&text).with_context(|| format!("not a stack of ekk: {text}"))?;
        if !status.is_success() {
            anyhow::bail!("{}", answer.get("error").and_then(Value::as_str).unwrap_or(&text));
        }
        Ok(answer)
    }
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

/// A stream as the control API describes it.
#[derive(Deserialize)]
struct Described {
    name: String,
    /// What these commands call it where the name alone is not enough.
    id: Option<String>,
    status: Option<String>,
    account: Option<Account>,
    /// Why it is described only.
    undelivered: Option<String>,
}

fn show(answer: &Value, form: &Form) -> anyhow::Result<()> {
    for stream in answer.get("streams").and_then(Value::as_array).into_iter().flatten() {
        if form.json {
            say(&format!("{stream:#}"));
        } else {
            let stream = Described::deserialize(stream).context("not a stack of ekk of this version")?;
            say(&stream.to_string());
        }
    }
    Ok(())
}

impl fmt::Display for Described {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id.as_ref().unwrap_or(&self.name))?;
        if let Some(status) = self.status.as_deref().filter(|status| *status != "ACTIVE") {
            write!(formatter, " ({status})")?;
        }
        if let Some(account) = &self.account {
            write!(formatter, ": {account}")?;
        }
        match &self.undelivered {
            Some(what) => write!(formatter, ": not delivered here: {what}"),
            None => Ok(()),
        }
    }
}
