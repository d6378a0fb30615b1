//! A stream's states as a function of the time: nothing happens at their instants, they are read off the clock.
//!
//! What a state forbids is the subject of the operations, and what must be done at the end of a deletion that of
//! `deletion`.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::wire::DeliveryStreamStatus;

/// The instants of a stream.
///
/// A stream that changes at once has no instant for the change, so that a clock that is set back does not undo it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Life {
    /// `CreateTimestamp`.
    pub(crate) created: Timestamp,
    /// When it goes over from `CREATING` to `ACTIVE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active_from: Option<Timestamp>,
    /// `LastUpdateTimestamp`: when its destination was changed last; none before the first change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) updated: Option<Timestamp>,
    /// When it is gone; set when it is deleted, before its queue is given up, so that a deletion goes on after a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_from: Option<Timestamp>,
}

/// What a stream is at an instant. The states of failure are not reached: nothing here fails later than its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Creating,
    Active,
    Deleting,
    /// As if it had never been.
    Gone,
}

impl State {
    /// The state as a description shows it; a stream that is gone is not described.
    pub(crate) fn status(self) -> DeliveryStreamStatus {
        match self {
            Self::Creating => DeliveryStreamStatus::Creating,
            Self::Active => DeliveryStreamStatus::Active,
            Self::Deleting | Self::Gone => DeliveryStreamStatus::Deleting,
        }
    }

    /// The name of the state in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Deleting | Self::Gone => "DELETING",
        }
    }
}

impl Life {
    /// That of a stream which is created `now` and takes `delay` for each change of its state.
    pub(crate) fn begun(now: Timestamp, delay: Duration) -> Self {
        Self { created: now, active_from: settles(now, delay), updated: None, gone_from: None }
    }

    /// This life, ended by a deletion `now`. A deletion that was begun before goes on as it was.
    pub(crate) fn ended(&self, now: Timestamp, delay: Duration) -> Self {
        let gone_from = self.gone_from.or_else(|| settles(now, delay)).unwrap_or(now);
        Self { gone_from: Some(gone_from), ..self.clone() }
    }

    /// When the stream is or was first active.
    pub(crate) fn active_from(&self) -> Timestamp {
        self.active_from.unwrap_or(self.created)
    }

    pub(crate) fn state(&self, now: Timestamp) -> State {
        match (self.gone_from, self.active_from) {
            (Some(gone), _) if now >= gone => State::Gone,
            (Some(_), _) => State::Deleting,
            (None, Some(active)) if now < active => State::Creating,
            (None, _) => State::Active,
        }
    }

    /// When the stream is gone, if it was deleted.
    pub(crate) fn gone_from(&self) -> Option<Timestamp> {
        self.gone_from
    }
}

/// When a change that is begun `now` is done; none when it is at once.
pub(crate) fn settles(now: Timestamp, delay: Duration) -> Option<Timestamp> {
    (!delay.is_zero()).then(|| now.saturating_add(delay).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_stream_is_active_after_the_delay_and_gone_after_another() {
        let delay = Duration::from_secs(90);
        let life = Life::begun(at(0), delay);
        assert_eq!([0, 89, 90, 1000].map(|second| life.state(at(second))), {
            use State::{Active, Creating};
            [Creating, Creating, Active, Active]
        });
        let life = life.ended(at(100), delay);
        assert_eq!(
            [100, 189, 190].map(|second| life.state(at(second))),
            [State::Deleting, State::Deleting, State::Gone]
        );
        assert_eq!(life.ended(at(150), delay), life, "a second deletion does not put it off");
    }

    #[test]
    fn without_a_delay_a_change_is_at_once_also_on_a_clock_that_is_set_back() {
        let life = Life::begun(at(100), Duration::ZERO);
        assert_eq!([0, 100].map(|second| life.state(at(second))), [State::Active; 2]);
        assert_eq!(life.ended(at(100), Duration::ZERO).state(at(100)), State::Gone);
    }

    #[test]
    fn a_delay_of_any_length_is_kept_within_the_calendar() {
        assert_eq!(Life::begun(at(0), Duration::MAX).active_from, Some(Timestamp::MAX));
    }
}
