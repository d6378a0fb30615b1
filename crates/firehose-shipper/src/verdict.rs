//! What an answer means for the records of a call. Pure.

use crate::transport::{Entry, PutError, PutErrorKind};

/// The code with which Firehose throttles a record.
const THROTTLED: &str = "ServiceUnavailableException";

/// What to do with the records of a call.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// All but these were taken, which are places in the call, in ascending order.
    Answered {
        failed: Vec<usize>,
        /// How many of the failed ones were throttled.
        throttled: usize,
        /// What Firehose said of the first that failed.
        reason: Option<String>,
    },
    /// None was taken, as far as is known; the same call may do later.
    Again { throttled: bool, unanswered: bool, reason: String },
    /// The call is malformed; a part of it may not be.
    Halve { reason: String },
    /// No call to this stream can do until somebody changes something.
    Unusable { reason: String },
}

/// Judges the answer to a call of so many records.
pub(crate) fn judge(answer: Result<Vec<Entry>, PutError>, records: usize) -> Verdict {
    let entries = match answer {
        Ok(entries) => entries,
        Err(PutError { kind, message: reason }) => {
            return match kind {
                PutErrorKind::Throttled => Verdict::Again { throttled: true, unanswered: false, reason },
                PutErrorKind::Trouble => Verdict::Again { throttled: false, unanswered: false, reason },
                PutErrorKind::Unanswered => Verdict::Again { throttled: false, unanswered: true, reason },
                PutErrorKind::Malformed => Verdict::Halve { reason },
                PutErrorKind::Unusable => Verdict::Unusable { reason },
            };
        }
    };
    if entries.len() != records {
        let reason = format!("the answer has {} entries for {records} records", entries.len());
        return Verdict::Again { throttled: false, unanswered: true, reason };
    }
    let (mut failed, mut throttled, mut reason) = (Vec::new(), 0, None);
    for (place, entry) in entries.into_iter().enumerate() {
        if let Entry::Failed { code, message } = entry {
            failed.push(place);
            throttled += usize::from(code == THROTTLED);
            reason.get_or_insert_with(|| format!("{code}: {message}"));
        }
    }
    Verdict::Answered { failed, throttled, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: &str) -> Entry {
        Entry::Failed { code: code.into(), message: "Slow down.".into() }
    }

    #[test]
    fn only_the_entries_that_failed_are_to_be_sent_again() {
        let entries = vec![Entry::Taken, failed(THROTTLED), Entry::Taken, failed("InternalFailure")];
        assert_eq!(
            judge(Ok(entries), 4),
            Verdict::Answered {
                failed: vec![1, 3],
                throttled: 1,
                reason: Some("ServiceUnavailableException: Slow down.".into()),
            }
        );
        assert_eq!(judge(Ok(vec![Entry::Taken]), 1), Verdict::Answered { failed: vec![], throttled: 0, reason: None });
    }

    #[test]
    fn an_answer_of_another_length_is_none() {
        for entries in [vec![], vec![Entry::Taken; 3]] {
            let reason = format!("the answer has {} entries for 2 records", entries.len());
            let expected = Verdict::Again { throttled: false, unanswered: true, reason };
            assert_eq!(judge(Ok(entries), 2), expected);
        }
    }

    #[test]
    fn every_kind_of_failure_has_its_verdict() {
        let reason = || "so".to_owned();
        for (kind, expected) in [
            (PutErrorKind::Throttled, Verdict::Again { throttled: true, unanswered: false, reason: reason() }),
            (PutErrorKind::Trouble, Verdict::Again { throttled: false, unanswered: false, reason: reason() }),
            (PutErrorKind::Unanswered, Verdict::Again { throttled: false, unanswered: true, reason: reason() }),
            (PutErrorKind::Malformed, Verdict::Halve { reason: reason() }),
            (PutErrorKind::Unusable, Verdict::Unusable { reason: reason() }),
        ] {
            assert_eq!(judge(Err(PutError { kind, message: reason() }), 1), expected, "{kind:?}");
        }
    }
}
