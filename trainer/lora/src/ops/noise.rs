//! Numbers that look random and follow from a seed and a place alone: how adapters begin, and which
//! inputs dropout leaves out.
//!
//! By place and not from a stream, so that a block that is computed twice leaves out the same
//! inputs, in whatever order blocks come. The mixer is SplitMix64 (Steele, Lea, Flood 2014).

/// What SplitMix64 steps by: 2⁶⁴ over the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
/// Bits of a 32-bit float's fraction, and so of a uniform number.
const FRACTION_BITS: u32 = 24;

/// A seed that was made from another one and a number: a place, a step, a block.
pub(crate) fn derive(seed: u64, part: u64) -> u64 {
    mix(seed ^ mix(part.wrapping_add(STEP)))
}

/// The number at `index`: at least 0 and below 1.
pub(crate) fn uniform(seed: u64, index: usize) -> f32 {
    let bits = mix(seed.wrapping_add((index as u64).wrapping_mul(STEP))) >> (64 - FRACTION_BITS);
    // 24 bits are exact in a 32-bit float.
    bits as f32 / (1_u32 << FRACTION_BITS) as f32
}

/// Factors of dropout: 0 for a share of `left_out`, and for the others what keeps the mean.
pub(crate) fn dropout(seed: u64, len: usize, left_out: f32) -> Vec<f32> {
    let kept = 1.0 / (1.0 - left_out);
    (0..len)
        .map(|index| {
            if uniform(seed, index) < left_out {
                0.0
            } else {
                kept
            }
        })
        .collect()
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_evenly_and_differ_by_seed() {
        let numbers: Vec<f32> = (0..10_000).map(|index| uniform(7, index)).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = numbers.iter().sum::<f32>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        let others: Vec<f32> = (0..10_000)
            .map(|index| uniform(derive(7, 1), index))
            .collect();
        assert_ne!(numbers, others);
        assert_eq!(others[3], uniform(derive(7, 1), 3), "the same each time");
    }

    #[test]
    fn dropout_leaves_out_its_share_and_keeps_the_mean() {
        let factors = dropout(11, 20_000, 0.25);
        let left_out = factors.iter().filter(|&&factor| factor == 0.0).count();
        assert!((4_700..5_300).contains(&left_out), "{left_out}");
        let mean = factors.iter().sum::<f32>() / 20_000.0;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        assert!(dropout(11, 100, 0.0).iter().all(|&factor| factor == 1.0));
    }
}
