//! Language of a piece and genre of a document.
//!
//! Not authorship, and nothing a person decided: a verdict of the review goes over it. Called once
//! per document by the pipeline, before cleaning, which treats dialogue otherwise than prose.
//!
//! - [`language`]: `en`, `zh` or neither;
//! - [`genre`]: one of eight, by a sum of weighted features that can be shown to its writer;
//! - [`feature`]: what is counted;
//! - [`cue`]: the words that give a genre away;
//! - [`place`]: what path, title and front matter say.

pub mod cue;
pub mod feature;
pub mod genre;
pub mod language;
pub mod place;

pub use genre::{GenreInput, GenreVerdict, genre};
pub use language::language;
