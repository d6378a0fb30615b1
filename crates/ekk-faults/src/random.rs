//! Chance that can be repeated: each rule draws from a stream of its own, which the seed and the rule's id begin.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::Share;

/// The chance of one rule.
#[derive(Debug)]
pub(crate) struct Chance {
    random: StdRng,
    /// How many records or items the rule has seen.
    seen: u64,
}

impl Chance {
    pub(crate) fn new(seed: u64, id: u64) -> Self {
        // An odd constant spreads neighbouring ids over all bits.
        Self { random: StdRng::seed_from_u64(seed ^ id.wrapping_mul(0x9e37_79b9_7f4a_7c15)), seen: 0 }
    }

    /// Whether something of this probability happens.
    pub(crate) fn happens(&mut self, probability: Option<f64>) -> bool {
        probability.is_none_or(|probability| self.random.random::<f64>() < probability)
    }

    /// The places out of `count`, in ascending order, that a share of them has.
    pub(crate) fn places(&mut self, share: Share, count: usize) -> Vec<usize> {
        let seen = self.seen;
        self.seen += count as u64;
        match share {
            Share::Count(wanted) => self.some(usize::try_from(wanted).unwrap_or(usize::MAX), count),
            Share::Of(share) => (0..count).filter(|_| self.random.random::<f64>() < share).collect(),
            Share::Every(every) => {
                (0..count).filter(|place| (seen + *place as u64 + 1).is_multiple_of(every)).collect()
            }
        }
    }

    /// `wanted` different places out of `count`, each choice as likely as another.
    fn some(&mut self, wanted: usize, count: usize) -> Vec<usize> {
        let mut left = wanted.min(count);
        let mut places = Vec::with_capacity(left);
        for place in 0..count {
            if left > 0 && self.random.random_range(0..count - place) < left {
                places.push(place);
                left -= 1;
            }
        }
        places
    }
}
