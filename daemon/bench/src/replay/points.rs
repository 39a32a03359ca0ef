//! Single carets: what is suggested there, and is its first word the next one?
//!
//! Asked without the gate, so that every suggestion has an answer; what a preset would have shown of
//! them follows from the scores and from the thresholds of the language server's own policy.

use inkstone_policy::{Trigger, score_min};
use inkstone_prose::next_sentence_end;
use inkstone_settings::Preset;
use inkstone_text::last_bytes;
use inkstone_words::words;
use serde::Serialize;
use serde_json::Value;

use super::carets::{Caret, Place};
use super::corpus::Document;
use super::desk::{Confidence, Desk, after_paragraph};
use super::words::{begins_with, first_word};
use crate::error::BenchError;
use crate::stage::Stage;

/// Points between two words of progress.
const PROGRESS_POINTS: usize = 50;
/// Text before a caret in which its sentence's start is looked for.
const SENTENCE_BYTES_MAX: usize = 1_024;

/// What came of one caret.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Point {
    /// Name of the document.
    pub(super) document: String,
    /// Points of one passage resemble each other.
    pub(super) passage: usize,
    /// Byte in the document.
    pub(super) byte: usize,
    pub(super) place: Place,
    /// Words between the start of the caret's sentence and the caret.
    pub(super) words_before: usize,
    /// The text's next word, or the rest of the word that the caret is in.
    pub(super) truth: String,
    /// What an editor would show without a gate.
    pub(super) suggestion: Option<String>,
    /// Whether there is a suggestion, and if so, whether its first word is the next.
    pub(super) shown: Option<Correctness>,
    /// How sure the daemon was; none when the language server did not ask it.
    pub(super) confidence: Option<Confidence>,
    /// Why there is no suggestion.
    pub(super) silence: Option<String>,
    /// What the answer cost the daemon.
    pub(super) cost: Option<Value>,
    /// What a person who asks by key can choose from; none when nobody asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) choice: Option<Choice>,
}

/// Suggestions to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Choice {
    /// How many there are.
    pub(super) given: usize,
    /// Which of them has the right first word, from 0.
    pub(super) right: Option<usize>,
}

/// Whether the first word shown is the text's next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Correctness {
    Right,
    Wrong,
}

impl Point {
    /// What would be shown under a preset.
    pub(super) fn shown_by(&self, preset: Preset) -> Option<Correctness> {
        let score = self.confidence.as_ref().map_or(0.0, |known| known.score);
        self.shown.filter(|_| score >= threshold(preset))
    }
}

/// The lowest score that a preset shows, in decimal digits as scores come over the wire: the nearest
/// double of a float may lie above them.
pub(super) fn threshold(preset: Preset) -> f64 {
    let decimal = |score_min: f32| score_min.to_string().parse();
    let score_min = score_min(Trigger::Automatic, preset);
    score_min
        .and_then(|score_min| decimal(score_min).ok())
        .unwrap_or(0.0)
}

/// Asks at each caret, in the order of the documents; with `by_key` a person then asks there, too.
pub(super) fn measure(
    stage: &Stage,
    documents: &[&Document],
    carets: &[Caret],
    by_key: bool,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Point>, BenchError> {
    let mut points = Vec::new();
    for caret in carets {
        points.push(ask_at(stage, documents[caret.document], *caret, by_key)?);
        if points.len().is_multiple_of(PROGRESS_POINTS) {
            progress(&format!("{} of {} points", points.len(), carets.len()));
        }
    }
    Ok(points)
}

fn ask_at(
    stage: &Stage,
    document: &Document,
    caret: Caret,
    by_key: bool,
) -> Result<Point, BenchError> {
    let before = &document.text[..caret.byte];
    // Opened anew for each caret: to a document that stays open the next words would be typed, and
    // an editor that types what the last suggestion said is given the rest of that, unasked. The
    // daemon has the text's tokens all the same: it looks for them by what they are.
    let mut desk = Desk::open(stage, &format!("points-{}", caret.document), document)?;
    desk.set(before, after_paragraph(&document.text, caret.byte))?;
    let asked = desk.ask()?;
    let truth = truth(&document.text[caret.byte..caret.word_end]);
    let choice = if by_key {
        let texts = desk.ask_by_key()?;
        Some(Choice {
            given: texts.len(),
            right: texts.iter().position(|text| begins_with(text, truth)),
        })
    } else {
        None
    };
    desk.close()?;
    let shown = asked.suggestion.as_ref().map(|suggestion| {
        if begins_with(suggestion, truth) {
            Correctness::Right
        } else {
            Correctness::Wrong
        }
    });
    Ok(Point {
        document: document.name.clone(),
        passage: caret.passage,
        byte: caret.byte,
        place: caret.place,
        words_before: words(sentence_before(before)).len(),
        truth: truth.to_owned(),
        suggestion: asked.suggestion,
        shown,
        confidence: asked.confidence,
        silence: asked.reason,
        cost: asked.cost,
        choice,
    })
}

/// The word itself, without what joins it to the part before the caret: the rest of `it|'s` is `s`.
fn truth(word: &str) -> &str {
    let start = first_word(word).map_or(0, |first| first.start);
    &word[start..]
}

/// The part of the caret's sentence that stands before it.
fn sentence_before(before: &str) -> &str {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let mut sentence = last_bytes(line, SENTENCE_BYTES_MAX);
    while let Some(end) = next_sentence_end(sentence, 0).certain() {
        sentence = &sentence[end..];
    }
    sentence
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::Map;

    use super::*;

    /// A point whose first word has this score, and one less it for a probability.
    pub(in super::super) fn point(place: Place, score: f64, shown: Option<Correctness>) -> Point {
        Point {
            document: "notes.md".to_owned(),
            passage: 0,
            byte: 0,
            place,
            words_before: 3,
            truth: "harbour".to_owned(),
            suggestion: shown.map(|_| " harbour".to_owned()),
            shown,
            confidence: Some(Confidence {
                first_word_probability: 1.0 - score,
                score,
                others: Map::new(),
            }),
            silence: shown.is_none().then(|| "empty".to_owned()),
            cost: None,
            choice: None,
        }
    }

    #[test]
    fn a_preset_shows_what_scores_enough_and_all_shows_everything() {
        let right = Some(Correctness::Right);
        let mut point = point(Place::WordStart, 0.3, right);
        let of = |point: &Point| {
            [Preset::Quiet, Preset::Balanced, Preset::Eager, Preset::All]
                .map(|preset| point.shown_by(preset))
        };
        assert_eq!(of(&point), [None, None, right, right]);
        point.confidence = None;
        assert_eq!(of(&point), [None, None, None, right]);
        point.shown = None;
        assert_eq!(of(&point), [None; 4]);
    }

    #[test]
    fn a_carets_sentence_begins_after_the_last_end_on_its_line() {
        for (before, sentence) in [
            ("One. Two is", " Two is"),
            ("One.\nTwo is", "Two is"),
            ("Mr. Tang is", "Mr. Tang is"),
            ("今天下雨。我们在", "我们在"),
            ("", ""),
        ] {
            assert_eq!(sentence_before(before), sentence, "{before}");
        }
        let long = "雨".repeat(SENTENCE_BYTES_MAX);
        assert!(sentence_before(&long).len() <= SENTENCE_BYTES_MAX);
    }

    #[test]
    fn the_rest_of_a_word_has_no_joiner_before_it() {
        assert_eq!(truth("'s"), "s");
        assert_eq!(truth("bour"), "bour");
        assert_eq!(truth("上"), "上");
    }
}
