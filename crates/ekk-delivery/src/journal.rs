//! The last attempts of a stream to deliver, with their reasons, for people who ask why something is not there.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;

use crate::limits::JOURNAL_ENTRIES;

/// One request of a stream to its index or bucket, and how it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryAttempt {
    /// When the answer was there, by the stack's clock.
    pub at: Timestamp,
    /// What was written to.
    pub target: Target,
    /// Records in the request.
    pub records: u64,
    /// Bytes of the records in a bulk request, or of an object's body.
    pub bytes: u64,
    /// Which attempt at these records it was, from 1.
    pub attempt: u32,
    /// How it went.
    pub outcome: Outcome,
}

/// What an attempt wrote to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum Target {
    /// A bulk request.
    Index {
        /// The index of its first document.
        index: String,
    },
    /// An object of an S3 destination.
    Object {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// An object of incoming records.
    Backup {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// An object of failed documents, or of records that an HTTP endpoint did not take.
    FailedDocuments {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// An object of records that could not be processed.
    ProcessingFailed {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// A request to an HTTP endpoint.
    Endpoint {
        /// Its address, without user, password and query.
        url: String,
    },
    /// An invocation of a function.
    Function {
        /// Its ARN.
        arn: String,
    },
}

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// All of it was taken.
    Delivered,
    /// Some documents were not taken.
    PartlyDelivered {
        /// Documents that are tried again.
        retried: u64,
        /// Documents that are on their way to the failed prefix.
        failed: u64,
        /// The reason of the first of them.
        reason: String,
    },
    /// None of it was taken; it is tried again.
    Retried {
        /// Why.
        reason: String,
        /// When, by the stack's clock.
        next: Timestamp,
    },
    /// None of it was taken, and the retry duration is over: the documents are on their way to the failed prefix.
    GaveUp {
        /// Why.
        reason: String,
    },
}

/// The newest attempts of one stream, newest last.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    attempts: VecDeque<DeliveryAttempt>,
}

impl Journal {
    /// Notes an attempt, and forgets the oldest one when there are too many.
    pub(crate) fn note(&mut self, attempt: DeliveryAttempt) {
        if self.attempts.len() == JOURNAL_ENTRIES {
            self.attempts.pop_front();
        }
        self.attempts.push_back(attempt);
    }

    pub(crate) fn recent(&self) -> Vec<DeliveryAttempt> {
        self.attempts.iter().cloned().collect()
    }
}
