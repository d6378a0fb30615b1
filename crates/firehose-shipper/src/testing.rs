//! For tests of programs that ship: a clock that a test moves, and a transport that keeps what it is given.

use std::{
    future::Future,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::sync::watch;

use crate::{
    clock::Clock,
    transport::{Entry, PutError, PutFuture, Transport},
};

/// A clock that stands still until it is moved. It begins at 1970-01-01T00:00:00Z.
#[derive(Debug)]
pub struct ManualClock {
    elapsed: watch::Sender<Duration>,
}

impl ManualClock {
    /// A clock that has not been moved.
    pub fn new() -> Self {
        Self { elapsed: watch::Sender::new(Duration::ZERO) }
    }

    /// Moves the time forward. Whoever has waited for long enough is woken.
    pub fn advance(&self, by: Duration) {
        self.elapsed.send_modify(|elapsed| *elapsed += by);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn elapsed(&self) -> Duration {
        *self.elapsed.borrow()
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.elapsed()
    }

    fn sleep_until(&self, moment: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut elapsed = self.elapsed.subscribe();
        Box::pin(async move {
            // The sender lives as long as the clock, so the wait ends by the time alone.
            elapsed.wait_for(|elapsed| *elapsed >= moment).await.ok();
        })
    }
}

type Answer = dyn Fn(usize, &[&[u8]]) -> Result<Vec<Entry>, PutError> + Send + Sync;

/// Takes all records and keeps them, in the order of the calls.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use firehose_shipper::{Shipper, testing::RecordingTransport};
///
/// let transport = Arc::new(RecordingTransport::new());
/// let shipper = Shipper::builder_to(transport.clone()).start()?;
/// shipper.send_json(&"hello")?;
/// shipper.shutdown(Duration::from_secs(5));
/// assert_eq!(transport.lines(), ["\"hello\"\n"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RecordingTransport {
    calls: Mutex<Vec<Vec<Vec<u8>>>>,
    answer: Box<Answer>,
}

impl RecordingTransport {
    /// A transport that takes everything.
    pub fn new() -> Self {
        Self::answering(|_, records| Ok(vec![Entry::Taken; records.len()]))
    }

    /// A transport that answers so: the closure gets the number of the call, from 0, and its records.
    pub fn answering(answer: impl Fn(usize, &[&[u8]]) -> Result<Vec<Entry>, PutError> + Send + Sync + 'static) -> Self {
        Self { calls: Mutex::default(), answer: Box::new(answer) }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<Vec<u8>>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records of each call, those that were not taken included.
    pub fn calls(&self) -> Vec<Vec<Vec<u8>>> {
        self.lock().clone()
    }

    /// All records as text, in the order of the calls.
    pub fn lines(&self) -> Vec<String> {
        self.lock().iter().flatten().map(|record| String::from_utf8_lossy(record).into_owned()).collect()
    }
}

impl Default for RecordingTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for RecordingTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordingTransport").field("calls", &self.lock().len()).finish_non_exhaustive()
    }
}

impl Transport for RecordingTransport {
    fn put<'a>(&'a self, records: &'a [&'a [u8]]) -> PutFuture<'a> {
        let mut calls = self.lock();
        let number = calls.len();
        calls.push(records.iter().map(|record| record.to_vec()).collect());
        drop(calls);
        let answer = (self.answer)(number, records);
        Box::pin(async { answer })
    }

    fn destination(&self) -> String {
        "a recording".to_owned()
    }
}
