//! Puts a shipper together.

use std::{sync::Arc, thread, time::Duration};

use aws_sdk_firehose::Client;
use tokio::runtime;

use crate::{
    clock::{Clock, SystemClock},
    counts::Counts,
    error::StartError,
    hooks::{Hooks, Lost, Settled},
    limits::STREAM_NAME_LETTERS,
    outlet::Outlet,
    queue::Queue,
    quiet,
    record::Reason,
    sender::{Inner, Sender},
    settings::{Batch, Fallback, Queue as QueueSettings, Retry, Settings, Shape, WhenFull},
    shipper::Shipper,
    signals,
    spill::Spill,
    transport::{Transport, firehose::FirehoseTransport},
    worker::{Surroundings, Worker},
};

/// What there is to choose about a [`Shipper`]. Everything has a default.
#[derive(Debug)]
pub struct Builder {
    to: To,
    settings: Settings,
    fallback: Fallback,
    clock: Arc<dyn Clock>,
    jitter_seed: Option<u64>,
    hooks: Hooks,
    drop_patience: Duration,
    signal_patience: Option<Duration>,
}

#[derive(Debug)]
enum To {
    Stream { client: Box<Client>, name: String },
    Transport(Arc<dyn Transport>),
}

impl Builder {
    pub(crate) fn to_stream(client: Client, name: String) -> Self {
        Self::new(To::Stream { client: Box::new(client), name })
    }

    pub(crate) fn to_transport(transport: Arc<dyn Transport>) -> Self {
        Self::new(To::Transport(transport))
    }

    fn new(to: To) -> Self {
        Self {
            to,
            settings: Settings::default(),
            fallback: Fallback::Stderr,
            clock: Arc::new(SystemClock::new()),
            jitter_seed: None,
            hooks: Hooks::default(),
            drop_patience: Duration::from_secs(5),
            signal_patience: None,
        }
    }

    /// How records are put together into calls.
    #[must_use]
    pub fn batch(mut self, batch: Batch) -> Self {
        self.settings.batch = batch;
        self
    }

    /// How much is held, and what happens beyond.
    #[must_use]
    pub fn queue(mut self, queue: QueueSettings) -> Self {
        self.settings.queue = queue;
        self
    }

    /// How records that were not taken are sent again.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.settings.retry = retry;
        self
    }

    /// What a record is made to be.
    #[must_use]
    pub fn shape(mut self, shape: Shape) -> Self {
        self.settings.shape = shape;
        self
    }

    /// Where records go that cannot reach Firehose. To standard error by default.
    #[must_use]
    pub fn fallback(mut self, fallback: Fallback) -> Self {
        self.fallback = fallback;
        self
    }

    /// How long a shipper that is dropped, as at the end of `main` or in a panic, may take to send what is left. 5 s by
    /// default.
    #[must_use]
    pub fn drop_patience(mut self, patience: Duration) -> Self {
        self.drop_patience = patience;
        self
    }

    /// Ends the process gracefully on SIGTERM (and Ctrl-C): what is queued is sent, for as long as `patience`, and the
    /// process exits with the status that a shell shows for the signal (143, 130). A second signal exits at once. Choose it for
    /// a program that does not handle signals itself, for each of its shippers: the process exits when all of these are done.
    /// A program that handles signals calls [`Shipper::shutdown`].
    #[must_use]
    pub fn exit_on_signals(mut self, patience: Duration) -> Self {
        self.signal_patience = Some(patience);
        self
    }

    /// Is told what became of records, each exactly once: the acknowledgement for those who keep the place that they
    /// have read up to. Called on the shipper's thread, or on the one that sends for a record that has to make room.
    ///
    /// What a callback logs is not shipped, and on the shipper's thread `tracing` is off. What it sends is shipped; when
    /// that finds no room, or takes that of another record, it is counted and not told. A callback that panics is told by
    /// the panic hook alone.
    #[must_use]
    pub fn on_settled(mut self, hook: impl Fn(&[Settled]) + Send + Sync + 'static) -> Self {
        self.hooks.settled = Some(Box::new(hook));
        self
    }

    /// Is told of records that Firehose has not got, with the records. Called as [`Builder::on_settled`] is, or on the
    /// thread that sends for a record that is not accepted.
    #[must_use]
    pub fn on_lost(mut self, hook: impl Fn(&Lost<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.lost = Some(Box::new(hook));
        self
    }

    /// Is told the counts whenever they have changed and the shipper's thread has something to do.
    #[must_use]
    pub fn on_counts(mut self, hook: impl Fn(Counts) + Send + Sync + 'static) -> Self {
        self.hooks.counts = Some(Box::new(hook));
        self
    }

    /// Is told the few messages for a person, which go to standard error otherwise: that the stream cannot be used, that
    /// it can again, that records are dropped.
    #[must_use]
    pub fn on_notice(mut self, hook: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.hooks.notice = Some(Box::new(hook));
        self
    }

    /// Takes the time from this clock. For tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the jitter of all pauses repeatable. For tests.
    #[must_use]
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter_seed = Some(seed);
        self
    }

    /// Starts the shipper's thread. Nothing is sent yet, so a stream that does not exist is found later.
    ///
    /// # Errors
    /// - [`StartError::OutOfRange`], [`StartError::StreamName`]: a setting could never work.
    /// - [`StartError::Spill`]: the folder cannot be made, read, or locked.
    /// - [`StartError::Thread`]: the system gives no thread.
    pub fn start(self) -> Result<Shipper, StartError> {
        self.settings.check()?;
        let transport = match self.to {
            To::Transport(transport) => transport,
            To::Stream { client, name } => {
                check_stream_name(&name)?;
                Arc::new(FirehoseTransport::new(&client, name))
            }
        };
        let hooks = Arc::new(self.hooks);
        let queue = Arc::new(Queue::new(self.settings.clone(), Arc::clone(&hooks), open_spill(&self.settings)?));
        let outlet = Arc::new(Outlet::new(self.fallback, Arc::clone(&hooks)));
        let shape = self.settings.shape.clone();
        let outside = Surroundings {
            settings: self.settings,
            queue: Arc::clone(&queue),
            #[cfg(feature = "metrics")]
            meter: Arc::new(crate::meter::Meter::new(transport.destination())),
            transport,
            clock: Arc::clone(&self.clock),
            hooks: Arc::clone(&hooks),
            outlet: Arc::clone(&outlet),
        };
        let thread = start_thread(outside, self.jitter_seed).map_err(StartError::Thread)?;
        let sender = Sender { inner: Arc::new(Inner { queue, outlet, hooks, clock: self.clock, shape }) };
        if let Some(patience) = self.signal_patience {
            signals::exit_on_signals(sender.clone(), patience).map_err(StartError::Thread)?;
        }
        Ok(Shipper::new(sender, thread, self.drop_patience))
    }
}

/// The pattern of the API: `[a-zA-Z0-9_.-]+`, 1 to 64 letters.
fn check_stream_name(name: &str) -> Result<(), StartError> {
    let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || b"_.-".contains(&letter);
    let fits = (1..=STREAM_NAME_LETTERS).contains(&name.len()) && name.bytes().all(is_letter);
    if fits { Ok(()) } else { Err(StartError::StreamName { name: name.to_owned() }) }
}

fn open_spill(settings: &Settings) -> Result<Option<Spill>, StartError> {
    let WhenFull::Spill { folder, max_bytes } = &settings.queue.when_full else { return Ok(None) };
    let opened = Spill::open(folder, *max_bytes);
    opened.map(Some).map_err(|source| StartError::Spill { folder: folder.clone(), source })
}

fn start_thread(outside: Surroundings, seed: Option<u64>) -> std::io::Result<thread::JoinHandle<()>> {
    let runtime =
        runtime::Builder::new_current_thread().enable_all().on_thread_start(quiet::own_this_thread).build()?;
    let queue = LastOrder { queue: Arc::clone(&outside.queue), outlet: Arc::clone(&outside.outlet) };
    thread::Builder::new().name("firehose-shipper".into()).spawn(move || {
        quiet::own_this_thread();
        #[cfg(feature = "tracing")]
        let _silent = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::new());
        let queue = queue;
        runtime.block_on(Worker::new(outside, seed).run());
        // A name that is still being looked up must not hold the program back.
        runtime.shutdown_background();
        drop(queue);
    })
}

/// Makes sure that nobody waits for a thread that has ended, however it ended.
struct LastOrder {
    queue: Arc<Queue>,
    outlet: Arc<Outlet>,
}

impl Drop for LastOrder {
    fn drop(&mut self) {
        self.queue.close(Duration::ZERO);
        // There is something only when the thread has panicked. What it had in its hands is gone, and is reported as left.
        let left = self.queue.take_all();
        if !left.is_empty() {
            let written = self.outlet.write(left.iter().map(|record| record.data.as_ref()));
            self.queue.count(|counts| counts.fallen_back += written as u64);
            self.queue.settle_unsent(&left, Reason::Left, written == left.len());
        }
        self.queue.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_stream_can_have_is_refused() {
        let (longest, long) = ("x".repeat(64), "x".repeat(65));
        for (name, is_fine) in [
            ("app-logs_1.x", true),
            (longest.as_str(), true),
            ("", false),
            (long.as_str(), false),
            ("app logs", false),
            ("büro", false),
        ] {
            assert_eq!(check_stream_name(name).is_ok(), is_fine, "{name}");
        }
    }
}
