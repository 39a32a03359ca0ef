//! A tokenizer made from a model's own GGUF metadata, equal to llama.cpp's token for token.
//!
//! It lets processes that hold no model count and cut text in the model's tokens, and turns token
//! bytes back into text. Pure: values in, values out; `inkstone-gguf` reads the file. Not a model
//! and not a prompt format: nothing here knows chat templates. The daemon calls it, and whoever
//! packs context or trains; a test of `inkstone-engine` compares it with llama.cpp on every corpus.
//!
//! In reading order: [`Vocab`] (tokens, their bytes, [`Vocab::tokenize`]), [`IncrementalTokenizer`]
//! (a document that changes by the keystroke), [`Utf8Stream`] (bytes of tokens to characters),
//! [`TokenId`] and [`TokenCount`], [`VocabError`]. Inside: `attributes` (what a token is),
//! `special_matcher` (tokens that are matched before all others), `spelling` (which tokens can
//! spell what was typed), `pre_tokenizer` (where words end),
//! `bpe` and `spm` (the two kinds of vocabulary) over `merge`, `boundary` (where a text can be cut
//! without changing a token).
//!
//! Why not the `tokenizers` crate: it ranks pairs, SentencePiece ranks results and breaks ties by
//! position, so its ids cannot be equal on every text; and measured on 18 kB it took 5 to 7 ms per
//! text with SmolLM2, and 100 MB and 0.6 s to load Gemma 3, because it stores every merge as a pair
//! of strings.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))] // A test that fails panics.

mod attributes;
mod boundary;
mod bpe;
mod byte_alphabet;
mod error;
mod incremental;
mod merge;
mod pre_tokenizer;
mod special_matcher;
mod spelling;
mod spm;
#[cfg(test)]
mod tiny;
mod token;
mod token_table;
mod utf8_stream;
mod vocab;

pub use error::VocabError;
pub use incremental::{IncrementalTokenizer, Update};
pub use token::{FimTokens, TokenCount, TokenId};
pub use utf8_stream::Utf8Stream;
pub use vocab::{TokenizeOptions, Vocab};
