//! What was played and what came of it, as JSON with the contract's keys and as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::carets::Place;
use super::curve::{CurvePoint, curve, precision};
use super::points::{Correctness, Point};
use super::typing::Typed;
use crate::percentiles::{mean, percentile};

/// The results of each language, by its tag.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplayReport {
    /// The preset of the gate.
    pub preset: String,
    /// Names of the models, by the language that they served.
    pub models: BTreeMap<String, String>,
    /// Seed of all choices.
    pub seed: u64,
    /// Results by language.
    pub languages: BTreeMap<String, LanguageReport>,
}

/// The results of one language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LanguageReport {
    /// Documents that were played.
    pub documents: usize,
    /// Single carets.
    pub points: PointsReport,
    /// Passages typed key by key.
    pub typing: TypingReport,
}

/// Single carets at the starts of words, and inside of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PointsReport {
    /// At the starts of words.
    #[serde(flatten)]
    pub word_start: Rates,
    /// Inside words.
    pub midword: Rates,
    /// Why nothing was shown at any of the carets, and how often.
    pub silences: BTreeMap<String, usize>,
    /// Precision at fixed rates of showing, without a gate, at the starts of words.
    pub curve: Curves,
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

impl LanguageReport {
    /// `gated` were shown as a writer would see them, `ungated` whatever the gate thinks of it.
    pub(super) fn new(documents: usize, gated: &[Point], ungated: &[Point], typed: &Typed) -> Self {
        let starts: Vec<Point> = at(ungated, Place::WordStart);
        Self {
            documents,
            points: PointsReport {
                word_start: Rates::of(&at(gated, Place::WordStart)),
                midword: Rates::of(&at(gated, Place::InsideWord)),
                silences: silences(gated),
                curve: Curves {
                    by_score: curve(&starts, |point| Some(point.confidence?.score)),
                    by_first_word_probability: curve(&starts, |point| {
                        Some(point.confidence?.first_word_probability)
                    }),
                },
            },
            typing: TypingReport::of(typed),
        }
    }
}

fn silences(points: &[Point]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reason in points.iter().filter_map(|point| point.silence.as_ref()) {
        *counts.entry(reason.clone()).or_default() += 1;
    }
    counts
}

fn at(points: &[Point], place: Place) -> Vec<Point> {
    let at_place = points.iter().filter(|point| point.place == place);
    at_place.cloned().collect()
}

impl Rates {
    fn of(points: &[Point]) -> Self {
        let shown = || points.iter().filter_map(|point| point.shown);
        let wrong = shown().filter(|shown| *shown == Correctness::Wrong);
        let of_all = |count: usize| count as f64 / points.len().max(1) as f64;
        Self {
            positions: points.len(),
            shown_rate: of_all(shown().count()),
            precision_when_shown: precision(shown()),
            wrong_show_rate: of_all(wrong.count()),
        }
    }
}

impl TypingReport {
    fn of(typed: &Typed) -> Self {
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

impl ReplayReport {
    /// The results for a person.
    pub fn table(&self) -> String {
        let mut table = format!("preset {}\n", self.preset);
        for (language, report) in &self.languages {
            let model = self.models.get(language).map_or("", String::as_str);
            // Writing to a string cannot fail.
            let _infallible = writeln!(table, "\n{language}, {model}: {}", report.sentence());
            for (name, rates) in [
                ("word starts", report.points.word_start),
                ("inside words", report.points.midword),
            ] {
                let _infallible = writeln!(table, "{name:<16}{}", rates.row());
            }
            for (name, curve) in [
                ("by score", &report.points.curve.by_score),
                (
                    "by probability",
                    &report.points.curve.by_first_word_probability,
                ),
            ] {
                let cells = curve.iter().map(CurvePoint::cell).collect::<Vec<_>>();
                let _infallible = writeln!(table, "{name:<16}{}", cells.join("  "));
            }
            let _infallible = writeln!(table, "{:<16}{}", "typing", report.typing.row());
        }
        table
    }
}

impl LanguageReport {
    fn sentence(&self) -> String {
        format!("{} documents", self.documents)
    }
}

impl Rates {
    fn row(&self) -> String {
        format!(
            "{} carets, shown at {:.1} %, right {:.1} % of those, wrong at {:.1} % of all",
            self.positions,
            100.0 * self.shown_rate,
            100.0 * self.precision_when_shown,
            100.0 * self.wrong_show_rate,
        )
    }
}

impl CurvePoint {
    fn cell(&self) -> String {
        format!("{:.0} %: {:.2}", self.shown_pct, self.precision)
    }
}

impl TypingReport {
    fn row(&self) -> String {
        let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0}"));
        format!(
            "{:.1} % of keys saved, {:.1} wrong shows per 100 characters, {:.1} characters taken at \
             a time, {} ms (p95 {})",
            self.keystrokes_saved_pct,
            self.wrong_shows_per_100_chars,
            self.mean_accepted_chars,
            ms(self.latency_ms.p50),
            ms(self.latency_ms.p95),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::desk::Confidence;
    use super::*;

    fn report() -> ReplayReport {
        let point = |place, shown| Point {
            place,
            shown,
            confidence: Some(Confidence {
                first_word_probability: 0.5,
                score: 0.5,
            }),
            silence: shown.is_none().then(|| "unlikely".to_owned()),
        };
        let points = [
            point(Place::WordStart, Some(Correctness::Right)),
            point(Place::WordStart, Some(Correctness::Wrong)),
            point(Place::WordStart, None),
            point(Place::WordStart, None),
            point(Place::InsideWord, Some(Correctness::Right)),
        ];
        let typed = Typed {
            chars: 200,
            keys: 150,
            wrong_shows: 4,
            accepted_chars: vec![4.0, 8.0],
            latency_ms: vec![100.0, 300.0],
        };
        let english = LanguageReport::new(1, &points, &points, &typed);
        ReplayReport {
            preset: "balanced".into(),
            models: [("en".to_owned(), "m".to_owned())].into(),
            seed: 1,
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
            ("/points/silences/unlikely", 2.0),
            ("/points/curve/by_score/0/precision", 1.0),
            ("/typing/keystrokes_saved_pct", 25.0),
            ("/typing/wrong_shows_per_100_chars", 2.0),
            ("/typing/mean_accepted_chars", 6.0),
            ("/typing/latency_ms/p50", 100.0),
            ("/typing/latency_ms/p95", 300.0),
        ] {
            let found = english.pointer(key).and_then(serde_json::Value::as_f64);
            assert_eq!(found, Some(value), "{key}: {english}");
        }
    }

    #[test]
    fn the_table_says_what_a_writer_gains() {
        let table = report().table();
        assert!(table.contains("25.0 % of keys saved"), "{table}");
        assert!(table.contains("right 50.0 % of those"), "{table}");
    }
}
