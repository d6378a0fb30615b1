//! The number that a record keeps for its life: its place in the stream, and the stem of its document id.

use std::fmt;

/// Identifies an accepted record. Later records of a stream have higher numbers, over restarts too.
///
/// Its text has 56 decimal digits, laid out in bits as Kinesis and Firehose do (from the top): the digit 2, seconds at
/// which the stream was opened (36), shard (4), index of the record (64), zero (8), seconds of the arrival (36), shard
/// (32), version 2 (4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceNumber {
    /// When the stream was opened, in seconds; no two openings share one.
    pub(crate) epoch: u64,
    /// The place of the record in the stream, from 0.
    pub(crate) index: u64,
    /// When the record arrived, in seconds since 1970.
    pub(crate) arrival_secs: u64,
    /// Tells streams of different stacks apart.
    pub(crate) shard: u32,
}

const DIGITS: usize = 56;
const LOW_36_BITS: u64 = (1 << 36) - 1;

impl SequenceNumber {
    /// The 56 digits.
    pub(crate) fn digits(self) -> [u8; DIGITS] {
        decimal(self.limbs())
    }

    /// The number in three 64-bit limbs, highest first.
    fn limbs(self) -> [u64; 3] {
        let shard = u64::from(self.shard);
        let low = (self.arrival_secs & LOW_36_BITS) << 36 | shard << 4 | 2;
        // Bits of the whole, counted from the bottom: version 0..4, shard 4..36, arrival 36..72 (so 8 bits of it reach
        // the middle limb), zero 72..80, index 80..144, shard 144..148, epoch 148..184, the digit 2 from 184.
        let middle = (self.arrival_secs & LOW_36_BITS) >> 28 | self.index << 16;
        let high = self.index >> 48 | (shard & 0xf) << 16 | (self.epoch & LOW_36_BITS) << 20 | 2 << 56;
        [high, middle, low]
    }
}

/// Writes 192 bits in decimal, by two divisions by 10^19.
fn decimal(mut limbs: [u64; 3]) -> [u8; DIGITS] {
    const CHUNK: u64 = 10_000_000_000_000_000_000;
    let mut digits = [b'0'; DIGITS];
    for end in [DIGITS, DIGITS - 19, DIGITS - 38] {
        let mut remainder = 0u64;
        for limb in &mut limbs {
            let value = u128::from(remainder) << 64 | u128::from(*limb);
            *limb = low_u64(value / u128::from(CHUNK));
            remainder = low_u64(value % u128::from(CHUNK));
        }
        for digit in digits.iter_mut().take(end).rev().take(19) {
            *digit = b'0' + u8::try_from(remainder % 10).expect("a digit is below 10");
            remainder /= 10;
        }
    }
    digits
}

fn low_u64(value: u128) -> u64 {
    u64::try_from(value).expect("a remainder below 10^19 keeps each quotient in 64 bits")
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        formatter.write_str(std::str::from_utf8(&digits).expect("digits are ASCII"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_laid_out_as_those_of_firehose() {
        for (sequence, expected) in [
            // The first two stand in AWS's guides as ids of documents that Firehose has indexed.
            (
                SequenceNumber { epoch: 1_606_570_908, index: 2_030_654_510, arrival_secs: 1_606_948_160, shard: 0 },
                "49613100963111323203250405402193283794773886550985932802",
            ),
            (
                SequenceNumber { epoch: 1_647_187_752, index: 6_878_187_573, arrival_secs: 1_647_267_489, shard: 1 },
                "49627593537354623426044597072248245532118434881168474130",
            ),
            (
                SequenceNumber {
                    epoch: 1_601_314_815,
                    index: (1 << 63) + 5,
                    arrival_secs: 1_601_314_900,
                    shard: 0x1234_5678,
                },
                "49611225526649155050738182965865520709296792570847127426",
            ),
        ] {
            assert_eq!(sequence.to_string(), expected);
        }
    }

    #[test]
    fn later_numbers_are_higher_as_text_too() {
        let number = |epoch, index, arrival_secs| SequenceNumber { epoch, index, arrival_secs, shard: u32::MAX };
        let ascending = [
            number(0, 0, 0),
            number(0, 1, 0),
            number(0, u64::MAX, 0),
            number(1, 0, 0),
            number(1, 1, u64::MAX),
            number(1, 2, 0),
            number((1 << 36) - 1, u64::MAX, u64::MAX),
        ];
        for pair in ascending.windows(2) {
            let [lower, higher] = pair else { unreachable!("windows of two") };
            assert!(lower < higher && lower.to_string() < higher.to_string(), "{lower} {higher}");
            assert_eq!(lower.to_string().len(), 56);
        }
    }
}
