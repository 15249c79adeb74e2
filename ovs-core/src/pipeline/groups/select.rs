//! How a select group chooses a bucket.

use super::GroupEntry;

impl GroupEntry {
    /// The bucket for packets of this hash, of those that are live: each gets its share by weight, and when
    /// buckets come, go or change, only packets of those that do move.
    ///
    /// This is weighted rendezvous hashing: the hash gives each bucket a random number u between 0 and 1,
    /// and the one with the least -log(u) / weight has it. Those numbers are exponentially distributed with
    /// the weights as rates, so a bucket is the least with the probability weight / all weights.
    ///
    /// `live` is asked only of buckets that would be chosen.
    pub(crate) fn select(&self, hash: u32, mut live: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut best: Option<(usize, u64, u64)> = None;
        for (n, bucket) in self.buckets.iter().enumerate() {
            let Some(id) = bucket.id.filter(|_| bucket.weight > 0) else { continue };
            let (cost, weight) = (cost(hash, id), u64::from(bucket.weight));
            // 39 and 16 bits, so that products fit.
            let is_less = best.is_none_or(|(_, least, its)| cost * its < least * weight);
            if is_less && live(n) {
                best = Some((n, cost, weight));
            }
        }
        best.map(|(n, ..)| n)
    }
}

/// -log2(u) in units of 2⁻³², of a u that the hash and the bucket give: at least 1, at most 2³⁸.
fn cost(hash: u32, bucket: u32) -> u64 {
    let u = mix(u64::from(hash) << 32 | u64::from(bucket));
    (64 << 32) - log2(u.max(1))
}

/// The finalizer of SplitMix64, by which each bit changes half of the others; none comes out twice.
fn mix(number: u64) -> u64 {
    let mut hash = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

/// The logarithm of a number that is not 0, in units of 2⁻³² and a few of them too small.
fn log2(x: u64) -> u64 {
    let zeros = x.leading_zeros();
    // x / 2^whole in units of 2⁻³¹: from 1 on, less than 2. Squaring doubles the logarithm, and shows its
    // next bit by whether the square is 2 or more.
    let mut mantissa = x.checked_shl(zeros).unwrap_or(0) >> 32;
    let whole = u64::from(63u32.saturating_sub(zeros));
    let mut fraction = 0;
    for _ in 0..32 {
        mantissa = (mantissa * mantissa) >> 31;
        let bit = mantissa >> 32;
        mantissa >>= bit;
        fraction = fraction << 1 | bit;
    }
    whole << 32 | fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_those_of_floats() {
        for x in [1, 2, 3, 7, 1000, 0x1234_5678_9abc, u64::MAX / 3, u64::MAX - 1, u64::MAX] {
            let exact = (x as f64).log2();
            let ours = log2(x) as f64 / 2f64.powi(32);
            assert!((exact - ours).abs() < 3e-9, "{x}: {ours}, not {exact}");
        }
        // Products of costs and weights fit.
        assert_eq!(log2(1), 0);
        assert!(cost(0, 0) <= 64 << 32 && log2(u64::MAX) < 64 << 32);
    }
}
