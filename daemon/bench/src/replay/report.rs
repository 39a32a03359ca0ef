//! What was played and what came of it, as JSON with the contract's keys.
//!
//! Not the table for a person (`table.rs`).

use std::collections::BTreeMap;

use inkstone_protocol::Technique;
use inkstone_settings::Preset;
use serde::Serialize;

use super::bootstrap::Difference;
use super::carets::Place;
use super::curve::{Comparison, CurvePoint, Order, RateGain, curve};
use super::nll::NllReport;
use super::points::{Choice, Correctness, Point};
use super::typing::Typed;
use crate::percentiles::{mean, percentile};

/// Every preset, the most careful first.
const PRESETS: [Preset; 4] = [Preset::Quiet, Preset::Balanced, Preset::Eager, Preset::All];

/// The results of each language, by its tag.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplayReport {
    /// The preset of the gate; of several, the first.
    pub preset: String,
    /// Names of the models, by the language that they served.
    pub models: BTreeMap<String, String>,
    /// Seed of all choices.
    pub seed: u64,
    /// What was worn: an adapter's file, or `none`; nothing where none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// What was left out.
    pub without: Vec<Technique>,
    /// Results by language.
    pub languages: BTreeMap<String, LanguageReport>,
}

/// The results of one language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LanguageReport {
    /// Documents that were played.
    pub documents: usize,
    /// Single carets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<PointsReport>,
    /// Passages typed key by key, with the first preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typing: Option<TypingReport>,
    /// The same passages, by preset.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub typing_presets: BTreeMap<String, TypingReport>,
    /// How surprising the documents are.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub nll: Option<NllReport>,
}

/// Single carets at the starts of words, and inside of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PointsReport {
    /// With the first preset.
    #[serde(flatten)]
    pub shown: PresetReport,
    /// Passages in which the carets stand.
    pub passages: usize,
    /// Why nothing was shown at any of the carets with the first preset, and how often.
    pub silences: BTreeMap<String, usize>,
    /// With each preset.
    pub presets: BTreeMap<String, PresetReport>,
    /// Precision at fixed rates of showing, without a gate, at the starts of words.
    pub curve: Curves,
    /// What the score gains in precision over the probability, at the starts of words, where both
    /// show equally many.
    pub curve_gain: Vec<RateGain>,
    /// The mean of these gains at shown rates of 5, 10 and so on to 40 %.
    pub mean_gain: Difference,
    /// Asked for by key, without a gate: apart from all that is shown by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_key: Option<ChoiceReport>,
}

/// What a person who asks by key can choose from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChoiceReport {
    /// Carets.
    pub positions: usize,
    /// Suggestions to choose from, on average.
    pub mean_given: f64,
    /// Of all carets, with the right word in the first.
    pub first_right_rate: f64,
    /// Of all carets, with the right word in one of them.
    pub any_right_rate: f64,
}

impl ChoiceReport {
    /// None when nobody asked by key.
    fn of(points: &[Point]) -> Option<Self> {
        let choices: Vec<Choice> = points.iter().filter_map(|point| point.choice).collect();
        let all = choices.len();
        let share = |part: usize| part as f64 / all.max(1) as f64;
        let first = choices.iter().filter(|choice| choice.right == Some(0));
        let any = choices.iter().filter(|choice| choice.right.is_some());
        (all > 0).then(|| Self {
            positions: all,
            mean_given: share(choices.iter().map(|choice| choice.given).sum()),
            first_right_rate: share(first.count()),
            any_right_rate: share(any.count()),
        })
    }
}

/// What a preset shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PresetReport {
    /// At the starts of words.
    #[serde(flatten)]
    pub word_start: Rates,
    /// Inside words.
    pub midword: Rates,
    /// What the score gains in precision over the probability, at the starts of words, where the
    /// probability shows as many as this preset.
    pub gain: Difference,
}

/// How often something was shown, and how often it was right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rates {
    /// Carets.
    pub positions: usize,
    /// Of these, with a suggestion.
    pub shown_rate: f64,
    /// Of those shown, with the right first word.
    pub precision_when_shown: f64,
    /// Of all carets, with a wrong suggestion.
    pub wrong_show_rate: f64,
}

/// The same carets ordered by two numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curves {
    /// By the score that the gate uses.
    pub by_score: Vec<CurvePoint>,
    /// By the model's probability of the first word.
    pub by_first_word_probability: Vec<CurvePoint>,
}

/// What a writer gains who takes each right word.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TypingReport {
    /// Characters written.
    pub chars: usize,
    /// One less keys over characters, in percent.
    pub keystrokes_saved_pct: f64,
    /// Suggestions with nothing right, for each hundred characters.
    pub wrong_shows_per_100_chars: f64,
    /// Characters taken of a suggestion of which something was.
    pub mean_accepted_chars: f64,
    /// From a key to the daemon's answer, as the editor sees it.
    pub latency_ms: Latency,
}

/// Percentiles of a time in milliseconds; none when nothing was asked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// The median.
    pub p50: Option<f64>,
    /// The value that one in twenty exceeds.
    pub p95: Option<f64>,
}

impl PointsReport {
    /// `points` were asked for without a gate.
    pub(super) fn new(points: &[Point], preset: Preset) -> Self {
        let (starts, inside) = (at(points, Place::WordStart), at(points, Place::InsideWord));
        let comparison = Comparison::new(&starts, &starts, Order::Probability);
        let of_preset = |preset| PresetReport {
            word_start: Rates::of(&starts, preset),
            midword: Rates::of(&inside, preset),
            gain: comparison.gain_by(preset),
        };
        let mut passages: Vec<usize> = points.iter().map(|point| point.passage).collect();
        passages.dedup();
        Self {
            shown: of_preset(preset),
            passages: passages.len(),
            silences: silences(points, preset),
            presets: PRESETS
                .into_iter()
                .map(|preset| (preset.word().to_owned(), of_preset(preset)))
                .collect(),
            curve: Curves {
                by_score: curve(&starts, Order::Score),
                by_first_word_probability: curve(&starts, Order::Probability),
            },
            curve_gain: comparison.gains(),
            mean_gain: comparison.mean_gain(),
            by_key: ChoiceReport::of(points),
        }
    }
}

fn silences(points: &[Point], preset: Preset) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for point in points {
        let reason = match &point.silence {
            None if point.shown_by(preset).is_none() => "unlikely",
            None => continue,
            Some(reason) => reason,
        };
        *counts.entry(reason.to_owned()).or_default() += 1;
    }
    counts
}

/// The points of a place.
pub(super) fn at(points: &[Point], place: Place) -> Vec<&Point> {
    let at_place = points.iter().filter(|point| point.place == place);
    at_place.collect()
}

impl Rates {
    pub(super) fn of(points: &[&Point], preset: Preset) -> Self {
        let (mut shown, mut right) = (0_usize, 0_usize);
        for correctness in points.iter().filter_map(|point| point.shown_by(preset)) {
            shown += 1;
            right += usize::from(correctness == Correctness::Right);
        }
        let share = |part: usize, all: usize| part as f64 / all.max(1) as f64;
        Self {
            positions: points.len(),
            shown_rate: share(shown, points.len()),
            precision_when_shown: share(right, shown),
            wrong_show_rate: share(shown - right, points.len()),
        }
    }
}

impl TypingReport {
    pub(super) fn of(passages: &[Typed]) -> Self {
        let typed = Typed::sum(passages);
        let chars = typed.chars.max(1) as f64;
        Self {
            chars: typed.chars,
            keystrokes_saved_pct: 100.0 * (typed.chars as f64 - typed.keys as f64) / chars,
            wrong_shows_per_100_chars: 100.0 * typed.wrong_shows as f64 / chars,
            mean_accepted_chars: mean(&typed.accepted_chars).unwrap_or_default(),
            latency_ms: Latency {
                p50: percentile(&typed.latency_ms, 50),
                p95: percentile(&typed.latency_ms, 95),
            },
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::points::tests::point;
    use super::*;

    pub(in super::super) fn report() -> ReplayReport {
        let mut points = [
            point(Place::WordStart, 0.5, Some(Correctness::Right)),
            point(Place::WordStart, 0.45, Some(Correctness::Wrong)),
            point(Place::WordStart, 0.1, Some(Correctness::Wrong)),
            point(Place::WordStart, 0.9, None),
            point(Place::InsideWord, 0.5, Some(Correctness::Right)),
        ];
        points[4].passage = 1;
        for (point, (given, right)) in points.iter_mut().zip([
            (3, Some(0)),
            (3, Some(2)),
            (1, None),
            (0, None),
            (3, Some(1)),
        ]) {
            point.choice = Some(Choice { given, right });
        }
        let typed = Typed {
            chars: 200,
            keys: 150,
            wrong_shows: 4,
            accepted_chars: vec![4.0, 8.0],
            latency_ms: vec![100.0, 300.0],
        };
        let typing = TypingReport::of(&[typed]);
        let english = LanguageReport {
            documents: 1,
            points: Some(PointsReport::new(&points, Preset::Balanced)),
            typing: Some(typing.clone()),
            typing_presets: [("balanced".to_owned(), typing)].into(),
            nll: Some(super::super::nll::tests::report()),
        };
        ReplayReport {
            preset: "balanced".into(),
            models: [("en".to_owned(), "m".to_owned())].into(),
            seed: 1,
            adapter: None,
            without: Vec::new(),
            languages: [("en".to_owned(), english)].into(),
        }
    }

    #[test]
    fn the_json_has_the_keys_of_the_contract() {
        let json = serde_json::to_value(report()).unwrap();
        let english = &json["languages"]["en"];
        for (key, value) in [
            ("/points/positions", 4.0),
            ("/points/shown_rate", 0.5),
            ("/points/precision_when_shown", 0.5),
            ("/points/wrong_show_rate", 0.25),
            ("/points/midword/precision_when_shown", 1.0),
            ("/points/passages", 2.0),
            ("/points/silences/unlikely", 1.0),
            ("/points/silences/empty", 1.0),
            ("/points/presets/all/shown_rate", 0.75),
            ("/points/curve/by_score/0/precision", 1.0),
            ("/points/curve_gain/0/shown_rate", 0.05),
            ("/points/curve_gain/0/gain", 1.0),
            ("/points/mean_gain/low", 0.8125),
            ("/points/gain/gain", 0.5),
            ("/points/by_key/positions", 5.0),
            ("/points/by_key/mean_given", 2.0),
            ("/points/by_key/first_right_rate", 0.2),
            ("/points/by_key/any_right_rate", 0.6),
            ("/typing/keystrokes_saved_pct", 25.0),
            ("/typing/wrong_shows_per_100_chars", 2.0),
            ("/typing/mean_accepted_chars", 6.0),
            ("/typing/latency_ms/p50", 100.0),
            ("/typing/latency_ms/p95", 300.0),
            ("/typing_presets/balanced/chars", 200.0),
            ("/own_nll", 3.0),
            ("/own_tokens", 4_800.0),
            ("/nll_ways/base/own_nll", 3.2),
            ("/nll_ways/adapter/own_change_pct/high", -4.0),
        ] {
            let found = english.pointer(key).and_then(serde_json::Value::as_f64);
            assert_eq!(found, Some(value), "{key}: {english}");
        }
    }

    #[test]
    fn what_was_not_played_has_no_numbers() {
        let mut report = report();
        for language in report.languages.values_mut() {
            language.typing = None;
            language.typing_presets.clear();
            language.nll = None;
        }
        let json = serde_json::to_value(report).unwrap();
        for key in ["typing", "own_nll", "nll"] {
            assert!(json["languages"]["en"].get(key).is_none(), "{json}");
        }
        assert!(json["languages"]["en"].get("points").is_some(), "{json}");
    }
}
