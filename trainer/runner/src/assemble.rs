//! Puts documents together to datasets: which of their pieces are in, and versions of the whole.
//!
//! The rows are the store's, what is alike is decided in `inkstone-corpus`; this ties both. Called by
//! the build, by the watcher for each saved file, and by the review.
//!
//! A file goes through three steps, each in transactions of its own, so that a killed process loses
//! one batch at most and the next goes on where it ended:
//!
//! 1. [`put()`] keeps what came of reading it, and notes whom that can touch: its own pieces' wordings,
//!    old and new, and the documents that were older versions of it;
//! 2. [`settle()`] compares what was noted, and only that, with what shares a key with it, and then
//!    makes the records of documents whose pieces came to something else;
//! 3. [`publish()`] names the whole by its content and keeps it under that name.
//!
//! What is in is a function of the set of documents, never of the order in which they came: see
//! `inkstone_corpus::dedup`, whose `Collection` the tests compare this with.
//!
//! - [`put`]: files that came, went, moved;
//! - [`node`]: a document or a wording among those that it shares a key with;
//! - [`documents`], [`wordings`]: the two comparisons;
//! - [`outliers`]: pieces that a language model finds far from the writer's others;
//! - [`records`]: what training sees of a document;
//! - [`settle`]: the steps after each other, in batches;
//! - [`publish`]: versions, their retention, what is in them;
//! - [`sample`]: what a person is asked about, and [`review`]: their decisions;
//! - [`rates`]: how rules and reasons fare by them;
//! - [`purge`]: a source that is to be forgotten;
//! - [`packed`]: how values are kept in the store.

mod documents;
mod node;
mod outliers;
mod packed;
mod publish;
pub mod purge;
mod put;
mod rates;
mod records;
mod review;
mod sample;
mod settle;
mod wordings;

use inkstone_corpus::dataset::{DatasetId, OutOfOrder};
use inkstone_corpus::dedup::verdict::BOILERPLATE_DOCUMENTS_MIN;
use inkstone_corpus::split::HELD_OUT_PERCENT;
use inkstone_store::StoreError;

pub use outliers::{GroupScores, Outliers, ScoredBy, judge_scores, rule, scored_by, scores};
pub use publish::{
    EXPORT_HOLDER, Seen, Tokenizer, Version, is_held, is_whole, keys_of, let_go_of_ended, pin,
    publish, read_document, read_version, seen, statistics, unpin, versions,
};
pub use put::{
    Change, Source, folder_renamed, left_folder, put, put_all, remove, remove_workspace, renamed,
    skip, touched,
};
pub use rates::{RuleOff, is_at_or_below, judge_rules, rates, rules_off, switch_rule};
pub(crate) use records::reading;
pub use review::{
    Before, Judgement, decide, decided, exclude, include, read_again_where_wanted, switch_rule_at,
    undecide, wanted,
};
pub use sample::{Candidate, Judged, Stratum, Wish, sample};
pub use settle::{Batch, settle, settle_step};

/// The numbers that decide what is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// A paragraph in so many documents is boilerplate.
    pub boilerplate_documents_min: usize,
    /// How many percent of the documents are held out of training.
    pub held_out_percent: u8,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            boilerplate_documents_min: BOILERPLATE_DOCUMENTS_MIN,
            held_out_percent: HELD_OUT_PERCENT,
        }
    }
}

/// What can go wrong in putting a dataset together.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the database holds was not written by this.
    #[error(
        "{what} in the database cannot be read ({problem}); move inkstone.db away and build the dataset again: it is made anew from your files"
    )]
    Damaged {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A value that cannot be kept.
    #[error("{what} cannot be kept: {problem}")]
    Unkept {
        /// Which value.
        what: &'static str,
        /// Why.
        problem: String,
    },
    /// Nothing of it may be kept any more.
    #[error("its owner removed the folder meanwhile")]
    Removed,
    /// It is no rule by which files are read.
    #[error(
        "the rule `{rule}` compares texts of all folders, so that it is on or off for all; name it in corpus.rules_on or corpus.rules_off of inkstone.toml"
    )]
    Everywhere {
        /// Its name.
        rule: String,
    },
    /// No version has this name.
    #[error(
        "there is no version {id} of the dataset; it may be older than those that are kept (see `inkstone dataset stats` for these)"
    )]
    NoVersion {
        /// The name.
        id: DatasetId,
    },
    /// The database gave documents in another order than that of their keys.
    #[error(transparent)]
    Order(#[from] OutOfOrder),
}

fn damaged(what: &'static str, problem: impl std::fmt::Display) -> AssembleError {
    let problem = format!("{problem}");
    AssembleError::Damaged { what, problem }
}
