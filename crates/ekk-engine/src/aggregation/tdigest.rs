//! t-digest: quantiles of many numbers in little room, by the same steps as OpenSearch's.
//!
//! This follows the merging digest of t-digest 3.3 (scale function K2, weight limit, two-level compression, alternating
//! direction), so that small data give the very same numbers.
//!
//! Source: <https://github.com/tdunning/t-digest/blob/main/core/src/main/java/com/tdunning/math/stats/MergingDigest.java>

/// A digest of numbers.
#[derive(Debug, Clone)]
pub(crate) struct TDigest {
    /// Centroids asked for.
    compression: f64,
    centroids: Vec<Centroid>,
    /// Numbers not merged yet.
    buffer: Vec<Centroid>,
    buffer_limit: usize,
    merges: usize,
    total: f64,
    min: f64,
    max: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Centroid {
    mean: f64,
    weight: f64,
}

/// The buffer has room for five times the centroids kept, which are `sqrt(4)` times those asked for.
const BUFFER_SCALE: f64 = 5.0;
const INNER_SCALE: f64 = 2.0;

impl TDigest {
    pub(crate) fn new(compression: f64) -> Self {
        let compression = compression.max(10.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "compression is small and positive"
        )]
        let buffer_limit = ((2.0 * compression + 10.0) * BUFFER_SCALE) as usize;
        Self {
            compression,
            centroids: Vec::new(),
            buffer: Vec::new(),
            buffer_limit,
            merges: 0,
            total: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    pub(crate) fn add(&mut self, value: f64) {
        self.push(Centroid { mean: value, weight: 1.0 });
    }

    /// Adds all that another digest holds.
    pub(crate) fn merge(&mut self, other: Self) {
        for centroid in other.centroids.into_iter().chain(other.buffer) {
            self.push(centroid);
        }
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    fn push(&mut self, centroid: Centroid) {
        self.min = self.min.min(centroid.mean);
        self.max = self.max.max(centroid.mean);
        self.buffer.push(centroid);
        if self.buffer.len() >= self.buffer_limit {
            self.merge_buffer(self.compression * INNER_SCALE);
        }
    }

    /// Brings the digest to the size asked for; quantiles are read after it.
    pub(crate) fn compress(&mut self) {
        self.merge_buffer(self.compression);
    }

    fn merge_buffer(&mut self, compression: f64) {
        let mut incoming = std::mem::take(&mut self.buffer);
        self.total += incoming.iter().map(|centroid| centroid.weight).sum::<f64>();
        incoming.append(&mut self.centroids);
        incoming.sort_by(|left, right| left.mean.total_cmp(&right.mean));
        let backwards = self.merges % 2 == 1;
        self.merges += 1;
        if backwards {
            incoming.reverse();
        }
        let normalizer = compression / (4.0 * (self.total / compression).ln() + 24.0);
        let limit = |q: f64| q * (1.0 - q) / normalizer;
        let (mut so_far, count) = (0.0, incoming.len());
        let mut merged: Vec<Centroid> = Vec::new();
        for (at, centroid) in incoming.into_iter().enumerate() {
            let Some(last) = merged.last_mut().filter(|_| at != 1 && at + 1 != count) else {
                so_far += merged.last().map_or(0.0, |last| last.weight);
                merged.push(centroid);
                continue;
            };
            let proposed = last.weight + centroid.weight;
            let (q0, q2) = (so_far / self.total, (so_far + proposed) / self.total);
            if proposed <= self.total * limit(q0).min(limit(q2)) {
                last.weight = proposed;
                last.mean += (centroid.mean - last.mean) * centroid.weight / proposed;
            } else {
                so_far += last.weight;
                merged.push(centroid);
            }
        }
        if backwards {
            merged.reverse();
        }
        self.centroids = merged;
    }

    /// The value at a quantile of 0 to 1; `None` of nothing. Call [`Self::compress`] before.
    #[expect(clippy::float_cmp, reason = "weights of single values are exactly 1")]
    pub(crate) fn quantile(&self, q: f64) -> Option<f64> {
        let (first, last) = (self.centroids.first()?, self.centroids.last()?);
        if self.centroids.len() == 1 {
            return Some(first.mean);
        }
        let index = q * self.total;
        if index < 1.0 {
            return Some(self.min);
        }
        if first.weight > 1.0 && index < first.weight / 2.0 {
            return Some(self.min + (index - 1.0) / (first.weight / 2.0 - 1.0) * (first.mean - self.min));
        }
        if index > self.total - 1.0 {
            return Some(self.max);
        }
        if last.weight > 1.0 && self.total - index <= last.weight / 2.0 {
            let share = (self.total - index - 1.0) / (last.weight / 2.0 - 1.0);
            return Some(self.max - share * (self.max - last.mean));
        }
        let mut so_far = first.weight / 2.0;
        for (left, right) in self.centroids.iter().zip(self.centroids.iter().skip(1)) {
            let step = f64::midpoint(left.weight, right.weight);
            if so_far + step > index {
                let mut left_unit = 0.0;
                if left.weight == 1.0 {
                    if index - so_far < 0.5 {
                        return Some(left.mean);
                    }
                    left_unit = 0.5;
                }
                let mut right_unit = 0.0;
                if right.weight == 1.0 {
                    if so_far + step - index <= 0.5 {
                        return Some(right.mean);
                    }
                    right_unit = 0.5;
                }
                let (z1, z2) = (index - so_far - left_unit, so_far + step - index - right_unit);
                return Some(weighted_average(left.mean, z2, right.mean, z1));
            }
            so_far += step;
        }
        let z1 = index - self.total - last.weight / 2.0;
        Some(weighted_average(last.mean, z1, self.max, last.weight / 2.0 - z1))
    }

    /// The share of values at or below `value`; `None` of nothing. Call [`Self::compress`] before.
    #[expect(clippy::float_cmp, reason = "as the original compares")]
    pub(crate) fn rank(&self, value: f64) -> Option<f64> {
        let (first, last) = (self.centroids.first()?, self.centroids.last()?);
        if value < self.min {
            return Some(0.0);
        }
        if value > self.max {
            return Some(1.0);
        }
        if self.centroids.len() == 1 {
            return Some(0.5);
        }
        if value < first.mean {
            let share = (value - self.min) / (first.mean - self.min);
            let below = if value == self.min { 0.5 } else { 1.0 + share * (first.weight / 2.0 - 1.0) };
            return Some(below / self.total);
        }
        if value > last.mean {
            let share = (self.max - value) / (self.max - last.mean);
            let above = if value == self.max { 0.5 } else { 1.0 + share * (last.weight / 2.0 - 1.0) };
            return Some(1.0 - above / self.total);
        }
        let mut so_far = 0.0;
        for (at, (left, right)) in self.centroids.iter().zip(self.centroids.iter().skip(1)).enumerate() {
            if left.mean == value {
                let equal = self.centroids.iter().skip(at).take_while(|centroid| centroid.mean == value);
                let weight: f64 = equal.map(|centroid| centroid.weight).sum();
                return Some((so_far + weight / 2.0) / self.total);
            }
            if left.mean <= value && value < right.mean {
                let (mut left_excluded, mut right_excluded) = (0.0, 0.0);
                if left.weight == 1.0 {
                    if right.weight == 1.0 {
                        return Some((so_far + 1.0) / self.total);
                    }
                    left_excluded = 0.5;
                } else if right.weight == 1.0 {
                    right_excluded = 0.5;
                }
                let step = f64::midpoint(left.weight, right.weight) - left_excluded - right_excluded;
                let base = so_far + left.weight / 2.0 + left_excluded;
                return Some((base + step * (value - left.mean) / (right.mean - left.mean)) / self.total);
            }
            so_far += left.weight;
        }
        Some(1.0 - 0.5 / self.total)
    }
}

fn weighted_average(x1: f64, w1: f64, x2: f64, w2: f64) -> f64 {
    let (low, low_weight, high, high_weight) = if x1 <= x2 { (x1, w1, x2, w2) } else { (x2, w2, x1, w1) };
    let mean = (low * low_weight + high * high_weight) / (low_weight + high_weight);
    mean.min(high).max(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The column `dur` of the recorded aggregations: 48 values from 0.5 in steps of 1.25.
    fn recorded() -> TDigest {
        let mut digest = TDigest::new(100.0);
        (0..48).for_each(|at| digest.add(0.5 + 1.25 * f64::from(at)));
        digest.compress();
        digest
    }

    #[test]
    fn quantiles_are_those_recorded_from_opensearch() {
        let digest = recorded();
        for (percent, value) in
            [(1.0, 0.5), (5.0, 3.0), (25.0, 15.5), (50.0, 29.875), (75.0, 45.5), (95.0, 56.75), (99.0, 59.25)]
        {
            assert_eq!(digest.quantile(percent / 100.0), Some(value), "{percent}");
        }
    }

    #[test]
    fn ranks_are_those_recorded_from_opensearch() {
        let digest = recorded();
        for (value, rank) in [(10.0, 16.666_666_666_666_664), (30.0, 50.208_333_333_333_336), (0.0, 0.0), (99.0, 100.0)]
        {
            let found = digest.rank(value).expect("values") * 100.0;
            assert!((found - rank).abs() < 1e-12, "{value}: {found}");
        }
    }

    #[test]
    fn many_values_stay_close() {
        let mut digest = TDigest::new(100.0);
        let mut other = TDigest::new(100.0);
        for value in 0..100_000_u32 {
            let shuffled = f64::from(value.wrapping_mul(2_654_435_761) % 100_000);
            if value % 2 == 0 { digest.add(shuffled) } else { other.add(shuffled) }
        }
        digest.merge(other);
        digest.compress();
        for percent in [1.0, 25.0, 50.0, 90.0, 99.0, 99.9] {
            let found = digest.quantile(percent / 100.0).expect("values");
            assert!((found - percent * 1_000.0).abs() < 500.0, "{percent}: {found}");
        }
        assert_eq!(TDigest::new(100.0).quantile(0.5), None);
    }
}
