//! Waits until records have come where they shall be, and says in words what is missing when they do not.

use std::{fmt, time::Duration};

use ekk_delivery::{Account, Stream};
use serde_json::Value;

use crate::{control::Control, explain};

/// What is waited for.
#[derive(Clone, Debug)]
pub(crate) struct Wait {
    /// The stream; all of them without one.
    pub(crate) stream: Option<String>,
    pub(crate) until: Until,
    /// Whether what is buffered is delivered at once, instead of when its hints say so.
    pub(crate) flush: bool,
    /// In real time.
    pub(crate) patience: Duration,
}

/// When a wait is over.
#[derive(Clone, Debug)]
pub(crate) enum Until {
    /// All that was accepted is delivered and backed up.
    Delivered,
    /// A line of the account shows so many or more.
    Count { line: String, count: u64 },
}

/// A wait that ended before it was over.
#[derive(Debug)]
pub(crate) enum WaitError {
    NoStream(String),
    /// What was asked for cannot be.
    Asked(String),
    Missing(Missing),
    /// `OpenSearch` did not make the documents searchable.
    Refresh(reqwest::Error),
}

/// What is missing after a wait, one reason after the other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Missing {
    /// Each in a sentence.
    pub reasons: Vec<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reasons.join("; "))
    }
}

impl Control {
    /// Waits, then makes what arrived searchable.
    pub(crate) async fn wait(&self, wait: &Wait) -> Result<(), WaitError> {
        let streams = match &wait.stream {
            Some(id) => vec![self.delivery.stream(id).ok_or_else(|| WaitError::NoStream(id.clone()))?],
            None => self.delivery.streams(),
        };
        match &wait.until {
            Until::Delivered => self.until_delivered(&streams, wait).await?,
            Until::Count { line, count } => {
                let [stream] = streams.as_slice() else {
                    let names: Vec<String> = streams.iter().map(|stream| stream.spec().id.clone()).collect();
                    let text = format!("say which stream's {line} to wait for: {}", names.join(", "));
                    return Err(WaitError::Asked(text));
                };
                until_counted(stream, line, *count, wait).await?;
            }
        }
        self.provisioner.refresh().await.map_err(WaitError::Refresh)
    }

    async fn until_delivered(&self, streams: &[Stream], wait: &Wait) -> Result<(), WaitError> {
        let settled = |account: &Account| account.is_settled();
        if !wait.flush {
            let all = async {
                for stream in streams {
                    stream.account_reaches(settled).await;
                }
            };
            // Whether the time was up is seen from what is left.
            let _in_time = tokio::time::timeout(wait.patience, all).await;
            let left = streams.iter().filter(|stream| !stream.account().is_settled());
            return missing(left.flat_map(|stream| explain::left(stream, None)).collect());
        }
        let unsettled = match streams {
            [one] => one.settled(wait.patience).await,
            _ => self.delivery.settle(wait.patience).await,
        };
        let Err(unsettled) = unsettled else { return Ok(()) };
        let reasons = unsettled.streams.iter().flat_map(|left| match self.delivery.stream(&left.name) {
            Some(stream) => explain::left(&stream, Some(left)),
            None => vec![format!("stream {} is gone", left.name)],
        });
        missing(reasons.collect())
    }
}

fn missing(reasons: Vec<String>) -> Result<(), WaitError> {
    if reasons.is_empty() { Ok(()) } else { Err(WaitError::Missing(Missing { reasons })) }
}

async fn until_counted(stream: &Stream, line: &str, count: u64, wait: &Wait) -> Result<(), WaitError> {
    let value = |account: &Account| value_of(account, line).unwrap_or_default();
    if value_of(&stream.account(), line).is_none() {
        let text = format!("line={line} is none of the account's: {}", lines(&stream.account()).join(", "));
        return Err(WaitError::Asked(text));
    }
    let counted = async {
        loop {
            let account = stream.account();
            if value(&account) >= count {
                return;
            }
            if wait.flush && !account.is_settled() {
                stream.flush().await;
            }
            // What comes in later is flushed as well, but nothing is flushed twice: a flush makes a retry that waits.
            let seen = account.accepted;
            stream.account_reaches(|account| value(account) >= count || (wait.flush && account.accepted > seen)).await;
        }
    };
    if tokio::time::timeout(wait.patience, counted).await.is_ok() {
        return Ok(());
    }
    missing(explain::shortfall(stream, line, value(&stream.account()), count))
}

fn value_of(account: &Account, line: &str) -> Option<u64> {
    serde_json::to_value(account).ok()?.get(line)?.as_u64()
}

fn lines(account: &Account) -> Vec<String> {
    match serde_json::to_value(account) {
        Ok(Value::Object(members)) => members.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}
