//! A bounded, hostile-input-proof reader of GGUF files: metadata, tensor table, and what a model is.
//!
//! It reads everything in front of a model's weights and never these themselves, and it knows how
//! long the file has to be for its tensor table, so a half download is found without llama.cpp.
//! Not a tokenizer (`inkstone-vocab` builds one from what is read here) and not a loader
//! (`inkstone-engine`). The daemon, `model import` and `model list` call it.
//!
//! In reading order: [`Gguf`] (the file), [`Value`] (one metadata entry), [`TensorInfo`] and
//! [`GgmlType`] (one row of the tensor table), [`limits`] (what is refused and why), [`ModelInfo`]
//! (the facts about a language model), [`special`] (special tokens by id and by text),
//! [`architectures`] (what llama.cpp can load), [`vocabulary`] (which vocabularies it survives),
//! [`adapter`] (whether a LoRA adapter fits a model), [`shown`] (a file's text in a message), [`build`] (a minimal writer), [`GgufError`].
//!
//! The core is pure over [`std::io::Read`]; the one function that opens a file is in `file.rs`.
//! The format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))] // A test that fails panics.

pub mod adapter;
pub mod architectures;
pub mod build;
mod cursor;
mod error;
mod file;
mod gguf;
pub mod limits;
mod model_info;
mod quantization;
mod shown;
pub mod special;
mod strings;
mod tensor;
mod tensor_type;
mod value;
pub mod vocabulary;

pub use adapter::{AdapterFault, AdapterInfo};
pub use error::GgufError;
pub use gguf::Gguf;
pub use model_info::ModelInfo;
pub use shown::{SHOWN_CHARS_MAX, shown};
pub use special::{FimTokenIds, SpecialTokenIds};
pub use strings::StringTable;
pub use tensor::TensorInfo;
pub use tensor_type::GgmlType;
pub use value::{Array, Value};
