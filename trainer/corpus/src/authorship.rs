//! Which blocks of a document its owner wrote.
//!
//! What a block is and whether it is prose was decided before ([`crate::filter`]); this asks only
//! whose words it holds, by everything that tells: what a person said of the file, git, the marks of
//! text that was not typed, and the text's own form. In reading order: `coverage` (marked shingles),
//! `lines` (git's authors), `quotation`, `template`, [`translation`]. Called for each document; only
//! [`translation::of_files`] compares documents.

mod coverage;
mod lines;
mod quotation;
mod template;
pub mod translation;

use inkstone_prose::Language;

use crate::block::{Block, LineRange};
use crate::left_out::Reason;

pub use template::is_template_path;

/// From this share of a block's letters on, marked shingles make it somebody else's: what is left is
/// the seams and an edited word here and there. Eight of ten sentences.
pub const LEFT_OUT_SHARE_MIN: f32 = 0.8;

/// From this share on a block is assisted. Below it stand single phrases that anybody may write.
pub const ASSISTED_SHARE_MIN: f32 = 0.15;

/// Who wrote a line, as git tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineAuthor {
    /// One of the owner's identities.
    Owner,
    /// Somebody else.
    Other,
    /// Nobody yet, by git: the owner is writing it.
    Uncommitted,
}

/// Where a marked shingle came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// A model suggested it, and it was taken.
    Suggested,
    /// It was inserted in one go.
    Pasted,
    /// It stands in a source that is not the writer's.
    KnownSource,
}

impl Origin {
    const ALL: [Self; 3] = [Self::Suggested, Self::Pasted, Self::KnownSource];

    /// Why a block stays out that came from there.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Suggested => Reason::Suggested,
            Self::Pasted => Reason::Pasted,
            Self::KnownSource => Reason::KnownSource,
        }
    }
}

/// What a person said of a file or its folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Claim {
    /// All of it is theirs, whatever git, its form or a paste says. Only suggestions that were taken
    /// stay marked: a model that learns from itself forgets its writer.
    Mine,
    /// None of it is.
    NotMine,
    /// Nothing.
    #[default]
    Auto,
}

/// What is known of a document besides its text.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// Where it lies, with `/`, relative to its workspace.
    pub path: &'a str,
    /// Of each line of the decoded source, from 0; none where there is no git.
    pub line_authors: Option<&'a [LineAuthor]>,
    /// Where a shingle of [`inkstone_prose::shingle::Width::RECOGNISE`] came from, if it is marked.
    pub origin_of: &'a dyn Fn(u64) -> Option<Origin>,
    /// What its owner said of it.
    pub claim: Claim,
    /// The language in which the writer mostly writes: of a text that stands in two, that one stays.
    pub main_language: Language,
}

/// What to do with a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Its owner wrote it.
    Own,
    /// Its owner wrote it with help.
    Assisted {
        /// How much of it is marked, 0 to 1.
        share: f32,
    },
    /// Somebody else did.
    LeaveOut(Reason),
    /// Only these parts are its owner's; the rest is another author's.
    Lines(Vec<OwnRun>),
}

/// Whole sentences or lines of a block that are its owner's.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnRun {
    /// Their text.
    pub text: String,
    /// Where they stand.
    pub lines: LineRange,
    /// How much of it is marked, if enough to count as assisted.
    pub assisted_share: Option<f32>,
}

/// Judges the prose blocks of a document, in their order; one verdict for each.
pub fn judge(blocks: &[&Block], evidence: &Evidence<'_>) -> Vec<Verdict> {
    match evidence.claim {
        Claim::NotMine => vec![Verdict::LeaveOut(Reason::Excluded); blocks.len()],
        Claim::Mine => blocks
            .iter()
            .map(|block| by_marks(&block.text, evidence))
            .collect(),
        Claim::Auto if is_template_path(evidence.path) => {
            vec![Verdict::LeaveOut(Reason::Template); blocks.len()]
        }
        Claim::Auto => {
            let translated = translation::within(blocks, evidence.main_language);
            let judged = blocks.iter().zip(translated);
            judged
                .map(|(block, is_translation)| {
                    if is_translation {
                        Verdict::LeaveOut(Reason::Translation)
                    } else {
                        of_block(block, evidence)
                    }
                })
                .collect()
        }
    }
}

fn of_block(block: &Block, evidence: &Evidence<'_>) -> Verdict {
    if quotation::is_quotation(&block.text) {
        return Verdict::LeaveOut(Reason::Quotation);
    }
    if template::is_template(&block.text) {
        return Verdict::LeaveOut(Reason::Template);
    }
    match lines::owned(block, evidence.line_authors) {
        lines::Owned::All => by_marks(&block.text, evidence),
        lines::Owned::Nothing => Verdict::LeaveOut(Reason::OtherAuthor),
        lines::Owned::Parts(parts) => of_parts(parts, evidence),
    }
}

/// What the marks leave of the owner's parts of a block.
fn of_parts(parts: Vec<(String, LineRange)>, evidence: &Evidence<'_>) -> Verdict {
    let mut reason = Reason::OtherAuthor;
    let mut runs = Vec::new();
    for (text, lines) in parts {
        let assisted_share = match by_marks(&text, evidence) {
            Verdict::LeaveOut(why) => {
                reason = why;
                continue;
            }
            Verdict::Assisted { share } => Some(share),
            Verdict::Own | Verdict::Lines(_) => None,
        };
        runs.push(OwnRun {
            text,
            lines,
            assisted_share,
        });
    }
    if runs.is_empty() {
        Verdict::LeaveOut(reason)
    } else {
        Verdict::Lines(runs)
    }
}

fn by_marks(text: &str, evidence: &Evidence<'_>) -> Verdict {
    let is_claimed = evidence.claim == Claim::Mine;
    let origin_of = |hash| {
        (evidence.origin_of)(hash).filter(|origin| !is_claimed || *origin == Origin::Suggested)
    };
    let Some(coverage) = coverage::of(text, origin_of) else {
        return Verdict::Own;
    };
    if coverage.share >= LEFT_OUT_SHARE_MIN {
        Verdict::LeaveOut(coverage.origin.reason())
    } else if coverage.share >= ASSISTED_SHARE_MIN {
        Verdict::Assisted {
            share: coverage.share,
        }
    } else {
        Verdict::Own
    }
}

#[cfg(test)]
mod tests;
