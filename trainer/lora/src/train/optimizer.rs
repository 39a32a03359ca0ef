//! How a gradient becomes a change: AdamW (Loshchilov, Hutter 2019) or plain descent with momentum.
//!
//! Weight decay pulls A and B toward zero, apart from the gradient, and leaves magnitudes alone. What the optimizer remembers has
//! the shape of the adapter, in 32 bits a number or in 8 (`eight_bit`), and can be saved and put back
//! with it.

use candle_core::{Result, Tensor};

use super::eight_bit::{Code, SIGNED, UNSIGNED};
use super::saved;
use crate::adapter::place::Place;
use crate::adapter::weights::{LoraPair, LoraWeights};
use crate::error::LoraError;

/// The least epsilon: below, 32-bit floats have no full precision, and soon nothing but zero.
const EPSILON_MIN: f64 = f32::MIN_POSITIVE as f64;

/// Names of what is remembered, in checkpoints.
const MEANS: &str = "means";
const SQUARES: &str = "squares";
const MEAN_SCALES: &str = "mean_scales";
const SQUARE_SCALES: &str = "square_scales";

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
    /// The same, remembered in 8 bits a number: a fourth of the memory, nearly as good.
    AdamW8Bit {
        /// Share of the mean gradient that is kept at each step.
        mean_kept: f64,
        /// Share of the mean square that is kept.
        square_kept: f64,
        /// What keeps a step from being divided by zero, as above.
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

    /// The same in 8 bits.
    pub const ADAM_W_8_BIT: Self = Self::AdamW8Bit {
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
            }
            | Self::AdamW8Bit {
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
    means: Memory,
    /// Mean squares; nothing for plain descent.
    squares: Memory,
}

/// One number for each of the adapter's.
#[derive(Debug, Clone, Default)]
struct Memory {
    /// As 32-bit floats, or as bytes,
    numbers: LoraWeights,
    /// which each block has a scale for.
    scales: LoraWeights,
}

impl Optimizer {
    /// One that remembers nothing yet.
    pub fn new(config: OptimizerConfig) -> std::result::Result<Self, LoraError> {
        config.check()?;
        Ok(Self {
            config,
            steps: 0,
            means: Memory::default(),
            squares: Memory::default(),
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
        if steps == 0 {
            return Ok(optimizer);
        }
        let zeros = weights.map(Tensor::zeros_like)?;
        for (place, pair) in zeros.iter() {
            optimizer.means.keep(place, pair, optimizer.code(&SIGNED))?;
            if !matches!(config, OptimizerConfig::Sgd { .. }) {
                let code = optimizer.code(&UNSIGNED);
                optimizer.squares.keep(place, pair, code)?;
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
        let all = [
            (MEANS, &self.means.numbers),
            (MEAN_SCALES, &self.means.scales),
            (SQUARES, &self.squares.numbers),
            (SQUARE_SCALES, &self.squares.scales),
        ];
        let is_there = |(_, part): &(_, &LoraWeights)| part.iter().next().is_some();
        all.into_iter().filter(is_there).collect()
    }

    /// Puts what a checkpoint says in the place of what is remembered under that name.
    pub(crate) fn remember(
        &mut self,
        name: &str,
        part: LoraWeights,
    ) -> std::result::Result<(), LoraError> {
        let is_eight_bit = self.code(&UNSIGNED).is_some();
        if name == SQUARE_SCALES || name == SQUARES && !is_eight_bit {
            check_squares(&part)?;
        }
        match name {
            MEANS => self.means.numbers = part,
            MEAN_SCALES => self.means.scales = part,
            SQUARES => self.squares.numbers = part,
            _ => self.squares.scales = part,
        }
        Ok(())
    }

    /// What bytes stand for, where it remembers in bytes.
    fn code(&self, code: &'static Code) -> Option<&'static Code> {
        matches!(self.config, OptimizerConfig::AdamW8Bit { .. }).then_some(code)
    }

    /// The weights after a step along these gradients. Pairs without a gradient stay.
    pub(crate) fn step(
        &mut self,
        weights: &LoraWeights,
        gradients: &LoraWeights,
        rate: f64,
    ) -> Result<LoraWeights> {
        self.steps = self.steps.saturating_add(1);
        let (signed, unsigned) = (self.code(&SIGNED), self.code(&UNSIGNED));
        let mut changed = weights.clone();
        for (place, gradient) in gradients.iter() {
            let Some(pair) = weights.get(place) else {
                continue;
            };
            let mean = self.means.recall(place, pair, signed)?;
            let square = self.squares.recall(place, pair, unsigned)?;
            let (mut new_mean, mut new_square) = (mean.clone(), square.clone());
            let moved = pair.map(|name, weights| {
                let parts = [gradient, &mean, &square].map(|pair| pair.part(name));
                let [Some(gradient), Some(mean), Some(square)] = parts else {
                    return Ok(weights.clone());
                };
                // A row's norm has no reason to shrink.
                let decay_rate = if name == "magnitude" { 0.0 } else { rate };
                let change = self.change(weights, gradient, [mean, square], [rate, decay_rate])?;
                new_mean.set_part(name, change.mean);
                if let Some(square) = change.square {
                    new_square.set_part(name, square);
                }
                Ok::<_, candle_core::Error>(change.weights)
            });
            changed.insert(place, moved?);
            self.means.keep(place, &new_mean, signed)?;
            if !matches!(self.config, OptimizerConfig::Sgd { .. }) {
                self.squares.keep(place, &new_square, unsigned)?;
            }
        }
        Ok(changed)
    }
}

impl Optimizer {
    /// What a step makes of one tensor.
    fn change(
        &self,
        weights: &Tensor,
        gradient: &Tensor,
        [mean, square]: [&Tensor; 2],
        [rate, decay_rate]: [f64; 2],
    ) -> Result<Change> {
        match self.config {
            OptimizerConfig::AdamW {
                mean_kept,
                square_kept,
                epsilon,
                weight_decay,
            }
            | OptimizerConfig::AdamW8Bit {
                mean_kept,
                square_kept,
                epsilon,
                weight_decay,
            } => {
                let mean = ((mean * mean_kept)? + (gradient * (1.0 - mean_kept))?)?;
                let new_square = (gradient.sqr()? * (1.0 - square_kept))?;
                let square = ((square * square_kept)? + new_square)?;
                // Both began at zero and are too small by what they have forgotten of it.
                let mean_share = 1.0 - mean_kept.powi(self.steps);
                let square_share = 1.0 - square_kept.powi(self.steps);
                let root = ((&square / square_share)?.sqrt()? + epsilon)?;
                let along = ((&mean * (rate / mean_share))? / root)?;
                let weights = ((weights * (1.0 - decay_rate * weight_decay))? - along)?;
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
                let shrunk = (weights * (1.0 - decay_rate * weight_decay))?;
                Ok(Change {
                    weights: (shrunk - (&mean * rate)?)?,
                    mean,
                    square: None,
                })
            }
        }
    }
}

impl Memory {
    /// What is remembered of a pair, as 32-bit floats; zeros where nothing is.
    fn recall(&self, place: Place, like: &LoraPair, code: Option<&Code>) -> Result<LoraPair> {
        let Some(numbers) = self.numbers.get(place) else {
            return like.map(|_, tensor| tensor.zeros_like());
        };
        let (Some(code), Some(scales)) = (code, self.scales.get(place)) else {
            return Ok(numbers.clone());
        };
        numbers.map(|name, codes| match scales.part(name) {
            Some(scales) => code.dequantize(codes, scales),
            None => Ok(codes.clone()),
        })
    }

    /// Remembers it.
    fn keep(&mut self, place: Place, pair: &LoraPair, code: Option<&Code>) -> Result<()> {
        let Some(code) = code else {
            self.numbers.insert(place, pair.clone());
            return Ok(());
        };
        let mut scales = pair.clone();
        let codes = pair.map(|name, numbers| {
            let (codes, largest) = code.quantize(numbers)?;
            scales.set_part(name, largest);
            Ok::<_, candle_core::Error>(codes)
        })?;
        self.numbers.insert(place, codes);
        self.scales.insert(place, scales);
        Ok(())
    }
}

/// Their roots divide each step: one below zero would make all that it touches no number.
fn check_squares(squares: &LoraWeights) -> std::result::Result<(), LoraError> {
    for (_, pair) in squares.iter() {
        for (_, tensor) in pair.parts() {
            let numbers = tensor.flatten_all()?.to_vec1::<f32>()?;
            if numbers.iter().any(|&number| number < 0.0) {
                return Err(saved::refused("holds a square below zero"));
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
        weights.insert(PLACE, LoraPair::new(tensor(a), tensor(b)));
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
