//! `ekk streams apply`: creates the streams of a file on a running stack, and says of each what became of it.
//!
//! `ekk-templates` reads the file; the API creates, so that what AWS refuses is refused in AWS's words. A stream that is
//! there already is left alone when it is as the file says, and changed only when that is asked for.

mod api;
mod difference;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use ekk_templates::{Format, Options, Reading, Stream};
use serde_json::Value;

use crate::{
    apply::{
        api::{Api, Refused},
        difference::{Differences, Existing},
    },
    up::say,
};

#[derive(Args, Debug)]
pub(crate) struct Apply {
    /// A `CreateDeliveryStream` request or an array of them, a template of `CloudFormation` or the CDK (JSON or YAML), or
    /// the output of `terraform show -json`; - reads standard input.
    file: PathBuf,
    /// Changes streams that exist and differ, by `UpdateDestination`, tags and encryption. Secrets are not described by AWS,
    /// so a change of nothing but a secret is not seen.
    #[arg(long)]
    update: bool,
    /// Prints the `CreateDeliveryStream` requests and sends nothing.
    #[arg(long)]
    dry_run: bool,
    /// A parameter of a `CloudFormation` template, before its default; may be given several times.
    #[arg(long = "parameter", value_name = "KEY=VALUE", value_parser = key_value)]
    parameters: Vec<(String, String)>,
    /// The name of the stack, for `AWS::StackName` and for names that the file leaves open; the file's name when left out.
    #[arg(long, value_name = "NAME")]
    stack: Option<String>,
    /// The account in ARNs, 12 digits.
    #[arg(long, env = "EKK_ACCOUNT", default_value = "000000000000", value_parser = crate::up::account)]
    account: String,
    #[command(flatten)]
    caller: api::Caller,
}

impl Apply {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let reading = ekk_templates::read(&text_of(&self.file)?, &self.options())
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        if self.dry_run {
            return print_requests(&reading.streams);
        }
        let api = Api::new(&self.caller)?;
        let mut refused = create_buckets(&api, &reading).await?;
        for stream in &reading.streams {
            let outcome = self.apply(&api, stream, reading.format).await?;
            refused += usize::from(outcome.is_refused());
            say(&format!("stream {}: {}", stream.name, outcome.text()));
        }
        anyhow::ensure!(refused == 0, "{refused} of the streams and buckets are not as the file says");
        Ok(())
    }

    fn options(&self) -> Options {
        let stem = self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let stem = stem.split('.').next().filter(|stem| !stem.is_empty() && *stem != "-").unwrap_or("stack");
        Options {
            stack: self.stack.clone().unwrap_or_else(|| stem.to_owned()),
            region: self.caller.region.clone(),
            account: self.account.clone(),
            parameters: self.parameters.iter().cloned().collect::<BTreeMap<_, _>>(),
        }
    }

    async fn apply(&self, api: &Api, stream: &Stream, format: Format) -> anyhow::Result<Outcome> {
        match api.firehose("CreateDeliveryStream", &stream.request).await? {
            Ok(_) => Ok(Outcome::Created),
            Err(refused) if refused.code == "ResourceInUseException" => self.existing(api, stream, format).await,
            Err(refused) => Ok(Outcome::Refused(refused.to_string())),
        }
    }

    async fn existing(&self, api: &Api, stream: &Stream, format: Format) -> anyhow::Result<Outcome> {
        let there = match Existing::of(api, &stream.name).await? {
            Ok(there) => there,
            Err(refused) => return Ok(Outcome::Refused(refused.to_string())),
        };
        let differences = difference::between(stream, &there, format != Format::Request);
        if differences.is_empty() {
            return Ok(Outcome::Unchanged);
        }
        if let Some(fixed) = differences.fixed.first() {
            return Ok(Outcome::Refused(format!("{fixed} cannot be changed; delete the stream first")));
        }
        if !self.update {
            return Ok(Outcome::Differs(differences.names()));
        }
        match update(api, &differences).await? {
            Ok(()) => {}
            Err(refused) => return Ok(Outcome::Refused(refused.to_string())),
        }
        Ok(match Existing::of(api, &stream.name).await? {
            Ok(after) => Outcome::Updated {
                from: there.version().to_owned(),
                to: after.version().to_owned(),
                what: differences.names(),
            },
            Err(refused) => Outcome::Refused(refused.to_string()),
        })
    }
}

/// What became of a stream.
enum Outcome {
    Created,
    Unchanged,
    Updated { from: String, to: String, what: String },
    Differs(String),
    Refused(String),
}

impl Outcome {
    fn is_refused(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Differs(_))
    }

    fn text(&self) -> String {
        match self {
            Self::Created => "created".to_owned(),
            Self::Unchanged => "unchanged".to_owned(),
            Self::Updated { from, to, what } if from == to => format!("updated ({what})"),
            Self::Updated { from, to, what } => format!("updated v{from}→v{to} ({what})"),
            Self::Differs(what) => format!("differs in {what}; --update changes it"),
            Self::Refused(text) => format!("refused: {text}"),
        }
    }
}

/// Sends the requests that take the differences away, until one is refused.
async fn update(api: &Api, differences: &Differences) -> anyhow::Result<Result<(), Refused>> {
    for (operation, request) in &differences.requests {
        if let Err(refused) = api.firehose(operation, request).await? {
            return Ok(Err(refused));
        }
    }
    Ok(Ok(()))
}

/// Creates the buckets that are missing, and answers how many could not be.
async fn create_buckets(api: &Api, reading: &Reading) -> anyhow::Result<usize> {
    let buckets: BTreeSet<String> =
        reading.streams.iter().flat_map(|stream| ekk_templates::buckets(&stream.request)).collect();
    let mut refused = 0;
    for bucket in buckets {
        match api.create_bucket(&bucket).await? {
            Ok(true) => say(&format!("bucket {bucket}: created")),
            Ok(false) => {}
            Err(reason) => {
                refused += 1;
                say(&format!("bucket {bucket}: refused: {reason}"));
            }
        }
    }
    Ok(refused)
}

/// One request as an object, several as an array: a file that can be applied again.
fn print_requests(streams: &[Stream]) -> anyhow::Result<()> {
    let requests: Vec<&Value> = streams.iter().map(|stream| &stream.request).collect();
    let text = match requests.as_slice() {
        [one] => serde_json::to_string_pretty(one),
        several => serde_json::to_string_pretty(several),
    };
    say(&text.context("a request is no JSON")?);
    Ok(())
}

/// The longest file that is read; a longer one is refused by its size.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

fn text_of(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let source: Box<dyn io::Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).with_context(|| format!("cannot open {}", path.display()))?)
    };
    let read = source.take(FILE_BYTES + 1).read_to_string(&mut text);
    read.with_context(|| format!("{} is no text", path.display()))?;
    Ok(text)
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| "a parameter is KEY=VALUE".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}
