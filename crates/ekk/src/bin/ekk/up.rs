//! `ekk up`: the stack in the foreground, with what to paste, and its farewell.

use std::{
    fs,
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use ekk::{
    Access, Addresses, AllowedOrigin, Clock, Config, Credential, Farewell, Fixtures, LambdaTarget, Listen, Quotas,
    Stack,
};
use serde_json::json;
use url::Url;

#[derive(Args, Debug)]
pub(crate) struct Up {
    /// Where the AWS endpoint listens (Firehose, S3 and STS by signature; the control API under /_ekk/).
    #[arg(long, env = "EKK_LISTEN_AWS", default_value = "127.0.0.1:4566", value_name = "ADDR")]
    listen_aws: SocketAddr,
    /// Where OpenSearch listens.
    #[arg(long, env = "EKK_LISTEN_OPENSEARCH", default_value = "127.0.0.1:9200", value_name = "ADDR")]
    listen_opensearch: SocketAddr,
    /// Where S3 listens.
    #[arg(long, env = "EKK_LISTEN_S3", default_value = "127.0.0.1:9000", value_name = "ADDR")]
    listen_s3: SocketAddr,
    /// Where the Discover pages listen.
    #[arg(long, env = "EKK_LISTEN_DASHBOARDS", default_value = "127.0.0.1:5601", value_name = "ADDR")]
    listen_dashboards: SocketAddr,
    /// Keeps streams, queues, indices and objects in this folder over a restart; without it all is in memory.
    #[arg(long, env = "EKK_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keeps nothing, even when `EKK_DATA` is set.
    #[arg(long)]
    ephemeral: bool,
    /// Reads what exists at the start from this folder instead of the built-in fixtures.
    #[arg(long, env = "EKK_FIXTURES", value_name = "DIR")]
    fixtures: Option<PathBuf>,
    /// Delivers to and searches this OpenSearch (plain http) instead of the embedded one.
    #[arg(long, env = "EKK_OPENSEARCH", value_name = "URL")]
    opensearch: Option<Url>,
    /// Backs up to this S3 endpoint (plain http) instead of the embedded one.
    #[arg(long, env = "EKK_S3", value_name = "URL")]
    s3: Option<Url>,
    /// The region in ARNs.
    #[arg(long, env = "EKK_REGION", default_value = "us-east-1")]
    region: String,
    /// The account in ARNs, 12 digits.
    #[arg(long, env = "EKK_ACCOUNT", default_value = "000000000000", value_parser = account)]
    account: String,
    #[command(flatten)]
    access: AccessOptions,
    /// Lets streams be created that cannot be delivered here; they are described and refuse puts.
    #[arg(long, env = "EKK_ALLOW_UNDELIVERED")]
    allow_undelivered: bool,
    /// How long a stream is CREATING or DELETING and its encryption ENABLING or DISABLING, such as 90s; at once without.
    #[arg(long, env = "EKK_TRANSITION_DELAY", default_value = "0s", value_name = "SECS", value_parser = seconds)]
    transition_delay: Duration,
    /// Which quotas apply: unlimited, or aws-like for those of a new AWS account.
    #[arg(long, env = "EKK_QUOTAS", default_value = "unlimited", value_name = "NAME", value_parser = quotas)]
    quotas: Quotas,
    /// What does the work of a Lambda function (an ARN, a name, or * for all others), once for each: an endpoint with
    /// Lambda's Invoke API (http://…), or a program with its arguments that reads the event and writes the response.
    #[arg(long, env = "EKK_LAMBDA", value_name = "FUNCTION=TARGET", value_parser = lambda)]
    lambda: Vec<(String, LambdaTarget)>,
    /// MiB of records that one stream holds before it throttles puts, to see what a program does then.
    #[arg(long, env = "EKK_QUEUE_MIB", default_value_t = 256, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=65_536))]
    queue_mib: u64,
    /// Seconds that a stop may take to deliver what is buffered.
    #[arg(long, env = "EKK_GRACE_SECS", default_value_t = 30, value_name = "SECS")]
    grace_secs: u64,
    /// Writes all addresses to this file as JSON once the stack is ready.
    #[arg(long, env = "EKK_READY_FILE", value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Who is let in, and how.
#[derive(Args, Debug)]
struct AccessOptions {
    /// Computes the signature of every request to Firehose, S3 and STS and refuses it as AWS does when it is wrong: for
    /// finding out before AWS does that a program signs with other keys, or not rightly.
    #[arg(long, env = "EKK_VERIFY_SIGNATURES")]
    verify_signatures: bool,
    /// Who may sign, once for each; a third part is the session token that must come with it. Default: test:test.
    #[arg(
        long,
        env = "EKK_CREDENTIALS",
        hide_env_values = true,
        requires = "verify_signatures",
        value_delimiter = ',',
        value_name = "ACCESS_KEY:SECRET"
    )]
    credentials: Vec<Credential>,
    /// Lets the web pages of this origin use the AWS, OpenSearch and S3 endpoints, once for each; * lets all.
    #[arg(long = "allow-origin", env = "EKK_ALLOW_ORIGIN", value_delimiter = ',', value_name = "ORIGIN")]
    allow_origins: Vec<AllowedOrigin>,
    /// A name of this machine besides localhost that requests may be for, once for each.
    #[arg(long = "host-name", env = "EKK_HOST_NAME", value_delimiter = ',', value_name = "NAME")]
    host_names: Vec<String>,
    #[cfg(feature = "tls")]
    #[command(flatten)]
    tls: super::tls::TlsOptions,
}

impl AccessOptions {
    fn access(self) -> Access {
        let mut credentials = self.credentials;
        if self.verify_signatures && credentials.is_empty() {
            credentials.push(Credential::new("test", "test"));
        }
        Access {
            credentials,
            allow_origins: self.allow_origins,
            host_names: self.host_names,
            #[cfg(feature = "tls")]
            tls: self.tls.access(),
        }
    }
}

impl Up {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let ready_file = self.ready_file.clone();
        let config = self.config()?;
        say(&format!("starting the {} stack …", kind(&config)));
        let stack = Stack::start(config.clone(), Clock::system()).await?;
        let addresses = stack.addresses().without_credentials();
        if let Some(path) = &ready_file {
            write_ready_file(path, &config, &addresses)?;
        }
        say(&ready_text(&config, &addresses));
        #[cfg(feature = "tls")]
        if let Some(file) = stack.ca_file() {
            say(&super::tls::trust_text(file, &addresses));
        }
        say("\nready. Ctrl-C delivers what is buffered and stops.");
        wait_for_signal().await.context("cannot wait for Ctrl-C")?;
        say("\nstopping: delivering what is buffered (Ctrl-C again stops at once) …");
        let farewell = tokio::select! {
            farewell = stack.stop() => farewell,
            again = wait_for_signal() => {
                again.context("cannot wait for Ctrl-C")?;
                anyhow::bail!("stopped at once; what was buffered in memory is gone");
            }
        };
        if let Some(path) = &ready_file {
            fs::remove_file(path).or_else(ignore_missing).context("cannot remove the ready file")?;
        }
        say(&farewell_text(&farewell));
        Ok(())
    }

    fn config(self) -> anyhow::Result<Config> {
        let data = self.data.filter(|_| !self.ephemeral);
        let access = self.access.access();
        #[cfg(feature = "tls")]
        super::tls::check_folder(access.tls.as_ref(), data.as_deref())?;
        let fixtures = self.fixtures.as_deref().map_or_else(|| Ok(Fixtures::built_in()), Fixtures::read)?;
        Ok(Config {
            listen: Listen {
                aws: self.listen_aws,
                opensearch: self.listen_opensearch,
                s3: self.listen_s3,
                dashboards: self.listen_dashboards,
            },
            data,
            fixtures,
            opensearch: self.opensearch,
            s3: self.s3,
            region: self.region,
            account: self.account,
            access,
            allow_undelivered: self.allow_undelivered,
            transition_delay: self.transition_delay,
            quotas: self.quotas,
            lambda: self.lambda.into_iter().collect(),
            queue_bytes: self.queue_mib << 20,
            grace: Duration::from_secs(self.grace_secs),
            ..Config::default()
        })
    }
}

/// Writes a line to stdout; a reader that went away is not an error worth stopping for.
pub(crate) fn say(text: &str) {
    let mut out = io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// Writes an error and its causes to stderr.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut out = io::stderr().lock();
    drop(writeln!(out, "error: {error:#}"));
}

pub(crate) fn account(text: &str) -> Result<String, String> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.to_owned()).ok_or_else(|| "an account has 12 digits".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').unwrap_or(text);
    number.parse().map(Duration::from_secs).map_err(|_| "a number of seconds is written as 90s".to_owned())
}

fn quotas(text: &str) -> Result<Quotas, String> {
    match text {
        "unlimited" => Ok(Quotas::Unlimited),
        "aws-like" => Ok(Quotas::AwsLike),
        _ => Err("quotas are unlimited or aws-like".to_owned()),
    }
}

/// A function and what stands for it: `transform=http://127.0.0.1:9001` or `*=python3 transform.py`.
fn lambda(text: &str) -> Result<(String, LambdaTarget), String> {
    let form = "is written as FUNCTION=http://HOST:PORT or FUNCTION=PROGRAM ARGUMENTS";
    let (function, target) = text.split_once('=').ok_or(form)?;
    let is_address = ["http://", "https://"].iter().any(|scheme| target.starts_with(scheme));
    let target = if is_address {
        LambdaTarget::Http(target.parse().map_err(|error| format!("{target} is not an address: {error}"))?)
    } else {
        let mut words = target.split_whitespace();
        let program = words.next().ok_or(form)?.into();
        LambdaTarget::Command { program, args: words.map(str::to_owned).collect() }
    };
    Ok((function.to_owned(), target))
}

fn kind(config: &Config) -> &'static str {
    match (&config.opensearch, &config.s3) {
        (None, None) => "embedded",
        _ => "external",
    }
}

fn ready_text(config: &Config, addresses: &Addresses) -> String {
    let aws = addresses.aws.as_str().trim_end_matches('/');
    let kept = match &config.data {
        Some(data) => format!("kept in {}", data.display()),
        None => "in memory, gone at the end (--data DIR keeps it)".to_owned(),
    };
    let streams: Vec<&str> = config.fixtures.streams.iter().map(ekk::Fixture::name).collect();
    format!(
        "\n  AWS endpoint  {aws}   Firehose, S3, STS\
         \n  OpenSearch    {}\
         \n  S3            {}\
         \n  Dashboards    {}\
         \n  streams       {}\
         \n  data          {kept}\
         \n\npaste this where your program runs:\n\
         \n  export AWS_ENDPOINT_URL={aws}\
         \n  export AWS_REGION={region} AWS_DEFAULT_REGION={region}\
         \n  {}",
        addresses.opensearch,
        addresses.s3,
        addresses.dashboards,
        streams.join(", "),
        credentials_text(&config.access.credentials),
        region = config.region,
    )
}

/// The credentials to use: any without verification, and then no secret is shown but the one that is none.
fn credentials_text(known: &[Credential]) -> String {
    let test = Credential::new("test", "test");
    match known {
        [] => "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test".to_owned(),
        [first, ..] if *first == test => {
            "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test   # signatures are verified".to_owned()
        }
        [first, ..] => format!(
            "export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY=…   # its secret of --credentials: signatures are verified",
            first.access_key
        ),
    }
}

fn write_ready_file(path: &PathBuf, config: &Config, addresses: &Addresses) -> anyhow::Result<()> {
    let text = json!({
        "aws": addresses.aws.as_str().trim_end_matches('/'),
        "opensearch": addresses.opensearch.as_str().trim_end_matches('/'),
        "s3": addresses.s3.as_str().trim_end_matches('/'),
        "dashboards": addresses.dashboards.as_str().trim_end_matches('/'),
        "region": config.region,
        "account": config.account,
        "pid": std::process::id(),
    });
    let part = path.with_extension("part");
    fs::write(&part, format!("{text:#}\n"))
        .and_then(|()| fs::rename(&part, path))
        .with_context(|| format!("cannot write the ready file {}", path.display()))
}

fn farewell_text(farewell: &Farewell) -> String {
    let mut lines = vec!["stopped.".to_owned()];
    for (name, account) in &farewell.accounts {
        lines.push(format!("  {name}: {account}"));
        if account.queued > 0 {
            let fate = if farewell.kept { "kept for the next start" } else { "lost: there is no data folder" };
            lines.push(format!("  {name}: {} records were not delivered in time; {fate}", account.queued));
        }
    }
    lines.join("\n")
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Waits for Ctrl-C or SIGTERM.
async fn wait_for_signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_an_endpoint_or_a_program() {
        let command = |program: &str, args: &[&str]| LambdaTarget::Command {
            program: program.into(),
            args: args.iter().map(|&arg| arg.to_owned()).collect(),
        };
        let cases = [
            (
                "transform=http://127.0.0.1:9001",
                "transform",
                LambdaTarget::Http("http://127.0.0.1:9001".parse().unwrap()),
            ),
            ("*=python3 transform.py --fast", "*", command("python3", &["transform.py", "--fast"])),
            ("arn:aws:lambda:us-east-1:1:function:f=./f", "arn:aws:lambda:us-east-1:1:function:f", command("./f", &[])),
        ];
        for (text, function, target) in cases {
            assert_eq!(lambda(text), Ok((function.to_owned(), target)));
        }
        for text in ["transform", "transform=", "f=http://"] {
            assert!(lambda(text).is_err(), "{text}");
        }
    }
}
