//! What training sees of a document, and how a dataset is named, counted and exported.
//!
//! - [`digest`]: names by content: of documents, of what training sees of one, of a dataset;
//! - [`statistics`]: counts of documents, pieces, words and tokens, which can be added up;
//! - [`jsonl`] and [`parquet`]: exports with the provenance of each record;
//! - [`names`]: the words for closed lists, as exports and digests spell them.
//!
//! Which pieces of all documents are in is not decided here; `inkstone-trainer` keeps the records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::block::{BlockKind, LineRange};
use crate::left_out::Reason;
use crate::piece::{AuthorState, CleanDocument, Genre, Piece};
use crate::split::Split;

pub mod digest;
pub mod jsonl;
pub mod names;
pub mod parquet;
pub mod statistics;

pub use digest::{
    DIGEST_BYTES, DOCUMENT_KEY_BYTES, DatasetHasher, DatasetId, Digest, DocumentKey, OutOfOrder,
};
pub use statistics::{CountTokens, Counts, Statistics};

/// What the words of its owner weigh in training.
pub const OWN_WEIGHT: f32 = 1.0;

/// What assisted words weigh: a suggestion that was taken says little of how its taker writes, and a
/// model that learns from itself at full weight drifts away from the writer. Not nothing, since it
/// was chosen, and mostly edited.
pub const ASSISTED_WEIGHT: f32 = 0.25;

/// One piece as training sees it, and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What is trained on.
    pub text: String,
    /// What it is in its document.
    pub kind: BlockKind,
    /// The document's title.
    pub title: Option<String>,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// `en` or `zh`.
    pub language: String,
    /// Of its document.
    pub genre: Genre,
    /// Whose words they are.
    pub author: AuthorState,
    /// How much it counts in training: [`OWN_WEIGHT`] or [`ASSISTED_WEIGHT`].
    pub weight: f32,
    /// Whether training sees it or is measured by it.
    pub split: Split,
    /// Where it came from and what was done to it. Training does not see it.
    pub provenance: Provenance,
}

/// Where a record came from and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The folder that its owner added.
    pub workspace: String,
    /// Relative to it.
    pub path: String,
    /// Where in the file.
    pub lines: Option<LineRange>,
    /// The document, through renames.
    pub document: DocumentKey,
    /// SHA-256 of the file's bytes.
    pub content_hash: Digest,
    /// The rules that changed or flagged it, and how often.
    pub rules: BTreeMap<String, u32>,
    /// What was replaced, by the name of its kind, and how often.
    pub redacted: BTreeMap<String, u32>,
    /// Why it was left out before its owner brought it back in the review, if they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brought_back: Option<Reason>,
}

/// Where a document lies, for the provenance of its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The folder that its owner added.
    pub workspace: String,
    /// Relative to it.
    pub path: String,
    /// The document, through renames.
    pub document: DocumentKey,
    /// SHA-256 of the file's bytes.
    pub content_hash: Digest,
}

/// What words of an author weigh.
pub fn weight(author: AuthorState) -> f32 {
    match author {
        AuthorState::Own => OWN_WEIGHT,
        AuthorState::Assisted => ASSISTED_WEIGHT,
    }
}

/// A piece of a document as a record.
pub fn record(document: &CleanDocument, piece: &Piece, split: Split, origin: &Origin) -> Record {
    Record {
        text: piece.text.clone(),
        kind: piece.kind,
        title: document.title.clone(),
        headings: piece.headings.clone(),
        language: piece.language.clone(),
        genre: document.genre,
        author: piece.author,
        weight: weight(piece.author),
        split,
        provenance: Provenance {
            workspace: origin.workspace.clone(),
            path: origin.path.clone(),
            lines: piece.lines,
            document: origin.document,
            content_hash: origin.content_hash,
            rules: piece.rules.clone(),
            redacted: piece.redacted.clone(),
            brought_back: piece.brought_back,
        },
    }
}

#[cfg(test)]
pub(crate) mod examples {
    //! Records that the tests of this folder share.

    use super::*;

    /// A document of two languages with an assisted piece, marks outside the BMP and CRLF.
    pub(crate) fn records() -> Vec<Record> {
        let piece = |text: &str, language: &str, author, kind| Piece {
            kind,
            headings: vec!["Harbour".to_owned(), "夜航".to_owned()],
            original: text.to_owned(),
            text: text.to_owned(),
            rules: BTreeMap::from([("spacing.double".to_owned(), 2)]),
            redacted: BTreeMap::from([("email".to_owned(), 1)]),
            language: language.to_owned(),
            author,
            lines: Some(LineRange { start: 3, end: 5 }),
            brought_back: None,
        };
        let document = CleanDocument {
            title: Some("Notes on a harbour".to_owned()),
            genre: Genre::Blog,
            pieces: vec![
                piece(
                    "The café was closed 👩‍👩‍👧; we walked on.\r\nNobody spoke.",
                    "en",
                    AuthorState::Own,
                    BlockKind::Paragraph,
                ),
                piece("夜航", "zh", AuthorState::Own, BlockKind::Heading(2)),
                piece(
                    "我们用 Kubernetes 部署了一个小小的服务。",
                    "zh",
                    AuthorState::Assisted,
                    BlockKind::ListItem,
                ),
            ],
            left_out: Vec::new(),
            problems: Vec::new(),
        };
        let origin = Origin {
            workspace: "essays".to_owned(),
            path: "2024/harbour \"一\".md".to_owned(),
            document: DocumentKey::new(b"essays", "2024/harbour.md".as_bytes(), 0),
            content_hash: Digest::of(b"bytes"),
        };
        let make = |piece| record(&document, piece, Split::Train, &origin);
        document.pieces.iter().map(make).collect()
    }

    #[test]
    fn assisted_words_weigh_less_than_own_ones() {
        let records = records();
        assert!((records[0].weight - OWN_WEIGHT).abs() < f32::EPSILON);
        assert!((records[2].weight - ASSISTED_WEIGHT).abs() < f32::EPSILON);
        const { assert!(ASSISTED_WEIGHT < OWN_WEIGHT && ASSISTED_WEIGHT > 0.0) };
    }
}
