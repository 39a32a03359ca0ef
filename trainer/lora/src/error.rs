//! What can go wrong, by remedy. Errors of a model file name the file, what was found in it and
//! what to do.

use std::path::{Path, PathBuf};

use inkstone_gguf::{GgmlType, GgufError};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum LoraError {
    /// A model file that cannot be trained on.
    #[error("{}: {fault}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<ModelFault>,
    },
    /// A choice that cannot be trained with.
    #[error("{what} is {found}; {remedy}")]
    Setting {
        /// What was chosen.
        what: &'static str,
        /// What it was set to.
        found: String,
        /// What it may be.
        remedy: String,
    },
    /// Tokens that this model cannot read.
    #[error("{what}: {found}; {remedy}")]
    Tokens {
        /// What is wrong.
        what: &'static str,
        /// What was given.
        found: String,
        /// What can be given.
        remedy: String,
    },
    /// An adapter of another model or configuration.
    #[error(
        "the adapter has {found} for `{tensor}`, expected {expected}; use it with the model and configuration that it was trained with"
    )]
    Adapter {
        /// The map's weights.
        tensor: String,
        /// What the adapter has.
        found: String,
        /// What fits.
        expected: String,
    },
    /// An adapter's file that cannot be read back.
    #[error("the adapter's file cannot be used: {problem}")]
    AdapterFile {
        /// What is wrong with it.
        problem: String,
    },
    /// A checkpoint that cannot be gone on from.
    #[error("the checkpoint {fault}; begin the training anew")]
    Checkpoint {
        /// What is wrong with it.
        fault: &'static str,
    },
    /// Whoever was asked between two layers said to stop.
    #[error("training was stopped between two layers; nothing of the step is kept: take it again")]
    Stopped,
    /// The device failed to compute: out of memory, most often.
    #[error(
        "computing failed: {0}; close other programs or lower the memory that training may use"
    )]
    Compute(Box<candle_core::Error>),
}

impl From<candle_core::Error> for LoraError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute(Box::new(error))
    }
}

/// What makes a model file one that cannot be trained on.
#[derive(Debug, thiserror::Error)]
pub enum ModelFault {
    /// The reader of GGUF refused it.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// No decoder is written for the architecture.
    #[error(
        "models of architecture `{found}` are not trained (llama, qwen2, qwen3 and gemma3 are); pick another model"
    )]
    Architecture {
        /// What the file says.
        found: String,
    },
    /// The model computes something that the decoder does not.
    #[error("{what} is `{found}`, which the trainer does not compute; pick another model")]
    Unsupported {
        /// Key or tensor.
        what: String,
        /// What it says.
        found: String,
    },
    /// A number of the metadata that is missing or makes no sense.
    #[error("`{key}` is {found}, expected {expected}; the file is damaged: fetch it again")]
    Number {
        /// The key.
        key: String,
        /// What it says.
        found: String,
        /// What it may say.
        expected: String,
    },
    /// A tensor that the architecture needs.
    #[error("tensor `{tensor}` is missing; the file is no complete model: fetch it again")]
    MissingTensor {
        /// Its name.
        tensor: String,
    },
    /// A tensor of another size than the metadata says.
    #[error(
        "tensor `{tensor}` has shape {found:?}, expected {expected:?}; the file is damaged: fetch it again"
    )]
    Shape {
        /// Its name.
        tensor: String,
        /// Its dimensions, fastest first.
        found: Vec<u64>,
        /// What the metadata asks for.
        expected: Vec<u64>,
    },
    /// Weights in a number format that candle cannot read.
    #[error(
        "tensor `{tensor}` is in {format}, which the trainer cannot read; pick a conversion in Q4_K_M, Q5_K_M, Q6_K or Q8_0"
    )]
    Format {
        /// Its name.
        tensor: String,
        /// Its format.
        format: GgmlType,
    },
    /// The weights end before the table says.
    #[error("tensor `{tensor}` ends after {found} of {expected} bytes; fetch the file again")]
    Truncated {
        /// Its name.
        tensor: String,
        /// Bytes that were there.
        found: u64,
        /// Bytes that the table asks for.
        expected: u64,
    },
    /// Reading failed.
    #[error("tensor `{tensor}` cannot be read: {error}; see that the disk is well")]
    Read {
        /// Its name.
        tensor: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The device took the weights not.
    #[error(
        "tensor `{tensor}` does not fit: {error}; close other programs or pick a smaller model"
    )]
    Place {
        /// Its name.
        tensor: String,
        /// What candle said.
        error: candle_core::Error,
    },
}

impl ModelFault {
    /// The error that names the file.
    pub(crate) fn at(self, path: &Path) -> LoraError {
        LoraError::Model {
            path: path.to_owned(),
            fault: Box::new(self),
        }
    }
}
