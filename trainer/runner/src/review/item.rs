//! A text to be judged, as a person gets it.

use std::collections::BTreeMap;

use inkstone_corpus::dataset::Digest;
use inkstone_corpus::review::reason_name;
use inkstone_corpus::{LineRange, Reason, WayBack};
use serde::Serialize;

use crate::assemble::{Candidate, Judged, Stratum};

/// Hexadecimal digits of an item's name: some millions of texts hardly share one.
const ITEM_DIGITS: usize = 16;

/// A text to be judged.
#[derive(Debug, Serialize)]
pub struct Item {
    /// Its name in decisions, the same in every sample as long as its words are.
    pub item: String,
    /// What it stands for: `rule:NAME`, `kept:GENRE:LANGUAGE` or `left_out:REASON`.
    pub stratum: String,
    /// The rule or reason that is judged by it.
    pub judges: Option<String>,
    /// The name of its folder.
    pub folder: String,
    /// Its file, relative to the folder.
    pub path: String,
    /// Where in the file.
    pub lines: Option<LineRange>,
    /// As written, secrets and personal data replaced; of what was never cleaned, the beginning.
    pub original: String,
    /// What is learned from; none where nothing is.
    pub text: Option<String>,
    /// The rules that changed or flagged it, and how often.
    pub rules: BTreeMap<String, u32>,
    /// Rules that are off where it lies and on elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules_off: Vec<String>,
    /// Why it stays out, if it does.
    pub left_out: Option<Reason>,
    /// Whether it was taken for another's words, so that keeping it takes its owner's claim.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub needs_claim: bool,
    /// Why it was left out before it was brought back, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brought_back: Option<Reason>,
    /// What was decided on it before: whether to keep it.
    pub decided: Option<bool>,
}

/// An item, as decisions need it.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) workspace: i64,
    pub(super) path: Vec<u8>,
    pub(super) text: String,
    pub(super) left_out: Option<Reason>,
    pub(super) judges: Option<String>,
}

impl Item {
    pub(super) fn of(stratum: &Stratum, candidate: &Candidate, rules_off: Vec<String>) -> Self {
        let left_out = candidate.judged.left_out();
        let way_back = left_out.map(Reason::way_back);
        let mut item = Self {
            item: name(candidate),
            stratum: stratum.name(),
            judges: judges(stratum),
            folder: candidate.folder.clone(),
            path: String::from_utf8_lossy(&candidate.path).into_owned(),
            lines: None,
            original: String::new(),
            text: None,
            rules: BTreeMap::new(),
            rules_off,
            left_out,
            needs_claim: way_back == Some(WayBack::IfTheirs),
            brought_back: None,
            decided: None,
        };
        match &candidate.judged {
            Judged::Piece(piece, _) => {
                item.lines = piece.lines;
                item.original.clone_from(&piece.original);
                item.text = Some(piece.text.clone());
                item.rules.clone_from(&piece.rules);
                item.brought_back = piece.brought_back;
            }
            Judged::Block(block) => {
                item.lines = block.lines;
                item.original.clone_from(&block.excerpt);
                item.rules = block.rule.iter().map(|rule| (rule.clone(), 1)).collect();
            }
        }
        item
    }
}

impl Shown {
    pub(super) fn of(stratum: &Stratum, candidate: Candidate) -> Self {
        Self {
            text: candidate.judged.text().to_owned(),
            left_out: candidate.judged.left_out(),
            judges: judges(stratum),
            workspace: candidate.workspace,
            path: candidate.path,
        }
    }

    /// The folder that it lies in, relative to its workspace; empty for that itself.
    pub(super) fn folder(&self) -> &[u8] {
        let end = self.path.iter().rposition(|byte| *byte == b'/');
        end.map_or(&[], |end| &self.path[..end])
    }
}

/// By its words, not by its number in the document: a program that lists today and decides tomorrow
/// must not drop what moved into a place meanwhile.
fn name(candidate: &Candidate) -> String {
    let judged = &candidate.judged;
    // Whether a piece is in may change with the next decision; it is the same piece.
    let kind = match judged {
        Judged::Piece(..) => "piece".to_owned(),
        Judged::Block(block) => block.reason.word(),
    };
    let name = format!("{} {kind} {}", candidate.document, judged.text());
    let mut name = Digest::of(name.as_bytes()).to_string();
    name.truncate(ITEM_DIGITS);
    name
}

fn judges(stratum: &Stratum) -> Option<String> {
    match stratum {
        Stratum::Rule(rule) => Some(rule.clone()),
        Stratum::Kept { .. } | Stratum::LeftOut(Reason::Reviewed | Reason::Excluded) => None,
        Stratum::LeftOut(reason) => Some(reason_name(*reason)),
    }
}
