//! How fast calls are begun: throttling slows the sender, and failing calls make it wait. Pure: no clock, no randomness.

use std::time::Duration;

use crate::retry::pause_after;
use crate::settings::Retry;

/// The first pause between calls once a third or more of the records is throttled.
const FIRST_THROTTLED_PAUSE: Duration = Duration::from_millis(20);
/// A pause that has shrunk below this is none.
const SHORTEST_THROTTLED_PAUSE: Duration = Duration::from_millis(5);

/// Calls in a row that may fail before all wait.
const ACCIDENTS: u32 = 3;

/// The gate before the next call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    /// Between calls, because of throttling.
    pause: Duration,
    /// Calls that failed as a whole since the last that did not.
    failures: u32,
    not_before: Duration,
}

impl Pace {
    /// When the next call may begin.
    pub(crate) fn not_before(&self) -> Duration {
        self.not_before
    }

    /// Whether so many calls have failed that all wait.
    pub(crate) fn is_failing(&self) -> bool {
        self.failures > ACCIDENTS
    }

    /// A call was answered, and this share (0.0..=1.0) of its records was throttled.
    ///
    /// The pause between calls grows while more than a third is throttled, up to `retry.longest_pause`, and shrinks while
    /// less is: a throttled record comes again, so offering somewhat more than is taken keeps the stream busy.
    pub(crate) fn answered(&mut self, now: Duration, throttled_share: f64, retry: &Retry) {
        self.failures = 0;
        let share = throttled_share.clamp(0.0, 1.0);
        let pause = self.pause.mul_f64(0.5 + 1.5 * share);
        let least = if share > 1.0 / 3.0 { FIRST_THROTTLED_PAUSE } else { Duration::ZERO };
        let pause = pause.max(least).min(retry.longest_pause);
        self.pause = if pause < SHORTEST_THROTTLED_PAUSE { Duration::ZERO } else { pause };
        self.not_before = now.saturating_add(self.pause);
    }

    /// A call failed as a whole. A few failures in a row are accidents, and only their own records wait; then all do.
    ///
    /// `jitter` is in 0.0..1.0.
    pub(crate) fn failed(&mut self, now: Duration, retry: &Retry, jitter: f64) {
        self.failures = self.failures.saturating_add(1);
        if self.is_failing() {
            self.not_before = now.saturating_add(pause_after(self.failures - ACCIDENTS, retry, jitter));
        }
    }

    /// The stream cannot be used: the next attempt is after a pause that doubles up to `longest`.
    pub(crate) fn unusable(&mut self, now: Duration, retry: &Retry, longest: Duration, jitter: f64) {
        self.failures = self.failures.saturating_add(1);
        let patient = Retry { longest_pause: longest.max(retry.longest_pause), ..retry.clone() };
        self.not_before = now.saturating_add(pause_after(self.failures, &patient, jitter));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Duration = Duration::from_secs(50);

    fn pause(pace: &Pace) -> Duration {
        pace.not_before().saturating_sub(NOW)
    }

    #[test]
    fn a_sender_that_is_throttled_slows_down_and_recovers() {
        let retry = Retry::default();
        let mut pace = Pace::default();
        let mut pauses = Vec::new();
        for share in [0.0, 1.0, 1.0, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] {
            pace.answered(NOW, share, &retry);
            pauses.push(pause(&pace).as_millis());
        }
        assert_eq!(pauses, [0, 20, 40, 80, 100, 50, 25, 12, 6, 0, 0]);
    }

    #[test]
    fn a_share_of_a_tenth_that_is_throttled_whatever_the_pace_does_not_slow_for_long() {
        let mut pace = Pace::default();
        pace.answered(NOW, 1.0, &Retry::default());
        (0..10).for_each(|_| pace.answered(NOW, 0.1, &Retry::default()));
        assert_eq!(pause(&pace), Duration::ZERO);
    }

    #[test]
    fn a_few_failed_calls_are_accidents_and_then_all_wait() {
        let retry = Retry::default();
        let mut pace = Pace::default();
        let mut pauses = Vec::new();
        for _ in 0..11 {
            pace.failed(NOW, &retry, 0.0);
            pauses.push(pause(&pace).as_millis());
        }
        assert_eq!(pauses, [0, 0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        pace.answered(NOW, 0.0, &retry);
        assert_eq!((pause(&pace), pace.is_failing()), (Duration::ZERO, false));
    }

    #[test]
    fn a_stream_that_cannot_be_used_is_tried_at_growing_intervals() {
        let retry = Retry { first_pause: Duration::from_secs(1), ..Retry::default() };
        let mut pace = Pace::default();
        let mut pauses = Vec::new();
        for _ in 0..7 {
            pace.unusable(NOW, &retry, Duration::from_secs(30), 0.0);
            pauses.push(pause(&pace).as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
    }

    proptest! {
        #[test]
        fn no_pause_is_longer_than_the_longest(shares in proptest::collection::vec(-1.0..2.0_f64, 0..100)) {
            let retry = Retry::default();
            let mut pace = Pace::default();
            for share in shares {
                if share < -0.5 { pace.failed(NOW, &retry, 0.5) } else { pace.answered(NOW, share, &retry) }
                prop_assert!(pause(&pace) <= retry.longest_pause);
            }
        }
    }
}
