//! What typing beside a training gave, as JSON and as a table for a person.

use serde::Serialize;

use super::YieldOptions;
use super::burst::Burst;
use crate::error::BenchError;
use crate::percentiles::{Percentiles, percentile};

/// The measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct YieldReport {
    /// Name of the model that completes and is trained.
    pub model: String,
    /// Threads that decoded.
    pub threads: u32,
    /// Pauses after which was typed, in each of the two ways.
    pub rounds: usize,
    /// Keys that the daemon decoded for, without and beside the training.
    pub keys: [usize; 2],
    /// From a key to its answer while the training was held at rest.
    pub without_ms: Percentiles,
    /// The same where it computed when the first key came.
    pub beside_ms: Percentiles,
    /// Of the first key after each pause, without.
    pub first_without_ms: Percentiles,
    /// The same beside.
    pub first_beside_ms: Percentiles,
    /// Beside over without, of the median.
    pub p50_ratio: f64,
    /// The same of the 95th percentile.
    pub p95_ratio: f64,
    /// From the first key after a pause until the training rested.
    pub rested_after_ms: Percentiles,
    /// The longest of these.
    pub rested_after_ms_max: f64,
}

impl YieldReport {
    pub(super) fn of(
        options: &YieldOptions,
        without: &[Burst],
        beside: &[Burst],
    ) -> Result<Self, BenchError> {
        let (without_all, beside_all) = (all(without), all(beside));
        let (without_ms, beside_ms) = (
            Percentiles::of(&without_all)?,
            Percentiles::of(&beside_all)?,
        );
        let rested: Vec<f64> = beside.iter().map(|burst| burst.rested_after_ms).collect();
        Ok(Self {
            model: options.subject.model.clone(),
            threads: options.subject.threads,
            rounds: options.rounds,
            keys: [without_all.len(), beside_all.len()],
            without_ms,
            beside_ms,
            first_without_ms: Percentiles::of(&firsts(without))?,
            first_beside_ms: Percentiles::of(&firsts(beside))?,
            p50_ratio: beside_ms.p50 / without_ms.p50,
            p95_ratio: beside_ms.p95 / without_ms.p95,
            rested_after_ms: Percentiles::of(&rested)?,
            rested_after_ms_max: percentile(&rested, 100).unwrap_or_default(),
        })
    }

    /// The measurements for a person.
    pub fn table(&self) -> String {
        let row = |name: &str, without: Percentiles, beside: Percentiles| {
            format!(
                "{name:<24}{:>7.0} {:>7.0} {:>9.0} {:>7.0} {:>8.2} {:>6.2}\n",
                without.p50,
                without.p95,
                beside.p50,
                beside.p95,
                beside.p50 / without.p50,
                beside.p95 / without.p95,
            )
        };
        format!(
            "{}, {} threads, {} and {} keys after {} pauses each\n\
             ms from key to answer    without p50  p95   beside p50  p95   ratio p50  p95\n{}{}\
             the training rested {:.0} ms after the first key (p95 {:.0}, longest {:.0})\n",
            self.model,
            self.threads,
            self.keys[0],
            self.keys[1],
            self.rounds,
            row("every key", self.without_ms, self.beside_ms),
            row(
                "the first after a pause",
                self.first_without_ms,
                self.first_beside_ms
            ),
            self.rested_after_ms.p50,
            self.rested_after_ms.p95,
            self.rested_after_ms_max,
        )
    }
}

fn all(bursts: &[Burst]) -> Vec<f64> {
    bursts
        .iter()
        .flat_map(|burst| burst.elapsed_ms.iter().copied())
        .collect()
}

fn firsts(bursts: &[Burst]) -> Vec<f64> {
    bursts.iter().filter_map(|burst| burst.first).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::subject::Subject;

    #[test]
    fn what_is_beside_the_training_is_set_against_what_is_without() {
        let options = YieldOptions {
            subject: Subject {
                binaries: PathBuf::new(),
                model: "m".to_owned(),
                model_file: PathBuf::new(),
                threads: 2,
            },
            corpus: PathBuf::new(),
            generic: None,
            language: "en".to_owned(),
            train_threads: 0,
            rounds: 2,
            keys: 2,
        };
        let burst = |elapsed_ms: [f64; 2], rested_after_ms| Burst {
            elapsed_ms: elapsed_ms.to_vec(),
            first: Some(elapsed_ms[0]),
            rested_after_ms,
        };
        let without = [burst([40.0, 20.0], 0.0), burst([40.0, 20.0], 0.0)];
        let beside = [burst([60.0, 20.0], 90.0), burst([50.0, 20.0], 120.0)];
        let report = YieldReport::of(&options, &without, &beside).unwrap();
        assert!((report.p95_ratio - 1.5).abs() < 1e-9, "{report:?}");
        assert!((report.p50_ratio - 1.0).abs() < 1e-9, "{report:?}");
        assert!((report.first_beside_ms.p50 - 50.0).abs() < 1e-9);
        assert!((report.rested_after_ms_max - 120.0).abs() < 1e-9);
        assert!(YieldReport::of(&options, &without, &[]).is_err());
    }
}
