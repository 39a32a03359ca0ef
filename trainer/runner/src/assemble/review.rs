//! Decisions of a person, applied to what looks like what they were made on, and the sample that
//! they are made on.

use std::collections::{BTreeMap, BTreeSet};

use inkstone_corpus::dataset::{Digest, DocumentKey};
use inkstone_corpus::dedup::{Fingerprint, Seniority, Signature, bands, is_duplicate};
use inkstone_corpus::{CleanDocument, Genre, LeftOut, Piece, Reason};
use inkstone_store::corpus::band::{Band, BandKind};
use inkstone_store::corpus::decision::{DecisionRow, ExcludedRow};
use inkstone_store::corpus::document::{At, DocumentRow};
use inkstone_store::corpus::wording::WordingRow;
use inkstone_store::{Corpus, Store};

use super::node::fingerprint;
use super::{AssembleError, packed, records};

/// Documents that are looked through at once.
const SAMPLED_DOCUMENTS_MAX: u32 = 64;

/// What a person says of a text.
#[derive(Debug, Clone, Copy)]
pub struct Judgement<'a> {
    /// The text as training sees it. Not kept.
    pub text: &'a str,
    /// Whether it stays.
    pub keep: bool,
    /// The rule that was judged by it.
    pub rule: Option<&'a str>,
    /// When, in milliseconds since 1970: of two that apply to a text, the later one does.
    pub made_ms: i64,
}

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
    /// Its number among the pieces and then the blocks of the document.
    pub place: u64,
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

/// Keeps a decision. It applies to the text and what looks like it from the next [`super::settle()`] on.
pub fn decide(store: &mut Store, judgement: &Judgement<'_>) -> Result<(), AssembleError> {
    let made_on = Fingerprint::of(judgement.text);
    store.change_corpus(|corpus| {
        let id = corpus.put_decision(&DecisionRow {
            id: 0,
            exact: made_on.exact.0.to_vec(),
            words: made_on.words,
            signature: made_on.signature.as_ref().map(Signature::to_bytes),
            keep: judgement.keep,
            rule: judgement.rule.map(str::to_owned),
            made: judgement.made_ms,
        })?;
        corpus.insert_bands(&decision_bands(&made_on, id))?;
        ask_alike(corpus, &made_on)
    })
}

/// Keeps what a person says of a text that stays out: whether its reason was right. It tells of the
/// reason and the rule, and of no other text: what was rightly left out in one place, as a duplicate
/// say, may be wanted in another.
pub fn judge_left_out(
    store: &mut Store,
    reason: Reason,
    judgement: &Judgement<'_>,
) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        corpus.put_decision(&DecisionRow {
            id: 0,
            exact: left_out_key(reason, judgement.text),
            words: 0,
            signature: None,
            keep: judgement.keep,
            rule: judgement.rule.map(str::to_owned),
            made: judgement.made_ms,
        })?;
        Ok(())
    })
}

/// Takes back what was said of a text that stays out.
pub fn withdraw_left_out(
    store: &mut Store,
    reason: Reason,
    text: &str,
) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        if let Some(row) = corpus.decision_on(&left_out_key(reason, text))? {
            corpus.delete_decision(row.id)?;
        }
        Ok(())
    })
}

/// What was decided on this very text; of one that stays out for a reason, about that.
pub fn decided(
    store: &mut Store,
    text: &str,
    left_out: Option<Reason>,
) -> Result<Option<DecisionRow>, AssembleError> {
    let key = match left_out {
        Some(reason) => left_out_key(reason, text),
        None => Fingerprint::of(text).exact.0.to_vec(),
    };
    store.read_corpus(|corpus| Ok(corpus.decision_on(&key)?))
}

/// No text has this hash.
fn left_out_key(reason: Reason, text: &str) -> Vec<u8> {
    Digest::of(format!("left out {reason:?} {text}").as_bytes())
        .0
        .to_vec()
}

/// Takes a decision back; whether there was one on this text.
pub fn withdraw_decision(store: &mut Store, text: &str) -> Result<bool, AssembleError> {
    let made_on = Fingerprint::of(text);
    store.change_corpus(|corpus| {
        let Some(row) = corpus.decision_on(&made_on.exact.0)? else {
            return Ok(false);
        };
        corpus.delete_bands(&decision_bands(&made_on, row.id))?;
        corpus.delete_decision(row.id)?;
        ask_alike(corpus, &made_on)?;
        Ok(true)
    })
}

/// Leaves a folder or a file out, or, with an empty path, a workspace.
pub fn exclude(store: &mut Store, at: At<'_>, made_ms: i64) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        corpus.insert_excluded(&ExcludedRow {
            workspace: at.workspace,
            prefix: at.path.to_vec(),
            made: made_ms,
        })?;
        Ok(corpus.ask_folder(at)?)
    })
}

/// Takes an exclusion back; whether there was one.
pub fn include(store: &mut Store, at: At<'_>) -> Result<bool, AssembleError> {
    store.change_corpus(|corpus| {
        let was_excluded = corpus.delete_excluded(at)?;
        corpus.ask_folder(at)?;
        Ok(was_excluded)
    })
}

/// Up to `per_stratum_max` texts of each stratum, by chance, the same for one seed whatever the order
/// in which documents came. Looks through all documents and holds one page of them.
pub fn sample(
    store: &mut Store,
    seed: u64,
    per_stratum_max: usize,
) -> Result<BTreeMap<Stratum, Vec<Candidate>>, AssembleError> {
    let mut drawn = Drawn {
        seed,
        per_stratum_max,
        strata: BTreeMap::new(),
    };
    let mut after = 0;
    loop {
        let rows = store.read_corpus(|corpus| {
            let rows = corpus.documents_from(after, SAMPLED_DOCUMENTS_MAX)?;
            for row in &rows {
                let (document, verdicts, _) = records::judged(corpus, row)?;
                drawn.document(row, document, verdicts)?;
            }
            Ok::<_, AssembleError>(rows)
        })?;
        let Some(last) = rows.last() else {
            break;
        };
        after = last.id;
    }
    let strata = drawn.strata.into_iter();
    Ok(strata
        .map(|(stratum, lots)| (stratum, lots.into_values().collect()))
        .collect())
}

/// Whether the decision that applies to a wording drops it: the one on this very text, or the latest
/// on one that is alike.
pub(super) fn is_dropped(corpus: &Corpus<'_>, row: &WordingRow) -> Result<bool, AssembleError> {
    if let Some(decision) = corpus.decision_on(&row.exact)? {
        return Ok(!decision.keep);
    }
    let text = fingerprint(&row.exact, row.words, row.signature.as_deref())?;
    let mut latest: Option<DecisionRow> = None;
    let mut seen = BTreeSet::new();
    for key in text.signature.iter().flat_map(bands) {
        corpus.newer_under((BandKind::Decision, key, false), 0, |id| {
            let Some(decision) = corpus.decision(id)?.filter(|_| seen.insert(id)) else {
                return Ok(true);
            };
            let signature = decision.signature.as_deref();
            let made_on = fingerprint(&decision.exact, decision.words, signature)?;
            let order = |row: &DecisionRow| (row.made, row.exact.clone());
            let is_later = latest
                .as_ref()
                .is_none_or(|latest| order(latest) < order(&decision));
            if is_later && are_alike(&text, &made_on) {
                latest = Some(decision);
            }
            Ok::<_, AssembleError>(true)
        })?;
    }
    Ok(latest.is_some_and(|decision| !decision.keep))
}

/// Has the wordings compared anew that a decision on this text applies to.
fn ask_alike(corpus: &Corpus<'_>, made_on: &Fingerprint) -> Result<(), AssembleError> {
    corpus.ask_exact(&made_on.exact.0)?;
    let mut alike = BTreeSet::new();
    for key in made_on.signature.iter().flat_map(bands) {
        for shut in [false, true] {
            corpus.older_under((BandKind::Wording, key, shut), i64::MAX, |id| {
                alike.insert(id);
                Ok::<_, AssembleError>(true)
            })?;
        }
    }
    for id in alike {
        corpus.ask_wording(id)?;
    }
    Ok(())
}

fn decision_bands(made_on: &Fingerprint, id: i64) -> Vec<Band> {
    let keys = made_on.signature.iter().flat_map(bands);
    let band = |key| Band {
        kind: BandKind::Decision,
        key,
        shut: false,
        modified: 0,
        node: id,
    };
    keys.map(band).collect()
}

/// Whether two texts are as good as the same, whichever would outrank the other.
fn are_alike(text: &Fingerprint, other: &Fingerprint) -> bool {
    let rank = |modified_ms| Seniority {
        modified_ms,
        document: String::new(),
        piece: 0,
    };
    is_duplicate(&rank(0), text, [(&rank(1), other)])
}

/// The lowest lots of each stratum: a text's lot hangs on itself and the seed alone, so they are a
/// sample without an order of drawing.
struct Drawn {
    seed: u64,
    per_stratum_max: usize,
    strata: BTreeMap<Stratum, BTreeMap<Lot, Candidate>>,
}

/// By chance, then by where it stands, as two texts might draw the same number.
type Lot = (u64, DocumentKey, u64);

impl Drawn {
    fn document(
        &mut self,
        row: &DocumentRow,
        document: CleanDocument,
        verdicts: Vec<Option<Reason>>,
    ) -> Result<(), AssembleError> {
        let key = packed::key(&row.key)?;
        let genre = document.genre;
        let pieces = document.pieces.into_iter().zip(verdicts);
        let pieces = pieces.map(|(piece, verdict)| {
            let rules = piece.rules.keys().cloned().map(Stratum::Rule);
            let outcome = match verdict {
                Some(reason) => Stratum::LeftOut(reason),
                None => Stratum::Kept {
                    genre,
                    language: piece.language.clone(),
                },
            };
            let strata: Vec<_> = rules.chain([outcome]).collect();
            (strata, Judged::Piece(piece, verdict))
        });
        let blocks = document.left_out.into_iter().map(|block| {
            let rule = block.rule.clone().map(Stratum::Rule);
            let strata = rule.into_iter().chain([Stratum::LeftOut(block.reason)]);
            let strata: Vec<_> = strata.collect();
            (strata, Judged::Block(block))
        });
        for (place, (strata, judged)) in (0..).zip(pieces.chain(blocks)) {
            let lot = (self.number(key, place), key, place);
            let candidate = Candidate {
                document: key,
                workspace: row.workspace,
                folder: row.folder.clone(),
                path: row.path.clone(),
                place,
                judged,
            };
            for stratum in strata {
                self.offer(stratum, lot, &candidate);
            }
        }
        Ok(())
    }

    fn offer(&mut self, stratum: Stratum, lot: Lot, candidate: &Candidate) {
        let lots = self.strata.entry(stratum).or_default();
        let is_low = lots.last_key_value().is_none_or(|(last, _)| lot < *last);
        if lots.len() < self.per_stratum_max || is_low {
            lots.insert(lot, candidate.clone());
        }
        if lots.len() > self.per_stratum_max {
            lots.pop_last();
        }
    }

    /// FNV-1a and the finaliser of SplitMix64: even enough for lots.
    fn number(&self, key: DocumentKey, place: u64) -> u64 {
        let bytes = [&self.seed.to_le_bytes()[..], &key.0, &place.to_le_bytes()].concat();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^ (hash >> 31)
    }
}
