//! From a file's bytes to records of its owner's prose.
//!
//! Pure: bytes, names and sets in, records out; no file, clock or environment. `inkstone-trainer`
//! finds the files, asks git and keeps the records.
//!
//! In reading order, which is the order of the work:
//! - [`format`]: what a file is, by its name and first bytes;
//! - [`encoding`]: its text, whatever its encoding;
//! - [`read`]: a reader per format, from text to blocks ([`block`]);
//! - [`filter`]: which blocks are prose, and why the others are not ([`left_out`]);
//! - [`authorship`]: which of them its owner wrote;
//! - [`clean`]: the rules that mend or refuse a block;
//! - [`surprise`]: what a language model makes of a text beside its writer's others;
//! - [`tag`]: language and genre;
//! - [`piece`]: what one document comes to, and [`document`]: all these steps in their order;
//! - [`dedup`]: which pieces of all documents are the same;
//! - [`split`]: what is held out of training;
//! - [`dataset`]: records, versions, statistics, exports;
//! - [`profile`]: the habits of a writer, counted;
//! - [`review`]: the sample that a person judges, and what follows;
//! - `word`: words between spaces, for the tags and the profile.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a panic is how a test fails"
    )
)]

pub mod authorship;
pub mod block;
pub mod clean;
pub mod dataset;
pub mod dedup;
pub mod document;
pub mod encoding;
pub mod filter;
pub mod format;
pub mod left_out;
pub mod piece;
pub mod profile;
pub mod read;
pub mod review;
pub mod split;
pub mod surprise;
pub mod tag;
mod word;

pub use block::{Block, BlockKind, LineRange, Reading};
pub use left_out::{LeftOut, Reason, WayBack};
pub use piece::{AuthorState, CleanDocument, Genre, Piece};
