//! A learning-rate range test (Smith 2015, 2017): one training whose rate grows from step to step,
//! until it runs away. What it shows: below which rate nothing is learned, above which all is lost.
//!
//! Each batch is also foretold without the adapter. How much better the adapter does is far less
//! noisy than the loss itself, which is as high as its batch is hard, so that some dozens of steps
//! are enough. Called by the trainer's `--find-lr`.

use super::batches::Batches;
use crate::error::LoraError;
use crate::model::decoder::Decoder;
use crate::ops::noise;
use crate::pass::between::Between;
use crate::train::schedule::{Decay, Schedule};
use crate::train::training::{Training, TrainingConfig};

/// Steps of a search at most: more show nothing that these do not.
pub const SEARCH_STEPS_MAX: u64 = 1_000;
/// What the rate of the best step is divided with: it was taken for one step only, and held for long
/// a training runs away earlier (the usual reading of the curve).
const BEST_TO_PEAK: f64 = 10.0;

/// Which rates are tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateSearch {
    /// The lowest.
    pub from: f64,
    /// The highest.
    pub to: f64,
    /// Steps from one to the other, evenly spread on a logarithmic scale.
    pub steps: u64,
    /// Share of what came before that is kept in a smoothed loss.
    pub smoothing: f64,
    /// Nats per token above the best at which the training counts as run away, and the search ends.
    pub rise_max: f64,
}

impl Default for RateSearch {
    /// From where nothing moves to where nothing survives, in 60 steps. Each counts for about three
    /// in the smoothed curve: the differences to the base are not noisy enough for more.
    fn default() -> Self {
        Self {
            from: 1e-5,
            to: 1.0,
            steps: 60,
            smoothing: 0.7,
            rise_max: 1.0,
        }
    }
}

/// One step of the search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatePoint {
    /// The rate that led to the step after.
    pub rate: f64,
    /// The mean loss of a token before the step, in nats.
    pub loss: f64,
    /// By how much it is above that of the model without the adapter.
    pub change: f64,
    /// The same, smoothed.
    pub smoothed: f64,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundRate {
    /// Step by step.
    pub points: Vec<RatePoint>,
    /// A peak rate to train with; none where no rate gained anything.
    pub suggestion: Option<f64>,
}

impl RateSearch {
    /// The rate of a step.
    fn rate(&self, step: u64) -> f64 {
        let last = self.steps.saturating_sub(1).max(1);
        self.from * (self.to / self.from).powf(step as f64 / last as f64)
    }

    fn check(&self) -> Result<(), LoraError> {
        let setting = |what, found: String, remedy: String| {
            Err(LoraError::Setting {
                what,
                found,
                remedy,
            })
        };
        let has_sense = self.from.is_finite() && self.to.is_finite() && self.from > 0.0;
        if !(has_sense && self.from < self.to) {
            let found = format!("{} to {}", self.from, self.to);
            return setting("the range of rates", found, "choose 1e-5 to 1".to_owned());
        }
        if !(2..=SEARCH_STEPS_MAX).contains(&self.steps) {
            let remedy = format!("choose 2 to {SEARCH_STEPS_MAX}");
            return setting("the steps of a search", self.steps.to_string(), remedy);
        }
        if (0.0..1.0).contains(&self.smoothing) && self.rise_max > 0.0 {
            return Ok(());
        }
        let found = format!("{}, {}", self.smoothing, self.rise_max);
        let remedy = "choose 0 to less than 1, and a number above 0".to_owned();
        setting("smoothing and the largest rise", found, remedy)
    }
}

/// Looks for a learning rate: `config` is trained with, but for its schedule. `between` is asked
/// between two layers; when it stops, nothing is kept.
pub fn find_rate(
    decoder: &Decoder,
    config: &TrainingConfig,
    search: &RateSearch,
    batches: &dyn Batches,
    between: &mut Between<'_>,
) -> Result<FoundRate, LoraError> {
    search.check()?;
    let schedule = Schedule {
        peak_rate: 1.0,
        warm_up_steps: 0,
        steps: search.steps,
        decay: Decay::Constant,
    };
    let config = TrainingConfig {
        schedule,
        ..config.clone()
    };
    let seed = noise::derive(config.seed, 0);
    let mut training = Training::begin(decoder, config)?;
    let (mut points, mut curve) = (Vec::new(), Curve::default());
    // The rate that led to the adapter as it is now; none to the one that changes nothing yet.
    let mut led_by = None;
    for index in 0..search.steps {
        let micro_batches = batches.micro_batches(index, seed);
        let base = decoder.mean_loss(&micro_batches, None, between)?;
        training.rate_scale = search.rate(index);
        let step = training.step(&micro_batches, between)?;
        if let Some(rate) = led_by {
            let change = step.loss - base;
            let smoothed = curve.add(change, search.smoothing);
            points.push(RatePoint {
                rate,
                loss: step.loss,
                change,
                smoothed,
            });
            if !step.is_taken || smoothed > curve.least + search.rise_max {
                break;
            }
        }
        led_by = Some(step.rate);
    }
    let best = points.iter().filter(|point| point.smoothed < 0.0);
    let best = best.min_by(|a, b| a.smoothed.total_cmp(&b.smoothed));
    Ok(FoundRate {
        suggestion: best.map(|point| point.rate / BEST_TO_PEAK),
        points,
    })
}

/// An exponential mean without the pull of the zero that it begins with (Kingma, Ba 2015).
#[derive(Debug, Default)]
struct Curve {
    sum: f64,
    weight: f64,
    least: f64,
}

impl Curve {
    fn add(&mut self, number: f64, kept: f64) -> f64 {
        self.sum = self.sum * kept + number * (1.0 - kept);
        self.weight = self.weight * kept + (1.0 - kept);
        let smoothed = self.sum / self.weight;
        self.least = self.least.min(smoothed);
        smoothed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_spread_evenly_over_the_orders_of_magnitude() {
        let search = RateSearch {
            from: 1e-4,
            to: 1.0,
            steps: 5,
            ..RateSearch::default()
        };
        for (step, expected) in (0..).zip([1e-4, 1e-3, 1e-2, 1e-1, 1.0]) {
            assert!((search.rate(step) / expected - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_smoothed_curve_begins_at_its_first_number() {
        let mut curve = Curve::default();
        assert!((curve.add(2.0, 0.9) - 2.0).abs() < 1e-12);
        let second = curve.add(1.0, 0.9);
        assert!(second > 1.4 && second < 1.6, "{second}");
    }

    #[test]
    fn a_search_without_sense_is_refused() {
        let refused = |change: fn(&mut RateSearch)| {
            let mut search = RateSearch::default();
            search.check().unwrap();
            change(&mut search);
            search.check().unwrap_err().to_string()
        };
        assert!(refused(|s| s.from = 2.0).contains("2 to 1"));
        assert!(refused(|s| s.from = 0.0).contains("1e-5"));
        assert!(refused(|s| s.steps = 1).contains("2 to 1000"));
        assert!(refused(|s| s.smoothing = 1.0).contains("less than 1"));
    }
}
