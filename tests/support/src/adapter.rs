//! LoRA adapters for real models whose effect can be seen without training: the change to one matrix
//! is the same number everywhere.

use std::path::Path;

use inkstone_gguf::build::GgufBuilder;
use inkstone_gguf::{GgmlType, Gguf, Value};

/// The matrix that is changed, in the layer in the middle: what it adds is seen by all layers after it.
const MATRIX: &str = "ffn_down.weight";
const RANK: u64 = 4;

/// What an adapter is to be like.
#[derive(Debug, Clone, Copy)]
pub struct ConstantAdapter {
    /// How strongly it acts; at 0.5 another text comes of it.
    pub weight: f32,
    /// Added to the rows of its first half: anything but 0 fits no model.
    pub extra_inputs: u64,
    /// Its rank, by which its file grows.
    pub rank: u64,
}

impl ConstantAdapter {
    /// One that fits.
    pub fn of(weight: f32) -> Self {
        Self {
            weight,
            extra_inputs: 0,
            rank: RANK,
        }
    }

    /// The bytes of its file, for the model in `model_file`.
    ///
    /// # Panics
    /// When that is no model with such a matrix.
    pub fn bytes(self, model_file: &Path) -> Vec<u8> {
        let base = Gguf::from_path(model_file);
        let base = base.unwrap_or_else(|error| panic!("{}: {error}", model_file.display()));
        let layers = base
            .tensors()
            .iter()
            .filter(|tensor| tensor.name.ends_with(MATRIX));
        let name = format!("blk.{}.{MATRIX}", layers.count() / 2);
        let matrix = base.tensors().iter().find(|tensor| tensor.name == name);
        let Some(&[inputs, outputs]) = matrix.map(|matrix| &*matrix.dimensions) else {
            panic!("{} has no {name}", model_file.display());
        };
        let inputs = inputs + self.extra_inputs;
        let architecture = base.str("general.architecture").unwrap_or_default();
        GgufBuilder::new()
            .str("general.type", "adapter")
            .str("general.architecture", architecture)
            .str("adapter.type", "lora")
            .value("adapter.lora.alpha", Value::F32(self.rank as f32))
            .tensor(
                &format!("{name}.lora_a"),
                &[inputs, self.rank],
                GgmlType::F32,
                floats(inputs * self.rank, 0.1),
            )
            .tensor(
                &format!("{name}.lora_b"),
                &[self.rank, outputs],
                GgmlType::F32,
                floats(self.rank * outputs, self.weight),
            )
            .finish()
    }
}

fn floats(count: u64, value: f32) -> Vec<u8> {
    (0..count).flat_map(|_| value.to_le_bytes()).collect()
}
