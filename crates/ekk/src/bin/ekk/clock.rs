//! `ekk clock`: shows, freezes, sets and advances the clock of a running stack.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    control::{Ask, Target},
    up::say,
};

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Clock {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Stops the clock where it is, or at a time.
    Freeze {
        #[command(flatten)]
        target: Target,
        /// The time to stop at, such as 2026-12-31T23:59:59Z.
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Lets a stopped clock run on from where it stands.
    Resume {
        #[command(flatten)]
        target: Target,
    },
    /// Jumps to a time; what was due in between is done now.
    Set {
        #[command(flatten)]
        target: Target,
        /// Such as 2026-12-31T23:59:59Z.
        time: String,
    },
    /// Moves on through everything that is due, each at its time, and returns when it is done.
    #[command(
        after_help = "Examples:\n  ekk clock advance 90s\n  ekk clock advance '1h 30m'\n  ekk clock advance '2 days'"
    )]
    Advance {
        #[command(flatten)]
        target: Target,
        /// How far.
        by: String,
        /// How long this may take, in real time.
        #[arg(long, default_value_t = 30, value_name = "SECS")]
        timeout_secs: u64,
    },
}

impl Clock {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let (target, change, timeout_secs) = match &self.change {
            None => {
                show(&Ask::get(&self.target, "clock").send().await?);
                return Ok(());
            }
            Some(Change::Freeze { target, at: None }) => (target, json!({ "freeze": true }), 30),
            Some(Change::Freeze { target, at: Some(at) }) => (target, json!({ "freeze": true, "set": at }), 30),
            Some(Change::Resume { target }) => (target, json!({ "resume": true }), 30),
            Some(Change::Set { target, time }) => (target, json!({ "set": time }), 30),
            Some(Change::Advance { target, by, timeout_secs }) => (target, json!({ "advance": by }), *timeout_secs),
        };
        let ask = Ask::new(target, Method::POST, "clock").body(change).query("timeout_secs", &timeout_secs.to_string());
        show(&ask.send().await?);
        Ok(())
    }
}

fn show(clock: &Value) {
    let text = |name: &str| clock.get(name).and_then(Value::as_str).unwrap_or_default();
    say(&format!("{} {}", text("now"), text("pace")));
}
