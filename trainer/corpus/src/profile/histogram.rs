//! Lengths, counted in classes: exact while short, coarser where nobody counts.
//!
//! Sums of histograms are histograms. Used by [`super::tally`].

use serde::{Deserialize, Serialize};

/// Lengths below it have a class each.
const EXACT_BELOW: usize = 64;
/// From there on, so many lengths share one.
const CLASS_WIDTH: usize = 16;
/// The last class holds all that is longer: a sentence of a thousand words is a list.
const CLASSES: usize = EXACT_BELOW + (1024 - EXACT_BELOW) / CLASS_WIDTH + 1;

/// How often each length occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// By class, as far as the last one that occurs.
    counts: Vec<u64>,
    /// Of all lengths, for the mean.
    sum: u64,
}

impl Histogram {
    /// Counts one.
    pub fn add(&mut self, length: usize) {
        self.add_to_class(class_of(length), 1);
        self.sum += length as u64;
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Self) {
        for (class, count) in other.counts.iter().enumerate() {
            self.add_to_class(class, *count);
        }
        self.sum += other.sum;
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their mean; none if there are none.
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum as f64 / count as f64)
    }

    /// The length that this share of them does not exceed, `share` from 0 to 1, as the shortest of
    /// its class; none if there are none.
    pub fn quantile(&self, share: f64) -> Option<usize> {
        let wanted = (share.clamp(0.0, 1.0) * self.count() as f64)
            .ceil()
            .max(1.0);
        let mut seen = 0;
        let class = self.counts.iter().position(|count| {
            seen += count;
            seen as f64 >= wanted
        });
        class.map(shortest_of)
    }

    fn add_to_class(&mut self, class: usize, count: u64) {
        let class = class.min(CLASSES - 1);
        if count > 0 && class >= self.counts.len() {
            self.counts.resize(class + 1, 0);
        }
        if let Some(mine) = self.counts.get_mut(class) {
            *mine += count;
        }
    }
}

fn class_of(length: usize) -> usize {
    if length < EXACT_BELOW {
        length
    } else {
        (EXACT_BELOW + (length - EXACT_BELOW) / CLASS_WIDTH).min(CLASSES - 1)
    }
}

fn shortest_of(class: usize) -> usize {
    if class < EXACT_BELOW {
        class
    } else {
        EXACT_BELOW + (class - EXACT_BELOW) * CLASS_WIDTH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_mean() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        for length in 1..=99 {
            histogram.add(length);
        }
        assert_eq!(histogram.quantile(0.0), Some(1));
        assert_eq!(histogram.quantile(0.5), Some(50));
        // 90 lies in the class from 80 to 95.
        assert_eq!(histogram.quantile(0.9), Some(80));
        assert!((histogram.mean().unwrap() - 50.0).abs() < 1e-9);
    }

    #[test]
    fn the_longest_share_a_class_and_it_is_bounded() {
        let mut histogram = Histogram::default();
        histogram.add(1_000_000);
        histogram.add(usize::MAX >> 8);
        assert_eq!(histogram.count(), 2);
        assert_eq!(histogram.counts.len(), CLASSES);
        assert_eq!(histogram.quantile(1.0), Some(1024));
    }

    #[test]
    fn a_sum_counts_what_both_counted() {
        let (mut one, mut other, mut both) = <(Histogram, Histogram, Histogram)>::default();
        for (length, of_one) in [(3, true), (70, false), (3, false)] {
            if of_one { &mut one } else { &mut other }.add(length);
            both.add(length);
        }
        one.merge(&other);
        assert_eq!(one, both);
    }
}
