//! When a buffer is flushed: at its size, at its age, or when somebody asks, whichever comes first.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/buffering-hints.html>

use jiff::Timestamp;

use crate::spec::BufferingHints;

/// What waits in a buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// Bytes of the waiting records.
    pub(crate) bytes: u64,
    /// When the first of them arrived; none when nothing waits.
    pub(crate) oldest: Option<Timestamp>,
    /// Whether somebody asked for the first of them to be flushed.
    pub(crate) asked: bool,
}

/// What to do with a buffer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing waits.
    Rest,
    /// It is neither full nor old: look again then, or when records come.
    WaitUntil(Timestamp),
    /// Deliver a batch.
    Flush,
}

/// Decides what to do at `now`. Exactly the size and exactly the interval flush.
pub(crate) fn decide(waiting: Waiting, hints: BufferingHints, now: Timestamp) -> Decision {
    let Some(oldest) = waiting.oldest else { return Decision::Rest };
    let due = oldest.saturating_add(hints.interval).unwrap_or(Timestamp::MAX);
    if waiting.asked || waiting.bytes >= hints.size_bytes || now >= due {
        Decision::Flush
    } else {
        Decision::WaitUntil(due)
    }
}

/// How many of the waiting records make the next batch: as many as are within `size_bytes`, and at least one.
pub(crate) fn batch_length(record_bytes: impl Iterator<Item = u64>, size_bytes: u64) -> usize {
    let mut total = 0u64;
    let fitting = record_bytes
        .take_while(|bytes| {
            total = total.saturating_add(*bytes);
            total <= size_bytes
        })
        .count();
    fitting.max(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HINTS: BufferingHints = BufferingHints { size_bytes: 1000, interval: Duration::from_mins(1) };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_buffer_is_flushed_at_its_size_or_its_age_or_on_request() {
        let oldest = Some(at("2026-01-01T00:00:00Z"));
        let due = at("2026-01-01T00:01:00Z");
        for (name, waiting, now, expected) in [
            ("empty", Waiting { bytes: 0, oldest: None, asked: false }, due, Decision::Rest),
            ("empty and asked", Waiting { bytes: 0, oldest: None, asked: true }, due, Decision::Rest),
            (
                "young and small",
                Waiting { bytes: 999, oldest, asked: false },
                at("2026-01-01T00:00:59.999Z"),
                Decision::WaitUntil(due),
            ),
            ("full", Waiting { bytes: 1000, oldest, asked: false }, at("2026-01-01T00:00:00Z"), Decision::Flush),
            ("old", Waiting { bytes: 1, oldest, asked: false }, due, Decision::Flush),
            ("asked", Waiting { bytes: 1, oldest, asked: true }, at("2026-01-01T00:00:00Z"), Decision::Flush),
            ("one empty record, old", Waiting { bytes: 0, oldest, asked: false }, due, Decision::Flush),
            (
                "clock set back",
                Waiting { bytes: 1, oldest, asked: false },
                at("2025-01-01T00:00:00Z"),
                Decision::WaitUntil(due),
            ),
        ] {
            assert_eq!(decide(waiting, HINTS, now), expected, "{name}");
        }
    }

    #[test]
    fn an_interval_of_zero_flushes_at_once() {
        let now = at("2026-01-01T00:00:00Z");
        let hints = BufferingHints { interval: Duration::ZERO, ..HINTS };
        assert_eq!(decide(Waiting { bytes: 1, oldest: Some(now), asked: false }, hints, now), Decision::Flush);
    }

    #[test]
    fn a_batch_is_never_over_its_size_unless_one_record_is() {
        for (records, expected) in [
            (&[400u64, 600, 1][..], 2),
            (&[400, 601][..], 1),
            (&[2000, 1][..], 1),
            (&[0, 0, 0][..], 3),
            (&[1000][..], 1),
        ] {
            assert_eq!(batch_length(records.iter().copied(), 1000), expected, "{records:?}");
        }
    }
}
