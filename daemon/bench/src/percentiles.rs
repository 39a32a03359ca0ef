//! Percentiles of a handful of measurements.

use serde::Serialize;

use crate::error::BenchError;

/// Percentiles of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Percentiles {
    /// The median.
    pub p50: f64,
    /// The value that one in twenty exceeds.
    pub p95: f64,
    /// The value that one in a hundred exceeds.
    pub p99: f64,
}

impl Percentiles {
    /// Of these values; an error without any.
    pub(crate) fn of(values: &[f64]) -> Result<Self, BenchError> {
        let of = |percent| {
            let none = || BenchError::TooFew {
                what: "nothing was measured".into(),
            };
            percentile(values, percent).ok_or_else(none)
        };
        Ok(Self {
            p50: of(50)?,
            p95: of(95)?,
            p99: of(99)?,
        })
    }
}

/// The value below or at which `percent` of the values lie (nearest rank); none without values.
pub(crate) fn percentile(values: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent * sorted.len()).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

/// The arithmetic mean; none without values.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&values, 50), Some(50.0));
        assert_eq!(percentile(&values, 95), Some(95.0));
        assert_eq!(percentile(&values, 99), Some(99.0));
        assert_eq!(percentile(&[7.0], 99), Some(7.0));
        assert_eq!(percentile(&[7.0], 0), Some(7.0));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn the_mean_of_nothing_is_nothing() {
        assert_eq!(mean(&[1.0, 2.0]), Some(1.5));
        assert_eq!(mean(&[]), None);
    }
}
