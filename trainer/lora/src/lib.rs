//! LoRA adapters, trained on the weights that are served: the model's own GGUF, frozen and quantized.
//!
//! Pure: readers, tokens and numbers in, tensors and bytes out; no file, clock or environment. Not a
//! tokenizer (`inkstone-vocab`), and not what decides when to train and whether the result is used:
//! that is for its caller, the trainer (`trainer/runner`).
//!
//! In reading order:
//! - [`model`]: the decoder, from the file's metadata and tensors;
//! - [`adapter`]: what is trained, and the files that it becomes;
//! - [`pass`]: packed texts through the decoder: probabilities, losses, gradients;
//! - [`train`]: steps, schedules and optimizers;
//! - [`run`]: a whole run, its guard, its end, its checkpoints;
//! - `ops`: what a decoder computes besides matrix products, forward and backward;
//! - [`error`]: what can go wrong.
//!
//! There is no graph of operations here. Each block keeps what its backward pass reads, or only its
//! input, and goes backward by hand; gradients toward frozen weights are never computed. candle
//! gives tensors, devices, matrix products and the file's number formats.
//!
//! Whoever starts the process sets `RAYON_NUM_THREADS`: without it candle asks the system for the
//! processor's description at every matrix product, which takes some 7 % of a training's processor
//! time. Where the C library is glibc, its allocator should give back nothing before
//! the end (`GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=4294967296`),
//! which halves the page faults of a pass.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::float_cmp,
        reason = "a panic is how a test fails, and some numbers must be the same to the bit"
    )
)]

pub mod adapter;
pub mod error;
pub mod model;
mod ops;
pub mod pass;
pub mod run;
pub mod train;

pub use adapter::config::{LoraConfig, Scaling};
pub use adapter::place::{Place, Target};
pub use adapter::weights::{LoraPair, LoraWeights};
pub use candle_core::Device;
pub use error::{LoraError, ModelFault};
pub use model::decoder::Decoder;
pub use model::hyperparameters::{Architecture, Hyperparameters};
pub use pass::between::Between;
pub use pass::forward::Adapter;
pub use pass::gradient::{Keep, Pass};
pub use pass::packed::Packed;
pub use pass::sample::Sampling;
pub use run::automatic::STEP_TOKENS;
pub use run::batches::{Batches, HeldOut, Measured};
pub use run::config::RunConfig;
pub use run::course::{Best, Run};
pub use run::event::{Divergence, EndReason, RunEvent};
pub use run::guard::GuardConfig;
pub use run::plan::{Budget, Plan, adapter_bytes, pass_bytes, plan};
pub use run::rate_search::{FoundRate, RatePoint, RateSearch, find_rate};
pub use train::optimizer::{Optimizer, OptimizerConfig};
pub use train::schedule::{Decay, Schedule};
pub use train::training::{Step, Training, TrainingConfig};
