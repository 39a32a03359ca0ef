//! A training as bytes, so that one that is killed goes on where it was and ends as if it had not
//! been.
//!
//! Weights, what the optimizer remembers, and how many steps were taken; everything else follows
//! from the configuration, which has to be the same. In the format of safetensors, so that a
//! stranger's bytes are at worst refused. The caller writes and reads the file, and names it in
//! errors.

use std::cmp::Ordering;
use std::collections::HashMap;

use candle_core::Tensor;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

use super::optimizer::Optimizer;
use super::training::{Training, TrainingConfig};
use crate::adapter::export::gguf::bytes;
use crate::adapter::weights::{LoraPair, LoraWeights};
use crate::error::LoraError;
use crate::model::decoder::Decoder;

/// The parts of a checkpoint that have the shape of the adapter.
const WEIGHTS: &str = "weights";
const MEANS: &str = "means";
const SQUARES: &str = "squares";
/// Its one entry of metadata, an object: the order of several would change from run to run.
const ABOUT: &str = "training";
const CONFIG: &str = "config";
const STEPS: &str = "steps";
const OPTIMIZER_STEPS: &str = "optimizer_steps";

impl Training<'_> {
    /// The training as it is now.
    pub fn checkpoint(&self) -> Result<Vec<u8>, LoraError> {
        let (optimizer_steps, means, squares) = self.optimizer.memory();
        let mut tensors = Vec::new();
        for (part, weights) in [(WEIGHTS, &self.weights), (MEANS, means), (SQUARES, squares)] {
            for (place, pair) in weights.iter() {
                for (half, tensor) in [("lora_a", &pair.a), ("lora_b", &pair.b)] {
                    let name = format!("{part}.{}.{half}", place.tensor_name());
                    tensors.push((name, tensor.dims().to_vec(), bytes(tensor)?));
                }
            }
        }
        let views = tensors.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
            Ok((name.as_str(), view.map_err(candle_core::Error::wrap)?))
        });
        let views = views.collect::<candle_core::Result<Vec<_>>>()?;
        let about = json!({
            CONFIG: described(&self.config),
            STEPS: self.step,
            OPTIMIZER_STEPS: optimizer_steps,
        });
        let about = HashMap::from([(ABOUT.to_owned(), about.to_string())]);
        let file = safetensors::serialize(views, Some(about));
        Ok(file.map_err(candle_core::Error::wrap)?)
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
        let read = Checkpoint::read(checkpoint)?;
        if read.about[CONFIG] != described(&training.config) {
            return Err(refused("belongs to another configuration"));
        }
        let optimizer_steps = read.about[OPTIMIZER_STEPS].as_i64();
        let optimizer_steps = optimizer_steps.and_then(|steps| i32::try_from(steps).ok());
        let optimizer_steps = optimizer_steps.filter(|&steps| steps >= 0);
        let optimizer_steps = optimizer_steps.ok_or_else(|| refused("counts no steps"))?;
        let steps = read.about[STEPS].as_u64();
        training.step = steps.ok_or_else(|| refused("counts no steps"))?;
        if u64::try_from(optimizer_steps).is_ok_and(|steps| steps > training.step) {
            return Err(refused("counts more steps of its optimizer than it took"));
        }
        let shape = &training.weights;
        let (has_means, has_squares) =
            Optimizer::remembers(training.config.optimizer, optimizer_steps);
        read.check_parts(1 + usize::from(has_means) + usize::from(has_squares), shape)?;
        let weights = read.part(WEIGHTS, shape)?;
        let (mut means, mut squares) = (LoraWeights::default(), LoraWeights::default());
        if has_means {
            means = read.part(MEANS, shape)?;
        }
        if has_squares {
            squares = read.part(SQUARES, shape)?;
            check_squares(&squares)?;
        }
        training.optimizer =
            Optimizer::remembering(training.config.optimizer, optimizer_steps, means, squares)?;
        training.weights = weights;
        Ok(training)
    }
}

/// A checkpoint that is being read.
struct Checkpoint<'a> {
    about: Value,
    tensors: SafeTensors<'a>,
}

impl<'a> Checkpoint<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, LoraError> {
        let broken = |_| refused("is damaged");
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let about = header.metadata().as_ref().and_then(|all| all.get(ABOUT));
        let about = about.ok_or_else(|| refused("is of another kind"))?;
        Ok(Self {
            about: serde_json::from_str(about).map_err(|_| refused("is damaged"))?,
            tensors: SafeTensors::deserialize(bytes).map_err(broken)?,
        })
    }

    /// Whether there are as many tensors as `parts` have; that they are the right ones shows when
    /// each is read.
    fn check_parts(&self, parts: usize, shape: &LoraWeights) -> Result<(), LoraError> {
        let expected = shape.iter().count() * 2 * parts;
        match self.tensors.len().cmp(&expected) {
            Ordering::Less => Err(refused("lacks a part of the adapter or of its optimizer")),
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(refused("holds more than an adapter and its optimizer")),
        }
    }

    /// A part in the shape of the adapter.
    fn part(&self, part: &str, shape: &LoraWeights) -> Result<LoraWeights, LoraError> {
        let mut found = LoraWeights::default();
        for (place, pair) in shape.iter() {
            let half = |half: &str, like: &Tensor| {
                let name = format!("{part}.{}.{half}", place.tensor_name());
                self.tensor(&name, like)
            };
            let (a, b) = (half("lora_a", &pair.a)?, half("lora_b", &pair.b)?);
            found.insert(place, LoraPair { a, b });
        }
        Ok(found)
    }

    fn tensor(&self, name: &str, like: &Tensor) -> Result<Tensor, LoraError> {
        let view = self.tensors.tensor(name);
        let view = view.map_err(|_| refused("lacks a part of the adapter"))?;
        if view.dtype() != Dtype::F32 || view.shape() != like.dims() {
            return Err(refused("is of another model"));
        }
        let (numbers, _) = view.data().as_chunks::<4>();
        let numbers: Vec<f32> = numbers
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect();
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(Tensor::from_vec(numbers, like.dims(), like.device())?)
        } else {
            Err(refused("holds what is no number"))
        }
    }
}

/// Their roots divide each step: one below zero would make all that it touches no number.
fn check_squares(squares: &LoraWeights) -> Result<(), LoraError> {
    for (_, pair) in squares.iter() {
        for tensor in [&pair.a, &pair.b] {
            let numbers = tensor.flatten_all()?.to_vec1::<f32>()?;
            if numbers.iter().any(|&number| number < 0.0) {
                return Err(refused("holds a square below zero"));
            }
        }
    }
    Ok(())
}

/// A configuration as a text that another one never has.
fn described(config: &TrainingConfig) -> String {
    format!("{config:?}")
}

fn refused(fault: &'static str) -> LoraError {
    LoraError::Checkpoint { fault }
}
