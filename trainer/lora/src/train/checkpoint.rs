//! A training as bytes, so that one that is killed goes on where it was and ends as if it had not
//! been.
//!
//! Weights, what the optimizer remembers, and how many steps were taken; everything else follows
//! from the configuration, which has to be the same. The caller writes and reads the file, and names
//! it in errors.

use serde_json::{Value, json};

use super::optimizer::Optimizer;
use super::saved::{self, Part, Saved, refused};
use super::training::{State, Training, TrainingConfig};
use crate::adapter::weights::LoraWeights;
use crate::error::LoraError;
use crate::model::decoder::Decoder;

/// What these files are called in their metadata.
const KIND: &str = "training";
const WEIGHTS: &str = "weights";
const CONFIG: &str = "config";
const STATE: &str = "state";
const STEPS: &str = "steps";
const OPTIMIZER_STEPS: &str = "optimizer_steps";
const RATE_SCALE: &str = "rate_scale_bits";

impl Training<'_> {
    /// The training as it is now.
    pub fn checkpoint(&self) -> Result<Vec<u8>, LoraError> {
        let about = json!({
            CONFIG: described(self.config()),
            STATE: self.state.about(),
            RATE_SCALE: self.rate_scale.to_bits(),
        });
        saved::write(KIND, &self.state.parts(""), &about)
    }
}

impl<'a> Training<'a> {
    /// Goes on from a checkpoint of the same model and configuration.
    pub fn resume(
        decoder: &'a Decoder,
        config: TrainingConfig,
        checkpoint: &[u8],
    ) -> Result<Self, LoraError> {
        let mut training = Self::begin(decoder, config)?;
        let saved = Saved::read(KIND, checkpoint)?;
        if saved.about[CONFIG] != described(training.config()) {
            return Err(refused("belongs to another configuration"));
        }
        training.rate_scale = read_scale(&saved.about[RATE_SCALE])?;
        let blank = training.blank(&saved.about[STATE])?;
        saved.check_parts(blank.parts("").len(), &training.state.weights)?;
        training.state = blank.filled("", &saved)?;
        Ok(training)
    }

    /// The state whose numbers `about` has, and whose parts are still to be read.
    pub(crate) fn blank(&self, about: &Value) -> Result<State, LoraError> {
        let optimizer_steps = about[OPTIMIZER_STEPS].as_i64();
        let optimizer_steps = optimizer_steps.and_then(|steps| i32::try_from(steps).ok());
        let optimizer_steps = optimizer_steps.filter(|&steps| steps >= 0);
        let optimizer_steps = optimizer_steps.ok_or_else(|| refused("counts no steps"))?;
        let step = about[STEPS].as_u64();
        let step = step.ok_or_else(|| refused("counts no steps"))?;
        if u64::try_from(optimizer_steps).is_ok_and(|steps| steps > step) {
            return Err(refused("counts more steps of its optimizer than it took"));
        }
        let shape = &self.state.weights;
        Ok(State {
            weights: shape.clone(),
            optimizer: Optimizer::blank(self.config().optimizer, optimizer_steps, shape)?,
            step,
        })
    }
}

impl State {
    /// The numbers of it that are no tensors.
    pub(crate) fn about(&self) -> Value {
        json!({ STEPS: self.step, OPTIMIZER_STEPS: self.optimizer.steps() })
    }

    /// Its tensors, under names that begin with `prefix`.
    pub(crate) fn parts(&self, prefix: &str) -> Vec<Part<'_>> {
        let memory = self.optimizer.memory().into_iter();
        let all = std::iter::once((WEIGHTS, &self.weights)).chain(memory);
        all.map(|(name, part)| (format!("{prefix}{name}"), part))
            .collect()
    }

    /// The same with its parts from a file, each in the shape that the blank one has.
    pub(crate) fn filled(&self, prefix: &str, saved: &Saved<'_>) -> Result<Self, LoraError> {
        let mut filled = self.clone();
        for (name, like) in self.optimizer.memory() {
            let part: LoraWeights = saved.part(&format!("{prefix}{name}"), like)?;
            filled.optimizer.remember(name, part)?;
        }
        filled.weights = saved.part(&format!("{prefix}{WEIGHTS}"), &self.weights)?;
        Ok(filled)
    }
}

/// What rates are multiplied with, from its bits: a number in JSON would lose some.
pub(crate) fn read_scale(bits: &Value) -> Result<f64, LoraError> {
    let scale = bits.as_u64().map(f64::from_bits);
    let scale = scale.filter(|scale| *scale > 0.0 && *scale <= 1.0);
    scale.ok_or_else(|| refused("has no learning rate"))
}

/// A configuration as a text that another one never has.
pub(crate) fn described(config: &impl std::fmt::Debug) -> String {
    format!("{config:?}")
}
