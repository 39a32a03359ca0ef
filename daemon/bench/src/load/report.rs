//! What typing into many documents gave, as JSON and as a table for a person.

use std::fmt::Write as _;

use serde::Serialize;

use super::{DocumentLoad, LoadOptions, LoadedKey};
use crate::error::BenchError;
use crate::percentiles::{Percentiles, mean, percentile};

/// The measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadReport {
    /// Name of the model.
    pub model: String,
    /// Threads that decoded.
    pub threads: u32,
    /// Keys in each document.
    pub keys_per_document: usize,
    /// Tokens of each document before the first key, roughly.
    pub document_tokens: usize,
    /// One for each number of documents.
    pub runs: Vec<LoadRun>,
}

/// One number of documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadRun {
    /// How many were typed into at once.
    pub documents: usize,
    /// What was written beside; none where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
    /// From a key until its first batch, over the same keys.
    pub queue_ms: Percentiles,
    /// From a key to the answer, over the keys of all documents for which the daemon decoded.
    pub latency_ms: Percentiles,
    /// Keys that the daemon decoded for.
    pub keys_decoded: usize,
    /// Keys that it did not.
    pub keys_without_daemon: usize,
    /// Median of the slowest document over the median of the documents' medians.
    pub max_over_median: f64,
    /// The same with the documents' 95th percentiles.
    pub max_over_median_p95: f64,
    /// Prompt tokens computed for a key, on average.
    pub tokens_prefilled_per_key: f64,
    /// Memory of the daemon in MiB after all documents were read.
    pub rss_mb_before: f64,
    /// The same after the last key.
    pub rss_mb_after: f64,
}

/// A long text beside the typists.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Beside {
    /// How many texts.
    pub texts: u32,
    /// Tokens of all of them.
    pub tokens: u32,
    /// Tokens of their prompts that were computed.
    pub prefilled: u32,
    /// Milliseconds from the first token of each to its last.
    pub decoding_ms: f64,
}

impl Beside {
    /// Milliseconds of one batch, in which each text gets one token.
    pub fn batch_ms(&self) -> f64 {
        self.decoding_ms / f64::from(self.tokens.saturating_sub(self.texts).max(1))
    }
}

impl LoadReport {
    pub(super) fn of(options: &LoadOptions, runs: Vec<LoadRun>) -> Self {
        Self {
            model: options.subject.model.clone(),
            threads: options.subject.threads,
            keys_per_document: options.keys,
            document_tokens: options.document_tokens,
            runs,
        }
    }

    /// The measurements for a person.
    pub fn table(&self) -> String {
        let mut table = format!("{}, {} threads\n", self.model, self.threads);
        table.push_str(
            "documents   p50 ms   p95 ms   waited p95 ms   slowest/median   prompt tokens a key   memory MiB\n",
        );
        for run in &self.runs {
            // Writing to a string cannot fail.
            let _infallible = writeln!(
                table,
                "{:>9} {:>8.0} {:>8.0} {:>15.0} {:>16.2} {:>21.0} {:>7.0} → {:.0}{}",
                run.documents,
                run.latency_ms.p50,
                run.latency_ms.p95,
                run.queue_ms.p95,
                run.max_over_median,
                run.tokens_prefilled_per_key,
                run.rss_mb_before,
                run.rss_mb_after,
                run.beside.map(beside_note).unwrap_or_default()
            );
        }
        table
    }
}

fn beside_note(beside: Beside) -> String {
    let Beside {
        texts,
        tokens,
        prefilled,
        ..
    } = beside;
    let batch_ms = beside.batch_ms();
    format!(
        "   beside: {tokens} tokens in {texts} texts after {prefilled} read, {batch_ms:.0} ms a batch"
    )
}

impl LoadRun {
    /// `rss_mb` is before and after.
    pub(super) fn of(
        documents: usize,
        loads: &[DocumentLoad],
        rss_mb: [f64; 2],
        beside: Option<Beside>,
    ) -> Result<Self, BenchError> {
        let all: Vec<&LoadedKey> = loads.iter().flat_map(|load| &load.keys).collect();
        let elapsed: Vec<f64> = all.iter().map(|key| key.elapsed_ms).collect();
        let queued: Vec<f64> = all.iter().map(|key| key.cost.timing.queue_ms).collect();
        let prefilled: Vec<f64> = all
            .iter()
            .map(|key| f64::from(key.cost.tokens.prefilled))
            .collect();
        Ok(Self {
            documents,
            beside,
            queue_ms: Percentiles::of(&queued)?,
            latency_ms: Percentiles::of(&elapsed)?,
            keys_decoded: all.len(),
            keys_without_daemon: loads.iter().map(|load| load.keys_without_daemon).sum(),
            max_over_median: max_over_median(loads, 50),
            max_over_median_p95: max_over_median(loads, 95),
            tokens_prefilled_per_key: mean(&prefilled).unwrap_or_default(),
            rss_mb_before: rss_mb[0],
            rss_mb_after: rss_mb[1],
        })
    }
}

/// How much worse off the slowest document is than the one in the middle, by this percentile of its
/// keys.
fn max_over_median(loads: &[DocumentLoad], percent: usize) -> f64 {
    let of = |load: &DocumentLoad| {
        let elapsed: Vec<f64> = load.keys.iter().map(|key| key.elapsed_ms).collect();
        percentile(&elapsed, percent)
    };
    let each: Vec<f64> = loads.iter().filter_map(of).collect();
    match (percentile(&each, 100), percentile(&each, 50)) {
        (Some(max), Some(median)) => max / median,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use inkstone_protocol::{Timing, TokenUse};

    use super::*;
    use crate::typist::Cost;

    fn load(elapsed_ms: &[f64]) -> DocumentLoad {
        let cost = Cost {
            timing: Timing::default(),
            tokens: TokenUse::default(),
        };
        let keys = elapsed_ms
            .iter()
            .map(|&elapsed_ms| LoadedKey { elapsed_ms, cost });
        DocumentLoad {
            keys: keys.collect(),
            keys_without_daemon: 1,
        }
    }

    #[test]
    fn the_slowest_document_is_set_against_the_one_in_the_middle() {
        let loads = [
            load(&[100.0, 110.0, 120.0]),
            load(&[90.0, 100.0, 500.0]),
            load(&[10.0, 300.0, 310.0]),
        ];
        let run = LoadRun::of(3, &loads, [300.0, 310.0], None).unwrap();
        assert!(
            (run.max_over_median - 300.0 / 110.0).abs() < 1e-9,
            "{run:?}"
        );
        assert_eq!((run.keys_decoded, run.keys_without_daemon), (9, 3));
    }

    #[test]
    fn a_batch_is_what_lies_between_two_tokens_of_a_text() {
        let beside = Beside {
            texts: 2,
            tokens: 102,
            prefilled: 400,
            decoding_ms: 1_000.0,
        };
        assert!((beside.batch_ms() - 10.0).abs() < 1e-9);
        assert!(Beside::default().batch_ms().abs() < 1e-9);
    }
}
