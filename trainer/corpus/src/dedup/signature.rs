//! MinHash: by which the likeness of two texts is estimated without keeping them.
//!
//! For each of [`PERMUTATIONS`] orders of all shingles, the first shingle of a text in that order.
//! Two texts agree in an order with a probability that is their Jaccard similarity, shared shingles
//! over all shingles (Broder 1997, "On the resemblance and containment of documents").
//!
//! One-permutation hashing (Shrivastava 2017, "Optimal densification for fast and accurate minwise
//! hashing") would hash once per shingle, but a paragraph has some thirty shingles for 128 places,
//! and most places would repeat others: its error there is twice as large. Full permutations cost
//! 128 multiplications per shingle, which the compiler does four or eight at a time; reading the
//! words takes as long.
//!
//! Kept on disk and compared between versions: how it is computed must never change.

use inkstone_prose::shingle::{Width, shingles};

/// How many orders. The standard error of a similarity of 0.8 is 0.035.
pub const PERMUTATIONS: usize = 128;

/// Bytes of a signature on disk.
pub const SIGNATURE_BYTES: usize = PERMUTATIONS * 4;

/// The first shingle of a text in each order.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    pub(super) minima: [u32; PERMUTATIONS],
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The first two tell signatures apart; all of them fill a screen.
        write!(out, "Signature({:08x?}…)", &self.minima[..2])
    }
}

impl Signature {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        Self::of_shingles(&shingles(text, Width::COMPARE))
    }

    /// Of shingles; their order and repetitions do not count.
    pub fn of_shingles(shingles: &[u64]) -> Self {
        let mut minima = [u32::MAX; PERMUTATIONS];
        for shingle in shingles {
            // Shingles are well mixed, so that half of their bits will do.
            let bytes = shingle.to_le_bytes();
            let low = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            for (minimum, (factor, summand)) in minima.iter_mut().zip(ORDERS) {
                let place = low.wrapping_mul(*factor).wrapping_add(*summand);
                *minimum = (*minimum).min(place);
            }
        }
        Self { minima }
    }

    /// Of both texts together.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.minima.iter_mut().zip(other.minima) {
            *mine = (*mine).min(theirs);
        }
        self
    }

    /// For the disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = self.minima.iter().flat_map(|minimum| minimum.to_le_bytes());
        bytes.collect()
    }

    /// From the disk; none if it is not as long as a signature.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != SIGNATURE_BYTES {
            return None;
        }
        let mut minima = [0; PERMUTATIONS];
        for (minimum, bytes) in minima.iter_mut().zip(bytes.chunks_exact(4)) {
            *minimum = u32::from_le_bytes(bytes.try_into().ok()?);
        }
        Some(Self { minima })
    }
}

/// The estimated Jaccard similarity of two texts, 0 to 1.
pub fn similarity(one: &Signature, other: &Signature) -> f32 {
    let pairs = one.minima.iter().zip(&other.minima);
    let agreeing = pairs.filter(|(a, b)| a == b).count();
    agreeing as f32 / PERMUTATIONS as f32
}

/// The orders: `x * factor + summand` modulo 2^32 is a permutation when the factor is odd
/// (Dietzfelbinger et al. 1997). An array of pairs, made while compiling.
static ORDERS: &[(u32, u32); PERMUTATIONS] = &orders();

const fn orders() -> [(u32, u32); PERMUTATIONS] {
    let mut orders = [(0, 0); PERMUTATIONS];
    let mut state = 0x1234_5678_9abc_def0;
    let mut at = 0;
    while at < PERMUTATIONS {
        let random = split_mix(&mut state);
        let factor = (random >> 32) | 1;
        let summand = random & 0xffff_ffff;
        #[allow(
            clippy::cast_possible_truncation,
            reason = "both were cut to 32 bits above"
        )]
        let order = (factor as u32, summand as u32);
        orders[at] = order;
        at += 1;
    }
    orders
}

/// SplitMix64 (Steele, Lea, Flood 2014).
const fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` shingles from `from` on.
    fn some(from: u64, count: u64) -> Vec<u64> {
        let mixed = |at: u64| split_mix(&mut at.wrapping_mul(0x1357_9bdf_1357_9bdf));
        (from..from + count).map(mixed).collect()
    }

    #[test]
    fn estimates_are_right_on_average_and_as_exact_as_the_theory_says() {
        // Of 40 shingles in all, as a paragraph has, and of 4,000.
        for size in [40_u64, 4_000] {
            for tenths in [2_u64, 5, 8] {
                let shared = size * tenths / 10;
                let rest = (size - shared) / 2;
                let expected = shared as f64 / (shared + 2 * rest) as f64;
                let errors: Vec<f64> = (0..200)
                    .map(|round| {
                        let from = round * 3 * size;
                        let one = Signature::of_shingles(&some(from, shared + rest));
                        let mut other = some(from, shared);
                        other.extend(some(from + 2 * size, rest));
                        let other = Signature::of_shingles(&other);
                        f64::from(similarity(&one, &other)) - expected
                    })
                    .collect();
                let mean = errors.iter().sum::<f64>() / 200.0;
                let spread = (errors.iter().map(|e| e * e).sum::<f64>() / 200.0).sqrt();
                let theory = (expected * (1.0 - expected) / PERMUTATIONS as f64).sqrt();
                assert!(mean.abs() < 0.01, "{size} {tenths}: biased by {mean}");
                assert!(
                    spread < 1.3 * theory,
                    "{size} {tenths}: {spread} of {theory}"
                );
            }
        }
    }

    #[test]
    fn the_union_is_the_signature_of_both() {
        let (one, other) = (some(0, 50), some(30, 80));
        let both: Vec<u64> = one.iter().chain(&other).copied().collect();
        let union = Signature::of_shingles(&one).union(&Signature::of_shingles(&other));
        assert_eq!(union, Signature::of_shingles(&both));
    }

    #[test]
    fn bytes_come_back_and_others_are_refused() {
        let signature = Signature::of("我在年青时候也曾经做过许多梦，后来大半忘却了");
        let bytes = signature.to_bytes();
        assert_eq!(bytes.len(), SIGNATURE_BYTES);
        assert_eq!(Signature::from_bytes(&bytes), Some(signature));
        assert_eq!(Signature::from_bytes(&bytes[1..]), None);
        assert_eq!(Signature::from_bytes(&[]), None);
    }

    #[test]
    fn case_and_marks_do_not_count_and_words_do() {
        let one = Signature::of("The harbour, after the storm, was quiet again.");
        let same = Signature::of("the harbour after the STORM was\r\nquiet again");
        let other = Signature::of("Nobody had expected the letter to arrive so soon.");
        assert!(similarity(&one, &same) > 0.999);
        assert!(similarity(&one, &other) < 0.1);
    }

    #[test]
    fn numbers_on_disk_stay_the_same() {
        let minima = Signature::of("the quiet harbour, 安静的海港在夜里").minima;
        assert_eq!([minima[0], minima[1], minima[127]], GOLDEN);
    }

    const GOLDEN: [u32; 3] = [78_427_659, 920_424_459, 589_491_050];
}
