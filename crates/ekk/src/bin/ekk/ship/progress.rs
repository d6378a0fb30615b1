//! What a person sees while records are shipped: one line that changes on a terminal, else a line now and then.

use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use firehose_shipper::Health;

/// Goes to the beginning of a terminal's line and clears it.
const CLEAR: &str = "\r\x1b[K";

/// The lines on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    is_quiet: bool,
    is_terminal: bool,
    interval: Duration,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    at: Duration,
    sent: u64,
    /// A terminal's line is to be cleared before anything else is written.
    is_open: bool,
}

impl Progress {
    pub(super) fn new(is_quiet: bool, interval: Duration) -> Self {
        Self { is_quiet, is_terminal: io::stderr().is_terminal(), interval, shown: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows how it goes, if it is time.
    pub(super) fn show(&self, health: &Health, now: Duration) {
        let mut shown = self.lock();
        let since = now.saturating_sub(shown.at);
        let interval = if self.is_terminal { Duration::from_millis(500) } else { self.interval };
        if self.is_quiet || since < interval || health.counts.offered == 0 {
            return;
        }
        let sent = health.counts.sent;
        if !self.is_terminal && sent == shown.sent && health.is_well() {
            return;
        }
        let line = line(health, sent - shown.sent, since);
        let text = if self.is_terminal { format!("{CLEAR}{line}") } else { format!("{line}\n") };
        write(&text);
        *shown = Shown { at: now, sent, is_open: self.is_terminal };
    }

    /// Tells a person something, also one who wants no progress.
    pub(super) fn say(&self, text: &str) {
        self.clear();
        write(&format!("ekk ship: {text}\n"));
    }

    /// Clears the line that changes.
    pub(super) fn clear(&self) {
        if std::mem::take(&mut self.lock().is_open) {
            write(CLEAR);
        }
    }
}

fn line(health: &Health, newly_sent: u64, since: Duration) -> String {
    let sent = health.counts.sent;
    #[expect(clippy::cast_precision_loss, reason = "a rate is shown to a person")]
    let rate = newly_sent as f64 / since.as_secs_f64().max(0.001);
    let megabytes = health.counts.sent_bytes / 1_000_000;
    let lost = match health.counts.unsent.total() {
        0 => String::new(),
        records => format!(", {records} not sent"),
    };
    let trouble = if health.is_well() { "" } else { ", in trouble" };
    let waiting = health.queued_records;
    format!("ekk ship: {sent} sent ({megabytes} MB), {rate:.0}/s, {waiting} waiting{lost}{trouble}")
}

fn write(text: &str) {
    let mut out = io::stderr().lock();
    // There is nobody else to be told that standard error is closed.
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).unwrap_or_default();
}
