//! The sample that a person judges: every kind of what came of the documents, by lot.
//!
//! How lots fall is `inkstone-corpus`'s to say; which texts there are is asked of the store here.

use std::collections::BTreeMap;

use inkstone_corpus::dataset::DocumentKey;
use inkstone_corpus::dedup::exact_hash;
use inkstone_corpus::review::lots::{Lots, TextId};
use inkstone_corpus::{CleanDocument, Genre, LeftOut, Piece, Reason};
use inkstone_store::corpus::document::DocumentRow;
use inkstone_store::{Corpus, Store};

use super::review::decision_key;
use super::{AssembleError, packed, records};

/// Documents that are looked through at once.
const SAMPLED_DOCUMENTS_MAX: u32 = 64;

/// What a sampled text stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stratum {
    /// Pieces that a rule changed or flagged, and blocks that it refused.
    Rule(String),
    /// Pieces that are in.
    Kept {
        /// Of the document.
        genre: Genre,
        /// Of the piece.
        language: String,
    },
    /// Pieces and blocks that stay out.
    LeftOut(Reason),
}

/// A text for a person to judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its document.
    pub document: DocumentKey,
    /// The workspace's number.
    pub workspace: i64,
    /// The workspace's name.
    pub folder: String,
    /// Relative to it.
    pub path: Vec<u8>,
    /// The text.
    pub judged: Judged,
}

/// What is judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// A piece with its original, and why it stays out in the end, if it does.
    Piece(Piece, Option<Reason>),
    /// A block that never became a piece.
    Block(LeftOut),
}

/// What is to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The same texts for the same number.
    pub seed: u64,
    /// Of each stratum, at most.
    pub per_stratum_max: usize,
    /// Also texts that were decided on before.
    pub has_decided: bool,
}

/// Texts of each stratum, by chance, the same for one wish whatever the order in which documents
/// came. Looks through all documents and holds one page of them.
pub fn sample(
    store: &mut Store,
    wish: Wish,
) -> Result<BTreeMap<Stratum, Vec<Candidate>>, AssembleError> {
    let mut drawn = Drawn {
        skips_decided: !wish.has_decided,
        lots: Lots::of(wish.seed, wish.per_stratum_max),
    };
    let mut after = 0;
    loop {
        let rows = store.read_corpus(|corpus| {
            let rows = corpus.documents_from(after, SAMPLED_DOCUMENTS_MAX)?;
            let skips = drawn.skips_decided && corpus.has_decisions()?;
            for row in &rows {
                let (document, verdicts, _) = records::judged(corpus, row)?;
                drawn.document(corpus, row, document, verdicts, skips)?;
            }
            Ok::<_, AssembleError>(rows)
        })?;
        let Some(last) = rows.last() else {
            return Ok(drawn.lots.draw());
        };
        after = last.id;
    }
}

impl Stratum {
    /// Its name: `rule:NAME`, `kept:GENRE:LANGUAGE` or `left_out:REASON`.
    pub fn name(&self) -> String {
        match self {
            Self::Rule(rule) => format!("rule:{rule}"),
            Self::Kept { genre, language } => {
                let genre = inkstone_corpus::dataset::names::genre(*genre);
                format!("kept:{genre}:{language}")
            }
            Self::LeftOut(reason) => format!("left_out:{}", reason.word()),
        }
    }
}

impl Judged {
    /// The text that a decision is made on: as training sees it, or what is kept of it.
    pub fn text(&self) -> &str {
        match self {
            Self::Piece(piece, _) => &piece.text,
            Self::Block(block) => &block.excerpt,
        }
    }

    /// Why it stays out, if it does.
    pub fn left_out(&self) -> Option<Reason> {
        match self {
            Self::Piece(_, verdict) => *verdict,
            Self::Block(block) => Some(block.reason),
        }
    }
}

struct Drawn {
    skips_decided: bool,
    lots: Lots<Stratum, (DocumentKey, u64), Candidate>,
}

impl Drawn {
    fn document(
        &mut self,
        corpus: &Corpus<'_>,
        row: &DocumentRow,
        document: CleanDocument,
        verdicts: Vec<Option<Reason>>,
        skips: bool,
    ) -> Result<(), AssembleError> {
        let key = packed::key(&row.key)?;
        let genre = document.genre;
        let pieces = document.pieces.into_iter().zip(verdicts);
        let pieces = pieces.map(|(piece, verdict)| Judged::Piece(piece, verdict));
        let blocks = document.left_out.into_iter().map(Judged::Block);
        for (place, judged) in (0..).zip(pieces.chain(blocks)) {
            let text = TextId {
                exact: exact_hash(judged.text()),
                left_out: judged.left_out(),
            };
            if skips {
                let decided = decision_key(judged.text(), judged.left_out());
                if corpus.decision_on(&decided)?.is_some() {
                    continue;
                }
            }
            for stratum in strata(&judged, genre) {
                let name = stratum.name();
                self.lots
                    .offer((&stratum, &name), text, (key, place), || Candidate {
                        document: key,
                        workspace: row.workspace,
                        folder: row.folder.clone(),
                        path: row.path.clone(),
                        judged: judged.clone(),
                    });
            }
        }
        Ok(())
    }
}

/// What a text stands for: each rule that changed, flagged or refused it, and what became of it.
fn strata(judged: &Judged, genre: Genre) -> Vec<Stratum> {
    let rules: Vec<&String> = match judged {
        Judged::Piece(piece, _) => piece.rules.keys().collect(),
        Judged::Block(block) => block.rule.iter().collect(),
    };
    let outcome = match (judged, judged.left_out()) {
        (Judged::Piece(piece, _), None) => Stratum::Kept {
            genre,
            language: piece.language.clone(),
        },
        (Judged::Block(block), None) => Stratum::LeftOut(block.reason),
        (_, Some(reason)) => Stratum::LeftOut(reason),
    };
    let rules = rules.into_iter().cloned().map(Stratum::Rule);
    rules.chain([outcome]).collect()
}
