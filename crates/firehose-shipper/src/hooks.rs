//! What the program wants to be told, and that being told never ends in a circle or takes the shipper down.

use std::{
    cell::Cell,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    counts::Counts,
    quiet,
    record::{Outcome, Reason},
};

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// The number that [`Sender::send`](crate::Sender::send) answered.
    pub sequence: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// It was written to the fallback. Never when it was sent, and not always when it was not: see [`Reason`].
    pub in_fallback: bool,
}

/// Records that Firehose has not got.
#[derive(Debug)]
#[non_exhaustive]
pub struct Lost<'a> {
    /// Why.
    pub reason: Reason,
    /// The records as they would have been sent, most with a newline.
    pub records: &'a [&'a [u8]],
}

type OnSettled = Box<dyn Fn(&[Settled]) + Send + Sync>;
type OnLost = Box<dyn Fn(&Lost<'_>) + Send + Sync>;
type OnCounts = Box<dyn Fn(Counts) + Send + Sync>;
type OnNotice = Box<dyn Fn(&str) + Send + Sync>;

/// The callbacks.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) settled: Option<OnSettled>,
    pub(crate) lost: Option<OnLost>,
    pub(crate) counts: Option<OnCounts>,
    pub(crate) notice: Option<OnNotice>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

impl Hooks {
    pub(crate) fn tell_settled(&self, settled: &[Settled]) {
        if let Some(hook) = &self.settled
            && !settled.is_empty()
            && !is_calling()
        {
            call(|| hook(settled));
        }
    }

    pub(crate) fn tell_lost(&self, reason: Reason, records: &[&[u8]]) {
        if let Some(hook) = &self.lost
            && !records.is_empty()
            && !is_calling()
        {
            call(|| hook(&Lost { reason, records }));
        }
    }

    pub(crate) fn tell_counts(&self, counts: Counts) {
        if let Some(hook) = &self.counts {
            call(|| hook(counts));
        }
    }

    /// Answers whether somebody wants to be told instead of standard error.
    pub(crate) fn tell_notice(&self, text: &str) -> bool {
        if let Some(hook) = &self.notice {
            call(|| hook(text));
        }
        self.notice.is_some()
    }
}

thread_local! {
    static CALLING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in a callback. What that sends, and what has to make room for it, is told to none: a callback that
/// sends a record for each that is lost would call itself without an end.
fn is_calling() -> bool {
    CALLING.try_with(Cell::get).unwrap_or(false)
}

/// Calls the program's code. What it logs is not shipped, and when it panics, the shipper goes on.
fn call(hook: impl FnOnce()) {
    quiet::within(|| {
        let before = CALLING.replace(true);
        // The panic hook has told of it.
        catch_unwind(AssertUnwindSafe(hook)).ok();
        CALLING.set(before);
    });
}
