//! House rules as tests: what no compiler checks, and what a reader may rely on.
//!
//! Each rule is a function from the source tree (or from cargo's metadata) to [`Finding`]s, each
//! with its remedy; its own tests show it failing on a bad sample. `tests/house_rules.rs` runs them
//! all on this repository. Not a linter for a person's prose, and no part of what is shipped.
//!
//! In reading order: [`finding`], [`tree`] (the files), [`rust_file`] (one parsed), [`tokens`] (what
//! it mentions), [`metadata`] (what cargo knows), [`rules`].

pub mod finding;
pub mod metadata;
pub mod rules;
pub mod rust_file;
pub mod tokens;
pub mod tree;

pub use finding::Finding;
pub use metadata::Metadata;
pub use rust_file::RustFile;
pub use tree::{SourceFile, Tree};
