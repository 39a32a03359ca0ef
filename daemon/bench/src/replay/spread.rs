//! Choices by a seed, the same on every machine and with every version of every library, because
//! committed numbers depend on them.

/// Numbers by chance (SplitMix64; Steele, Lea and Flood 2014).
pub(super) struct SplitMix(pub(super) u64);

impl SplitMix {
    /// A number below `bound`; 0 when there is none.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(GOLDEN_RATIO);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let below = (mixed ^ (mixed >> 31)) % (bound.max(1) as u64);
        usize::try_from(below).unwrap_or_default()
    }
}

/// The golden ratio's fraction, in units of 2⁻⁶⁴.
const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;

/// Orders things that stand in a row so that every beginning of the result is spread evenly over
/// the row: the multiples of the golden ratio, modulo 1, lie evenly however many there are. A
/// shuffle would leave gaps and clusters.
pub(super) fn spread<T>(row: Vec<T>, seed: u64) -> Vec<T> {
    let mut keyed: Vec<(u64, T)> = (0_u64..)
        .zip(row)
        .map(|(index, item)| {
            let key = index.wrapping_mul(GOLDEN_RATIO).wrapping_add(seed);
            (key, item)
        })
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, item)| item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_of_what_is_spread_covers_the_row() {
        for seed in [1, 7, u64::MAX] {
            let order = spread((0..100).collect(), seed);
            for taken in [5, 10, 50] {
                let mut first: Vec<i32> = order[..taken].to_vec();
                first.sort_unstable();
                let gaps = first.windows(2).map(|pair| pair[1] - pair[0]);
                let even = i32::try_from(100 / taken).unwrap();
                assert!(gaps.max() <= Some(3 * even), "{seed} {first:?}");
            }
            let mut all = order;
            all.sort_unstable();
            assert_eq!(all, (0..100).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_seed_repeats_itself_and_stays_below_the_bound() {
        let numbers = |seed| {
            let mut random = SplitMix(seed);
            [(); 8].map(|()| random.below(5))
        };
        assert_eq!(numbers(3), numbers(3));
        assert_ne!(numbers(3), numbers(4));
        assert!(numbers(3).iter().all(|number| *number < 5));
        assert_eq!(SplitMix(1).below(0), 0);
    }
}
