//! One record between its acceptance and its end, and what that end can be.

use std::{fmt, time::Duration};

use crate::limits::RECORD_OVERHEAD;

/// A record that was accepted.
#[derive(Debug)]
pub(crate) struct Record {
    /// Its place among all that were accepted, from 0.
    pub(crate) sequence: u64,
    pub(crate) data: Box<[u8]>,
    /// How often it was sent.
    pub(crate) attempts: u32,
    /// When it was not taken for the first time.
    pub(crate) failing_since: Option<Duration>,
    /// The file of the spill folder that holds it, if one does.
    pub(crate) segment: Option<u64>,
}

impl Record {
    pub(crate) fn new(sequence: u64, data: Box<[u8]>) -> Self {
        Self { sequence, data, attempts: 0, failing_since: None, segment: None }
    }

    /// What it counts for in the queue, in bytes.
    pub(crate) fn cost(&self) -> usize {
        cost(&self.data)
    }
}

/// What a record counts for in the queue, in bytes.
pub(crate) fn cost(data: &[u8]) -> usize {
    data.len() + RECORD_OVERHEAD
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Firehose has taken it.
    Sent,
    /// Firehose has not got it. Whether the fallback has depends on the reason and on [`Fallback`](crate::Fallback).
    Unsent(Reason),
    /// It is in the spill folder and will be sent after the next start.
    Saved,
}

/// Why a record was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There was no room for it, or it had to make room. Not in the fallback.
    QueueFull,
    /// It is over the limit, and was not to be truncated. Not in the fallback.
    TooLarge,
    /// Firehose says that it is malformed. In the fallback.
    Refused,
    /// It was tried for as long as it was to be. In the fallback.
    GaveUp,
    /// The stream could not be used: no credentials, no such stream, access denied. In the fallback.
    Unusable,
    /// It was left when the deadline of the shutdown came. In the fallback.
    Left,
    /// It was in the spill folder, in a file that cannot be read any more. Not in the fallback.
    Damaged,
    /// It came after the shutdown. In the fallback if it came through the layer or the logger.
    Closed,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::QueueFull => "queue full",
            Self::TooLarge => "too large",
            Self::Refused => "refused",
            Self::GaveUp => "given up",
            Self::Unusable => "stream unusable",
            Self::Left => "left at shutdown",
            Self::Damaged => "damaged in the spill folder",
            Self::Closed => "after shutdown",
        })
    }
}
