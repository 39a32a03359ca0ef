//! How a gradient becomes a change: AdamW (Loshchilov, Hutter 2019) or plain descent with momentum.
//!
//! Weight decay pulls A and B toward zero, apart from the gradient. What the optimizer remembers has
//! the shape of the adapter, and can be saved and put back with it.

use candle_core::{Result, Tensor};

use crate::adapter::place::Place;
use crate::adapter::weights::{LoraPair, LoraWeights};
use crate::error::LoraError;

/// The least epsilon: below, 32-bit floats have no full precision, and soon nothing but zero.
const EPSILON_MIN: f64 = f32::MIN_POSITIVE as f64;

/// Names of what is remembered, in checkpoints.
const MEANS: &str = "means";
const SQUARES: &str = "squares";

/// Which optimizer, and its numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptimizerConfig {
    /// Each number at a speed of its own.
    AdamW {
        /// Share of the mean gradient that is kept at each step.
        mean_kept: f64,
        /// Share of the mean square that is kept.
        square_kept: f64,
        /// What keeps a step from being divided by zero; a normal number of 32 bits at least, since
        /// a smaller one may be zero there.
        epsilon: f64,
        /// Share of the rate by which each number shrinks.
        weight_decay: f64,
    },
    /// All along the gradient; half the memory.
    Sgd {
        /// Share of the last change that goes on.
        momentum: f64,
        /// Share of the rate by which each number shrinks.
        weight_decay: f64,
    },
}

impl OptimizerConfig {
    /// AdamW with the numbers that nearly everybody uses.
    pub const ADAM_W: Self = Self::AdamW {
        mean_kept: 0.9,
        square_kept: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.0,
    };

    /// Checks that its numbers make sense.
    pub fn check(&self) -> std::result::Result<(), LoraError> {
        let (shares, decay) = match *self {
            Self::AdamW {
                mean_kept,
                square_kept,
                epsilon,
                weight_decay,
            } => {
                if !(epsilon.is_finite() && epsilon >= EPSILON_MIN) {
                    let choice = format!("{EPSILON_MIN:e} or more");
                    return Err(refused("epsilon", epsilon, &choice));
                }
                ([mean_kept, square_kept], weight_decay)
            }
            Self::Sgd {
                momentum,
                weight_decay,
            } => ([momentum, 0.0], weight_decay),
        };
        if let Some(share) = shares.iter().find(|share| !(0.0..1.0).contains(*share)) {
            return Err(refused("a share that is kept", *share, "0 to less than 1"));
        }
        if !(decay.is_finite() && decay >= 0.0) {
            return Err(refused("weight decay", decay, "0 or more"));
        }
        Ok(())
    }
}

fn refused(what: &'static str, found: f64, choice: &str) -> LoraError {
    LoraError::Setting {
        what,
        found: found.to_string(),
        remedy: format!("choose {choice}"),
    }
}

/// An optimizer and what it remembers.
#[derive(Debug, Clone)]
pub struct Optimizer {
    config: OptimizerConfig,
    steps: i32,
    /// Mean gradients, or the last changes.
    means: LoraWeights,
    /// Mean squares; nothing for plain descent.
    squares: LoraWeights,
}

impl Optimizer {
    /// One that remembers nothing yet.
    pub fn new(config: OptimizerConfig) -> std::result::Result<Self, LoraError> {
        config.check()?;
        Ok(Self {
            config,
            steps: 0,
            means: LoraWeights::default(),
            squares: LoraWeights::default(),
        })
    }

    /// One that has taken `steps` steps and remembers nothing but zeros, in the shape of `weights`:
    /// what a checkpoint has to fill. Before the first step there is nothing to remember.
    pub(crate) fn blank(
        config: OptimizerConfig,
        steps: i32,
        weights: &LoraWeights,
    ) -> std::result::Result<Self, LoraError> {
        let mut optimizer = Self::new(config)?;
        optimizer.steps = steps;
        if steps > 0 {
            optimizer.means = weights.map(Tensor::zeros_like)?;
            if matches!(config, OptimizerConfig::AdamW { .. }) {
                optimizer.squares = optimizer.means.clone();
            }
        }
        Ok(optimizer)
    }

    /// Steps taken.
    pub(crate) fn steps(&self) -> i32 {
        self.steps
    }

    /// What it remembers, by name.
    pub(crate) fn memory(&self) -> Vec<(&'static str, &LoraWeights)> {
        let all = [(MEANS, &self.means), (SQUARES, &self.squares)];
        let is_there = |(_, part): &(_, &LoraWeights)| part.iter().next().is_some();
        all.into_iter().filter(is_there).collect()
    }

    /// Puts what a checkpoint says in the place of what is remembered under that name.
    pub(crate) fn remember(
        &mut self,
        name: &str,
        part: LoraWeights,
    ) -> std::result::Result<(), LoraError> {
        if name == SQUARES {
            check_squares(&part)?;
            self.squares = part;
        } else {
            self.means = part;
        }
        Ok(())
    }

    /// The weights after a step along these gradients. Pairs without a gradient stay.
    pub(crate) fn step(
        &mut self,
        weights: &LoraWeights,
        gradients: &LoraWeights,
        rate: f64,
    ) -> Result<LoraWeights> {
        self.steps = self.steps.saturating_add(1);
        let mut changed = weights.clone();
        for (place, gradient) in gradients.iter() {
            let Some(pair) = weights.get(place) else {
                continue;
            };
            let a = self.change(place, |pair| &pair.a, pair, gradient, rate)?;
            let b = self.change(place, |pair| &pair.b, pair, gradient, rate)?;
            self.means.insert(
                place,
                LoraPair {
                    a: a.mean,
                    b: b.mean,
                },
            );
            if let (Some(a), Some(b)) = (a.square, b.square) {
                self.squares.insert(place, LoraPair { a, b });
            }
            changed.insert(
                place,
                LoraPair {
                    a: a.weights,
                    b: b.weights,
                },
            );
        }
        Ok(changed)
    }

    fn change(
        &self,
        place: Place,
        half: fn(&LoraPair) -> &Tensor,
        pair: &LoraPair,
        gradient: &LoraPair,
        rate: f64,
    ) -> Result<Change> {
        let (weights, gradient) = (half(pair), half(gradient));
        let remembered = |of: &LoraWeights| match of.get(place) {
            Some(pair) => Ok(half(pair).clone()),
            None => weights.zeros_like(),
        };
        let mean = remembered(&self.means)?;
        match self.config {
            OptimizerConfig::AdamW {
                mean_kept,
                square_kept,
                epsilon,
                weight_decay,
            } => {
                let square = remembered(&self.squares)?;
                let mean = ((mean * mean_kept)? + (gradient * (1.0 - mean_kept))?)?;
                let new_square = (gradient.sqr()? * (1.0 - square_kept))?;
                let square = ((square * square_kept)? + new_square)?;
                // Both began at zero and are too small by what they have forgotten of it.
                let mean_share = 1.0 - mean_kept.powi(self.steps);
                let square_share = 1.0 - square_kept.powi(self.steps);
                let root = ((&square / square_share)?.sqrt()? + epsilon)?;
                let along = ((&mean * (rate / mean_share))? / root)?;
                let weights = ((weights * (1.0 - rate * weight_decay))? - along)?;
                Ok(Change {
                    weights,
                    mean,
                    square: Some(square),
                })
            }
            OptimizerConfig::Sgd {
                momentum,
                weight_decay,
            } => {
                let mean = ((mean * momentum)? + gradient)?;
                let shrunk = (weights * (1.0 - rate * weight_decay))?;
                Ok(Change {
                    weights: (shrunk - (&mean * rate)?)?,
                    mean,
                    square: None,
                })
            }
        }
    }
}

/// Their roots divide each step: one below zero would make all that it touches no number.
fn check_squares(squares: &LoraWeights) -> std::result::Result<(), LoraError> {
    for (_, pair) in squares.iter() {
        for tensor in [&pair.a, &pair.b] {
            let numbers = tensor.flatten_all()?.to_vec1::<f32>()?;
            if numbers.iter().any(|&number| number < 0.0) {
                let fault = "holds a square below zero";
                return Err(LoraError::Checkpoint { fault });
            }
        }
    }
    Ok(())
}

/// What a step makes of one tensor.
struct Change {
    weights: Tensor,
    mean: Tensor,
    square: Option<Tensor>,
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::adapter::place::Target;
    use crate::ops::check::numbers;

    const PLACE: Place = Place {
        block: 0,
        target: Target::Value,
    };

    fn weights(a: f32, b: f32) -> LoraWeights {
        let tensor = |x: f32| Tensor::new(&[[x]], &Device::Cpu).unwrap();
        let mut weights = LoraWeights::default();
        weights.insert(
            PLACE,
            LoraPair {
                a: tensor(a),
                b: tensor(b),
            },
        );
        weights
    }

    fn both(weights: &LoraWeights) -> [f64; 2] {
        let pair = weights.get(PLACE).unwrap();
        [&pair.a, &pair.b].map(|tensor| f64::from(numbers(tensor)[0]))
    }

    /// The same in plain numbers.
    fn adam_w_by_hand(gradients: &[f64], rate: f64, decay: f64, start: f64) -> f64 {
        let (mut weight, mut mean, mut square) = (start, 0.0, 0.0);
        for (step, gradient) in (1..).zip(gradients) {
            mean = 0.9 * mean + 0.1 * gradient;
            square = 0.999 * square + 0.001 * gradient * gradient;
            let (mean, square) = (
                mean / (1.0 - 0.9_f64.powi(step)),
                square / (1.0 - 0.999_f64.powi(step)),
            );
            weight -= rate * decay * weight;
            weight -= rate * mean / (square.sqrt() + 1e-8);
        }
        weight
    }

    #[test]
    fn adam_w_does_what_its_formula_says() {
        let config = OptimizerConfig::AdamW {
            mean_kept: 0.9,
            square_kept: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.1,
        };
        let mut optimizer = Optimizer::new(config).unwrap();
        let mut found = weights(1.0, -2.0);
        for gradient in [0.5_f32, -0.25, 2.0] {
            let gradients = weights(gradient, gradient * 10.0);
            found = optimizer.step(&found, &gradients, 0.1).unwrap();
        }
        let [a, b] = both(&found);
        let expected = adam_w_by_hand(&[0.5, -0.25, 2.0], 0.1, 0.1, 1.0);
        assert!((a - expected).abs() < 1e-5, "{a} {expected}");
        let expected = adam_w_by_hand(&[5.0, -2.5, 20.0], 0.1, 0.1, -2.0);
        assert!((b - expected).abs() < 1e-5, "{b} {expected}");
    }

    #[test]
    fn momentum_goes_on_along_the_last_change() {
        let config = OptimizerConfig::Sgd {
            momentum: 0.5,
            weight_decay: 0.0,
        };
        let mut optimizer = Optimizer::new(config).unwrap();
        let first = optimizer
            .step(&weights(1.0, 1.0), &weights(1.0, 0.0), 0.1)
            .unwrap();
        let second = optimizer.step(&first, &weights(0.0, 0.0), 0.1).unwrap();
        let [a, b] = both(&second);
        assert!(
            (a - (1.0 - 0.1 - 0.05)).abs() < 1e-6 && (b - 1.0).abs() < 1e-6,
            "{a} {b}"
        );
    }

    #[test]
    fn a_pair_without_a_gradient_stays() {
        let mut optimizer = Optimizer::new(OptimizerConfig::ADAM_W).unwrap();
        let start = weights(1.0, 2.0);
        let same = optimizer
            .step(&start, &LoraWeights::default(), 0.1)
            .unwrap();
        assert_eq!(both(&same), both(&start));
    }

    #[test]
    fn numbers_without_sense_are_refused() {
        let refused = |config| Optimizer::new(config).unwrap_err().to_string();
        let sgd = |momentum, weight_decay| OptimizerConfig::Sgd {
            momentum,
            weight_decay,
        };
        assert!(refused(sgd(1.0, 0.0)).contains("less than 1"));
        assert!(refused(sgd(0.5, -1.0)).contains("0 or more"));
        let OptimizerConfig::AdamW {
            mean_kept,
            square_kept,
            ..
        } = OptimizerConfig::ADAM_W
        else {
            panic!("AdamW is AdamW");
        };
        let adam_w = |epsilon| OptimizerConfig::AdamW {
            mean_kept,
            square_kept,
            epsilon,
            weight_decay: 0.0,
        };
        for epsilon in [0.0, 1e-60, 1e-39, f64::NAN, f64::INFINITY] {
            let error = refused(adam_w(epsilon));
            assert!(error.contains("epsilon") && error.contains("e-38 or more"));
        }
        // The least that is taken divides nothing by zero, not even at a gradient of zero.
        let mut optimizer = Optimizer::new(adam_w(EPSILON_MIN)).unwrap();
        let start = weights(1.0, 2.0);
        let same = optimizer.step(&start, &weights(0.0, 0.0), 0.1).unwrap();
        assert_eq!(both(&same), both(&start));
    }
}
