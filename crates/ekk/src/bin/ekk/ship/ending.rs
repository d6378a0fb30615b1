//! How a run ends: what ended it, what is saved, what a person is told, and the exit code.

use std::{
    fs,
    io::{self, Write as _},
    process::{self, ExitCode},
};

use firehose_shipper::Report;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::ship::reader::Finished;

/// Some input could not be read, or the offsets could not be saved.
const SOME_NOT_READ: u8 = 1;
/// The stream cannot be used.
const UNUSABLE: u8 = 3;
/// Something that was read has not been delivered.
const NOT_DELIVERED: u8 = 4;

/// The same, for people.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    all that was read has been delivered
  1    it could not begin, a file could not be read, or offsets could not be saved; the message says which
  2    the command line is wrong
  3    the stream cannot be used: no such stream, no credentials, access denied
  4    something that was read has not been delivered; the last line says how much, and why
  130, 143    a second signal came, and it was not waited for what was left";

/// What ended a run.
#[derive(Debug)]
pub(super) enum End {
    /// All was read and has reached its end.
    Read,
    /// SIGTERM, SIGINT or SIGHUP.
    Signal,
    /// The stream cannot be used, for this reason, and waiting is of no use.
    Unusable(String),
    /// The reader's thread panicked.
    Broken,
}

/// What tells a process to end.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Option<Signal>,
    interrupt: Option<Signal>,
    hangup: Option<Signal>,
    /// The exit status that a shell shows for the last that came.
    status: i32,
}

impl Signals {
    /// Listens for all but those that whoever started the process has it ignore, as `nohup` does.
    pub(super) fn listen() -> io::Result<Self> {
        let ignored = ignored_signals();
        let listen = |kind: SignalKind| {
            let is_ignored = ignored >> (kind.as_raw_value() - 1) & 1 == 1;
            if is_ignored { Ok(None) } else { signal(kind).map(Some) }
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
            status: 0,
        })
    }

    pub(super) async fn next(&mut self) {
        self.status = tokio::select! {
            () = received(&mut self.terminate) => 143,
            () = received(&mut self.interrupt) => 130,
            () = received(&mut self.hangup) => 129,
        };
    }

    /// Ends the process at once, because whoever sends a second signal does not want to wait.
    pub(super) fn exit(&self) -> ! {
        process::exit(self.status)
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => _ = signal.recv().await,
        None => std::future::pending().await,
    }
}

/// A bit for each signal that this process ignores, the first for signal 1; none where that cannot be told.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// Saves up to where files were delivered, `delivered` of the records, and says how it went.
pub(super) fn conclude(end: &End, report: &Report, finished: Option<Finished>, delivered: u64) -> ExitCode {
    let mut code = None;
    let mut lines = Vec::new();
    if let End::Unusable(reason) = end {
        lines.push(format!("the stream cannot be used: {reason}"));
        code = Some(UNUSABLE);
    }
    let is_left = report.left > 0 || report.counts.unsent.total() > 0 || report.counts.saved > 0;
    if is_left {
        code = code.or(Some(NOT_DELIVERED));
    }
    if let Some(mut finished) = finished {
        if let Err(error) = finished.save(delivered) {
            lines.push(format!("offsets cannot be saved, so the next run sends again what this one sent: {error}"));
            code = code.or(Some(SOME_NOT_READ));
        } else if is_left && finished.has_state() {
            lines.push("what was not delivered of the files is read again by the next run".to_owned());
        }
        if finished.late > 0 {
            lines.push(format!("{} records came too late to be sent, and are above", finished.late));
            code = code.or(Some(NOT_DELIVERED));
        }
        if finished.troubles > 0 {
            code = code.or(Some(SOME_NOT_READ));
        }
    } else {
        lines.push("the reader broke off, and what it had not read is not sent".to_owned());
        code = Some(SOME_NOT_READ);
    }
    lines.push(format!("{} read: {report}", report.counts.offered));
    let mut out = io::stderr().lock();
    for line in lines {
        // There is nobody else to be told that standard error is closed.
        writeln!(out, "ekk ship: {line}").unwrap_or_default();
    }
    code.map_or(ExitCode::SUCCESS, ExitCode::from)
}
