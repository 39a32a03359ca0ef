//! An order by a seed that spreads evenly what stood in a row.

use crate::seeded::GOLDEN_RATIO;

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
}
