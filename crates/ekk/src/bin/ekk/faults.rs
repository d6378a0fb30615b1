//! `ekk faults`: what shall fail in a running stack.

use std::io::{self, Read as _};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use crate::{
    control::{Ask, Target},
    up::say,
};

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Faults {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Adds a rule.
    #[command(after_help = EXAMPLES)]
    Add {
        #[command(flatten)]
        target: Target,
        /// The rule as JSON, or `-` to read it from stdin.
        rule: String,
    },
    /// Takes a rule away.
    Remove {
        #[command(flatten)]
        target: Target,
        /// The rule's id, as `ekk faults` shows it.
        id: u64,
    },
    /// Takes all rules away.
    Clear {
        #[command(flatten)]
        target: Target,
    },
}

const EXAMPLES: &str = r#"A rule has an operation or a destination, and an effect. It may name a stream, and how often it acts:
times (so many), for_secs (so long, by the stack's clock), probability (0 to 1).

Operations: any, PutRecord, PutRecordBatch, DescribeDeliveryStream, …
  {"fail_records": {"count": 3}}              some records of a put; also {"share": 0.1} and {"every": 4}
  {"answer": {"code": "InternalFailure"}}     the whole call
  {"delay_secs": 5}                           it is late, by the stack's clock
  {"drop_connection": "after_work"}           no answer, so that clients send again; or "before_work"
Destinations: opensearch, s3, http-endpoint, lambda
  "gone"                                      nobody listens
  {"status": 503}                             every request is answered so
  {"fail_items": {"count": 1, "status": 429}} some documents of a bulk request
  {"delay_secs": 90}, {"drop_connection": "before_work"}

Examples:
  ekk faults add '{"operation": "PutRecordBatch", "effect": {"fail_records": {"count": 3}}, "times": 1}'
  ekk faults add '{"destination": "opensearch", "effect": "gone", "for_secs": 3600}'"#;

impl Faults {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let answer = match &self.change {
            None => Ask::get(&self.target, "faults").send().await?,
            Some(Change::Add { target, rule }) => {
                let rule =
                    serde_json::from_str(&read(rule)?).context("the rule is no JSON; see ekk faults add --help")?;
                let added = Ask::new(target, Method::POST, "faults").body(rule).send().await?;
                say(&format!("added fault {}", added.get("id").unwrap_or(&Value::Null)));
                return Ok(());
            }
            Some(Change::Remove { target, id }) => {
                Ask::new(target, Method::DELETE, &format!("faults/{id}")).send().await?
            }
            Some(Change::Clear { target }) => Ask::new(target, Method::DELETE, "faults").send().await?,
        };
        let faults = answer.get("faults").and_then(Value::as_array).cloned().unwrap_or_default();
        if faults.is_empty() {
            say("nothing fails on request");
        }
        for fault in faults {
            let member = |name: &str| fault.get(name).cloned().unwrap_or_default();
            let state = member("state");
            say(&format!(
                "{} {} hits={} {}",
                member("id"),
                state.as_str().unwrap_or_default(),
                member("hits"),
                member("rule")
            ));
        }
        Ok(())
    }
}

fn read(rule: &str) -> anyhow::Result<String> {
    if rule != "-" {
        return Ok(rule.to_owned());
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).context("cannot read the rule from stdin")?;
    Ok(text)
}
