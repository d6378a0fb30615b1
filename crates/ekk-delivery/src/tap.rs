//! What came in lately, kept for people who ask what a stream was given, and what a put was refused.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    Account, SequenceNumber,
    limits::{TAP_BYTES, TAP_RECORDS},
};

/// A record as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedRecord {
    /// When it arrived, by the stack's clock.
    pub arrived: Timestamp,
    /// The `_id` of its document, unless the stream sends none.
    pub document_id: String,
    /// The record.
    pub data: Bytes,
}

/// The newest records of one stream, and how many more puts were refused.
#[derive(Debug, Default)]
pub(crate) struct Tap {
    state: Mutex<State>,
    /// Changes with each put.
    news: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    newest: VecDeque<(Timestamp, SequenceNumber, Bytes)>,
    bytes: usize,
    refused_at_put: u64,
}

impl Tap {
    /// Notes records that were accepted.
    pub(crate) fn note(&self, arrived: Timestamp, numbers: &[SequenceNumber], records: &[Bytes]) {
        let mut state = self.lock();
        let skipped = records.len().saturating_sub(TAP_RECORDS);
        for (number, record) in numbers.iter().zip(records).skip(skipped) {
            state.bytes += record.len();
            state.newest.push_back((arrived, *number, record.clone()));
            while state.newest.len() > TAP_RECORDS || (state.bytes > TAP_BYTES && state.newest.len() > 1) {
                let oldest = state.newest.pop_front();
                state.bytes -= oldest.map_or(0, |(_, _, record)| record.len());
            }
        }
        drop(state);
        self.news.send_replace(());
    }

    /// Notes records that a put was told were not taken.
    pub(crate) fn note_refused(&self, records: u64) {
        self.lock().refused_at_put += records;
        self.news.send_replace(());
    }

    /// The newest records, newest last.
    pub(crate) fn newest(&self) -> Vec<AcceptedRecord> {
        let accepted = |(arrived, number, data): &(Timestamp, SequenceNumber, Bytes)| AcceptedRecord {
            arrived: *arrived,
            document_id: format!("{number}.0"),
            data: data.clone(),
        };
        self.lock().newest.iter().map(accepted).collect()
    }

    /// Adds what only the tap knows to an account.
    pub(crate) fn add_to(&self, account: Account) -> Account {
        Account { refused_at_put: self.lock().refused_at_put, ..account }
    }

    pub(crate) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(tap: &Tap, records: &[Bytes]) {
        let number = |index| SequenceNumber { epoch: 1, index, arrival_secs: 0, shard: 0 };
        let numbers: Vec<_> = (0..records.len() as u64).map(number).collect();
        tap.note(Timestamp::UNIX_EPOCH, &numbers, records);
    }

    #[test]
    fn the_newest_records_are_kept_and_no_more() {
        let tap = Tap::default();
        let numbered = |from: usize, count: usize| -> Vec<Bytes> {
            (from..from + count).map(|number| Bytes::from(number.to_string())).collect()
        };
        note(&tap, &numbered(0, 3));
        assert_eq!(tap.newest().len(), 3);
        note(&tap, &numbered(3, 500));
        let newest = tap.newest();
        assert_eq!((newest.len(), &newest[99].data, &newest[0].data), (100, &Bytes::from("502"), &Bytes::from("403")));
    }

    #[test]
    fn large_records_are_kept_up_to_a_bound_of_bytes_but_always_the_last_one() {
        let tap = Tap::default();
        note(&tap, &[Bytes::from(vec![0; 700_000]), Bytes::from(vec![1; 700_000])]);
        assert_eq!(tap.newest().len(), 1);
        note(&tap, &[Bytes::from_static(b"small")]);
        assert_eq!(tap.newest().len(), 2);
    }

    #[test]
    fn what_puts_were_refused_is_in_the_account() {
        let tap = Tap::default();
        tap.note_refused(7);
        assert_eq!(tap.add_to(Account::default()).refused_at_put, 7);
    }
}
