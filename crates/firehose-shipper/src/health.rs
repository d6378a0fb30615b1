//! How the shipper is, for a health check and for the one message that a person gets when that changes. Pure.

use std::{fmt, time::SystemTime};

use crate::counts::Counts;

/// How a shipper is at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// What happens to records.
    pub condition: Condition,
    /// Records in memory that have not reached their end.
    pub queued_records: usize,
    /// Bytes that they count for.
    pub queued_bytes: usize,
    /// What became of the others.
    pub counts: Counts,
}

impl Health {
    /// Whether records reach Firehose.
    pub fn is_well(&self) -> bool {
        self.condition == Condition::Shipping
    }
}

/// What happens to records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// They are sent, or nothing is known to the contrary.
    #[default]
    Shipping,
    /// They are held and sent again, because calls fail.
    Retrying {
        /// The last failure.
        reason: String,
        /// When it began.
        since: SystemTime,
    },
    /// They go to the fallback, because the stream cannot be used. Every now and then, one call is tried.
    FallingBack {
        /// The last failure.
        reason: String,
        /// When it began.
        since: SystemTime,
    },
    /// The shipper has been shut down.
    Closed,
}

/// How a call ended, as far as the condition is concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Turn<'a> {
    /// Records were taken.
    Taken,
    /// Calls keep failing.
    Failing(&'a str),
    /// The stream cannot be used.
    Unusable(&'a str),
}

impl Condition {
    /// Whether records go to the fallback.
    pub(crate) fn falls_back(&self) -> bool {
        matches!(self, Self::FallingBack { .. })
    }

    /// Goes on to the next condition. Answers whether a person should be told.
    pub(crate) fn turn(&mut self, turn: Turn<'_>, now: SystemTime) -> bool {
        let (next, tell) = match (&*self, turn) {
            (Self::Shipping, Turn::Taken) | (Self::Closed, _) => return false,
            (_, Turn::Taken) => (Self::Shipping, true),
            (Self::Retrying { since, .. }, Turn::Failing(reason)) => {
                (Self::Retrying { reason: reason.into(), since: *since }, false)
            }
            (Self::FallingBack { since, .. }, Turn::Failing(reason) | Turn::Unusable(reason)) => {
                (Self::FallingBack { reason: reason.into(), since: *since }, false)
            }
            (_, Turn::Failing(reason)) => (Self::Retrying { reason: reason.into(), since: now }, true),
            (_, Turn::Unusable(reason)) => (Self::FallingBack { reason: reason.into(), since: now }, true),
        };
        *self = next;
        tell
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shipping => f.write_str("records reach it"),
            Self::Retrying { reason, .. } => write!(f, "calls fail, records are held and sent again: {reason}"),
            Self::FallingBack { reason, .. } => {
                write!(f, "cannot be used, records go to the fallback until it can: {reason}")
            }
            Self::Closed => f.write_str("shut down"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_once_of_each_change() {
        let mut condition = Condition::default();
        let told: Vec<String> = [
            Turn::Taken,
            Turn::Failing("busy"),
            Turn::Failing("gone"),
            Turn::Taken,
            Turn::Taken,
            Turn::Failing("busy"),
            Turn::Unusable("no such stream"),
            Turn::Failing("busy"),
            Turn::Unusable("access denied"),
            Turn::Taken,
        ]
        .into_iter()
        .map(|turn| (condition.turn(turn, SystemTime::UNIX_EPOCH), condition.to_string()))
        .filter(|(tell, _)| *tell)
        .map(|(_, text)| text)
        .collect();
        assert_eq!(
            told,
            [
                "calls fail, records are held and sent again: busy",
                "records reach it",
                "calls fail, records are held and sent again: busy",
                "cannot be used, records go to the fallback until it can: no such stream",
                "records reach it",
            ]
        );
    }

    #[test]
    fn a_condition_keeps_the_last_reason_and_the_first_moment() {
        let later = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(5);
        let mut condition = Condition::default();
        condition.turn(Turn::Unusable("no such stream"), SystemTime::UNIX_EPOCH);
        condition.turn(Turn::Unusable("access denied"), later);
        let expected = Condition::FallingBack { reason: "access denied".into(), since: SystemTime::UNIX_EPOCH };
        assert_eq!(condition, expected);
    }
}
