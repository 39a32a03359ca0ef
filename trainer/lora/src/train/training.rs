//! A training: an adapter, its optimizer, and one step after the other.
//!
//! A step adds the gradients of its micro-batches, divides them by what their tokens count, bounds
//! their norm and changes the adapter. Without dropout, how a step was cut into micro-batches changes
//! nothing but the rounding; what dropout leaves out follows from the place in its micro-batch. A
//! step whose loss or gradient is no number changes nothing, and says so.

use super::optimizer::{Optimizer, OptimizerConfig};
use super::schedule::Schedule;
use crate::adapter::config::LoraConfig;
use crate::adapter::weights::LoraWeights;
use crate::error::LoraError;
use crate::model::decoder::Decoder;
use crate::ops::noise;
use crate::pass::between::Between;
use crate::pass::forward::Adapter;
use crate::pass::gradient::Keep;
use crate::pass::packed::Packed;

/// How an adapter is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingConfig {
    /// What the adapter looks like.
    pub lora: LoraConfig,
    /// How gradients become changes.
    pub optimizer: OptimizerConfig,
    /// How fast.
    pub schedule: Schedule,
    /// The norm that the gradient of a step has at most.
    pub gradient_norm_max: f64,
    /// What is kept between the two ways through the model.
    pub keep: Keep,
    /// What all that looks random follows from.
    pub seed: u64,
}

impl TrainingConfig {
    /// Checks every number of it.
    pub fn check(&self) -> Result<(), LoraError> {
        self.lora.check()?;
        self.optimizer.check()?;
        self.schedule.check()?;
        if self.gradient_norm_max > 0.0 {
            return Ok(());
        }
        Err(LoraError::Setting {
            what: "the gradient's norm",
            found: self.gradient_norm_max.to_string(),
            remedy: "choose a number above 0".to_owned(),
        })
    }
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Which step it was, from 0.
    pub step: u64,
    /// The mean loss of a token before it, in nats.
    pub loss: f64,
    /// The norm of the gradient before it was bounded.
    pub gradient_norm: f64,
    /// The learning rate.
    pub rate: f64,
    /// Whether the adapter was changed: not where the loss or the gradient is no number, or the
    /// gradient's square none of 32 bits.
    pub is_taken: bool,
}

/// An adapter that is being trained.
#[derive(Debug)]
pub struct Training<'a> {
    decoder: &'a Decoder,
    config: TrainingConfig,
    pub(crate) state: State,
    /// What the schedule's rates are multiplied with: below 1 after a training ran away.
    pub(crate) rate_scale: f64,
}

/// All that a step changes.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) weights: LoraWeights,
    pub(crate) optimizer: Optimizer,
    pub(crate) step: u64,
}

impl<'a> Training<'a> {
    /// Begins with an adapter that changes nothing yet.
    pub fn begin(decoder: &'a Decoder, config: TrainingConfig) -> Result<Self, LoraError> {
        config.check()?;
        let state = State {
            weights: decoder.begin_adapter(&config.lora, config.seed)?,
            optimizer: Optimizer::new(config.optimizer)?,
            step: 0,
        };
        Ok(Self {
            decoder,
            config,
            state,
            rate_scale: 1.0,
        })
    }

    /// How it is trained.
    pub fn config(&self) -> &TrainingConfig {
        &self.config
    }

    /// Steps that were taken.
    pub fn steps(&self) -> u64 {
        self.state.step
    }

    /// The adapter as it is now.
    pub fn adapter(&self) -> Adapter<'_> {
        Adapter {
            config: &self.config.lora,
            weights: &self.state.weights,
        }
    }

    /// Takes one step on these micro-batches, of which some must have tokens that count. `between`
    /// is asked between two layers; a step that it stops has changed nothing, and is the next one
    /// again.
    pub fn step(
        &mut self,
        micro_batches: &[Packed],
        between: &mut Between<'_>,
    ) -> Result<Step, LoraError> {
        if micro_batches.is_empty() {
            return Err(LoraError::Tokens {
                what: "micro-batches of a step",
                found: "none".to_owned(),
                remedy: "give at least one".to_owned(),
            });
        }
        let rate = self.config.schedule.rate(self.state.step) * self.rate_scale;
        let step_seed = noise::derive(self.config.seed, self.state.step);
        let mut sum = LoraWeights::default();
        let (mut loss, mut weight) = (0.0, 0.0);
        for (seed, packed) in (0..).zip(micro_batches) {
            let seed = noise::derive(step_seed, seed);
            let adapter = self.adapter();
            let pass = self
                .decoder
                .gradients(packed, adapter, self.config.keep, seed, between)?;
            loss += pass.loss;
            weight += pass.weight;
            sum.add(pass.gradients)?;
        }
        if weight == 0.0 {
            return Err(LoraError::Tokens {
                what: "tokens that count",
                found: "none".to_owned(),
                remedy: "pack texts of at least two tokens".to_owned(),
            });
        }
        let mean = sum.scaled(1.0 / weight)?;
        let gradient_norm = mean.norm()?;
        // Squares of the gradient are kept in 32 bits.
        let bounded_norm = gradient_norm.min(self.config.gradient_norm_max);
        let norm_is_sane =
            gradient_norm.is_finite() && bounded_norm * bounded_norm <= f64::from(f32::MAX);
        let step = Step {
            step: self.state.step,
            loss: loss / weight,
            gradient_norm,
            rate,
            is_taken: (loss / weight).is_finite() && norm_is_sane,
        };
        if step.is_taken {
            let bound = (self.config.gradient_norm_max / gradient_norm).min(1.0);
            let bounded = mean.scaled(bound)?;
            let State {
                weights, optimizer, ..
            } = &mut self.state;
            *weights = optimizer.step(weights, &bounded, rate)?;
        }
        // A checkpoint may say that as many steps were taken as can be counted.
        self.state.step = self.state.step.saturating_add(1);
        Ok(step)
    }
}
