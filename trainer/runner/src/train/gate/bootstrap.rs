//! How sure a gain is: a paired bootstrap over documents.
//!
//! Pairs, because the same document is measured with and without the adapter; documents, because the
//! tokens of one resemble each other. The interval is that of percentiles, over resamplings that
//! follow from the seed.

use serde::Serialize;

use crate::train::chance::Chance;

/// How often the documents are drawn anew: enough for the ends of a 95 % interval.
const RESAMPLINGS: usize = 4_000;
/// What the numbers are for.
const PURPOSE: u64 = 0xb007;

/// What a document costs without and with an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pair {
    /// Tokens that count.
    pub tokens: f64,
    /// Nats of all of them, without.
    pub base: f64,
    /// With.
    pub adapter: f64,
}

/// By how much a loss falls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gain {
    /// Nats for each token without the adapter.
    pub base_loss: f64,
    /// With it.
    pub adapter_loss: f64,
    /// Per cent by which it falls.
    pub percent: f64,
    /// Lower end of the 95 % interval.
    pub low_percent: f64,
    /// Upper end.
    pub high_percent: f64,
    /// Documents.
    pub documents: usize,
    /// Their tokens.
    pub tokens: f64,
}

/// The gain on these documents. Without any it is nothing, and nothing is sure.
pub fn gain(pairs: &[Pair], seed: u64) -> Gain {
    let sum = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>();
    let (tokens, base, adapter) = (sum(|p| p.tokens), sum(|p| p.base), sum(|p| p.adapter));
    if pairs.is_empty() {
        return Gain {
            base_loss: 0.0,
            adapter_loss: 0.0,
            percent: 0.0,
            low_percent: 0.0,
            high_percent: 0.0,
            documents: 0,
            tokens: 0.0,
        };
    }
    let mut chance = Chance::of(seed, PURPOSE);
    let mut drawn: Vec<f64> = (0..RESAMPLINGS)
        .map(|_| resampled(pairs, &mut chance))
        .collect();
    drawn.sort_by(f64::total_cmp);
    Gain {
        base_loss: base / tokens,
        adapter_loss: adapter / tokens,
        percent: percent(base, adapter),
        low_percent: drawn[RESAMPLINGS / 40],
        high_percent: drawn[RESAMPLINGS - 1 - RESAMPLINGS / 40],
        documents: pairs.len(),
        tokens,
    }
}

/// The gain of as many documents, each drawn from all of them.
fn resampled(pairs: &[Pair], chance: &mut Chance) -> f64 {
    let (mut base, mut adapter) = (0.0, 0.0);
    for _ in pairs {
        let pair = &pairs[chance.below(pairs.len())];
        base += pair.base;
        adapter += pair.adapter;
    }
    percent(base, adapter)
}

fn percent(base: f64, adapter: f64) -> f64 {
    (1.0 - adapter / base) * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(gains: &[f64]) -> Vec<Pair> {
        let pair = |gain: &f64| Pair {
            tokens: 50.0,
            base: 100.0,
            adapter: 100.0 - gain,
        };
        gains.iter().map(pair).collect()
    }

    #[test]
    fn the_interval_is_about_two_standard_errors_wide() {
        // 200 documents whose gains are even from 0 to 10: a standard deviation of 2.9.
        let gains: Vec<f64> = (0..200).map(|n| f64::from(n) / 19.9).collect();
        let gain = gain(&pairs(&gains), 3);
        assert!((gain.percent - 5.0).abs() < 0.05, "{gain:?}");
        let half = (gain.high_percent - gain.low_percent) / 2.0;
        assert!(
            (half - 1.96 * 2.9 / 200.0_f64.sqrt()).abs() < 0.05,
            "{gain:?}"
        );
    }

    #[test]
    fn a_gain_that_one_document_makes_is_not_sure() {
        let gain = gain(&pairs(&[30.0, 0.0, -1.0, -0.5, -0.5, -1.0]), 1);
        assert!(gain.percent > 4.0 && gain.low_percent < 0.0, "{gain:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_interval_and_what_is_no_number_stays_none() {
        let some = pairs(&[3.0, 4.0, 8.0]);
        assert_eq!(gain(&some, 5), gain(&some, 5));
        let broken = gain(&pairs(&[3.0, f64::NAN]), 5);
        assert!(broken.percent.is_nan());
    }
}
