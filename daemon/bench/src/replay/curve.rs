//! Precision at given rates of showing, by whichever number orders the carets, and what one order
//! gains over another.
//!
//! Pure arithmetic on points that were asked for without a gate, so that all have an answer.

use std::collections::BTreeMap;

use inkstone_settings::Preset;
use serde::Serialize;

use super::SEED;
use super::bootstrap::{Difference, Resamples};
use super::desk::Confidence;
use super::points::{Correctness, Point, threshold};

/// Rates of showing at which precision is told, in percent of all carets.
const RATES_PCT: [usize; 7] = [5, 10, 20, 30, 40, 60, 100];
/// Rates over which a gain is averaged, in percent: from what a quiet writer sees to an eager one.
const MEAN_RATES_PCT: [usize; 8] = [5, 10, 15, 20, 25, 30, 35, 40];

/// Precision where the surest carets of all are shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurvePoint {
    /// How many of all carets would be shown, in percent; less than wanted where too few had a
    /// suggestion.
    pub shown_pct: f64,
    /// How many of those are right.
    pub precision: f64,
}

/// What one order gains over another where both show equally many.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RateGain {
    /// Share of all carets with a suggestion.
    pub shown_rate: f64,
    /// The difference in precision.
    #[serde(flatten)]
    pub precision: Difference,
}

/// What orders suggestions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The score that the gate uses.
    Score,
    /// The model's probability of the first word.
    Probability,
}

impl Order {
    fn number(self, confidence: &Confidence) -> f64 {
        match self {
            Self::Score => confidence.score,
            Self::Probability => confidence.first_word_probability,
        }
    }
}

/// A caret with a suggestion.
#[derive(Debug, Clone, Copy)]
struct Judged {
    /// Counted from 0, without gaps.
    passage: usize,
    number: f64,
    is_right: bool,
}

/// Suggestions, the surest first.
struct Ranked(Vec<Judged>);

/// Two orders of the same carets, or of two plays of them, and draws of their passages.
pub(super) struct Comparison {
    /// Carets of each passage, with a suggestion or without.
    carets: Vec<usize>,
    ours: Ranked,
    theirs: Ranked,
    resamples: Resamples,
}

/// The curve of points by an order.
pub(super) fn curve(points: &[&Point], order: Order) -> Vec<CurvePoint> {
    let passages = Passages::of(points);
    let ranked = passages.rank(points, order);
    let every_once = vec![1; passages.0.len()];
    RATES_PCT
        .iter()
        .filter_map(|rate| {
            let wanted = (points.len() * rate).div_ceil(100);
            let shown = wanted.min(ranked.0.len());
            (shown > 0).then(|| CurvePoint {
                shown_pct: 100.0 * shown as f64 / points.len() as f64,
                precision: ranked.precision(&every_once, wanted),
            })
        })
        .collect()
}

impl Comparison {
    /// One play's points by the score, beside another's by `order`. The carets must be the same.
    pub(super) fn new(ours: &[&Point], theirs: &[&Point], order: Order) -> Self {
        let passages = Passages::of(ours);
        let mut carets = vec![0; passages.0.len()];
        for point in ours {
            if let Some(passage) = passages.0.get(&point.passage) {
                carets[*passage] += 1;
            }
        }
        Self {
            resamples: Resamples::new(carets.len(), SEED),
            carets,
            ours: passages.rank(ours, Order::Score),
            theirs: passages.rank(theirs, order),
        }
    }

    /// The gain at each rate of showing at which both have something to choose.
    pub(super) fn gains(&self) -> Vec<RateGain> {
        let rates = RATES_PCT.iter().filter(|rate| **rate < 100);
        rates
            .map(|rate| RateGain {
                shown_rate: *rate as f64 / 100.0,
                precision: self.resamples.gain(|draw| self.at_rate(draw, *rate)),
            })
            .collect()
    }

    /// The mean of the gains between 5 and 40 %.
    pub(super) fn mean_gain(&self) -> Difference {
        self.resamples.gain(|draw| {
            let gains = MEAN_RATES_PCT.iter().map(|rate| self.at_rate(draw, *rate));
            gains.sum::<f64>() / MEAN_RATES_PCT.len() as f64
        })
    }

    /// The gain where as many are shown as our score lets a preset show.
    pub(super) fn gain_by(&self, preset: Preset) -> Difference {
        let score_min = threshold(preset);
        let shown = self
            .ours
            .0
            .partition_point(|judged| judged.number >= score_min);
        self.resamples.gain(|draw| {
            let shown = self.ours.0[..shown].iter();
            self.at(draw, shown.map(|judged| draw[judged.passage]).sum())
        })
    }

    fn at_rate(&self, draw: &[usize], rate_pct: usize) -> f64 {
        let drawn = self.carets.iter().zip(draw);
        let positions: usize = drawn.map(|(carets, times)| carets * times).sum();
        self.at(draw, (positions * rate_pct).div_ceil(100))
    }

    fn at(&self, draw: &[usize], wanted: usize) -> f64 {
        self.ours.precision(draw, wanted) - self.theirs.precision(draw, wanted)
    }
}

impl Ranked {
    /// Precision of the `wanted` surest, each counted as often as its passage was drawn.
    fn precision(&self, draw: &[usize], wanted: usize) -> f64 {
        let (mut left, mut right) = (wanted, 0);
        for judged in &self.0 {
            if left == 0 {
                break;
            }
            let counted = draw[judged.passage].min(left);
            left -= counted;
            right += if judged.is_right { counted } else { 0 };
        }
        right as f64 / (wanted - left).max(1) as f64
    }
}

/// The passages of some points, numbered from 0.
struct Passages(BTreeMap<usize, usize>);

impl Passages {
    fn of(points: &[&Point]) -> Self {
        let mut numbers: BTreeMap<usize, usize> =
            points.iter().map(|point| (point.passage, 0)).collect();
        for (number, dense) in numbers.values_mut().enumerate() {
            *dense = number;
        }
        Self(numbers)
    }

    fn rank(&self, points: &[&Point], order: Order) -> Ranked {
        let judged = |point: &&Point| {
            Some(Judged {
                passage: *self.0.get(&point.passage)?,
                number: order.number(point.confidence.as_ref()?),
                is_right: point.shown? == Correctness::Right,
            })
        };
        let mut ranked: Vec<Judged> = points.iter().filter_map(judged).collect();
        ranked.sort_by(|a, b| b.number.total_cmp(&a.number));
        Ranked(ranked)
    }
}

#[cfg(test)]
mod tests {
    use super::super::carets::Place;
    use super::super::points::tests::point;
    use super::*;

    fn at(score: f64, shown: Option<Correctness>) -> Point {
        point(Place::WordStart, score, shown)
    }

    #[test]
    fn the_surest_are_shown_first_and_silent_carets_never() {
        let mut points: Vec<Point> = (0..10)
            .map(|each| at(f64::from(each) / 10.0, Some(Correctness::Wrong)))
            .collect();
        points[9].shown = Some(Correctness::Right);
        points.extend((0..10).map(|_| at(0.99, None)));
        let points: Vec<&Point> = points.iter().collect();
        let cells = |curve: &[CurvePoint]| -> Vec<String> {
            let cell = |point: &CurvePoint| format!("{} {:.3}", point.shown_pct, point.precision);
            curve.iter().map(cell).collect()
        };
        assert_eq!(
            cells(&curve(&points, Order::Score)),
            [
                "5 1.000", "10 0.500", "20 0.250", "30 0.167", "40 0.125", "50 0.100", "50 0.100"
            ]
        );
        assert_eq!(cells(&curve(&points, Order::Probability))[0], "5 0.000");
    }

    /// Forty passages of ten carets; in each the score is right about its first three, and the
    /// probability about the opposite end.
    fn passages() -> Vec<Point> {
        let mut points = Vec::new();
        for passage in 0..40 {
            for each in 0..10_u32 {
                let shown = if each < 3 {
                    Correctness::Right
                } else {
                    Correctness::Wrong
                };
                let mut point = at(1.0 - f64::from(each) / 10.0, Some(shown));
                point.passage = 2 * passage;
                points.push(point);
            }
        }
        points
    }

    #[test]
    fn a_better_order_gains_with_an_interval_above_nothing() {
        let points = passages();
        let points: Vec<&Point> = points.iter().collect();
        let comparison = Comparison::new(&points, &points, Order::Probability);
        let gains = comparison.gains();
        assert_eq!(gains.len(), 6);
        let at_30 = gains[3];
        assert!((at_30.shown_rate - 0.3).abs() < 1e-9);
        assert!((at_30.precision.gain - 1.0).abs() < 1e-9, "{at_30:?}");
        assert!(at_30.precision.low > 0.9, "{at_30:?}");
        assert!(comparison.mean_gain().low > 0.8);
        // Balanced shows the six of ten above its threshold, of which three are right.
        let balanced = comparison.gain_by(Preset::Balanced);
        assert!((balanced.gain - 3.0 / 6.0).abs() < 1e-9, "{balanced:?}");
    }

    #[test]
    fn the_same_order_gains_nothing_for_certain() {
        let points = passages();
        let points: Vec<&Point> = points.iter().collect();
        let gain = Comparison::new(&points, &points, Order::Score).mean_gain();
        let ends = [gain.gain, gain.low, gain.high];
        assert!(ends.iter().all(|end| end.abs() < 1e-9), "{gain:?}");
    }

    #[test]
    fn luck_in_one_passage_is_no_gain() {
        let mut points = passages();
        for point in &mut points {
            point.shown = Some(Correctness::Wrong);
        }
        points[0].shown = Some(Correctness::Right);
        let points: Vec<&Point> = points.iter().collect();
        let gain = Comparison::new(&points, &points, Order::Probability).mean_gain();
        assert!(gain.gain > 0.0 && gain.low <= 0.0, "{gain:?}");
    }
}
