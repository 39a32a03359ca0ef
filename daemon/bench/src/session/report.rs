//! What a session gave, as JSON and as a table for a person.

use std::fmt::Write as _;

use inkstone_protocol::ModelReport;
use serde::Serialize;

use super::cancel::Cancels;
use super::play::{FirstReading, Played};
use super::{Recording, SessionOptions};
use crate::error::BenchError;
use crate::percentiles::{Percentiles, mean};
use crate::subject::Subject;
use crate::typist::Stroke;

/// The measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionReport {
    /// Name of the model.
    pub model: String,
    /// Instruction set of our CPU backend.
    pub instruction_set: Option<String>,
    /// Threads that decoded on our side; the server is started with as many.
    pub threads: u32,
    /// The longest suggestion in tokens, on both sides.
    pub max_tokens: u32,
    /// Tokens of the prompt at the first key.
    pub prompt_tokens: Sides<f64>,
    /// What was pressed.
    pub keys: KeyCounts,
    /// From a key to the suggestion, or to the answer that there is none: every key.
    pub all_keys_ms: Compared,
    /// Keys after which both sides decoded.
    pub both_decode_ms: Compared,
    /// Keys of which ours was the rest of the suggestion shown.
    pub type_through_ms: Option<Percentiles>,
    /// Prompt tokens computed for a key, on average; none where the server does not tell.
    pub tokens_prefilled_per_key: Sides<Option<f64>>,
    /// Tokens decoded for a key, on average.
    pub tokens_decoded_per_key: Sides<f64>,
    /// Both together.
    pub tokens_computed_per_key: Sides<Option<f64>>,
    /// From giving up a request that reads the whole document until the side is free again.
    pub cancel_ms: Sides<f64>,
    /// Of the keys that both decoded, how many percent had the same text.
    pub same_text_pct: f64,
}

/// A number of each side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sides<T> {
    /// Inkstone.
    pub ours: T,
    /// The server.
    pub server: T,
}

/// Times of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Compared {
    /// Inkstone.
    pub ours: Percentiles,
    /// The server.
    pub server: Percentiles,
    /// The arithmetic means.
    pub mean: Sides<f64>,
    /// Our median over the server's.
    pub p50_ratio: f64,
    /// Our 95th percentile over the server's.
    pub p95_ratio: f64,
}

/// What the keys were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KeyCounts {
    /// All of them.
    pub all: usize,
    /// Deletions.
    pub deletions: usize,
    /// Answered with the rest of the suggestion shown, the daemon not asked.
    pub typed_through: usize,
    /// Decoded by both sides.
    pub both_decode: usize,
    /// Answered with nothing, by a rule or by the daemon's verdict.
    pub silent: usize,
}

/// What was played.
pub(super) struct Parts {
    pub(super) first: FirstReading,
    pub(super) played: Vec<Played>,
    pub(super) cancel: Cancels,
    pub(super) engine: ModelReport,
    pub(super) prefilled: Option<Vec<f64>>,
}

impl SessionReport {
    pub(super) fn of(
        options: &SessionOptions,
        recording: &Recording,
        parts: Parts,
    ) -> Result<Self, BenchError> {
        let all: Vec<&Played> = parts.played.iter().collect();
        let decoded = |key: &&&Played| key.outcome.cost.is_some();
        let both: Vec<&Played> = all.iter().filter(decoded).copied().collect();
        let through: Vec<f64> = all
            .iter()
            .filter(|key| key.outcome.is_rest)
            .map(|key| key.ours.elapsed_ms)
            .collect();
        let prefilled = Sides {
            ours: Some(per_key(&all, |key| {
                key.outcome.cost.map_or(0, |cost| cost.tokens.prefilled)
            })),
            server: prefilled_by_server(&all, parts.prefilled),
        };
        let decoded = Sides {
            ours: per_key(&all, |key| {
                key.outcome.cost.map_or(0, |cost| cost.tokens.decoded)
            }),
            server: per_key(&all, |key| key.server.tokens_generated),
        };
        let same = both.iter().filter(|key| key.is_same_text).count();
        let is_deletion = |key: &&super::recording::Key| key.stroke == Stroke::Delete;
        Ok(Self {
            model: options.subject.model.clone(),
            instruction_set: parts.engine.instruction_set,
            threads: options.subject.threads,
            max_tokens: Subject::max_tokens(),
            prompt_tokens: Sides {
                ours: f64::from(parts.first.ours.tokens.prompt),
                server: parts.first.server_prompt_tokens as f64,
            },
            keys: KeyCounts {
                all: all.len(),
                deletions: recording.keys.iter().filter(is_deletion).count(),
                typed_through: through.len(),
                both_decode: both.len(),
                silent: all
                    .iter()
                    .filter(|key| key.ours.suggestion.is_none())
                    .count(),
            },
            all_keys_ms: Compared::of(&all)?,
            both_decode_ms: Compared::of(&both)?,
            type_through_ms: Percentiles::of(&through).ok(),
            tokens_prefilled_per_key: prefilled,
            tokens_decoded_per_key: decoded,
            tokens_computed_per_key: Sides {
                ours: prefilled.ours.map(|tokens| tokens + decoded.ours),
                server: prefilled.server.map(|tokens| tokens + decoded.server),
            },
            cancel_ms: Sides {
                ours: Percentiles::of(&parts.cancel.ours_ms)?.p50,
                server: Percentiles::of(&parts.cancel.server_ms)?.p50,
            },
            same_text_pct: 100.0 * same as f64 / both.len() as f64,
        })
    }

    /// The measurements for a person.
    pub fn table(&self) -> String {
        let KeyCounts {
            all,
            deletions,
            typed_through,
            both_decode,
            silent,
        } = self.keys;
        let mut table = String::new();
        for (name, value) in [
            ("model", format!("{}, {} threads", self.model, self.threads)),
            (
                "keys",
                format!(
                    "{all}: {both_decode} decoded by both, {typed_through} typed as suggested, \
                     {silent} without a suggestion, {deletions} deletions"
                ),
            ),
            ("every key", self.all_keys_ms.row()),
            ("keys that both decode", self.both_decode_ms.row()),
            (
                "typed as suggested",
                self.type_through_ms.map_or_else(
                    || "no key".to_owned(),
                    |ms| format!("p50 {:.2}, p99 {:.2} ms", ms.p50, ms.p99),
                ),
            ),
            (
                "tokens computed per key",
                format!(
                    "ours {}, server {}",
                    tokens(self.tokens_computed_per_key.ours),
                    tokens(self.tokens_computed_per_key.server)
                ),
            ),
            (
                "free after a cancel",
                format!(
                    "ours {:.0} ms, server {:.0} ms",
                    self.cancel_ms.ours, self.cancel_ms.server
                ),
            ),
            (
                "same text from both",
                format!("{:.0} %", self.same_text_pct),
            ),
        ] {
            // Writing to a string cannot fail.
            let _infallible = writeln!(table, "{name:<32}{value}");
        }
        table
    }
}

impl Compared {
    fn of(keys: &[&Played]) -> Result<Self, BenchError> {
        let ours: Vec<f64> = keys.iter().map(|key| key.ours.elapsed_ms).collect();
        let server: Vec<f64> = keys.iter().map(|key| key.server.elapsed_ms).collect();
        let mean = Sides {
            ours: mean(&ours).unwrap_or_default(),
            server: mean(&server).unwrap_or_default(),
        };
        let (ours, server) = (Percentiles::of(&ours)?, Percentiles::of(&server)?);
        Ok(Self {
            ours,
            server,
            mean,
            p50_ratio: ours.p50 / server.p50,
            p95_ratio: ours.p95 / server.p95,
        })
    }

    fn row(&self) -> String {
        format!(
            "ours p50 {:.1}, p95 {:.1} ms; server p50 {:.1}, p95 {:.1} ms; ratio {:.2}, {:.2}",
            self.ours.p50,
            self.ours.p95,
            self.server.p50,
            self.server.p95,
            self.p50_ratio,
            self.p95_ratio
        )
    }
}

fn tokens(count: Option<f64>) -> String {
    count.map_or_else(|| "unknown".to_owned(), |count| format!("{count:.1}"))
}

fn per_key(keys: &[&Played], value: impl Fn(&Played) -> u32) -> f64 {
    let values: Vec<f64> = keys.iter().map(|key| f64::from(value(key))).collect();
    mean(&values).unwrap_or_default()
}

/// By the server's own answers where they tell, by its log otherwise.
fn prefilled_by_server(keys: &[&Played], logged: Option<Vec<f64>>) -> Option<f64> {
    let told: Option<Vec<f64>> = keys
        .iter()
        .map(|key| key.server.tokens_prefilled.map(f64::from))
        .collect();
    // The log goes on with the requests that were given up.
    let logged = logged.map(|logged| logged.into_iter().take(keys.len()).collect::<Vec<_>>());
    mean(&told.or(logged)?)
}

#[cfg(test)]
mod tests {
    use inkstone_protocol::{Timing, TokenUse};

    use super::*;
    use crate::session::server::Served;
    use crate::typist::{Asked, Cost, Outcome};

    fn played(ours_ms: f64, server_ms: f64, decoded: Option<u32>) -> Played {
        let cost = decoded.map(|decoded| Cost {
            timing: Timing::default(),
            tokens: TokenUse {
                prompt: 2_000,
                reused: 1_998,
                prefilled: 2,
                decoded,
            },
        });
        Played {
            ours: Asked {
                elapsed_ms: ours_ms,
                suggestion: Some(" and".to_owned()),
            },
            outcome: Outcome {
                is_rest: cost.is_none(),
                cost,
                reason: None,
            },
            server: Served {
                elapsed_ms: server_ms,
                text: " and".to_owned(),
                tokens_generated: 10,
                tokens_prefilled: None,
            },
            is_same_text: true,
        }
    }

    #[test]
    fn the_medians_of_all_keys_and_of_those_that_both_decode_are_compared() {
        let keys = [played(0.5, 100.0, None), played(90.0, 100.0, Some(10))];
        let keys: Vec<&Played> = keys.iter().collect();
        let all = Compared::of(&keys).unwrap();
        assert!((all.p50_ratio - 0.005).abs() < 1e-9, "{all:?}");
        let both = Compared::of(&keys[1..]).unwrap();
        assert!((both.p50_ratio - 0.9).abs() < 1e-9, "{both:?}");
    }

    #[test]
    fn tokens_of_the_server_come_from_its_answers_or_from_its_log() {
        let keys = [played(0.5, 100.0, None), played(90.0, 100.0, Some(10))];
        let mut keys: Vec<&Played> = keys.iter().collect();
        assert_eq!(prefilled_by_server(&keys, None), None);
        let log = vec![2.0, 4.0, 9_000.0];
        assert_eq!(prefilled_by_server(&keys, Some(log)), Some(3.0));
        let mut told = played(1.0, 1.0, None);
        told.server.tokens_prefilled = Some(7);
        keys = vec![&told];
        assert_eq!(prefilled_by_server(&keys, Some(vec![1.0])), Some(7.0));
    }
}
