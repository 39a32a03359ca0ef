//! How a training went, step by step: kept with its checkpoints, so that one that goes on in another
//! process loses none of it, and with the adapter, for `inkstone adapter show --plot`. Pure.

use serde::{Deserialize, Serialize};

/// Points of each kind. With more, two neighbours become one: a picture has no room for them.
const POINTS_MAX: usize = 400;
/// Retreats are three at most; what else a file says is not ours.
const RETREATS_MAX: usize = 16;

/// What is kept of a training.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Steps, or the means of some that follow each other.
    pub steps: Vec<StepPoint>,
    /// Looks at the held-out documents.
    pub evaluations: Vec<Evaluation>,
    /// Where it ran away.
    pub retreats: Vec<Retreat>,
    /// How many steps a point stands for.
    #[serde(default)]
    each: u32,
}

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StepPoint {
    /// So many were taken then.
    pub step: u64,
    /// Mean loss, in nats for each token.
    pub loss: f64,
    /// The learning rate.
    pub rate: f64,
    /// Tokens a second, waiting not counted.
    pub tokens_per_s: f64,
    /// How many steps it is the mean of.
    #[serde(default = "one")]
    pub of: u32,
}

/// A look at the held-out documents.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// After so many steps.
    pub step: u64,
    /// Mean loss on them.
    pub held_out: f64,
    /// The same of generic prose, where there is some.
    pub generic: Option<f64>,
}

/// A way back to the best state.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Retreat {
    /// From so many steps.
    pub step: u64,
    /// To so many.
    pub back_to: u64,
    /// The highest rate from then on.
    pub rate: f64,
}

const fn one() -> u32 {
    1
}

impl Curve {
    /// A step was taken. What is no number has no place in a picture.
    pub fn stepped(&mut self, point: StepPoint) {
        if ![point.loss, point.rate, point.tokens_per_s]
            .iter()
            .all(|one| one.is_finite())
        {
            return;
        }
        self.each = self.each.max(1);
        match self.steps.last_mut() {
            Some(last) if last.of < self.each && last.step < point.step => {
                *last = last.with(&point);
            }
            _ => self.steps.push(point),
        }
        if self.steps.len() > POINTS_MAX {
            self.each *= 2;
            let pairs = self.steps.chunks(2);
            self.steps = pairs
                .map(|pair| match pair {
                    // A retreat lies between them.
                    [first, second] if second.step > first.step => first.with(second),
                    [.., last] => *last,
                    [] => point,
                })
                .collect();
        }
    }

    /// The held-out documents were looked at.
    pub fn evaluated(&mut self, evaluation: Evaluation) {
        let generic = evaluation.generic.filter(|loss| loss.is_finite());
        if evaluation.held_out.is_finite() {
            self.evaluations.push(Evaluation {
                generic,
                ..evaluation
            });
        }
        if self.evaluations.len() > POINTS_MAX {
            let mut turn = 0;
            self.evaluations.retain(|_| {
                turn += 1;
                turn % 2 == 0
            });
        }
    }

    /// It ran away.
    pub fn retreated(&mut self, retreat: Retreat) {
        if self.retreats.len() < RETREATS_MAX && retreat.rate.is_finite() {
            self.retreats.push(retreat);
        }
    }

    /// As it was after so many steps: what came later is taken again by a training that goes on from
    /// there.
    #[must_use]
    pub fn until(mut self, step: u64) -> Self {
        // A training that went back counts steps anew, so what is dropped is the end alone.
        let keep = |steps: Vec<u64>| {
            let end = steps.iter().rposition(|&one| one <= step);
            end.map_or(0, |end| end + 1)
        };
        self.steps
            .truncate(keep(self.steps.iter().map(|one| one.step).collect()));
        self.evaluations
            .truncate(keep(self.evaluations.iter().map(|one| one.step).collect()));
        self
    }
}

impl StepPoint {
    fn with(&self, next: &Self) -> Self {
        let (own, other) = (f64::from(self.of), f64::from(next.of));
        let mean = |a: f64, b: f64| (a * own + b * other) / (own + other);
        Self {
            step: next.step,
            loss: mean(self.loss, next.loss),
            rate: next.rate,
            tokens_per_s: mean(self.tokens_per_s, next.tokens_per_s),
            of: self.of.saturating_add(next.of),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(step: u64, loss: f64) -> StepPoint {
        StepPoint {
            step,
            loss,
            rate: 1e-3,
            tokens_per_s: 100.0,
            of: 1,
        }
    }

    #[test]
    fn a_long_training_keeps_as_many_points_and_their_mean() {
        let mut curve = Curve::default();
        for step in 1..=3_000 {
            curve.stepped(point(step, step as f64));
            curve.evaluated(Evaluation {
                step,
                held_out: 3.0,
                generic: None,
            });
        }
        assert!(curve.steps.len() <= POINTS_MAX && curve.evaluations.len() <= POINTS_MAX);
        assert_eq!(curve.steps.last().unwrap().step, 3_000);
        let steps: u32 = curve.steps.iter().map(|one| one.of).sum();
        assert_eq!(steps, 3_000);
        let sum: f64 = curve
            .steps
            .iter()
            .map(|one| one.loss * f64::from(one.of))
            .sum();
        assert!((sum / 3_000.0 - 1_500.5).abs() < 1e-6, "{sum}");
        assert!(
            curve
                .steps
                .windows(2)
                .all(|pair| pair[0].step < pair[1].step)
        );
    }

    #[test]
    fn what_is_no_number_is_left_out_and_what_comes_after_a_checkpoint_is_taken_again() {
        let mut curve = Curve::default();
        for step in 1..=10 {
            curve.stepped(point(step, if step == 4 { f64::NAN } else { 2.0 }));
        }
        assert_eq!(curve.steps.len(), 9);
        let back = curve.clone().until(6);
        assert_eq!(back.steps.last().unwrap().step, 6);
        assert_eq!(curve.clone().until(0).steps, []);
        let json = serde_json::to_string(&curve).unwrap();
        assert_eq!(serde_json::from_str::<Curve>(&json).unwrap(), curve);
    }
}
