//! The opaque ids that a put answers with, one a record.
//!
//! They have the form of AWS's: 224 characters of base64. They are random by a seed, so that a test with a fixed seed
//! and clock sees the same ids each time, and made in bulk, because a put is answered as fast as they are made.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use crate::limits;

/// Base64 makes four characters of three bytes.
const ID_BYTES: usize = limits::RECORD_ID_CHARS / 4 * 3;
const ID_WORDS: u64 = (ID_BYTES / 8) as u64;

/// A source of record ids; no two ids of one source are equal.
///
/// The generator is `SplitMix64`: word `n` is a bijective mix of `seed + n × γ`, so a caller that reserves a range of
/// `n` needs no lock to make its ids.
#[derive(Debug)]
pub(crate) struct RecordIds {
    start: u64,
    words_taken: AtomicU64,
}

impl RecordIds {
    /// The time of the start goes into the ids, so that they differ over restarts.
    pub(crate) fn new(seed: u64, started: Timestamp) -> Self {
        let nanos = started.as_nanosecond().to_le_bytes();
        let low = u64::from_le_bytes(std::array::from_fn(|index| nanos[index]));
        Self { start: mix(seed) ^ mix(low), words_taken: AtomicU64::new(0) }
    }

    /// Makes `count` ids' worth of random bytes.
    pub(crate) fn take(&self, count: usize) -> RandomIds {
        let words = ID_WORDS * count as u64;
        let first = self.words_taken.fetch_add(words, Ordering::Relaxed);
        let mut bytes = Vec::with_capacity(ID_BYTES * count);
        let mut state = self.start.wrapping_add(first.wrapping_mul(GAMMA));
        for _ in 0..words {
            bytes.extend_from_slice(&mix(state).to_le_bytes());
            state = state.wrapping_add(GAMMA);
        }
        RandomIds { bytes }
    }
}

/// Some ids, in the order of their records.
#[derive(Debug)]
pub(crate) struct RandomIds {
    bytes: Vec<u8>,
}

impl RandomIds {
    pub(crate) fn len(&self) -> usize {
        self.bytes.len() / ID_BYTES
    }

    /// The ids, each to be put into its wire form by [`append`].
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(ID_BYTES)
    }
}

/// Appends an id in its wire form.
pub(crate) fn append(id: &[u8], text: &mut String) {
    base64_simd::STANDARD.encode_append(id, text);
}

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of `SplitMix64`.
fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn texts(ids: &RandomIds) -> Vec<String> {
        let text = |id| {
            let mut text = String::new();
            append(id, &mut text);
            text
        };
        ids.iter().map(text).collect()
    }

    #[test]
    fn ids_have_the_form_of_aws_and_are_unique() {
        let ids = RecordIds::new(7, Timestamp::UNIX_EPOCH);
        let mut all = texts(&ids.take(300));
        all.extend(texts(&ids.take(200)));
        assert!(all.iter().all(|id| id.len() == 224 && !id.ends_with('=')));
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 500);
    }

    #[test]
    fn the_seed_and_the_time_decide_the_ids() {
        let first = |seed, second| {
            let started = Timestamp::from_second(second).unwrap();
            texts(&RecordIds::new(seed, started).take(1)).remove(0)
        };
        assert_eq!(first(1, 0), first(1, 0));
        assert_ne!(first(1, 0), first(2, 0));
        assert_ne!(first(1, 0), first(1, 1));
    }
}
