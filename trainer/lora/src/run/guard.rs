//! What shows that a training runs away, in the numbers of its steps and evaluations.
//!
//! A batch in another language or of code has a loss far above the others' and is no divergence; so
//! one step never counts, only several in a row, against the median of those before, which such a
//! batch does not move. What is no number counts at once.

use std::collections::VecDeque;

use super::event::Divergence;
use crate::error::LoraError;
use crate::train::training::Step;

/// Steps that a median is taken of at most.
pub const MEDIAN_STEPS_MAX: usize = 1_024;
/// Ways back that can be allowed, and the least that a rate is cut to each time: a rate that was cut
/// so often is still a number above 0.
const RETREATS_MAX: u64 = 32;
const RATE_CUT_MIN: f64 = 1e-3;
/// Norms that must be known before one can be far above them: the first few grow, since B is zero
/// and A has no gradient yet.
const NORMS_MIN: usize = 8;
/// What the median absolute deviation of a normal distribution is multiplied with to be its standard
/// deviation.
const DEVIATION_OF_MEDIAN: f64 = 1.482_6;

/// When a run goes back, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GuardConfig {
    /// Steps that medians are taken of.
    pub median_steps: usize,
    /// Steps in a row that must be out of bounds.
    pub steps_in_a_row: u64,
    /// Standard deviations by which a loss is above the median when it is out of bounds,
    pub spike_deviations: f64,
    /// and nats by which it must be above it at least.
    pub spike_nats_min: f64,
    /// How many times the median a gradient is when it is out of bounds.
    pub gradient_factor: f64,
    /// Nats per token by which the held-out loss may be above that at the start.
    pub held_out_rise_max: f64,
    /// A peak rate above which a run that gained nothing is tried again at a lower one. Below,
    /// there is nothing to be learned.
    pub fruitless_rate_min: f64,
    /// How often a run goes back before it ends.
    pub retreats_max: u64,
    /// What the rate is multiplied with each time.
    pub rate_cut: f64,
}

impl Default for GuardConfig {
    /// Three in a row of 1 nat and six deviations above the median of 32: a batch's loss deviates by
    /// about a quarter of a nat at 512 tokens. 0.3 nats above the start is a third more perplexity,
    /// which overfitting takes hundreds of steps for and patience ends long before. Three cuts to a
    /// tenth lead from any rate that was meant as one (1.0 at most) to one that works for adapters
    /// (1e-3).
    fn default() -> Self {
        Self {
            median_steps: 32,
            steps_in_a_row: 3,
            spike_deviations: 6.0,
            spike_nats_min: 1.0,
            gradient_factor: 20.0,
            held_out_rise_max: 0.3,
            fruitless_rate_min: 1e-3,
            retreats_max: 3,
            rate_cut: 0.1,
        }
    }
}

impl GuardConfig {
    /// Checks every number of it.
    pub fn check(&self) -> Result<(), LoraError> {
        let setting = |what, found: String, remedy: String| {
            Err(LoraError::Setting {
                what,
                found,
                remedy,
            })
        };
        if !(1..=MEDIAN_STEPS_MAX).contains(&self.median_steps) {
            let remedy = format!("choose 1 to {MEDIAN_STEPS_MAX}");
            return setting("steps of a median", self.median_steps.to_string(), remedy);
        }
        if self.steps_in_a_row == 0 {
            let remedy = "choose 1 or more".to_owned();
            return setting("steps in a row", "0".to_owned(), remedy);
        }
        for (what, found) in [
            ("deviations of a spike", self.spike_deviations),
            ("nats of a spike", self.spike_nats_min),
            ("the factor of a gradient", self.gradient_factor),
            ("the rise of the held-out loss", self.held_out_rise_max),
            ("the rate that is too high", self.fruitless_rate_min),
        ] {
            if found.is_nan() || found <= 0.0 {
                let remedy = "choose a number above 0".to_owned();
                return setting(what, found.to_string(), remedy);
            }
        }
        if self.retreats_max > RETREATS_MAX {
            let remedy = format!("choose 0 to {RETREATS_MAX}");
            return setting("ways back", self.retreats_max.to_string(), remedy);
        }
        if self.rate_cut >= RATE_CUT_MIN && self.rate_cut < 1.0 {
            return Ok(());
        }
        let remedy = format!("choose at least {RATE_CUT_MIN} and less than 1");
        setting("the cut of the rate", self.rate_cut.to_string(), remedy)
    }
}

/// What the guard remembers of the steps since the last good state.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Guard {
    pub(crate) losses: VecDeque<f64>,
    pub(crate) norms: VecDeque<f64>,
    /// Steps in a row whose loss is out of bounds, and those whose gradient is.
    pub(crate) spikes: u64,
    pub(crate) explosions: u64,
}

impl Guard {
    /// Takes a step into account, and says whether it shows that the training runs away.
    pub(crate) fn see(&mut self, step: &Step, config: &GuardConfig) -> Option<Divergence> {
        if !step.is_taken {
            return Some(Divergence::NoNumber);
        }
        let (loss, norm) = (step.loss, step.gradient_norm);
        let median = median(&self.losses);
        let deviations = self.losses.iter().map(|other| (other - median).abs());
        let deviation = self::median(&deviations.collect()) * DEVIATION_OF_MEDIAN;
        let bound = config
            .spike_nats_min
            .max(config.spike_deviations * deviation);
        if !self.losses.is_empty() && loss > median + bound {
            self.spikes += 1;
            if self.spikes >= config.steps_in_a_row {
                return Some(Divergence::LossSpike { loss, median });
            }
        } else {
            self.spikes = 0;
            push(&mut self.losses, loss, config.median_steps);
        }
        let median = self::median(&self.norms);
        if self.norms.len() >= NORMS_MIN && norm > median * config.gradient_factor {
            self.explosions += 1;
            if self.explosions >= config.steps_in_a_row {
                return Some(Divergence::GradientExplosion { norm, median });
            }
        } else {
            self.explosions = 0;
            push(&mut self.norms, norm, config.median_steps);
        }
        None
    }
}

fn push(numbers: &mut VecDeque<f64>, number: f64, len_max: usize) {
    numbers.push_back(number);
    while numbers.len() > len_max {
        numbers.pop_front();
    }
}

/// The middle one, the upper of two; 0 of none.
fn median(numbers: &VecDeque<f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.iter().copied().collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(loss: f64, gradient_norm: f64) -> Step {
        Step {
            step: 0,
            loss,
            gradient_norm,
            rate: 1e-3,
            is_taken: loss.is_finite() && gradient_norm.is_finite(),
        }
    }

    /// After some ordinary steps.
    fn settled() -> Guard {
        let mut guard = Guard::default();
        for index in 0..40_u8 {
            let ordinary = step(3.0 + 0.1 * f64::from(index % 5), 1.0);
            assert_eq!(guard.see(&ordinary, &GuardConfig::default()), None);
        }
        assert_eq!(guard.losses.len(), 32, "no more than are asked for");
        guard
    }

    #[test]
    fn one_batch_in_another_language_is_no_divergence_and_three_in_a_row_are() {
        let config = GuardConfig::default();
        let mut guard = settled();
        for _ in 0..20 {
            assert_eq!(guard.see(&step(5.5, 1.0), &config), None);
            assert_eq!(guard.see(&step(5.6, 1.0), &config), None);
            assert_eq!(guard.see(&step(3.1, 1.0), &config), None);
        }
        guard.see(&step(5.5, 1.0), &config);
        guard.see(&step(5.5, 1.0), &config);
        let reason = guard.see(&step(6.5, 1.0), &config).unwrap();
        assert!(matches!(reason, Divergence::LossSpike { loss: 6.5, .. }));
        assert_eq!(
            reason.to_string(),
            "the loss jumped from about 3.10 to 6.50"
        );
    }

    #[test]
    fn losses_that_vary_much_are_allowed_to() {
        let config = GuardConfig::default();
        let mut guard = Guard::default();
        for index in 0..200_u8 {
            // A corpus of two languages, in no order.
            let loss = if index % 3 == 0 {
                4.6
            } else {
                2.7 + f64::from(index % 7) * 0.1
            };
            assert_eq!(guard.see(&step(loss, 1.0), &config), None, "{index}");
        }
    }

    #[test]
    fn gradients_that_explode_and_what_is_no_number_are_seen() {
        let config = GuardConfig::default();
        let mut guard = settled();
        assert_eq!(guard.see(&step(3.0, 25.0), &config), None);
        assert_eq!(guard.see(&step(3.0, 25.0), &config), None);
        let reason = guard.see(&step(3.0, 30.0), &config);
        assert!(matches!(reason, Some(Divergence::GradientExplosion { .. })));
        for (loss, norm) in [(f64::NAN, 1.0), (3.0, f64::INFINITY)] {
            let reason = settled().see(&step(loss, norm), &config);
            assert_eq!(reason, Some(Divergence::NoNumber));
        }
    }

    #[test]
    fn a_rise_from_the_first_steps_on_is_seen_too() {
        let config = GuardConfig::default();
        let mut guard = Guard::default();
        let seen = [3.0, 9.0, 11.0, 14.0].map(|loss| guard.see(&step(loss, 1.0), &config));
        assert!(seen[..3].iter().all(Option::is_none) && seen[3].is_some());
    }

    #[test]
    fn numbers_without_sense_are_refused() {
        let refused = |change: fn(&mut GuardConfig)| {
            let mut config = GuardConfig::default();
            config.check().unwrap();
            change(&mut config);
            config.check().unwrap_err().to_string()
        };
        assert!(refused(|c| c.median_steps = 0).contains("1 to 1024"));
        assert!(refused(|c| c.steps_in_a_row = 0).contains("1 or more"));
        assert!(refused(|c| c.spike_nats_min = f64::NAN).contains("above 0"));
        assert!(refused(|c| c.rate_cut = 1.0).contains("less than 1"));
    }
}
