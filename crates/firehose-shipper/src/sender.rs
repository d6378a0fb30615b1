//! The program's side: records are shaped and handed to the queue.

use std::{sync::Arc, time::Duration};

use serde::Serialize;

use crate::{
    clock::Clock,
    counts::{Counts, Report},
    error::SendError,
    health::Health,
    hooks::Hooks,
    outlet::Outlet,
    queue::{Queue, Refused},
    quiet,
    record::Reason,
    settings::{Shape, WhenTooLarge},
    truncate::truncate,
    waiting,
};

/// Hands records to a [`Shipper`](crate::Shipper). Clones hand to the same one, from any thread.
///
/// Sending never touches the network. It copies the record into the queue, and waits only when the queue is full and
/// [`WhenFull::Block`](crate::WhenFull) was chosen.
#[derive(Clone, Debug)]
pub struct Sender {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) queue: Arc<Queue>,
    pub(crate) outlet: Arc<Outlet>,
    pub(crate) hooks: Arc<Hooks>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) shape: Shape,
}

/// Why a record was not accepted, and the record when it had its shape.
type Unaccepted = (SendError, Option<Box<[u8]>>);

impl Sender {
    /// Queues a record of any bytes, and answers its sequence number: records are numbered from 0 in the order in which
    /// they are accepted, and [`Builder::on_settled`](crate::Builder::on_settled) tells what becomes of each.
    ///
    /// It gets a newline at its end, unless it has one or [`Shape::newline`] is off.
    ///
    /// # Errors
    /// - [`SendError::TooLarge`]: it is over the limit, and is not to be truncated.
    /// - [`SendError::QueueFull`]: there was no room, for as long as the caller was to wait.
    /// - [`SendError::Closed`]: the shipper has been shut down.
    pub fn send(&self, record: impl AsRef<[u8]>) -> Result<u64, SendError> {
        self.push(record.as_ref()).map_err(|(error, _)| error)
    }

    /// Queues a value as one line of JSON.
    ///
    /// # Errors
    /// As [`Sender::send`], and [`SendError::Json`] when the value cannot be written, which counts nothing.
    pub fn send_json(&self, value: &impl Serialize) -> Result<u64, SendError> {
        self.send(serde_json::to_vec(value)?)
    }

    /// Queues a line of the layer or the logger. What comes after the shutdown goes to the fallback.
    #[cfg(any(feature = "tracing", feature = "log"))]
    pub(crate) fn send_line(&self, line: &[u8]) {
        if let Err((SendError::Closed, Some(data))) = self.push(line) {
            let written = self.inner.outlet.write(std::iter::once(data.as_ref()));
            self.inner.queue.count(|counts| counts.fallen_back += written as u64);
        }
    }

    fn push(&self, record: &[u8]) -> Result<u64, Unaccepted> {
        let Inner { queue, hooks, .. } = &*self.inner;
        let data = match self.shaped(record) {
            Ok(data) => data,
            Err(error) => {
                queue.refuse(Reason::TooLarge);
                hooks.tell_lost(Reason::TooLarge, &[record]);
                return Err((error, None));
            }
        };
        queue.push(data).map_err(|Refused { reason, data }| {
            hooks.tell_lost(reason, &[&data]);
            let error = if reason == Reason::Closed { SendError::Closed } else { SendError::QueueFull };
            (error, Some(data))
        })
    }

    /// The record with its newline, at no more than the limit.
    fn shaped(&self, record: &[u8]) -> Result<Box<[u8]>, SendError> {
        let shape = &self.inner.shape;
        let newline: &[u8] = if shape.newline && !record.ends_with(b"\n") { b"\n" } else { b"" };
        let bytes = record.len() + newline.len();
        if bytes <= shape.max_bytes {
            let mut data = Vec::with_capacity(bytes);
            data.extend_from_slice(record);
            data.extend_from_slice(newline);
            return Ok(data.into_boxed_slice());
        }
        if shape.when_too_large == WhenTooLarge::Refuse {
            return Err(SendError::TooLarge { bytes, limit: shape.max_bytes });
        }
        let end = usize::from(shape.newline);
        let mut data = truncate(record.trim_ascii_end(), shape.max_bytes - end);
        data.resize(data.len() + end, b'\n');
        self.inner.queue.count(|counts| counts.truncated += 1);
        Ok(data.into_boxed_slice())
    }

    /// Waits until all records that were sent before have reached their end, or for `patience`. The report says what is
    /// left.
    ///
    /// This blocks the thread, and can be called on any, within a runtime or without one. On the shipper's own thread,
    /// which is to say in a callback, it does not wait.
    pub fn flush(&self, patience: Duration) -> Report {
        if quiet::is_own_thread() {
            return self.inner.queue.report();
        }
        waiting::block_on(self.flush_async(patience))
    }

    /// As [`Sender::flush`], without blocking the thread. It can be awaited on any runtime.
    pub async fn flush_async(&self, patience: Duration) -> Report {
        let Inner { queue, clock, .. } = &*self.inner;
        let report = queue.flush(clock.elapsed().saturating_add(patience));
        // Without a worker there is no answer, and nothing will change.
        report.await.unwrap_or_else(|_| queue.report())
    }

    /// What became of the records so far.
    pub fn counts(&self) -> Counts {
        self.inner.queue.counts()
    }

    /// How the shipper is, for a health check.
    pub fn health(&self) -> Health {
        let (held, condition) = self.inner.queue.health();
        Health { condition, queued_records: held.records, queued_bytes: held.bytes, counts: self.counts() }
    }

    /// All records with a lower sequence number have reached their end: they were sent, or were counted as unsent or
    /// saved. Whoever reads records from a file can note the place of this one as the place to go on from.
    pub fn settled_below(&self) -> u64 {
        self.inner.queue.settled_below()
    }
}
