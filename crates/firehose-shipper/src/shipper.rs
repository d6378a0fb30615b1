//! The shipper as its owner has it: a guard that sends what is left when it goes.

use std::{panic, sync::Arc, thread::JoinHandle, time::Duration};

use aws_sdk_firehose::Client;
use serde::Serialize;

use crate::{
    builder::Builder,
    counts::{Counts, Report},
    error::SendError,
    health::Health,
    quiet,
    sender::Sender,
    transport::Transport,
};

/// Ships records to one stream, on a thread of its own, with a runtime of its own.
///
/// It is a guard: keep it for as long as the program logs. [`Shipper::shutdown`] sends what is left and says what became
/// of all records; dropping it does the same, with the patience of [`Builder::drop_patience`], also when a panic unwinds.
/// `std::process::exit` drops nothing, so call `shutdown` before it.
#[derive(Debug)]
pub struct Shipper {
    sender: Sender,
    /// Until it was waited for.
    thread: Option<JoinHandle<()>>,
    drop_patience: Duration,
}

impl Shipper {
    /// A shipper to the stream of this name, by this client, which brings region, endpoint, credentials and TLS.
    ///
    /// Give it a client of its own: connections that other code made belong to that code's runtime, and what the SDK logs
    /// about them would be shipped.
    pub fn builder(client: Client, stream: impl Into<String>) -> Builder {
        Builder::to_stream(client, stream.into())
    }

    /// A shipper to anything else, such as [`testing::RecordingTransport`](crate::testing::RecordingTransport).
    pub fn builder_to(transport: Arc<dyn Transport>) -> Builder {
        Builder::to_transport(transport)
    }

    pub(crate) fn new(sender: Sender, thread: JoinHandle<()>, drop_patience: Duration) -> Self {
        Self { sender, thread: Some(thread), drop_patience }
    }

    /// What other parts of the program send by. It does not keep the shipper alive.
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// A layer for `tracing-subscriber` that ships events as JSON.
    #[cfg(feature = "tracing")]
    pub fn layer(&self) -> crate::FirehoseLayer {
        crate::FirehoseLayer::new(self.sender())
    }

    /// A logger for the `log` crate that ships records as JSON.
    #[cfg(feature = "log")]
    pub fn logger(&self) -> crate::FirehoseLogger {
        crate::FirehoseLogger::new(self.sender())
    }

    /// [`Sender::send`].
    ///
    /// # Errors
    /// Those of [`Sender::send`].
    pub fn send(&self, record: impl AsRef<[u8]>) -> Result<u64, SendError> {
        self.sender.send(record)
    }

    /// [`Sender::send_json`].
    ///
    /// # Errors
    /// Those of [`Sender::send_json`].
    pub fn send_json(&self, value: &impl Serialize) -> Result<u64, SendError> {
        self.sender.send_json(value)
    }

    /// [`Sender::flush`].
    pub fn flush(&self, patience: Duration) -> Report {
        self.sender.flush(patience)
    }

    /// [`Sender::flush_async`].
    pub async fn flush_async(&self, patience: Duration) -> Report {
        self.sender.flush_async(patience).await
    }

    /// [`Sender::counts`].
    pub fn counts(&self) -> Counts {
        self.sender.counts()
    }

    /// [`Sender::health`].
    pub fn health(&self) -> Health {
        self.sender.health()
    }

    /// Flushes in every panic, on the thread that panics and after the hook that is there: for programs that abort on a
    /// panic, where nothing is dropped, and for threads whose panic the program survives.
    pub fn flush_on_panic(&self, patience: Duration) {
        let sender = self.sender();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            before(info);
            sender.flush(patience);
        }));
    }

    /// Takes no more records, sends what is queued for as long as `patience`, and ends the thread. What is left then is
    /// saved to the spill folder, or else goes to the fallback.
    pub fn shutdown(mut self, patience: Duration) -> Report {
        self.end(patience)
    }

    fn end(&mut self, patience: Duration) -> Report {
        let inner = &self.sender.inner;
        inner.queue.close(inner.clock.elapsed().saturating_add(patience));
        if let Some(thread) = self.thread.take()
            && !quiet::is_own_thread()
        {
            // If it panicked, the panic hook has told of it, and the report says what is left.
            thread.join().ok();
        }
        inner.queue.report()
    }
}

impl Drop for Shipper {
    fn drop(&mut self) {
        if self.thread.is_none() {
            return;
        }
        let report = self.end(self.drop_patience);
        if !report.all_sent() {
            self.sender.inner.outlet.notice(&report.to_string());
        }
    }
}
