//! Ids and secrets, random by a seed, so that a test with a fixed seed and clock sees the same ones each time.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

/// A source of ids.
#[derive(Debug)]
pub(crate) struct Ids {
    random: Mutex<StdRng>,
}

/// The letters of IAM's unique ids, those of base32.
const UNIQUE_ID_LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

impl Ids {
    /// The time of the start goes into the ids, so that they differ over restarts.
    pub(crate) fn new(seed: u64, started: Timestamp) -> Self {
        let started = started.as_millisecond().cast_unsigned();
        Self { random: Mutex::new(StdRng::seed_from_u64(seed ^ started.rotate_left(32))) }
    }

    /// A unique id of IAM's form: a prefix of four letters that says of what, and 17 more.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
    pub(crate) fn unique(&self, prefix: &str) -> String {
        let letters = self.bytes::<17>().map(|byte| char::from(UNIQUE_ID_LETTERS[usize::from(byte % 32)]));
        prefix.chars().chain(letters).collect()
    }

    /// The id of an access key, `ASIA` and 16 more.
    pub(crate) fn access_key(&self) -> String {
        let mut id = self.unique("ASIA");
        id.truncate(20);
        id
    }

    /// Base64 of `N` random bytes.
    pub(crate) fn secret<const N: usize>(&self) -> String {
        base64_simd::STANDARD.encode_to_string(self.bytes::<N>())
    }

    pub(crate) fn uuid(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut bytes);
        bytes
    }
}
