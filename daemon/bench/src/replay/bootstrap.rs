//! How sure a difference is: the paired bootstrap (Efron 1979), by clusters.
//!
//! Points of one passage resemble each other, so whole passages are drawn, not points, and both
//! sides of a difference are counted on the same draw. Not what is counted (`curve.rs`).

use serde::Serialize;

use crate::seeded::Seeded;

/// Draws: enough for two digits of an interval's ends.
const RESAMPLES: usize = 2_000;
/// Draws left out at each end, for an interval that holds 95 % of them.
const TAIL: usize = RESAMPLES / 40;

/// A difference, and the interval in which it lies with 95 % certainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// As measured.
    pub gain: f64,
    /// One in forty draws is below.
    pub low: f64,
    /// One in forty draws is above.
    pub high: f64,
}

/// How often each cluster is counted, in each draw.
pub(super) struct Resamples {
    clusters: usize,
    weights: Vec<Vec<usize>>,
}

impl Resamples {
    /// Draws as many clusters as there are, with replacement, [`RESAMPLES`] times.
    pub(super) fn new(clusters: usize, seed: u64) -> Self {
        let mut random = Seeded::new(seed);
        let mut draw = || {
            let mut weights = vec![0; clusters];
            for _ in 0..clusters {
                weights[random.below(clusters)] += 1;
            }
            weights
        };
        Self {
            clusters,
            weights: (0..RESAMPLES).map(|_| draw()).collect(),
        }
    }

    /// The interval of a difference that is computed from how often each cluster counts.
    pub(super) fn gain(&self, difference: impl Fn(&[usize]) -> f64) -> Difference {
        let all = self.weights.iter();
        let mut sorted: Vec<f64> = all.map(|weights| difference(weights)).collect();
        sorted.sort_by(f64::total_cmp);
        Difference {
            gain: difference(&vec![1; self.clusters]),
            low: sorted[TAIL],
            high: sorted[RESAMPLES - 1 - TAIL],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mean of the clusters' values.
    fn mean(values: &[f64]) -> impl Fn(&[usize]) -> f64 + '_ {
        |weights| {
            let sum: f64 = values
                .iter()
                .zip(weights)
                .map(|(value, weight)| value * *weight as f64)
                .sum();
            sum / weights.iter().sum::<usize>() as f64
        }
    }

    #[test]
    fn the_interval_is_that_of_the_normal_distribution_for_many_clusters() {
        // Mean 0.5, standard deviation 0.5, so a standard error of 0.05.
        let values: Vec<f64> = (0..100_u32).map(|each| f64::from(each % 2)).collect();
        let gain = Resamples::new(100, 1).gain(mean(&values));
        assert!((gain.gain - 0.5).abs() < 1e-9);
        assert!((gain.low - 0.402).abs() < 0.02, "{gain:?}");
        assert!((gain.high - 0.598).abs() < 0.02, "{gain:?}");
    }

    #[test]
    fn a_difference_that_is_the_same_everywhere_is_certain() {
        let gain = Resamples::new(7, 1).gain(mean(&[0.25; 7]));
        for end in [gain.gain, gain.low, gain.high] {
            assert!((end - 0.25).abs() < 1e-9);
        }
    }
}
