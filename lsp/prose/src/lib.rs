//! What kind of writing is at a caret: its markup, its language, its sentences.
//!
//! Pure: values in, values out, and no input is an error, because half-written text is the normal
//! case. Decides nothing: whether to suggest is `inkstone-policy`, where to stop is
//! `inkstone-pipeline`. Both call this crate.
//!
//! In reading order:
//! - [`kind`]: the kinds of document, from a client's language identifier;
//! - [`zone`]: what a caret may be in;
//! - [`outline`]: title and headings above a caret;
//! - [`markup`]: reads zone and outline out of a document of any kind;
//! - [`characters`]: classes of characters that languages disagree on;
//! - [`language`]: the language around a caret;
//! - [`sentence`]: where a sentence ends;
//! - [`shingle`]: what a text can be recognised by;
//! - [`table`]: whether a table's row has all its cells;
//! - [`wrap`]: lines that were broken to fit a page.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a panic is how a test fails"
    )
)]

pub mod characters;
pub mod kind;
pub mod language;
mod lines;
pub mod markup;
pub mod outline;
pub mod sentence;
pub mod shingle;
pub mod table;
pub mod wrap;
pub mod zone;

pub use kind::{CodeFamily, DocumentKind};
pub use language::{Language, language_around, language_of};
pub use markup::{CaretMarkup, markup_at, zone_at};
pub use outline::Outline;
pub use sentence::{SentenceEnd, first_sentence_end, next_sentence_end, sentence_ends};
pub use table::row_is_complete;
pub use wrap::{Wrap, unwrapped, wraps};
pub use zone::Zone;
