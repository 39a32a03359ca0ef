//! What the outcomes of suggestions say about the next: the threshold that a writer's own feedback
//! moves.
//!
//! A score is the probability that the first word is right, fitted on the texts of others. How far
//! it is off for one writer is one number, the shift of its logit that makes as many right as were:
//! a single Newton step of a logistic regression with a prior of no shift (Platt 1999 has the
//! regression; the prior is what makes it slow). The preset keeps its meaning, how many of the shown
//! are wrong at the worst, and the threshold moves instead. Expecting a fixed share of accepted
//! suggestions would not do: a threshold that rises shows surer ones, and would have to expect more.
//!
//! Counts alone, no text. Pure: the language server keeps them in a file.

use inkstone_prose::Language;
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

/// How many suggestions count, about: each newer one takes this part from the weight of the others.
const REMEMBERED_SHOWS: f64 = 60.0;

/// Shows before anything moves: fewer say more about one paragraph than about the writer.
const SHOWS_MIN: f64 = 20.0;

/// The weight of "no shift", in the unit in which one show weighs score × (1 − score): as much as
/// some fifty shows, so that a bad hour moves little.
const PRIOR_INFORMATION: f64 = 10.0;

/// The largest shift of the logit: a threshold of 0.33 stays between 0.21 and 0.47.
const SHIFT_LOGIT_MAX: f64 = 0.6;

/// The languages that have a tally of their own.
const LANGUAGES: [Language; 3] = [Language::English, Language::Chinese, Language::Other];

/// Version of the file's form.
const VERSION: u32 = 1;

/// What became of the suggestions of one language, the recent weighing most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    accepted: f64,
    typed_through: f64,
    ignored: f64,
    rejected: f64,
    /// How many were to be right by their scores.
    expected: f64,
    /// Sum of score × (1 − score): how much all this says.
    information: f64,
}

/// Tallies of every language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    version: u32,
    #[serde(default)]
    en: Tally,
    #[serde(default)]
    zh: Tally,
    #[serde(default)]
    und: Tally,
}

/// One suggestion's score and what became of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lesson {
    /// The language around it.
    pub language: Language,
    /// How likely its first word was to be right, from 0 to 1.
    pub score: f32,
    /// What became of it.
    pub outcome: Outcome,
}

/// A preset's threshold as feedback moved it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Scores below it are not shown.
    pub value: f32,
    /// What the preset says.
    pub preset: f32,
    /// The language that it holds for.
    pub language: Language,
    tally: Tally,
}

impl Learned {
    /// Reads the file's text; anything that is not ours to read counts as nothing learned.
    pub fn from_json(text: &str) -> Self {
        let read: Self = serde_json::from_str(text).unwrap_or_default();
        let is_sound = [read.en, read.zh, read.und].iter().all(Tally::is_sound);
        let is_sound = is_sound && read.version == VERSION;
        if is_sound { read } else { Self::default() }
    }

    /// The file's text.
    pub fn to_json(self) -> String {
        let written = Self {
            version: VERSION,
            ..self
        };
        // proof of the default: numbers and fixed names always serialize.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// Takes one more outcome into account.
    pub fn note(&mut self, lesson: Lesson) {
        let tally = match lesson.language {
            Language::English => &mut self.en,
            Language::Chinese => &mut self.zh,
            Language::Other => &mut self.und,
        };
        tally.note(lesson.outcome, lesson.score);
    }

    /// The threshold that holds in a language where the preset says `preset`.
    pub fn threshold(&self, preset: f32, language: Language) -> Threshold {
        let tally = self.of(language);
        let value = shifted(preset, -tally.shift_logit());
        Threshold {
            value,
            preset,
            language,
            tally,
        }
    }

    /// What was learned of each language of which anything was, and where the threshold of a preset
    /// stands for it; none says that the preset has no threshold.
    pub fn report(&self, preset: Option<f32>) -> Vec<String> {
        let languages = LANGUAGES
            .into_iter()
            .filter(|of| self.of(*of).shows() >= 0.5);
        let lines = languages.map(|language| {
            let tally = self.of(language).in_words(language);
            let threshold = preset.map(|preset| self.threshold(preset, language));
            match threshold.map(|threshold| (threshold.explanation(), threshold)) {
                None => tally,
                Some((None, threshold)) => format!("{tally}; threshold {:.2}", threshold.preset),
                Some((Some(_), Threshold { value, preset, .. })) => {
                    format!("{tally}; threshold {value:.2} instead of {preset:.2}")
                }
            }
        });
        lines.collect()
    }

    /// Why the threshold of a preset is another, for each language in which it is.
    pub fn explanations(&self, preset: f32) -> Vec<String> {
        let threshold = |language| self.threshold(preset, language).explanation();
        LANGUAGES.into_iter().filter_map(threshold).collect()
    }

    fn of(&self, language: Language) -> Tally {
        match language {
            Language::English => self.en,
            Language::Chinese => self.zh,
            Language::Other => self.und,
        }
    }
}

impl Threshold {
    /// A threshold that nothing was learned about.
    pub fn unmoved(preset: f32, language: Language) -> Self {
        Learned::default().threshold(preset, language)
    }

    /// Why it is not the preset's, for the writer; none when it is, to two digits.
    pub fn explanation(&self) -> Option<String> {
        let (value, preset) = (format!("{:.2}", self.value), format!("{:.2}", self.preset));
        if value == preset {
            return None;
        }
        let tally = &self.tally;
        let language = name(self.language);
        // Whole suggestions, since halves of them puzzle.
        let [shown, right, expected] =
            [tally.shows(), tally.right(), tally.expected].map(f64::round);
        Some(format!(
            "threshold {value} instead of {preset} for {language}: of about your last {shown} suggestions {} were \
             ignored or rejected, where {} were to be expected",
            shown - right,
            shown - expected
        ))
    }
}

impl Tally {
    /// How the suggestions that still count ended, in whole ones.
    fn in_words(&self, language: Language) -> String {
        let [shown, accepted, typed, ignored, rejected] = [
            self.shows(),
            self.accepted,
            self.typed_through,
            self.ignored,
            self.rejected,
        ]
        .map(f64::round);
        format!(
            "{}: of about the last {shown} suggestions {accepted} were accepted, {typed} typed along, {ignored} ignored, \
             {rejected} rejected",
            name(language)
        )
    }

    fn note(&mut self, outcome: Outcome, score: f32) {
        let score = f64::from(score).clamp(0.0, 1.0);
        let kept = 1.0 - 1.0 / REMEMBERED_SHOWS;
        for weight in [
            &mut self.accepted,
            &mut self.typed_through,
            &mut self.ignored,
            &mut self.rejected,
            &mut self.expected,
            &mut self.information,
        ] {
            *weight *= kept;
        }
        *match outcome {
            Outcome::Accepted => &mut self.accepted,
            Outcome::TypedThrough => &mut self.typed_through,
            Outcome::Ignored => &mut self.ignored,
            Outcome::Rejected => &mut self.rejected,
        } += 1.0;
        self.expected += score;
        self.information += score * (1.0 - score);
    }

    fn right(&self) -> f64 {
        self.accepted + self.typed_through
    }

    fn shows(&self) -> f64 {
        self.right() + self.ignored + self.rejected
    }

    /// How much surer than its score a suggestion is to be right for this writer, in logits.
    fn shift_logit(&self) -> f64 {
        if self.shows() < SHOWS_MIN {
            return 0.0;
        }
        let step = (self.right() - self.expected) / (self.information + PRIOR_INFORMATION);
        step.clamp(-SHIFT_LOGIT_MAX, SHIFT_LOGIT_MAX)
    }

    /// Whether these can be tallies of ours: a file may have been written by anybody.
    fn is_sound(&self) -> bool {
        let weights = [
            self.accepted,
            self.typed_through,
            self.ignored,
            self.rejected,
            self.expected,
            self.information,
        ];
        let in_bounds = |weight: &f64| (0.0..=REMEMBERED_SHOWS + 1.0).contains(weight);
        weights.iter().all(in_bounds)
    }
}

const fn name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Chinese => "Chinese",
        Language::Other => "other languages",
    }
}

/// A probability whose logit is shifted.
fn shifted(probability: f32, logits: f64) -> f32 {
    let odds = f64::from(probability) / (1.0 - f64::from(probability)) * logits.exp();
    // Between 0 and 1, where the narrower number has digits enough.
    #[expect(clippy::cast_possible_truncation)]
    let probability = (odds / (1.0 + odds)) as f32;
    probability
}

#[cfg(test)]
mod tests {
    use super::*;

    const BALANCED: f32 = 0.33;

    fn learned(language: Language, outcomes: &[(Outcome, usize)]) -> Learned {
        let mut learned = Learned::default();
        for (outcome, count) in outcomes {
            for _ in 0..*count {
                learned.note(Lesson {
                    language,
                    score: 0.5,
                    outcome: *outcome,
                });
            }
        }
        learned
    }

    fn value(learned: &Learned) -> f32 {
        learned.threshold(BALANCED, Language::English).value
    }

    #[test]
    fn a_writer_for_whom_scores_hold_keeps_the_presets_threshold() {
        let pairs: Vec<_> = [(Outcome::TypedThrough, 1), (Outcome::Ignored, 1)].repeat(100);
        let learned = learned(Language::English, &pairs);
        assert!(
            (value(&learned) - BALANCED).abs() < 0.01,
            "{}",
            value(&learned)
        );
        assert_eq!(
            learned.threshold(BALANCED, Language::English).explanation(),
            None
        );
    }

    #[test]
    fn ignored_suggestions_raise_it_and_taken_ones_lower_it_within_a_band() {
        let raised = value(&learned(Language::English, &[(Outcome::Ignored, 500)]));
        let lowered = value(&learned(Language::English, &[(Outcome::Accepted, 500)]));
        assert!((0.46..0.48).contains(&raised), "{raised}");
        assert!((0.20..0.22).contains(&lowered), "{lowered}");
        let rejected = value(&learned(Language::English, &[(Outcome::Rejected, 500)]));
        assert!((rejected - raised).abs() < 1e-6);
    }

    #[test]
    fn a_few_shows_move_nothing_and_the_first_that_count_move_little() {
        let few = value(&learned(Language::English, &[(Outcome::Ignored, 20)]));
        assert!(
            (few - BALANCED).abs() < 1e-6,
            "some of their weight has faded: {few}"
        );
        let some = [(Outcome::TypedThrough, 1), (Outcome::Ignored, 2)].repeat(9);
        let moved = value(&learned(Language::English, &some));
        assert!(moved > BALANCED && moved < BALANCED + 0.1, "{moved}");
    }

    #[test]
    fn no_outcome_moves_it_by_more_than_a_little() {
        let mut learned = learned(Language::English, &[(Outcome::Ignored, 30)]);
        for outcome in [Outcome::Accepted, Outcome::Rejected].repeat(50) {
            let before = value(&learned);
            learned.note(Lesson {
                language: Language::English,
                score: 0.4,
                outcome,
            });
            assert!((value(&learned) - before).abs() < 0.02);
        }
    }

    #[test]
    fn one_language_says_nothing_about_another() {
        let learned = learned(Language::Chinese, &[(Outcome::Ignored, 500)]);
        assert!((value(&learned) - BALANCED).abs() < 1e-6);
        assert!(learned.threshold(BALANCED, Language::Chinese).value > 0.4);
    }

    #[test]
    fn it_says_why_in_one_sentence() {
        let some = [(Outcome::Accepted, 1), (Outcome::Ignored, 3)].repeat(15);
        let threshold = learned(Language::English, &some).threshold(BALANCED, Language::English);
        assert_eq!(
            threshold.explanation().expect("it moved"),
            "threshold 0.45 instead of 0.33 for English: of about your last 38 suggestions 29 were ignored or \
             rejected, where 19 were to be expected"
        );
    }

    #[test]
    fn the_report_has_a_line_for_each_language_of_which_something_is_known() {
        assert!(Learned::default().report(Some(BALANCED)).is_empty());
        let learned = learned(Language::Chinese, &[(Outcome::Ignored, 2)]);
        let counts = "Chinese: of about the last 2 suggestions 0 were accepted, 0 typed along, 2 ignored, 0 rejected";
        assert_eq!(learned.report(None), [counts]);
        let with_threshold = learned.report(Some(BALANCED));
        assert_eq!(with_threshold, [format!("{counts}; threshold 0.33")]);
        assert!(learned.explanations(BALANCED).is_empty());
    }

    #[test]
    fn what_is_written_is_read_again_and_damage_is_nothing_learned() {
        let learned = learned(Language::English, &[(Outcome::Ignored, 40)]);
        let read = Learned::from_json(&learned.to_json());
        assert_eq!(read.to_json(), learned.to_json());
        assert!(!learned.to_json().contains("NaN"));
        for damaged in [
            "",
            "{",
            "今天",
            r#"{"version":2,"en":{}}"#,
            r#"{"version":1,"en":{"accepted":-3,"typed_through":0,"ignored":0,"rejected":0,"expected":0,"information":0}}"#,
            r#"{"version":1,"en":{"accepted":1e300,"typed_through":0,"ignored":0,"rejected":0,"expected":0,"information":0}}"#,
        ] {
            assert_eq!(Learned::from_json(damaged), Learned::default(), "{damaged}");
        }
    }
}
