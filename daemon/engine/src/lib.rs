//! llama.cpp behind the small API that the rest of Inkstone uses; the only crate that links it.
//!
//! In reading order: [`Backend`] (shared libraries, devices), [`load_on`] (which of them), [`plan`]
//! (what fits in memory), [`Model`] (weights and vocabulary), [`Context`] (KV cache, sequences, decode), `saving` (a
//! sequence as bytes), [`Adapter`]
//! (LoRA), [`greedy`] (the likeliest token and its log-probability), [`sampling`] (a token by
//! chance), [`TextReading`] (how surprising a text is). All `unsafe` is in `ffi/`.
//!
//! Built on the bindings of `llama-cpp-sys-2` and not on the safe wrapper above them: there a
//! context borrows its model and an adapter needs `&mut` on it, so neither could be swapped while
//! the other lives.

mod adapter;
mod admission;
mod backend;
mod context;
mod error;
#[allow(unsafe_code)] // Reason: the one door to llama.cpp; every block states its invariant.
mod ffi;
mod greedy;
mod model;
mod nll;
mod placement;
pub mod plan;
pub mod sampling;
mod saving;
mod stamp;

pub use adapter::Adapter;
pub use backend::{Backend, Device, DeviceKind};
pub use context::{BatchEntry, Context, ContextOptions, KvType, SequenceId};
pub use error::{EngineError, Unservable};
pub use greedy::{Choice, greedy, greedy_among, ranked};
pub use model::{LoadOptions, Model, ModelFile};
pub use nll::{Cost, NLL_WINDOW_TOKENS, TextNll, TextReading, surprise};
pub use placement::{DeviceWish, Placed, load_on};
pub use saving::{ContextIdentity, SavedSequence};
pub use stamp::FileStamp;

pub use inkstone_gguf::ModelInfo;
