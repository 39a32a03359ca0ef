//! Which pieces of all documents are the same, and which documents are versions of another.
//!
//! Not where the keys are kept: the store has an index of them, [`Collection`] one in memory. Both
//! ask the same three questions, in this order:
//!
//! 1. *Is the document an older version?* ([`is_older_version`]) It is, if a document that outranks
//!    it ([`Seniority`]) and shares one of its [`document_bands`] holds most of its text. This looks
//!    at nothing but the two signatures, so it does not hang on any other verdict.
//! 2. *Is the piece boilerplate?* ([`is_boilerplate`]) It is, if as many documents hold the very
//!    same text; those that are older versions are not counted, or a text with three drafts would
//!    lose every paragraph that its writer was content with.
//! 3. *Is the piece a duplicate?* ([`is_duplicate`]) It is, if a piece that outranks it is the same
//!    or nearly; pieces of older versions are not asked, or a paragraph that was moved out of an
//!    article would fall with the article's old drafts.
//!
//! So the verdicts are a function of the set of documents: in which order they came does not
//! matter. They are local as well. When document X comes, goes or changes, only these can change:
//! the documents that share a band with X; and the pieces that share an exact hash or a band with a
//! piece of X, or of a document whose own verdict has just changed.
//!
//! **The chain.** Of three pieces A, B and C, the newest first, let B be as good as A, and C as good
//! as B but not as A. B is dropped, and so is C, although only the dropped B resembles it. Asking
//! only kept neighbours would keep C, but then each verdict would hang on those of all above it, and
//! one new piece could flip a row of any length. What it costs is little: Jaccard distance is a
//! metric, so with B at 0.8 of both, A has at least 0.6 of C. Rows that drift further are drafts of
//! one text, of which the newest is wanted.
//!
//! - [`exact`]: the hash of a text, whatever its case, spacing and widths;
//! - [`signature`]: MinHash, by which two texts are compared without being kept;
//! - [`band`]: the keys under which near-duplicates find each other;
//! - [`fingerprint`]: what is kept of a piece and of a document;
//! - [`seniority`]: which of two equals stays;
//! - [`verdict`]: the three questions;
//! - [`collection`]: a whole set in memory.

pub mod band;
pub mod collection;
pub mod exact;
pub mod fingerprint;
pub mod seniority;
pub mod signature;
pub mod verdict;

pub use band::{bands, document_bands};
pub use collection::Collection;
pub use exact::{ExactHash, exact_hash};
pub use fingerprint::{DocumentFingerprint, Fingerprint};
pub use seniority::Seniority;
pub use signature::{Signature, similarity};
pub use verdict::{Verdict, is_boilerplate, is_duplicate, is_older_version};
