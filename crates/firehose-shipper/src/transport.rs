//! The seam below the shipper: one call with records, and what it answers. Everything above it is the same with any
//! transport; [`firehose`] is the one that speaks to AWS.

use std::{fmt, future::Future, pin::Pin};

pub(crate) mod firehose;

/// What [`Transport::put`] answers with.
pub type PutFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<Entry>, PutError>> + Send + 'a>>;

/// Puts records somewhere in one call.
///
/// It is called on the shipper's own thread. A call that is not answered in time is dropped.
pub trait Transport: Send + Sync + 'static {
    /// Puts 1..=500 records of up to 4 MiB together. The answer has an entry for each record, in the same order.
    ///
    /// # Errors
    /// When nothing is known to be taken; [`PutErrorKind`] says what to do then.
    fn put<'a>(&'a self, records: &'a [&'a [u8]]) -> PutFuture<'a>;

    /// Where the records go, for messages to a person: `stream app-logs`.
    fn destination(&self) -> String;
}

impl fmt::Debug for dyn Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transport({})", self.destination())
    }
}

/// What became of one record of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It was taken.
    Taken,
    /// It was not taken, and will be sent again.
    Failed {
        /// `ServiceUnavailableException` when it was throttled, which slows the shipper down; `InternalFailure`.
        code: String,
        /// The text beside the code.
        message: String,
    },
}

/// A call that failed as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PutError {
    /// What to do.
    pub kind: PutErrorKind,
    /// What happened, for a person.
    pub message: String,
}

/// What to do about a call that failed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutErrorKind {
    /// Send again later, and more slowly.
    Throttled,
    /// Send again later.
    Trouble,
    /// There was no answer, or none that can be read. Send again later; the records may have been taken, though.
    Unanswered,
    /// Something in the call is malformed: send its parts, to find the record.
    Malformed,
    /// No call can succeed until somebody changes something: the records go to the fallback, and a later one is tried.
    Unusable,
}
