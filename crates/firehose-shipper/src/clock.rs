//! Where a shipper takes its time from. Nothing else in this crate asks the system for it.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    time::{Duration, Instant, SystemTime},
};

/// A source of time. A program has no need of another than [`SystemClock`]; a test may want one that it moves.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time since some moment that stays the same. It never goes back.
    fn elapsed(&self) -> Duration;

    /// The date and time of day.
    fn now(&self) -> SystemTime;

    /// Waits until [`Clock::elapsed`] answers `moment` or more. It is polled on a tokio runtime.
    fn sleep_until(&self, moment: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The system's time.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose [`Clock::elapsed`] counts from now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the system for the time")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep_until(&self, moment: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // A moment too far away to be told is as good as an hour: whoever waits looks again.
        let far = || self.start + self.elapsed() + Duration::from_hours(1);
        let deadline = self.start.checked_add(moment).unwrap_or_else(far);
        Box::pin(tokio::time::sleep_until(deadline.into()))
    }
}
