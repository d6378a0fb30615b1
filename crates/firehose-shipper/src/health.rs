//! How the shipper is, for a health check and for the one message that a person gets when that changes. Pure.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, SystemTime},
};

use crate::{counts::Counts, limits::NOTICE_INTERVAL};

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
    /// They are held, because the stream cannot be used and [`WhenUnusable::Hold`](crate::WhenUnusable) was chosen. Every
    /// now and then, one call is tried.
    Holding {
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
    /// The stream cannot be used, and records go to the fallback.
    Unusable(&'a str),
    /// The stream cannot be used, and records are held.
    Held(&'a str),
}

impl Condition {
    /// Whether records go to the fallback.
    pub(crate) fn falls_back(&self) -> bool {
        matches!(self, Self::FallingBack { .. })
    }

    /// Goes on to the next condition.
    pub(crate) fn turn(&mut self, turn: Turn<'_>, now: SystemTime) {
        let next = match (&*self, turn) {
            (Self::Closed, _) => return,
            (_, Turn::Taken) => Self::Shipping,
            (Self::Retrying { since, .. }, Turn::Failing(reason)) => {
                Self::Retrying { reason: reason.into(), since: *since }
            }
            (Self::FallingBack { since, .. }, Turn::Failing(reason) | Turn::Unusable(reason)) => {
                Self::FallingBack { reason: reason.into(), since: *since }
            }
            (Self::Holding { since, .. }, Turn::Failing(reason) | Turn::Held(reason)) => {
                Self::Holding { reason: reason.into(), since: *since }
            }
            (_, Turn::Held(reason)) => Self::Holding { reason: reason.into(), since: now },
            (_, Turn::Failing(reason)) => Self::Retrying { reason: reason.into(), since: now },
            (_, Turn::Unusable(reason)) => Self::FallingBack { reason: reason.into(), since: now },
        };
        *self = next;
    }

    fn subject(&self) -> Subject {
        match self {
            Self::Shipping | Self::Closed => Subject::Recovery,
            Self::Retrying { .. } => Subject::Failure,
            Self::FallingBack { .. } | Self::Holding { .. } => Subject::Unusable,
        }
    }
}

/// What a message to a person is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    #[default]
    Recovery,
    Failure,
    Unusable,
    Refused,
    QueueFull,
    Spill,
}

/// Which messages a person gets: one of a kind in a while, and none that says what the last one said.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    /// What the person believes.
    told: Subject,
    last: BTreeMap<Subject, Duration>,
}

impl Notices {
    /// Whether the condition is to be told. That all is well again is told when the trouble was.
    pub(crate) fn is_news(&mut self, condition: &Condition, now: Duration) -> bool {
        let subject = condition.subject();
        if subject == self.told || (subject != Subject::Recovery && !self.is_due(subject, now)) {
            return false;
        }
        self.told = subject;
        true
    }

    /// Whether something that happens again and again is to be told now.
    pub(crate) fn is_due(&mut self, subject: Subject, now: Duration) -> bool {
        let is_due = self.last.get(&subject).is_none_or(|last| now.saturating_sub(*last) >= NOTICE_INTERVAL);
        if is_due {
            self.last.insert(subject, now);
        }
        is_due
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shipping => f.write_str("records reach it"),
            Self::Retrying { reason, .. } => write!(f, "calls fail, records are held and sent again: {reason}"),
            Self::Holding { reason, .. } => write!(f, "cannot be used, records are held until it can: {reason}"),
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
    fn a_person_is_told_once_of_each_change_and_not_again_within_a_minute() {
        let (mut condition, mut notices) = (Condition::default(), Notices::default());
        let mut told = Vec::new();
        for (second, turn) in [
            (0, Turn::Taken),
            (1, Turn::Failing("busy")),
            (2, Turn::Failing("gone")),
            (3, Turn::Taken),
            (4, Turn::Taken),
            (5, Turn::Failing("too soon to be told again")),
            (6, Turn::Taken),
            (7, Turn::Unusable("no such stream")),
            (8, Turn::Failing("busy")),
            (9, Turn::Taken),
            (61, Turn::Failing("late")),
            (62, Turn::Unusable("too soon")),
            (70, Turn::Unusable("access denied")),
        ] {
            condition.turn(turn, SystemTime::UNIX_EPOCH);
            if notices.is_news(&condition, Duration::from_secs(second)) {
                told.push(format!("{second}: {condition}"));
            }
        }
        assert_eq!(
            told,
            [
                "1: calls fail, records are held and sent again: busy",
                "3: records reach it",
                "7: cannot be used, records go to the fallback until it can: no such stream",
                "9: records reach it",
                "61: calls fail, records are held and sent again: late",
                "70: cannot be used, records go to the fallback until it can: access denied",
            ]
        );
    }

    #[test]
    fn a_condition_keeps_the_last_reason_and_the_first_moment() {
        let later = SystemTime::UNIX_EPOCH + Duration::from_secs(5);
        let mut condition = Condition::default();
        condition.turn(Turn::Unusable("no such stream"), SystemTime::UNIX_EPOCH);
        condition.turn(Turn::Unusable("access denied"), later);
        let expected = Condition::FallingBack { reason: "access denied".into(), since: SystemTime::UNIX_EPOCH };
        assert_eq!(condition, expected);
    }
}
