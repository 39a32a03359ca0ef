//! The file that checkpoints are: parts in the shape of an adapter, and an object of numbers about
//! them.
//!
//! In the format of safetensors, so that a stranger's bytes are at worst refused. Not what is in
//! it: that is for `checkpoint` (a training) and `run` (a whole run) to say.

use std::cmp::Ordering;
use std::collections::HashMap;

use candle_core::{DType, Tensor};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

use crate::adapter::export::gguf::bytes;
use crate::adapter::weights::LoraWeights;
use crate::error::LoraError;

/// A part, and the name that its tensors begin with.
pub(crate) type Part<'a> = (String, &'a LoraWeights);

/// The bytes of a file of this kind. `about` becomes its one entry of metadata: the order of several
/// would change from run to run.
pub(crate) fn write(kind: &str, parts: &[Part<'_>], about: &Value) -> Result<Vec<u8>, LoraError> {
    let mut tensors = Vec::new();
    for (part, weights) in parts {
        for (place, pair) in weights.iter() {
            for (half, tensor) in pair.parts() {
                let name = format!("{part}.{}.{half}", place.tensor_name());
                tensors.push((name, tensor.dims().to_vec(), raw(tensor)?));
            }
        }
    }
    let views = tensors.iter().map(|(name, shape, (format, bytes))| {
        let view = TensorView::new(*format, shape.clone(), bytes);
        Ok((name.as_str(), view.map_err(candle_core::Error::wrap)?))
    });
    let views = views.collect::<candle_core::Result<Vec<_>>>()?;
    let about = HashMap::from([(kind.to_owned(), about.to_string())]);
    let file = safetensors::serialize(views, Some(about));
    Ok(file.map_err(candle_core::Error::wrap)?)
}

fn raw(tensor: &Tensor) -> candle_core::Result<(Dtype, Vec<u8>)> {
    if tensor.dtype() == DType::U8 {
        return Ok((Dtype::U8, tensor.flatten_all()?.to_vec1()?));
    }
    Ok((Dtype::F32, bytes(tensor)?))
}

/// A file that is being read.
pub(crate) struct Saved<'a> {
    pub(crate) about: Value,
    tensors: SafeTensors<'a>,
}

impl<'a> Saved<'a> {
    pub(crate) fn read(kind: &str, bytes: &'a [u8]) -> Result<Self, LoraError> {
        let broken = |_| refused("is damaged");
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        let about = header.metadata().as_ref().and_then(|all| all.get(kind));
        let about = about.ok_or_else(|| refused("is of another kind"))?;
        Ok(Self {
            about: serde_json::from_str(about).map_err(|_| refused("is damaged"))?,
            tensors: SafeTensors::deserialize(bytes).map_err(broken)?,
        })
    }

    /// Whether there are as many tensors as `parts` have; that they are the right ones shows when
    /// each is read.
    pub(crate) fn check_parts(&self, parts: usize, shape: &LoraWeights) -> Result<(), LoraError> {
        let of_part = shape.iter().map(|(_, pair)| pair.parts().count());
        let expected = of_part.sum::<usize>() * parts;
        match self.tensors.len().cmp(&expected) {
            Ordering::Less => Err(refused("lacks a part of the adapter or of its optimizer")),
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(refused("holds more than an adapter and its optimizer")),
        }
    }

    /// A part in the shape and the formats of `like`.
    pub(crate) fn part(&self, part: &str, like: &LoraWeights) -> Result<LoraWeights, LoraError> {
        let mut found = LoraWeights::default();
        for (place, pair) in like.iter() {
            let read = pair.map(|half, like| {
                let name = format!("{part}.{}.{half}", place.tensor_name());
                self.tensor(&name, like)
            });
            found.insert(place, read?);
        }
        Ok(found)
    }

    fn tensor(&self, name: &str, like: &Tensor) -> Result<Tensor, LoraError> {
        let view = self.tensors.tensor(name);
        let view = view.map_err(|_| refused("lacks a part of the adapter"))?;
        if view.shape() != like.dims() {
            return Err(refused("is of another model"));
        }
        match (like.dtype(), view.dtype()) {
            (DType::U8, Dtype::U8) => {
                let bytes = view.data().to_vec();
                Ok(Tensor::from_vec(bytes, like.dims(), like.device())?)
            }
            (DType::F32, Dtype::F32) => {
                let (numbers, _) = view.data().as_chunks::<4>();
                let numbers = numbers.iter().map(|&bytes| f32::from_le_bytes(bytes));
                let numbers: Vec<f32> = numbers.collect();
                if !numbers.iter().all(|number| number.is_finite()) {
                    return Err(refused("holds what is no number"));
                }
                Ok(Tensor::from_vec(numbers, like.dims(), like.device())?)
            }
            _ => Err(refused("is of another model")),
        }
    }
}

pub(crate) fn refused(fault: &'static str) -> LoraError {
    LoraError::Checkpoint { fault }
}
