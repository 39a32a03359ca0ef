//! What was measured, as JSON with the contract's keys and as a table for a person.

use std::fmt::Write as _;

use inkstone_protocol::ModelReport;
use serde::Serialize;

use super::cold::{FirstAsk, Load};
use super::memory::Memory;
use super::type_through::TypeThrough;
use super::warm::{Warm, WarmStep};
use crate::error::BenchError;
use crate::percentiles::{Percentiles, mean};
use crate::subject::Subject;

/// The measurements, by the keys of the contract and some that explain them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LatencyReport {
    /// Name of the model.
    pub model: String,
    /// Device that computed.
    pub device: Option<String>,
    /// Instruction set of the CPU backend.
    pub instruction_set: Option<String>,
    /// Threads that decoded, on both sides.
    pub threads: u32,
    /// Tokens of the prompt at the end of the 1,000-token document.
    pub prompt_tokens: u32,
    /// A question to a daemon without a model in memory: until it could begin.
    pub cold_load_ms: f64,
    /// The same question: until the suggestion came, the start of the daemon included.
    pub cold_suggestion_ms: f64,
    /// First question in the document: until the first token was known.
    pub ttft_cold_ms: f64,
    /// The same question: until the editor had the suggestion.
    pub suggestion_cold_ms: f64,
    /// A key in a known document: until the first token was known.
    pub ttft_warm_ms: Percentiles,
    /// A key in a known document: until the editor had the suggestion.
    pub suggestion_ms: Percentiles,
    /// Plain llama.cpp for the same keys: the same text read, as many tokens decoded.
    pub raw_decode_ms: f64,
    /// Our median over plain llama.cpp's.
    pub overhead_ratio: f64,
    /// Of the keys, how many percent had the same text from both.
    pub same_text_pct: f64,
    /// Tokens decoded in a second.
    pub decode_tokens_per_s: f64,
    /// Prompt tokens read in a second.
    pub prefill_tokens_per_s: f64,
    /// The same by plain llama.cpp.
    pub raw_prefill_tokens_per_s: f64,
    /// From a cancellation until the daemon was idle.
    pub cancel_ms: f64,
    /// A key that the shown suggestion begins with: until the editor had the rest.
    pub type_through_us: f64,
    /// Whether the daemon was asked while suggestions were typed: no, if all is well.
    pub type_through_asked_daemon: bool,
    /// Prompt tokens computed for a key in a known document, on average.
    pub tokens_decoded_per_key: f64,
    /// The same in percentiles.
    pub tokens_prefilled_per_key: Percentiles,
    /// Tokens of the suggestion for a key.
    pub tokens_generated_per_key: Percentiles,
    /// Keys that the daemon answered.
    pub keys_measured: usize,
    /// Keys that it did not have to answer.
    pub keys_without_daemon: usize,
    /// Keys left out of the comparison: the sides did not come to the same number of tokens.
    pub keys_not_comparable: usize,
    /// Memory with one 4,000-token document.
    pub rss_mb: RssMb,
}

/// Resident memory in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RssMb {
    /// Of the language server; none where the system does not tell.
    pub lsp: Option<f64>,
    /// Of the daemon.
    pub daemon: f64,
    /// Size of the model's file.
    pub model_file: f64,
    /// Tokens that the daemon read of the document.
    pub prompt_tokens: u32,
}

/// What the measurements gave.
pub(super) struct Parts {
    pub(super) memory: Memory,
    pub(super) load: Load,
    pub(super) first: FirstAsk,
    pub(super) warm: Warm,
    pub(super) type_through: TypeThrough,
    pub(super) cancel: Vec<f64>,
    pub(super) engine: ModelReport,
}

impl LatencyReport {
    pub(super) fn from_parts(options: &Subject, parts: Parts) -> Result<Self, BenchError> {
        let steps = &parts.warm.steps;
        let of = |value: fn(&WarmStep) -> f64| steps.iter().map(value).collect::<Vec<f64>>();
        let suggestion_ms = Percentiles::of(&of(|step| step.suggestion_ms))?;
        let raw_decode_ms = Percentiles::of(&of(|step| step.raw.total_ms))?.p50;
        let prefilled = of(|step| f64::from(step.cost.tokens.prefilled));
        let first = parts.first.cost;
        let model_bytes = std::fs::metadata(&options.model_file).map_or(0, |file| file.len());
        Ok(Self {
            model: options.model.clone(),
            device: parts.engine.device,
            instruction_set: parts.engine.instruction_set,
            threads: options.threads,
            prompt_tokens: first.tokens.prompt,
            cold_load_ms: parts.load.load_ms,
            cold_suggestion_ms: parts.load.first_suggestion_ms,
            ttft_cold_ms: first.timing.ttft_ms,
            suggestion_cold_ms: parts.first.suggestion_ms,
            ttft_warm_ms: Percentiles::of(&of(|step| step.cost.timing.ttft_ms))?,
            suggestion_ms,
            raw_decode_ms,
            overhead_ratio: suggestion_ms.p50 / raw_decode_ms,
            same_text_pct: 100.0 * of(|step| f64::from(step.is_same_text)).iter().sum::<f64>()
                / steps.len() as f64,
            decode_tokens_per_s: decode_rate(steps)?,
            prefill_tokens_per_s: rate(first.tokens.prefilled, first.timing.prefill_ms),
            raw_prefill_tokens_per_s: rate(
                parts.warm.raw_cold.tokens_prefilled,
                parts.warm.raw_cold.prefill_ms,
            ),
            cancel_ms: Percentiles::of(&parts.cancel)?.p50,
            type_through_us: Percentiles::of(&parts.type_through.keys_us)?.p50,
            type_through_asked_daemon: parts.type_through.asked_daemon,
            tokens_decoded_per_key: mean(&prefilled).unwrap_or_default(),
            tokens_prefilled_per_key: Percentiles::of(&prefilled)?,
            tokens_generated_per_key: Percentiles::of(&of(|s| f64::from(s.cost.tokens.decoded)))?,
            keys_measured: steps.len(),
            keys_without_daemon: parts.warm.keys_without_daemon,
            keys_not_comparable: parts.warm.keys_not_comparable,
            rss_mb: RssMb {
                lsp: parts.memory.lsp_mb,
                daemon: parts.memory.daemon_mb,
                model_file: model_bytes as f64 / (1_024.0 * 1_024.0),
                prompt_tokens: parts.memory.prompt_tokens,
            },
        })
    }

    /// The measurements for a person.
    pub fn table(&self) -> String {
        let mut table = String::new();
        let unknown = "unknown".to_owned();
        for (name, value) in [
            ("model", self.model.clone()),
            (
                "computed by",
                format!(
                    "{} {}, {} threads",
                    self.device.as_ref().unwrap_or(&unknown),
                    self.instruction_set.as_deref().unwrap_or_default(),
                    self.threads
                ),
            ),
            ("load, cold daemon", format!("{:.0} ms", self.cold_load_ms)),
            (
                "first suggestion, cold daemon",
                format!("{:.0} ms", self.cold_suggestion_ms),
            ),
            (
                "first token, cold document",
                format!(
                    "{:.0} ms ({} tokens)",
                    self.ttft_cold_ms, self.prompt_tokens
                ),
            ),
            ("first token, warm key", milliseconds(self.ttft_warm_ms)),
            ("suggestion, warm key", milliseconds(self.suggestion_ms)),
            (
                "plain llama.cpp, same tokens",
                format!("{:.1} ms", self.raw_decode_ms),
            ),
            (
                "ours over plain llama.cpp",
                format!("{:.3}", self.overhead_ratio),
            ),
            (
                "same text from both",
                format!("{:.0} %", self.same_text_pct),
            ),
            (
                "decoding",
                format!("{:.0} tokens/s", self.decode_tokens_per_s),
            ),
            (
                "prefill",
                format!(
                    "{:.0} tokens/s (plain: {:.0})",
                    self.prefill_tokens_per_s, self.raw_prefill_tokens_per_s
                ),
            ),
            ("prompt tokens computed per key", self.per_key()),
            ("cancel", format!("{:.1} ms", self.cancel_ms)),
            (
                "typing the suggestion",
                format!("{:.0} µs a key", self.type_through_us),
            ),
            ("memory, 4,000-token document", self.memory()),
        ] {
            // Writing to a string cannot fail.
            let _infallible = writeln!(table, "{name:<32}{value}");
        }
        table
    }

    fn per_key(&self) -> String {
        let Percentiles { p50, p95, .. } = self.tokens_prefilled_per_key;
        format!(
            "{:.1} (p50 {p50:.0}, p95 {p95:.0}; {} keys)",
            self.tokens_decoded_per_key, self.keys_measured
        )
    }

    fn memory(&self) -> String {
        let RssMb {
            lsp,
            daemon,
            model_file,
            ..
        } = self.rss_mb;
        let lsp = lsp.map_or_else(|| "unknown".to_owned(), |mb| format!("{mb:.0} MiB"));
        let over = daemon - model_file;
        format!("language server {lsp}, daemon {daemon:.0} MiB (model file {over:+.0})")
    }
}

fn milliseconds(Percentiles { p50, p95, p99 }: Percentiles) -> String {
    format!("p50 {p50:.1}, p95 {p95:.1}, p99 {p99:.1} ms")
}

/// The median of the keys' rates, after the first token, which belongs to the prefill.
fn decode_rate(steps: &[WarmStep]) -> Result<f64, BenchError> {
    let several = steps.iter().filter(|step| step.cost.tokens.decoded > 1);
    let rates: Vec<f64> = several
        .map(|step| {
            rate(
                step.cost.tokens.decoded - 1,
                step.cost.timing.total_ms - step.cost.timing.ttft_ms,
            )
        })
        .collect();
    Ok(Percentiles::of(&rates)?.p50)
}

fn rate(tokens: u32, elapsed_ms: f64) -> f64 {
    f64::from(tokens) * 1_000.0 / elapsed_ms
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use inkstone_protocol::{ModelState, Timing, TokenUse};

    use super::super::raw::RawStep;
    use super::*;
    use crate::typist::Cost;

    fn cost(prefilled: u32, decoded: u32) -> Cost {
        Cost {
            tokens: TokenUse {
                prompt: 1_000,
                reused: 1_000 - prefilled,
                prefilled,
                decoded,
            },
            timing: Timing {
                queue_ms: 1.0,
                prefill_ms: 10.0,
                ttft_ms: 20.0,
                total_ms: 110.0,
            },
        }
    }

    fn raw(total_ms: f64) -> RawStep {
        let text = String::new();
        RawStep {
            prefill_ms: 10.0,
            total_ms,
            tokens_prefilled: 1,
            tokens_decoded: 10,
            text,
        }
    }

    fn report() -> LatencyReport {
        let step = |suggestion_ms, prefilled| WarmStep {
            suggestion_ms,
            cost: cost(prefilled, 10),
            raw: raw(100.0),
            is_same_text: true,
        };
        let steps = vec![step(100.0, 1), step(110.0, 2), step(120.0, 3)];
        let model_file = PathBuf::from("/nowhere.gguf");
        let parts = Parts {
            memory: Memory {
                lsp_mb: Some(20.0),
                daemon_mb: 300.0,
                prompt_tokens: 3_900,
            },
            load: Load {
                load_ms: 500.0,
                first_suggestion_ms: 900.0,
            },
            first: FirstAsk {
                suggestion_ms: 2_000.0,
                cost: cost(1_000, 10),
            },
            warm: Warm {
                steps,
                raw_cold: raw(2_000.0),
                keys_without_daemon: 4,
                keys_not_comparable: 0,
            },
            type_through: TypeThrough {
                keys_us: vec![300.0],
                asked_daemon: false,
            },
            cancel: vec![30.0, 10.0, 20.0],
            engine: ModelReport {
                name: "m".into(),
                languages: vec!["en".into()],
                state: ModelState::Loaded,
                problem: None,
                device: Some("CPU".into()),
                instruction_set: Some("AVX2".into()),
                layers_offloaded: 0,
                layers: 31,
                weights_mb: 94.0,
                kv_mb: 90.0,
                context_tokens: 4_096,
                sequences_used: 1,
                sequences: 4,
                is_made_smaller: false,
                loads: 1,
                released: None,
                computation: None,
                drafts: None,
                recollection: None,
            },
        };
        let binaries = PathBuf::from("/nowhere");
        let options = Subject {
            binaries,
            model: "m".into(),
            model_file,
            threads: 2,
        };
        LatencyReport::from_parts(&options, parts).unwrap()
    }

    #[test]
    fn the_ratio_is_our_median_over_the_plain_median() {
        let report = report();
        assert!((report.overhead_ratio - 1.1).abs() < 1e-9);
        assert!((report.tokens_decoded_per_key - 2.0).abs() < 1e-9);
        assert!((report.decode_tokens_per_s - 100.0).abs() < 1e-9);
        assert!((report.cancel_ms - 20.0).abs() < 1e-9);
    }

    #[test]
    fn the_json_has_every_key_of_the_contract() {
        let json = serde_json::to_value(report()).unwrap();
        for key in [
            "/cold_load_ms",
            "/ttft_cold_ms",
            "/ttft_warm_ms/p50",
            "/ttft_warm_ms/p95",
            "/ttft_warm_ms/p99",
            "/suggestion_ms/p50",
            "/suggestion_ms/p95",
            "/raw_decode_ms",
            "/overhead_ratio",
            "/decode_tokens_per_s",
            "/prefill_tokens_per_s",
            "/cancel_ms",
            "/type_through_us",
            "/tokens_decoded_per_key",
            "/rss_mb/lsp",
            "/rss_mb/daemon",
        ] {
            assert!(
                json.pointer(key).is_some_and(serde_json::Value::is_number),
                "{key}"
            );
        }
    }

    #[test]
    fn the_table_says_the_ratio_and_the_memory() {
        let table = report().table();
        assert!(
            table.contains("ours over plain llama.cpp       1.100"),
            "{table}"
        );
        assert!(table.contains("daemon 300 MiB"), "{table}");
    }
}
