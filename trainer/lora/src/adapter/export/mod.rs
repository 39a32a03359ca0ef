//! The files that an adapter becomes: bytes, which the caller writes.

pub mod gguf;
pub mod peft;
