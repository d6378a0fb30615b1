//! What an answer means for the documents of a request, and when the next attempt is.
//!
//! AWS says that a request is retried when the cluster is unreachable or answers 429, 403 or 5xx, with exponential
//! back-off until the retry duration is over; it does not say which documents of an answered request are. Here:
//!
//! | status | a whole request | one document of it |
//! | --- | --- | --- |
//! | 2xx | taken | indexed |
//! | 401, 403, 408, 429, 5xx | retried | retried |
//! | 400, 413 | sent again in halves; alone, it fails | fails at once |
//! | any other, no answer, an answer that is none | retried | fails at once |
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/retry.html>

use std::time::Duration;

use jiff::Timestamp;

use crate::limits::{RETRY_BASE, RETRY_CAP};

/// What to do after a request that was answered with a status other than 2xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestVerdict {
    /// The trouble is the cluster's: try again later.
    Retry,
    /// The trouble is in what was sent: find the document.
    Halve,
}

/// What an answered bulk request means for one of its documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DocumentVerdict {
    /// The index has it.
    Indexed,
    /// Try again later.
    Retry,
    /// It would never be taken.
    Fail,
}

/// Judges a bulk request that was answered with `status`, which is none of 200..=299.
pub(crate) fn judge_request(status: u16) -> RequestVerdict {
    match status {
        400 | 413 => RequestVerdict::Halve,
        _ => RequestVerdict::Retry,
    }
}

/// Judges one document of an answered bulk request.
pub(crate) fn judge_document(status: u16) -> DocumentVerdict {
    match status {
        200..=299 => DocumentVerdict::Indexed,
        401 | 403 | 408 | 429 | 500..=599 => DocumentVerdict::Retry,
        _ => DocumentVerdict::Fail,
    }
}

/// The attempts at one request within its retry duration.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempts {
    /// When the first one began.
    pub(crate) since: Timestamp,
    /// How many were made.
    pub(crate) made: u32,
}

/// When the next attempt is, or none when the `retry_duration`, which includes the first attempt, is over.
///
/// The last attempt is made exactly at the end of the duration. `jitter` is in 0.0..1.0.
pub(crate) fn next_attempt(
    attempts: Attempts,
    retry_duration: Duration,
    now: Timestamp,
    jitter: f64,
) -> Option<Timestamp> {
    let end = attempts.since.saturating_add(retry_duration).unwrap_or(Timestamp::MAX);
    (now < end).then(|| now.saturating_add(pause(attempts.made, jitter)).unwrap_or(Timestamp::MAX).min(end))
}

/// The pause after the attempt number `made`: doubling from one second to a minute, of which `jitter` (0.0..1.0) takes up
/// to a half.
pub(crate) fn pause(made: u32, jitter: f64) -> Duration {
    let doublings = made.saturating_sub(1).min(16);
    let full = RETRY_BASE.saturating_mul(1 << doublings).min(RETRY_CAP);
    full.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn documents_are_retried_when_the_cluster_is_in_trouble_and_fail_when_they_are() {
        for (status, expected) in [
            (200, DocumentVerdict::Indexed),
            (201, DocumentVerdict::Indexed),
            (400, DocumentVerdict::Fail),
            (401, DocumentVerdict::Retry),
            (403, DocumentVerdict::Retry),
            (404, DocumentVerdict::Fail),
            (409, DocumentVerdict::Fail),
            (413, DocumentVerdict::Fail),
            (429, DocumentVerdict::Retry),
            (500, DocumentVerdict::Retry),
            (503, DocumentVerdict::Retry),
            (0, DocumentVerdict::Fail),
        ] {
            assert_eq!(judge_document(status), expected, "status {status}");
        }
    }

    #[test]
    fn requests_are_retried_unless_what_was_sent_is_at_fault() {
        for (status, expected) in [
            (302, RequestVerdict::Retry),
            (400, RequestVerdict::Halve),
            (403, RequestVerdict::Retry),
            (404, RequestVerdict::Retry),
            (413, RequestVerdict::Halve),
            (429, RequestVerdict::Retry),
            (503, RequestVerdict::Retry),
        ] {
            assert_eq!(judge_request(status), expected, "status {status}");
        }
    }

    #[test]
    fn pauses_double_up_to_a_minute() {
        for (made, seconds) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (u32::MAX, 60)] {
            assert_eq!(pause(made, 0.0), Duration::from_secs(seconds), "after attempt {made}");
        }
        assert_eq!(pause(3, 1.0), Duration::from_secs(2));
    }

    #[test]
    fn the_last_attempt_is_at_the_end_of_the_retry_duration() {
        let retry = Duration::from_secs(10);
        for (made, now, expected) in [
            (1, 100, Some(at(101))),
            (3, 103, Some(at(107))),
            (4, 107, Some(at(110))),
            (5, 110, None),
            (5, 200, None),
            (1, 90, Some(at(91))),
        ] {
            let attempts = Attempts { since: at(100), made };
            assert_eq!(next_attempt(attempts, retry, at(now), 0.0), expected, "attempt {made} ended at {now}");
        }
    }

    #[test]
    fn a_retry_duration_of_zero_means_no_retry() {
        assert_eq!(next_attempt(Attempts { since: at(100), made: 1 }, Duration::ZERO, at(100), 0.0), None);
    }
}
