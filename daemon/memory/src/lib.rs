//! The instant personal memory: what the writer wrote after the same few tokens before.
//!
//! An n-gram index over the tokens of the writer's own dataset, mixed with the model's distribution
//! when a token is chosen: a habit of the writer is known as soon as the dataset is, before anything
//! is trained. Pure: bytes in, numbers out. The trainer builds the files, the daemon maps them, and
//! `inkstone doctor` looks whether they are whole.
//!
//! In reading order: [`format`](mod@format) (how a file lies), [`build`] (from documents to a file),
//! [`former`] (what an older file already has of them), `order` (the places), [`memory`]
//! (a file, and what followed a context in it), [`mixture`] (how much of the distribution is the
//! memory's), [`strength`] (the fitted numbers of that), [`guess`] (drafts), [`error`].

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))] // A test that fails panics.

pub mod build;
pub mod error;
pub mod format;
pub mod former;
pub mod guess;
pub mod memory;
pub mod mixture;
mod order;
pub mod strength;

pub use build::{Builder, DOCUMENT_TOKENS_MAX, DOCUMENTS_MAX, TOKENS_MAX};
pub use error::MemoryError;
pub use format::{
    CONTEXT_TOKENS_MAX, DocumentName, FILE_BYTES_MAX, FILE_ENDING, HASH_BYTES, Header, KEY_BYTES,
    file_name, file_prefix,
};
pub use former::Former;
pub use memory::{Follower, Followers, Memory};
pub use mixture::Mixture;
pub use strength::Strength;
