//! Why a request of a review was refused, with what to ask instead.

use std::path::PathBuf;

use inkstone_corpus::Reason;
use inkstone_corpus::clean::UnknownRule;

use crate::assemble::AssembleError;

/// Why something cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The item was not shown.
    #[error("no item {0} was shown; ask for the sample first, with the same seed")]
    NoItem(String),
    /// The words were taken for another's.
    #[error(
        "{item} was taken for another's words ({}); if they are yours, say so: {{\"do\":\"keep\",\"item\":\"{item}\",\"mine\":true}}", reason.word().replace('_', " ")
    )]
    Claim {
        /// Which.
        item: String,
        /// Why it was left out.
        reason: Reason,
    },
    /// A folder or file of no workspace.
    #[error("{} is in none of your folders; see: inkstone workspace list", .0.display())]
    NoFolder(PathBuf),
    /// The rule is on there.
    #[error("the rule `{rule}` is not switched off in {}; see: inkstone dataset review --rates", path.display())]
    NotOff {
        /// Its name.
        rule: String,
        /// The folder or file.
        path: PathBuf,
    },
    /// It is off by the settings, which the review does not change.
    #[error(
        "the rule `{rule}` is off by your settings (or as it comes); to have it on, name it in corpus.rules_on of inkstone.toml, and not in corpus.rules_off"
    )]
    OffBySettings {
        /// Its name.
        rule: String,
    },
    /// No rule has this name.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// The database.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
}
