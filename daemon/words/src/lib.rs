//! The words of a text: by Unicode's rules, and by a dictionary where words are not spaced.
//!
//! Pure: text in, byte offsets out; no input is an error. Not how a model cuts text, and nothing for
//! the language server, whose memory the dictionary would double: the daemon cuts what it offers
//! and sends the ends along. Called by the daemon and by `inkstone bench replay`, so that what is
//! measured is what a key takes.
//!
//! In reading order:
//! - [`words`]: the words of a whole text;
//! - [`ends`]: where a suggestion's words end, the text before it considered;
//! - [`dictionary`]: when the dictionary is there, and what needs it.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a panic is how a test fails"
    )
)]

pub mod dictionary;
pub mod ends;
pub mod words;

pub use dictionary::{is_loaded, load, needs_dictionary};
pub use ends::{context, word_ends, word_goes_on};
pub use words::words;
