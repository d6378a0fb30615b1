//! Ids of documents that come without one, and uuids of indices.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;

/// Makes document ids: 20 characters of URL-safe base64.
///
/// An id is the time, a count and a random number of the source, in this order, so that ids grow with time. Terms that
/// grow and share their ends are cheap to index, and those of one refresh do not overlap with another's.
#[derive(Debug)]
pub(crate) struct IdSource {
    random: [u8; 6],
    count: AtomicU32,
}

impl IdSource {
    pub(crate) fn new() -> Self {
        Self { random: rand::random(), count: AtomicU32::new(0) }
    }

    pub(crate) fn next(&self, now: Timestamp) -> String {
        let [_, _, t2, t3, t4, t5, t6, t7] = now.as_millisecond().to_be_bytes();
        let [_, c1, c2, c3] = self.count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let [r0, r1, r2, r3, r4, r5] = self.random;
        base64_url(&[t2, t3, t4, t5, t6, t7, c1, c2, c3, r0, r1, r2, r3, r4, r5])
    }
}

/// A random uuid of 22 characters, as OpenSearch gives indices.
pub(crate) fn random_uuid() -> String {
    base64_url(&rand::random::<[u8; 16]>())
}

/// URL-safe base64 without padding.
fn base64_url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().chain(&[0, 0]).take(3).fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        for place in 0..=chunk.len() {
            let sextet = (group >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET.get(sextet as usize).copied().unwrap_or_default()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_20_characters_long() {
        let source = IdSource::new();
        let now = Timestamp::from_millisecond(1_795_455_952_098).unwrap();
        let ids: std::collections::BTreeSet<_> = (0..1_000).map(|_| source.next(now)).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.len() == 20));
        assert_eq!(random_uuid().len(), 22);
    }
}
