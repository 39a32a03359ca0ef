//! What one document comes to: the pieces of prose that are its owner's, and what was left out.
//!
//! A piece is a paragraph, a heading or an item. It is stored, shown to a person in the review and
//! trained on; its text holds no secret and no personal data.

use std::collections::BTreeMap;

use inkstone_text::first_bytes;
use serde::{Deserialize, Serialize};

use crate::block::{BlockKind, LineRange};
use crate::left_out::{EXCERPT_BYTES_MAX, LeftOut, Reason};
use crate::review::wanted::Wanted;

/// What one document comes to, before it is compared with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanDocument {
    /// Of the title block or the metadata.
    pub title: Option<String>,
    /// Of the document as a whole.
    pub genre: Genre,
    /// In document order.
    pub pieces: Vec<Piece>,
    /// In document order.
    pub left_out: Vec<LeftOut>,
    /// What was odd while reading.
    pub problems: Vec<String>,
}

impl CleanDocument {
    /// Leaves every piece out, for a reason that holds for the whole document, but for those that
    /// a person wants.
    pub fn leave_out_all(&mut self, reason: Reason, wanted: &Wanted) {
        for mut piece in std::mem::take(&mut self.pieces) {
            let excerpt = first_bytes(&piece.original, EXCERPT_BYTES_MAX).to_owned();
            if wanted.has(reason, &excerpt) {
                piece.brought_back = Some(reason);
                self.pieces.push(piece);
            } else {
                self.left_out.push(LeftOut {
                    reason,
                    rule: None,
                    excerpt,
                    lines: piece.lines,
                });
            }
        }
    }
}

/// A paragraph, a heading or an item of its owner's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// What it is in its document.
    pub kind: BlockKind,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// As written, secrets and personal data replaced.
    pub original: String,
    /// What is trained on.
    pub text: String,
    /// The rules that changed or flagged it, and how often.
    pub rules: BTreeMap<String, u32>,
    /// What was replaced, by the name of its kind, and how often.
    pub redacted: BTreeMap<String, u32>,
    /// `en` or `zh`.
    pub language: String,
    /// Whose words they are.
    pub author: AuthorState,
    /// Where it stands.
    pub lines: Option<LineRange>,
    /// Why it was left out before a person brought it back, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brought_back: Option<Reason>,
}

/// Whose words a piece holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorState {
    /// Its owner wrote it.
    Own,
    /// Part of it was suggested by a model or came from elsewhere: trained on at a lower weight.
    Assisted,
}

/// What kind of writing a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Genre {
    /// Reports of events.
    News,
    /// Text that sells.
    Marketing,
    /// Manuals, references, technical notes.
    Documentation,
    /// Essays and posts.
    Blog,
    /// Stories.
    Fiction,
    /// Letters and mail.
    Correspondence,
    /// For the writer alone.
    Notes,
    /// Answers to somebody's text.
    CommentReply,
}

impl Genre {
    /// Every genre, in the order of their declaration.
    pub const ALL: [Self; 8] = [
        Self::News,
        Self::Marketing,
        Self::Documentation,
        Self::Blog,
        Self::Fiction,
        Self::Correspondence,
        Self::Notes,
        Self::CommentReply,
    ];
}
