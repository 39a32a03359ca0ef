//! Several policies on the same carets and passages, and what each technique is worth.
//!
//! The first policy is that of the project's beginning: everything shown, nothing of what came
//! later. Then each preset with everything, and the first preset without one technique at a time.

use std::collections::BTreeMap;

use inkstone_protocol::Technique;
use inkstone_settings::Preset;
use serde::Serialize;

use super::bootstrap::{Difference, Resamples};
use super::carets::Place;
use super::curve::{Comparison, Order, RateGain};
use super::player::Player;
use super::points::Point;
use super::report::{PointsReport, Rates, TypingReport, at};
use super::typing::Typed;
use super::{Mode, ReplayOptions, SEED, each_language};
use crate::error::BenchError;

/// Policies compared, by language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparisonReport {
    /// Names of the models, by the language that they served.
    pub models: BTreeMap<String, String>,
    /// Seed of all choices.
    pub seed: u64,
    /// Tokens of text before the caret that the models read at most.
    pub prompt_tokens: u32,
    /// The preset under which techniques are left out.
    pub preset: String,
    /// Comparisons by language.
    pub languages: BTreeMap<String, LanguageComparison>,
}

/// Policies compared in one language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LanguageComparison {
    /// Documents that were played.
    pub documents: usize,
    /// Single carets with everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<PointsReport>,
    /// What everything together gains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside_raw: Option<BesideRaw>,
    /// Each policy.
    pub policies: Vec<PolicyReport>,
    /// Each technique.
    pub techniques: Vec<TechniqueReport>,
}

/// What everything together gains in precision, at the starts of words, over the model alone: its
/// first word by that word's probability, with every technique left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BesideRaw {
    /// At fixed rates of showing.
    pub gains: Vec<RateGain>,
    /// Their mean at shown rates of 5, 10 and so on to 40 %.
    pub mean_gain: Difference,
    /// Where the model alone shows as many as the preset.
    pub gain: Difference,
}

impl BesideRaw {
    fn of(whole: &Outcome, raw: &Outcome, preset: Preset) -> Option<Self> {
        let (ours, theirs) = (whole.points.as_ref()?, raw.points.as_ref()?);
        let place = Place::WordStart;
        let comparison = Comparison::new(&at(ours, place), &at(theirs, place), Order::Probability);
        Some(Self {
            gains: comparison.gains(),
            mean_gain: comparison.mean_gain(),
            gain: comparison.gain_by(preset),
        })
    }
}

/// A policy and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolicyReport {
    /// The gate's preset.
    pub preset: String,
    /// What was left out.
    pub without: Vec<Technique>,
    /// At the starts of words.
    pub word_start: Option<Rates>,
    /// Inside words.
    pub midword: Option<Rates>,
    /// Passages typed key by key.
    pub typing: Option<TypingReport>,
}

/// What a technique is worth: everything, less everything but it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TechniqueReport {
    /// Which.
    pub technique: Technique,
    /// In precision at the starts of words, where both show as many as everything does.
    pub word_start: Option<Difference>,
    /// The same inside words.
    pub midword: Option<Difference>,
    /// In keystrokes saved, in percent of all.
    pub keystrokes_saved_pct: Option<Difference>,
}

/// Plays every policy. `progress` is told what is being done.
pub fn compare(
    options: &ReplayOptions,
    progress: &mut dyn FnMut(&str),
) -> Result<ComparisonReport, BenchError> {
    let languages = each_language(options, progress, |player, progress| {
        compare_language(options, player, progress)
    })?;
    Ok(ComparisonReport {
        models: options.model_names(),
        seed: SEED,
        prompt_tokens: options.prompt_tokens,
        preset: first_preset(options).word().to_owned(),
        languages,
    })
}

fn first_preset(options: &ReplayOptions) -> Preset {
    options.presets.first().copied().unwrap_or(Preset::Balanced)
}

/// What came of a play; nothing of a mode that was not asked for.
struct Outcome {
    points: Option<Vec<Point>>,
    typed: Option<Vec<Typed>>,
}

fn compare_language(
    options: &ReplayOptions,
    player: &Player<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<LanguageComparison, BenchError> {
    let preset = first_preset(options);
    let mut policies = Vec::new();
    let mut play = |preset, without: &[Technique]| {
        let outcome = Outcome::of(options, player, (preset, without), progress)?;
        policies.push(policy(preset, without, &outcome));
        Ok::<_, BenchError>(outcome)
    };
    let raw = play(Preset::All, &Technique::ALL)?;
    let whole = play(preset, &[])?;
    let mut techniques = Vec::new();
    // Nothing that comes by itself has alternatives: what they add is told apart (`by_key`). And
    // guesses do not change the text, nor does a memory that is not there.
    let changes_nothing_here = |of: &&Technique| match of {
        Technique::Alternatives | Technique::Drafts => true,
        Technique::Memory => options.memory.is_empty(),
        _ => false,
    };
    let left_out = options.without.iter();
    for technique in left_out.filter(|of| !changes_nothing_here(of)) {
        let without = play(preset, &[*technique])?;
        techniques.push(worth(*technique, preset, &whole, &without));
    }
    for other in options.presets.iter().skip(1) {
        // The same points under another preset: only what is typed differs.
        let typed = match options.mode {
            Mode::Points | Mode::Nothing => None,
            Mode::Typing | Mode::Both => Some(player.type_passages(*other, &[], progress)?),
        };
        let outcome = Outcome {
            points: whole.points.clone(),
            typed,
        };
        policies.push(policy(*other, &[], &outcome));
    }
    if let Some(points) = &whole.points {
        player.keep(points)?;
    }
    Ok(LanguageComparison {
        documents: player.documents(),
        beside_raw: BesideRaw::of(&whole, &raw, preset),
        points: whole
            .points
            .map(|points| PointsReport::new(&points, preset)),
        policies,
        techniques,
    })
}

impl Outcome {
    fn of(
        options: &ReplayOptions,
        player: &Player<'_>,
        (preset, without): (Preset, &[Technique]),
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, BenchError> {
        let names: Vec<&str> = without.iter().map(|technique| technique.name()).collect();
        let names = names.join(", ");
        let mut told = |doing: &str| match without {
            [] => progress(doing),
            _ => progress(&format!("without {names}, {doing}")),
        };
        let points = match options.mode {
            Mode::Typing | Mode::Nothing => None,
            Mode::Points | Mode::Both => Some(player.points(without, &mut told)?),
        };
        let typed = match options.mode {
            Mode::Points | Mode::Nothing => None,
            Mode::Typing | Mode::Both => Some(player.type_passages(preset, without, &mut told)?),
        };
        Ok(Self { points, typed })
    }
}

fn policy(preset: Preset, without: &[Technique], outcome: &Outcome) -> PolicyReport {
    let rates = |place| {
        let points = outcome.points.as_ref()?;
        Some(Rates::of(&at(points, place), preset))
    };
    PolicyReport {
        preset: preset.word().to_owned(),
        without: without.to_vec(),
        word_start: rates(Place::WordStart),
        midword: rates(Place::InsideWord),
        typing: outcome.typed.as_deref().map(TypingReport::of),
    }
}

fn worth(
    technique: Technique,
    preset: Preset,
    whole: &Outcome,
    without: &Outcome,
) -> TechniqueReport {
    let precision = |place| {
        let (ours, theirs) = (whole.points.as_ref()?, without.points.as_ref()?);
        let comparison = Comparison::new(&at(ours, place), &at(theirs, place), Order::Score);
        Some(comparison.gain_by(preset))
    };
    let saved = || {
        let (ours, theirs) = (whole.typed.as_ref()?, without.typed.as_ref()?);
        let resamples = Resamples::new(ours.len(), SEED);
        let saved = |draw: &[usize]| Typed::saved_pct(ours, draw) - Typed::saved_pct(theirs, draw);
        Some(resamples.gain(saved))
    };
    TechniqueReport {
        technique,
        word_start: precision(Place::WordStart),
        midword: precision(Place::InsideWord),
        keystrokes_saved_pct: saved(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::points::Correctness;
    use super::super::points::tests::point;
    use super::*;

    fn played(right: f64, keys: usize) -> Outcome {
        let shown = |score| {
            Some(if score < right {
                Correctness::Right
            } else {
                Correctness::Wrong
            })
        };
        let scores = [0.2, 0.45, 0.6, 0.8];
        let points = scores.map(|score| point(Place::WordStart, score, shown(score)));
        let typed = Typed {
            chars: 100,
            keys,
            wrong_shows: 3,
            accepted_chars: vec![5.0],
            latency_ms: vec![80.0],
        };
        Outcome {
            points: Some(points.to_vec()),
            typed: Some(vec![typed]),
        }
    }

    pub(in super::super) fn report() -> ComparisonReport {
        let (whole, without) = (played(1.0, 70), played(0.5, 90));
        let preset = Preset::Balanced;
        let points = whole.points.as_deref().unwrap();
        let english = LanguageComparison {
            documents: 2,
            points: Some(PointsReport::new(points, preset)),
            beside_raw: BesideRaw::of(&whole, &without, preset),
            policies: vec![
                policy(Preset::All, &Technique::ALL, &without),
                policy(preset, &[], &whole),
                policy(preset, &[Technique::Score], &without),
            ],
            techniques: vec![worth(Technique::Score, preset, &whole, &without)],
        };
        ComparisonReport {
            models: [("en".to_owned(), "m".to_owned())].into(),
            seed: 1,
            prompt_tokens: 384,
            preset: "balanced".to_owned(),
            languages: [("en".to_owned(), english)].into(),
        }
    }

    #[test]
    fn everything_is_beside_the_model_alone() {
        let beside = BesideRaw::of(&played(1.0, 70), &played(0.5, 90), Preset::Balanced).unwrap();
        // Of the three that score enough, the probability has the two wrong ones before the right.
        assert!((beside.gain.gain - 1.0 / 3.0).abs() < 1e-9, "{beside:?}");
        assert!(!beside.gains.is_empty() && beside.mean_gain.gain >= 0.0);
    }

    #[test]
    fn a_technique_is_worth_what_is_lost_without_it() {
        let report = report();
        let worth = &report.languages["en"].techniques[0];
        // Three of four score enough; with everything all are right, without it one of the three.
        let precision = worth.word_start.unwrap();
        assert!((precision.gain - 2.0 / 3.0).abs() < 1e-9, "{precision:?}");
        let saved = worth.keystrokes_saved_pct.unwrap();
        assert!((saved.gain - 20.0).abs() < 1e-9, "{saved:?}");
        assert_eq!(worth.midword.map(|gain| gain.gain), Some(0.0));
    }
}
