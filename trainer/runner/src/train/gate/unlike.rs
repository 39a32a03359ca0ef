//! Whether an adapter treats a text like others: a bootstrap of the difference of two gains.
//!
//! Documents of one writer differ in how much an adapter lowers their loss, and the text may be a
//! single one. So what its passages say is drawn anew, and so is how far as many documents of the
//! others lie from all of them: a text is unlike them only where it lies farther off than these do.

use serde::Serialize;

use super::bootstrap::Pair;
use crate::train::chance::Chance;

/// How often both are drawn anew.
const RESAMPLINGS: usize = 4_000;
/// What the numbers are for.
const PURPOSE: u64 = 0xf0e6;

/// By how much more a loss falls on a text than on others, in per cent of the loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Above zero where it falls by more on the text.
    pub percent: f64,
    /// Lower end of the 95 % interval.
    pub low_percent: f64,
    /// Upper end.
    pub high_percent: f64,
}

/// Of a text of some `documents`, passage by passage, and others, document by document. Neither may be
/// empty.
pub fn difference(text: &[Pair], documents: usize, others: &[Pair], seed: u64) -> Difference {
    let percent = percent_of(text) - percent_of(others);
    if text.is_empty() || others.is_empty() || !percent.is_finite() {
        let (low_percent, high_percent) = (f64::NEG_INFINITY, f64::INFINITY);
        return Difference {
            percent: 0.0,
            low_percent,
            high_percent,
        };
    }
    let usual = percent_of(others);
    let mut chance = Chance::of(seed, PURPOSE);
    let mut drawn: Vec<f64> = (0..RESAMPLINGS)
        .map(|_| {
            let of_text = percent_of(&resampled(text, text.len(), &mut chance));
            let apart = percent_of(&resampled(others, documents.max(1), &mut chance)) - usual;
            let of_others = percent_of(&resampled(others, others.len(), &mut chance));
            of_text + apart - of_others
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    Difference {
        percent,
        low_percent: drawn[RESAMPLINGS / 40],
        high_percent: drawn[RESAMPLINGS - 1 - RESAMPLINGS / 40],
    }
}

fn resampled(pairs: &[Pair], count: usize, chance: &mut Chance) -> Vec<Pair> {
    (0..count)
        .map(|_| pairs[chance.below(pairs.len())])
        .collect()
}

fn percent_of(pairs: &[Pair]) -> f64 {
    let sum = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>();
    (1.0 - sum(|pair| pair.adapter) / sum(|pair| pair.base)) * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(gains: impl IntoIterator<Item = f64>) -> Vec<Pair> {
        let pair = |gain: f64| Pair {
            tokens: 90.0,
            base: 300.0,
            adapter: 300.0 * (1.0 - gain / 100.0),
        };
        gains.into_iter().map(pair).collect()
    }

    /// Documents whose gains are even from 2 to 8 per cent.
    fn others() -> Vec<Pair> {
        pairs((0..25).map(|n| 2.0 + f64::from(n) / 4.0))
    }

    #[test]
    fn a_document_like_the_others_is_not_told_from_them_wherever_it_lies_among_them() {
        for middle in [3.0, 5.0, 7.0] {
            let text = pairs((0..8).map(|n| middle - 0.5 + f64::from(n) / 8.0));
            let one = difference(&text, 1, &others(), 1);
            assert!(one.low_percent < 0.0 && one.high_percent > 0.0, "{one:?}");
        }
    }

    #[test]
    fn a_text_that_was_learned_is_told_and_more_documents_of_it_make_that_surer() {
        let text = pairs((0..8).map(|n| 14.0 + f64::from(n) / 4.0));
        let one = difference(&text, 1, &others(), 1);
        assert!(one.low_percent > 0.0 && one.percent > 9.0, "{one:?}");
        let many = pairs((0..60).map(|n| 6.5 + f64::from(n % 4) / 2.0));
        let few = difference(&many, 1, &others(), 1);
        let all = difference(&many, 20, &others(), 1);
        assert!(
            few.low_percent < 0.0 && all.low_percent > 0.0,
            "{few:?} {all:?}"
        );
    }

    #[test]
    fn of_what_is_no_number_nothing_is_said() {
        let broken = difference(&pairs([f64::NAN]), 1, &others(), 1);
        assert!(broken.low_percent < 0.0 && broken.high_percent > 0.0);
        let nothing = difference(&[], 1, &others(), 1);
        assert!(nothing.low_percent < 0.0);
        assert_eq!(
            difference(&others(), 3, &others(), 9),
            difference(&others(), 3, &others(), 9)
        );
    }
}
