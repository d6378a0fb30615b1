//! Ends the process gracefully when it is told to end, for programs that leave that to the shipper.

use std::{
    io, process,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tokio::runtime;

use crate::{health::Condition, quiet, sender::Sender};

/// Whether a thread waits for signals.
static WAITING: Mutex<bool> = Mutex::new(false);

/// The shippers of this process that are to be done before it exits, each with its patience.
static SHIPPERS: Mutex<Vec<(Sender, Duration)>> = Mutex::new(Vec::new());

fn shippers() -> MutexGuard<'static, Vec<(Sender, Duration)>> {
    SHIPPERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the process exit on a signal once this shipper is done, and the others that asked for it.
///
/// What waits for the signal is a thread of its own, which lives as long as the process: once a signal is handled, the
/// system does not end the process by itself any more, even when all shippers have been shut down.
pub(crate) fn exit_on_signals(sender: Sender, patience: Duration) -> io::Result<()> {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    if !*waiting {
        start_waiting()?;
        *waiting = true;
    }
    let mut shippers = shippers();
    shippers.retain(|(sender, _)| !is_closed(sender));
    shippers.push((sender, patience));
    Ok(())
}

fn start_waiting() -> io::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let mut signals = runtime.block_on(async { Signals::listen() })?;
    let wait = move || {
        quiet::own_this_thread();
        let status = runtime.block_on(signals.status());
        let ending = thread::Builder::new().name("firehose-shipper-end".into()).spawn(move || {
            end_all();
            exit(status);
        });
        // Whoever sends a second signal does not want to wait any more.
        if ending.is_ok() {
            runtime.block_on(signals.status());
        }
        exit(status);
    };
    thread::Builder::new().name("firehose-shipper-signals".into()).spawn(wait).map(drop)
}

fn is_closed(sender: &Sender) -> bool {
    sender.inner.queue.health().1 == Condition::Closed
}

/// Sends what is queued, all at the same time, and says so if something was not.
fn end_all() {
    let shippers: Vec<_> = shippers().iter().filter(|(sender, _)| !is_closed(sender)).cloned().collect();
    let mut ending = Vec::new();
    for (sender, patience) in shippers {
        let inner = &sender.inner;
        let deadline = inner.clock.elapsed().saturating_add(patience);
        // The flush is answered by the end of the worker, which is at the deadline at the latest.
        let done = inner.queue.flush(Duration::MAX);
        inner.queue.close(deadline);
        ending.push((sender, done));
    }
    for (sender, done) in ending {
        let report = crate::waiting::block_on(done).unwrap_or_else(|_| sender.inner.queue.report());
        if !report.all_sent() {
            sender.inner.outlet.notice(&report.to_string());
        }
    }
}

#[expect(clippy::exit, reason = "the program has asked for it, and the signal would have ended it at once")]
fn exit(status: i32) {
    process::exit(status);
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The exit status that a shell shows for the signal that comes first.
    async fn status(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => 143,
            _ = self.interrupt.recv() => 130,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// The exit status for Ctrl-C, which is all there is here.
    async fn status(&mut self) -> i32 {
        // Where it cannot be listened for, it ends the process by itself.
        match tokio::signal::ctrl_c().await {
            Ok(()) => 130,
            Err(_) => std::future::pending().await,
        }
    }
}
