//! The time that a stack lives by: the system's, or one that a test freezes, sets and advances.
//!
//! Everything in a stack that waits (buffering hints, retries, rotation, refresh) takes its time from one [`Clock`],
//! so a test that advances the clock moves all of it at once.
//! HTTP `Date` headers and signature windows are not its subject: they stay on real time, because AWS clients correct
//! their own clocks by them.

mod activity;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

pub use activity::Activity;
use activity::Board;

/// A shared source of time with timers on it. Clones read and move the same time.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use ekk_clock::Clock;
///
/// let clock = Clock::frozen_at("2026-12-31T23:59:59Z".parse().unwrap());
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(clock.now().to_string(), "2027-01-01T00:00:00Z");
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    pace: Arc<watch::Sender<Pace>>,
    board: Arc<Board>,
}

/// How a clock's time relates to the system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Runs with the system's time, ahead of it by `offset` (behind it when negative).
    Running {
        /// The difference to the system's time.
        offset: SignedDuration,
    },
    /// Stands at one instant until it is set, advanced or resumed.
    Frozen {
        /// The instant that [`Clock::now`] answers.
        at: Timestamp,
    },
}

impl Clock {
    /// A clock that shows the system's time.
    pub fn system() -> Self {
        Self::with_pace(Pace::Running { offset: SignedDuration::ZERO })
    }

    /// A clock that stands at `at` until somebody moves it.
    pub fn frozen_at(at: Timestamp) -> Self {
        Self::with_pace(Pace::Frozen { at })
    }

    /// The current time of this clock.
    pub fn now(&self) -> Timestamp {
        read(*self.pace.borrow())
    }

    /// How the clock runs at the moment.
    pub fn pace(&self) -> Pace {
        *self.pace.borrow()
    }

    /// Sets the time to `at`. A running clock runs on from there, a frozen one stands there.
    ///
    /// Timers whose deadline has passed by then fire at once. Setting the time back is allowed: timers then wait longer.
    pub fn set(&self, at: Timestamp) {
        self.pace.send_modify(|pace| {
            *pace = match *pace {
                Pace::Running { .. } => Pace::Running { offset: system_now().duration_until(at) },
                Pace::Frozen { .. } => Pace::Frozen { at },
            };
        });
    }

    /// Moves the time forward by `by`; it stops at the last representable instant.
    pub fn advance(&self, by: Duration) {
        self.pace.send_modify(|pace| {
            *pace = match *pace {
                Pace::Running { offset } => Pace::Running {
                    offset: offset.saturating_add(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX)),
                },
                Pace::Frozen { at } => Pace::Frozen { at: at.saturating_add(by).unwrap_or(Timestamp::MAX) },
            };
        });
    }

    /// Stops the clock at its current time.
    pub fn freeze(&self) {
        self.pace.send_modify(|pace| *pace = Pace::Frozen { at: read(*pace) });
    }

    /// Lets a frozen clock run on from where it stands.
    pub fn resume(&self) {
        self.pace.send_modify(|pace| {
            if let Pace::Frozen { at } = *pace {
                *pace = Pace::Running { offset: system_now().duration_until(at) };
            }
        });
    }

    /// Lets the clock run as `pace` says, such as one that [`Clock::pace`] answered before.
    pub fn restore(&self, pace: Pace) {
        self.pace.send_replace(pace);
    }

    /// Waits until the clock shows `duration` more than now.
    pub async fn sleep(&self, duration: Duration) {
        let deadline = self.now().saturating_add(duration).unwrap_or(Timestamp::MAX);
        self.sleep_until(deadline).await;
    }

    /// Waits until the clock shows `deadline` or later; answers at once when it already does.
    pub async fn sleep_until(&self, deadline: Timestamp) {
        let mut changes = self.pace.subscribe();
        loop {
            let pace = *changes.borrow_and_update();
            let left = read(pace).duration_until(deadline);
            if !left.is_positive() {
                return;
            }
            match pace {
                Pace::Frozen { .. } => wait_for_change(&mut changes).await,
                Pace::Running { .. } => {
                    #[expect(
                        clippy::disallowed_methods,
                        reason = "the one place where a clock's timer meets the system's"
                    )]
                    let timer = tokio::time::sleep(left.unsigned_abs());
                    tokio::select! {
                        () = timer => {}
                        () = wait_for_change(&mut changes) => {}
                    }
                }
            }
        }
    }

    /// Joins those who act on this clock's time, working from now on.
    pub fn activity(&self) -> Activity {
        self.board.join()
    }

    /// Waits until everybody who has an [`Activity`] on this clock rests: until all that is due by now is done.
    pub async fn quiet(&self) {
        self.board.quiet().await;
    }

    /// Moves the time to `at` in steps from one due instant to the next, each when all before it is done; answers when all
    /// that is due by `at` is. A time that is past already is not gone back to.
    ///
    /// [`Clock::set`] jumps instead: what was due in between is then done late, at `at`.
    /// This takes as long as the work takes, so a caller bounds it by a timeout of real time. Dropped halfway it leaves the
    /// clock where it is.
    pub async fn travel(&self, at: Timestamp) {
        self.quiet().await;
        while let Some(due) = self.board.next_due().filter(|due| *due <= at) {
            self.set(due.max(self.now()));
            self.quiet().await;
        }
        if self.now() < at {
            self.set(at);
        }
        self.quiet().await;
    }

    /// [`Clock::travel`] to `by` later than now, or to the last representable instant.
    pub async fn advance_through(&self, by: Duration) {
        self.travel(self.now().saturating_add(by).unwrap_or(Timestamp::MAX)).await;
    }

    fn with_pace(pace: Pace) -> Self {
        Self { pace: Arc::new(watch::Sender::new(pace)), board: Arc::default() }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

/// The subscriber holds no sender, but `sleep_until` borrows the clock for its whole life, so the sender outlives it.
async fn wait_for_change(changes: &mut watch::Receiver<Pace>) {
    changes.changed().await.expect("the clock outlives its timers");
}

fn read(pace: Pace) -> Timestamp {
    match pace {
        Pace::Running { offset } => system_now().saturating_add(offset).unwrap_or(Timestamp::MAX),
        Pace::Frozen { at } => at,
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where a clock reads the system's time")]
fn system_now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn a_timer_on_a_frozen_clock_fires_when_the_clock_is_advanced() {
        let clock = Clock::frozen_at(at("2026-01-01T00:00:00Z"));
        let sleeper = tokio_test_sleep(&clock, Duration::from_hours(1));
        clock.advance(Duration::from_secs(3_599));
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
    }

    #[tokio::test]
    async fn a_timer_fires_when_the_clock_is_set_past_it() {
        let clock = Clock::system();
        let sleeper = tokio_test_sleep(&clock, Duration::from_hours(24));
        clock.set(clock.now() + SignedDuration::from_hours(25));
        sleeper.await.unwrap();
    }

    #[test]
    fn a_frozen_clock_resumes_from_where_it_stands() {
        let clock = Clock::frozen_at(at("2000-01-01T00:00:00Z"));
        clock.resume();
        assert!(clock.now() >= at("2000-01-01T00:00:00Z"));
        assert!(clock.now() < at("2000-01-01T01:00:00Z"));
    }

    #[test]
    fn time_stops_at_its_end_instead_of_overflowing() {
        let clock = Clock::frozen_at(at("2026-01-01T00:00:00Z"));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    fn tokio_test_sleep(clock: &Clock, duration: Duration) -> tokio::task::JoinHandle<()> {
        let clock = clock.clone();
        let deadline = clock.now().saturating_add(duration).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the test owns the task and awaits it")]
        tokio::spawn(async move { clock.sleep_until(deadline).await })
    }
}
