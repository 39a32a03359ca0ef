//! What a training came to, as JSON with the contract's keys and as a table for a person.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::TrainOptions;
use super::trainer::{Gain, Planned, Ran};

/// The measurements.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrainReport {
    /// The base model's name.
    pub model: String,
    /// The language that was learned.
    pub language: String,
    /// Tokens a second while it trained.
    pub tokens_per_s: f64,
    /// The most memory that the trainer held, in MiB.
    pub peak_rss_mb: f64,
    /// Mean loss of a token in the first step that was told of; none where none was.
    pub loss_start: Option<f64>,
    /// In the last one.
    pub loss_end: Option<f64>,
    /// Loss of the documents that steer the training, before the first step.
    pub held_out_start: Option<f64>,
    /// The best of it.
    pub held_out_end: Option<f64>,
    /// Nats for each token of documents that it never saw, without the adapter.
    pub own_nll_base: f64,
    /// With it.
    pub own_nll_adapter: f64,
    /// By how many per cent the adapter lowers it.
    pub own_gain_pct: Interval,
    /// The same of generic prose, without the adapter; none where there is none.
    pub generic_nll_base: Option<f64>,
    /// With it.
    pub generic_nll_adapter: Option<f64>,
    /// By how many per cent it is lower.
    pub generic_gain_pct: Option<Interval>,
    /// `live` or `refused`, as the gate decided.
    pub state: String,
    /// Why it was refused.
    pub reasons: Vec<String>,
    /// Seconds of training, waiting not counted.
    pub seconds: f64,
    /// The fall of the held-out loss, in per cent, that `seconds_to_gain` is about.
    pub gain_percent: f64,
    /// Seconds until the held-out loss had fallen by that; none where it never did.
    pub seconds_to_gain: Option<f64>,
    /// The step of the best adapter.
    pub best_step: u64,
    /// How often it ran away and went back.
    pub retreats: u64,
    /// Each time that the held-out documents were foretold better than before.
    pub curve: Vec<CurvePoint>,
    /// Tokens to learn from.
    pub own_tokens: u64,
    /// Their documents.
    pub documents: usize,
    /// Tokens that are held out.
    pub held_out_tokens: u64,
    /// Their documents.
    pub held_out_documents: usize,
    /// Every number of the training: rank, steps, rate, whether blocks are computed again.
    pub chosen: Value,
}

/// A number and the interval in which it lies with 95 % certainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// As measured.
    pub gain: f64,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// A look at the held-out documents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Steps that were taken.
    pub step: u64,
    /// Seconds since the first one began, looks included.
    pub seconds: f64,
    /// Their loss.
    pub held_out: f64,
}

impl From<&Gain> for Interval {
    fn from(gain: &Gain) -> Self {
        Self {
            gain: gain.percent,
            low: gain.low_percent,
            high: gain.high_percent,
        }
    }
}

impl TrainReport {
    pub(super) fn of(options: &TrainOptions, planned: &Planned, ran: &Ran) -> Self {
        let (decision, facts) = (&ran.registered.decision, &ran.registered.facts);
        let looked = ran.heard.curve.iter();
        let curve: Vec<CurvePoint> = looked
            .map(|looked| CurvePoint {
                step: looked.step,
                seconds: looked.seconds,
                held_out: looked.held_out,
            })
            .collect();
        let generic = decision.generic.as_ref();
        Self {
            model: options.model.model.clone(),
            language: options.model.language.clone(),
            tokens_per_s: facts.tokens_per_s,
            peak_rss_mb: facts.peak_rss_mb.max(ran.rss_mb_max),
            loss_start: ran.heard.losses.map(|(first, _)| first),
            loss_end: ran.heard.losses.map(|(_, last)| last),
            held_out_start: curve.first().map(|point| point.held_out),
            held_out_end: curve.last().map(|point| point.held_out),
            own_nll_base: decision.own.base_loss,
            own_nll_adapter: decision.own.adapter_loss,
            own_gain_pct: Interval::from(&decision.own),
            generic_nll_base: generic.map(|gain| gain.base_loss),
            generic_nll_adapter: generic.map(|gain| gain.adapter_loss),
            generic_gain_pct: generic.map(Interval::from),
            state: ran.registered.state.clone(),
            reasons: decision.reasons.clone(),
            seconds: facts.seconds,
            gain_percent: options.gain_percent,
            seconds_to_gain: seconds_to(&curve, options.gain_percent),
            best_step: facts.best_step,
            retreats: facts.retreats,
            curve,
            own_tokens: planned.own_tokens,
            documents: planned.documents,
            held_out_tokens: planned.held_out_tokens,
            held_out_documents: planned.held_out_documents,
            chosen: planned.chosen.clone(),
        }
    }

    /// The measurements for a person.
    pub fn table(&self) -> String {
        let mut table = String::new();
        let known =
            |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.4}"));
        let change =
            |of: &Interval| format!("{:+.2} % [{:+.2}, {:+.2}]", -of.gain, -of.high, -of.low);
        let rows = [
            (
                "learned from",
                format!("{} tokens in {} documents", self.own_tokens, self.documents),
            ),
            (
                "speed",
                format!("{:.0} tokens/s, {:.0} s", self.tokens_per_s, self.seconds),
            ),
            ("memory at most", format!("{:.0} MiB", self.peak_rss_mb)),
            (
                "loss",
                format!("{} to {}", known(self.loss_start), known(self.loss_end)),
            ),
            (
                "held out",
                format!(
                    "{} to {}, by {} % after {} s",
                    known(self.held_out_start),
                    known(self.held_out_end),
                    self.gain_percent,
                    self.seconds_to_gain
                        .map_or("–".to_owned(), |seconds| format!("{seconds:.0}"))
                ),
            ),
            (
                "own, nats a token",
                format!(
                    "{:.4} to {:.4}, {}",
                    self.own_nll_base,
                    self.own_nll_adapter,
                    change(&self.own_gain_pct)
                ),
            ),
            (
                "generic",
                format!(
                    "{} to {}{}",
                    known(self.generic_nll_base),
                    known(self.generic_nll_adapter),
                    self.generic_gain_pct
                        .as_ref()
                        .map_or(String::new(), |gain| format!(", {}", change(gain)))
                ),
            ),
            ("the gate", self.verdict()),
        ];
        for (what, value) in rows {
            // Writing to a string cannot fail.
            let _infallible = writeln!(table, "{what:<19}{value}");
        }
        table
    }

    fn verdict(&self) -> String {
        if self.reasons.is_empty() {
            return self.state.clone();
        }
        format!("{}: {}", self.state, self.reasons.join("; "))
    }
}

/// Seconds until the loss had fallen by so many per cent of the first, between two looks as if it fell
/// evenly.
fn seconds_to(curve: &[CurvePoint], percent: f64) -> Option<f64> {
    let wanted = curve.first()?.held_out * (1.0 - percent / 100.0);
    let pairs = curve.windows(2);
    pairs
        .map(|pair| (pair[0], pair[1]))
        .find(|(_, after)| after.held_out <= wanted)
        .map(|(before, after)| {
            let fall = before.held_out - after.held_out;
            let share = if fall > 0.0 {
                (before.held_out - wanted) / fall
            } else {
                1.0
            };
            before.seconds + share * (after.seconds - before.seconds)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(step: u64, seconds: f64, held_out: f64) -> CurvePoint {
        CurvePoint {
            step,
            seconds,
            held_out,
        }
    }

    fn report() -> TrainReport {
        let interval = |gain: f64| Interval {
            gain,
            low: gain - 1.0,
            high: gain + 1.0,
        };
        let curve = vec![
            point(0, 0.0, 4.0),
            point(25, 50.0, 3.9),
            point(50, 100.0, 3.7),
        ];
        TrainReport {
            model: "m".to_owned(),
            language: "en".to_owned(),
            tokens_per_s: 250.0,
            peak_rss_mb: 900.0,
            loss_start: Some(3.9),
            loss_end: Some(3.4),
            held_out_start: Some(4.0),
            held_out_end: Some(3.7),
            own_nll_base: 3.5,
            own_nll_adapter: 3.3,
            own_gain_pct: interval(5.7),
            generic_nll_base: Some(3.0),
            generic_nll_adapter: Some(3.02),
            generic_gain_pct: Some(interval(-0.7)),
            state: "refused".to_owned(),
            reasons: vec!["why".to_owned()],
            seconds: 100.0,
            gain_percent: 5.0,
            seconds_to_gain: seconds_to(&curve, 5.0),
            best_step: 50,
            retreats: 0,
            curve,
            own_tokens: 15_000,
            documents: 12,
            held_out_tokens: 2_000,
            held_out_documents: 3,
            chosen: serde_json::json!({ "rank": 8 }),
        }
    }

    #[test]
    fn the_json_has_the_keys_of_the_contract() {
        let json = serde_json::to_value(report()).unwrap();
        for key in [
            "tokens_per_s",
            "peak_rss_mb",
            "loss_start",
            "loss_end",
            "own_nll_base",
            "own_nll_adapter",
            "generic_nll_base",
            "generic_nll_adapter",
            "seconds_to_gain",
        ] {
            assert!(json[key].is_f64(), "{key}: {json}");
        }
        assert_eq!(json["curve"][1]["step"], 25);
    }

    #[test]
    fn the_seconds_to_a_gain_lie_between_two_looks() {
        let curve = report().curve;
        // Five per cent are 0.2 of 4.0; half of the way from 3.9 to 3.7.
        let close = |percent, expected: f64| {
            let found = seconds_to(&curve, percent);
            assert!(
                found.is_some_and(|found| (found - expected).abs() < 1e-6),
                "{found:?}"
            );
        };
        close(5.0, 75.0);
        close(1.25, 25.0);
        assert_eq!(seconds_to(&curve, 50.0), None);
        assert_eq!(seconds_to(&[], 5.0), None);
    }

    #[test]
    fn the_table_says_what_it_cost_and_what_it_gains() {
        let table = report().table();
        assert!(
            table.contains("250 tokens/s") && table.contains("900 MiB"),
            "{table}"
        );
        assert!(
            table.contains("3.5000 to 3.3000, -5.70 % [-6.70, -4.70]"),
            "{table}"
        );
        assert!(
            table.contains("by 5 % after 75 s") && table.contains("refused: why"),
            "{table}"
        );
    }
}
