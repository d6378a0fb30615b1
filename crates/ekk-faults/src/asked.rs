//! What those who may fail are told.

use std::time::Duration;

use crate::Answer;

/// What happens to one call of the API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallFault {
    /// By how much it is late, by the stack's clock.
    pub delay: Duration,
    /// How it ends, if not as usual.
    pub end: Option<CallEnd>,
}

/// How a call ends that does not end as usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// It is answered with an error, and nothing is done.
    Answer(Answer),
    /// The connection ends, and nothing is done.
    DropBeforeWork,
    /// The connection ends when everything is done.
    DropAfterWork,
}

/// What happens to one request to a destination.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestFault {
    /// By how much it is late, by the stack's clock.
    pub delay: Duration,
    /// How it ends, if not as usual.
    pub end: Option<RequestEnd>,
    /// The id of the last rule that took effect; 0 when none did.
    pub rule: u64,
}

/// How a request ends that does not end as usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestEnd {
    /// It is answered with this status, and nothing is done.
    Status(u16),
    /// The items at these places are refused with this status; the others are carried out.
    Items {
        /// In ascending order, from 0.
        places: Vec<usize>,
        /// The status of each.
        status: u16,
    },
    /// The connection is refused.
    Gone,
    /// The connection ends, and nothing is done.
    DropBeforeWork,
    /// The connection ends when everything is done.
    DropAfterWork,
}
