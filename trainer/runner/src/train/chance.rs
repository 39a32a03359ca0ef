//! Numbers that look random and follow from a seed: what a training sees, and what a gate draws, is
//! the same again with the same seed, on every machine.

/// What SplitMix64 (Steele, Lea, Flood 2014) adds in each step.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of numbers.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed and of what it is for, so that two uses of one seed share no number.
    pub fn of(seed: u64, purpose: u64) -> Self {
        Self(mix(seed ^ mix(purpose.wrapping_add(STEP))))
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `end`, which is above 0; 0 where it is not.
    pub fn below(&mut self, end: usize) -> usize {
        // The high half of a product is as even as 64 bits can be.
        let product = u128::from(self.number()) * end as u128;
        usize::try_from(product >> 64).unwrap_or(0)
    }

    /// Puts what is there into another order (Fisher, Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_its_purpose_say_every_number() {
        let some = |seed, purpose| {
            let mut chance = Chance::of(seed, purpose);
            [(); 4].map(|()| chance.number())
        };
        assert_eq!(some(1, 2), some(1, 2));
        assert_ne!(some(1, 2), some(2, 2));
        assert_ne!(some(1, 2), some(1, 3));
    }

    #[test]
    fn a_shuffle_keeps_everything_and_every_place_is_reached() {
        let mut chance = Chance::of(7, 0);
        let mut at = [[0_u32; 5]; 5];
        for _ in 0..5_000 {
            let mut items = [0_usize, 1, 2, 3, 4];
            chance.shuffle(&mut items);
            for (place, &item) in items.iter().enumerate() {
                at[item][place] += 1;
            }
        }
        // A thousand each, give or take four standard deviations.
        assert!(
            at.iter().flatten().all(|n| (880..1_120).contains(n)),
            "{at:?}"
        );
        assert_eq!(chance.below(0), 0);
    }
}
