//! What can go wrong for the caller: a shipper that cannot start, and a record that is not taken.
//!
//! What goes wrong later, between the shipper and Firehose, is no error of a caller: it is counted, and told by
//! [`Health`](crate::Health) and by the callbacks.

use std::{io, path::PathBuf};

/// A shipper could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A setting is beyond its range.
    #[error("{name} is {value}, and must be {}", range(*.least, *.most))]
    OutOfRange {
        /// The setting, as `Type::field`.
        name: &'static str,
        /// What it is.
        value: usize,
        /// The least that it may be.
        least: usize,
        /// The most that it may be; `usize::MAX` when there is no such limit.
        most: usize,
    },
    /// No stream can have this name.
    #[error("a stream cannot be called `{name}`: 1 to 64 of the letters a-z, A-Z, 0-9, `_`, `.` and `-`")]
    StreamName {
        /// The name that was given.
        name: String,
    },
    /// The folder for records beyond the queue cannot be used.
    #[error("cannot spill to {}: {source}", .folder.display())]
    Spill {
        /// The folder that was given.
        folder: PathBuf,
        /// Why: another process has locked it, for one.
        source: io::Error,
    },
    /// The system gives no thread, or no means to wait for sockets and signals.
    #[error("cannot start the shipper's thread: {0}")]
    Thread(#[source] io::Error),
}

fn range(least: usize, most: usize) -> String {
    if most == usize::MAX { format!("at least {least}") } else { format!("in {least}..={most}") }
}

/// A record was not taken. It has been counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The queue is full, and stayed so for as long as the caller was to wait.
    #[error("the queue is full")]
    QueueFull,
    /// The record is over the limit, and is not to be truncated.
    #[error("record of {bytes} bytes is over the {limit}-byte limit")]
    TooLarge {
        /// The length of the record with its newline, in bytes before base64.
        bytes: usize,
        /// The most that it may have.
        limit: usize,
    },
    /// The shipper has been shut down.
    #[error("the shipper has been shut down")]
    Closed,
    /// The value cannot be written as JSON.
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
}
