//! Text of a document: offsets, positions in three encodings, snapshots, edits, windows.
//!
//! Pure: values in, values out. Knows nothing of markup or language (`inkstone-prose`), nor of
//! the wire (the language server translates `lsp_types` positions into [`Position`] once, at its
//! edge). The language server owns [`Document`]s; everything else reads [`Snapshot`]s.
//!
//! In reading order:
//! - [`offset`]: where something is in the text, in UTF-8 bytes;
//! - [`position`]: where something is for a client, in lines and units of an encoding;
//! - [`snapshot`]: the immutable text of one version, and the conversions between the two;
//! - [`document`]: the text that changes, edit by edit;
//! - [`ends`]: the beginning and the end of a text, in whole characters;
//! - [`cut`]: where a long text may be cut without hurting the reader;
//! - [`window`]: the bounded text around a caret that is sent to the daemon;
//! - [`error`]: what can go wrong.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a panic is how a test fails"
    )
)]

pub mod cut;
pub mod document;
pub mod ends;
pub mod error;
pub mod offset;
pub mod position;
pub mod snapshot;
pub mod window;

pub use cut::cut_at_or_after;
pub use document::{Change, DOCUMENT_BYTES_MAX, Document, DocumentVersion};
pub use ends::{ceil_char_boundary, first_bytes, floor_char_boundary, last_bytes, last_line};
pub use error::TextError;
pub use offset::{TextRange, Utf8Offset};
pub use position::{LineNumber, Position, PositionEncoding};
pub use snapshot::Snapshot;
pub use window::{PREFIX_BYTES_MAX, SUFFIX_BYTES_MAX, Window, split_window};
