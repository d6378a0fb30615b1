//! Where nothing is to be shipped that is logged: on the shipper's own threads, and in callbacks of the program.
//!
//! The SDK and the HTTP client log what they do. If that were shipped, it would make them log more, without an end.

use std::cell::Cell;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static OURS: Cell<bool> = const { Cell::new(false) };
}

/// Whether what this thread logs now is to be passed over.
#[cfg(any(feature = "tracing", feature = "log"))]
pub(crate) fn is_quiet() -> bool {
    // A thread that is ending has no such variable any more, and what it logs then is not ours.
    QUIET.try_with(Cell::get).unwrap_or(false)
}

/// Whether this is one of the shipper's own threads, which must never wait for the shipper.
pub(crate) fn is_own_thread() -> bool {
    OURS.try_with(Cell::get).unwrap_or(false)
}

/// Makes this thread one of the shipper's own.
pub(crate) fn own_this_thread() {
    QUIET.set(true);
    OURS.set(true);
}

/// Does something, and nothing of what it logs is shipped.
pub(crate) fn within<T>(work: impl FnOnce() -> T) -> T {
    let before = QUIET.replace(true);
    let done = work();
    QUIET.set(before);
    done
}
