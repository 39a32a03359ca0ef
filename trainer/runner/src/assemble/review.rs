//! Decisions of a person, applied to what looks like what they were made on.
//!
//! On a text that is a piece they count when pieces are compared. On one that is none, since it was
//! left out while its file was read, they count when that is read again: [`read_again_where_wanted`].

use std::collections::BTreeSet;

use inkstone_corpus::dedup::{Fingerprint, Seniority, Signature, bands, is_duplicate};
use inkstone_corpus::review::wanted::{Said, Wanted, left_out_key};
use inkstone_corpus::{CleanDocument, Reason};
use inkstone_store::corpus::band::{Band, BandKind};
use inkstone_store::corpus::decision::{DecisionRow, ExcludedRow, RuleOffRow};
use inkstone_store::corpus::document::At;
use inkstone_store::corpus::wording::WordingRow;
use inkstone_store::{Corpus, Store};

use super::node::fingerprint;
use super::put::refuse_removed;
use super::{AssembleError, damaged, outliers, packed};

/// Documents that are looked through at once.
const LOOKED_THROUGH_MAX: u32 = 64;
/// Decisions that are read at once.
const READ_DECISIONS_MAX: u32 = 1_024;
/// Under which it is kept by which decisions files were read last.
const WANTED_BY: &str = "wanted";

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

/// What was decided on a text before: on it, and on it as one that was left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Before {
    made: Option<DecisionRow>,
    wish: Option<DecisionRow>,
}

/// Keeps a decision on a text: one that is in, or that stays out for a reason that is not a decision.
/// What was decided before is for [`undecide`]. It applies to the text and what looks like it from the
/// next [`super::settle()`] on, or the next build.
pub fn decide(
    store: &mut Store,
    left_out: Option<Reason>,
    is_theirs: bool,
    judgement: &Judgement<'_>,
) -> Result<Before, AssembleError> {
    let text = judgement.text;
    store.change_corpus(|corpus| {
        let before = before(corpus, text, left_out)?;
        let Some(reason) = left_out.filter(|reason| *reason != Reason::Reviewed) else {
            put_on_piece(corpus, judgement, None)?;
            return Ok(before);
        };
        let made_on = Fingerprint::of(text);
        corpus.put_decision(&DecisionRow {
            id: 0,
            exact: left_out_key(reason, text),
            words: made_on.words,
            signature: made_on.signature.as_ref().map(Signature::to_bytes),
            keep: judgement.keep,
            rule: judgement.rule.map(str::to_owned),
            made: judgement.made_ms,
            left_out: Some(reason.word()),
            is_theirs,
        })?;
        if is_compared(reason) {
            // It is a piece already, so that the wish is one about pieces.
            if judgement.keep {
                let wish = Judgement {
                    rule: None,
                    ..*judgement
                };
                put_on_piece(corpus, &wish, Some(reason))?;
            } else if before.wish.as_ref().is_some_and(|wish| wish.keep) {
                withdraw(corpus, text)?;
            }
        }
        Ok(before)
    })
}

/// Puts everything back to what was decided before.
pub fn undecide(
    store: &mut Store,
    left_out: Option<Reason>,
    text: &str,
    was: Before,
) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        let key = decision_key(text, left_out);
        if key == Fingerprint::of(text).exact.0 {
            withdraw(corpus, text)?;
        } else if let Some(row) = corpus.decision_on(&key)? {
            corpus.delete_decision(row.id)?;
        }
        if left_out.is_some_and(is_compared) {
            withdraw(corpus, text)?;
        }
        for row in [was.made, was.wish].into_iter().flatten() {
            let id = corpus.put_decision(&row)?;
            let made_on = Fingerprint::of(text);
            if row.exact == made_on.exact.0 {
                corpus.insert_bands(&decision_bands(&made_on, id))?;
                ask_alike(corpus, &made_on)?;
            }
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
    store.read_corpus(|corpus| Ok(corpus.decision_on(&decision_key(text, left_out))?))
}

/// By what a decision on a text is found; of one that stays out, with the reason.
pub(super) fn decision_key(text: &str, left_out: Option<Reason>) -> Vec<u8> {
    match left_out {
        None | Some(Reason::Reviewed) => Fingerprint::of(text).exact.0.to_vec(),
        Some(reason) => left_out_key(reason, text),
    }
}

/// Whether what is left out for this became so beside other pieces, and may come back.
fn is_compared(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Boilerplate | Reason::OlderVersion | Reason::Perplexity
    )
}

fn before(
    corpus: &Corpus<'_>,
    text: &str,
    left_out: Option<Reason>,
) -> Result<Before, AssembleError> {
    let wish = if left_out.is_some_and(is_compared) {
        corpus.decision_on(&Fingerprint::of(text).exact.0)?
    } else {
        None
    };
    let made = corpus.decision_on(&decision_key(text, left_out))?;
    Ok(Before { made, wish })
}

fn put_on_piece(
    corpus: &Corpus<'_>,
    judgement: &Judgement<'_>,
    left_out: Option<Reason>,
) -> Result<(), AssembleError> {
    let made_on = Fingerprint::of(judgement.text);
    // Who keeps what they once brought back has not changed their mind.
    let known = corpus.decision_on(&made_on.exact.0)?;
    let known = known.filter(|known| known.keep && judgement.keep);
    let left_out = left_out.map(Reason::word);
    let id = corpus.put_decision(&DecisionRow {
        id: 0,
        exact: made_on.exact.0.to_vec(),
        words: made_on.words,
        signature: made_on.signature.as_ref().map(Signature::to_bytes),
        keep: judgement.keep,
        rule: judgement.rule.map(str::to_owned),
        made: judgement.made_ms,
        left_out: left_out.or(known.and_then(|known| known.left_out)),
        is_theirs: false,
    })?;
    corpus.insert_bands(&decision_bands(&made_on, id))?;
    ask_alike(corpus, &made_on)
}

pub(super) fn withdraw(corpus: &Corpus<'_>, text: &str) -> Result<(), AssembleError> {
    let made_on = Fingerprint::of(text);
    if let Some(row) = corpus.decision_on(&made_on.exact.0)? {
        corpus.delete_bands(&decision_bands(&made_on, row.id))?;
        corpus.delete_decision(row.id)?;
        ask_alike(corpus, &made_on)?;
    }
    Ok(())
}

/// What was decided on texts that were left out, as reading asks for it.
pub fn wanted(store: &mut Store) -> Result<Wanted, AssembleError> {
    store.read_corpus(|corpus| {
        let mut said = Vec::new();
        let mut after = 0;
        loop {
            let page = corpus.left_out_decisions_after(after, READ_DECISIONS_MAX)?;
            let Some(last) = page.last() else {
                return Ok(Wanted::of(said));
            };
            after = last.id;
            for row in page {
                // A reason of another version is none that a text is left out for.
                if let Some(reason) = row.left_out.as_deref().and_then(Reason::of_word) {
                    said.push(Said {
                        signature: signature(&row)?,
                        key: row.exact,
                        reason,
                        words: row.words,
                        keep: row.keep,
                        is_theirs: row.is_theirs,
                        made_ms: row.made,
                    });
                }
            }
        }
    })
}

fn signature(row: &DecisionRow) -> Result<Option<Signature>, AssembleError> {
    let Some(bytes) = &row.signature else {
        return Ok(None);
    };
    let signature = Signature::from_bytes(bytes);
    let signature = signature.ok_or_else(|| damaged("a decision's signature", "wrong length"))?;
    Ok(Some(signature))
}

/// Has those files read again of which a person wants what was left out, or no longer wants what they
/// brought back. Where nothing was decided since the last time, that is one look into the database.
pub fn read_again_where_wanted(store: &mut Store, wanted: &Wanted) -> Result<(), AssembleError> {
    let now = wanted.fingerprint().cast_signed();
    let last = store.read_corpus(|corpus| Ok::<_, AssembleError>(corpus.done_by(WANTED_BY)?))?;
    if last == Some(now) || last.is_none() && wanted.is_empty() {
        return Ok(());
    }
    let mut after = 0;
    loop {
        let last = store.change_corpus(|corpus| {
            let rows = corpus.documents_from(after, LOOKED_THROUGH_MAX)?;
            for row in &rows {
                let reading = corpus.reading(row.id)?.unwrap_or_default();
                let document: CleanDocument = packed::unpack("a reading", &reading)?;
                let is_wanted =
                    |block: &inkstone_corpus::LeftOut| wanted.has(block.reason, &block.excerpt);
                // What was brought back is found by its words no more: there is little of it.
                let was_wanted = document.pieces.iter().any(|one| one.brought_back.is_some());
                if was_wanted || document.left_out.iter().any(is_wanted) {
                    corpus.read_again(row)?;
                }
            }
            Ok::<_, AssembleError>(rows.last().map(|row| row.id))
        })?;
        let Some(last) = last else {
            break;
        };
        after = last;
    }
    // Last, so that a process that is killed before does all of it once more.
    store.change_corpus(|corpus| Ok(corpus.set_done_by(WANTED_BY, now)?))
}

/// Switches a rule off in a folder or file, or on again there; whether that changed anything. Files are
/// read by it from the next build on.
pub fn switch_rule_at(
    store: &mut Store,
    at: At<'_>,
    rule: &str,
    enabled: bool,
    made_ms: i64,
) -> Result<bool, AssembleError> {
    if rule == outliers::RULE && !enabled {
        let rule = rule.to_owned();
        return Err(AssembleError::Everywhere { rule });
    }
    store.change_corpus(|corpus| {
        refuse_removed(corpus, at.workspace)?;
        if enabled {
            return Ok(corpus.delete_rule_off(at, rule)?);
        }
        let is_off = |row: &RuleOffRow| {
            row.workspace == at.workspace && row.prefix == at.path && row.rule == rule
        };
        if corpus.rules_off()?.iter().any(is_off) {
            return Ok(false);
        }
        corpus.insert_rule_off(&RuleOffRow {
            workspace: at.workspace,
            prefix: at.path.to_vec(),
            rule: rule.to_owned(),
            made: made_ms,
        })?;
        Ok(true)
    })
}

/// Leaves a folder or a file out, or, with an empty path, a workspace; of a file also what says the very
/// same elsewhere.
pub fn exclude(store: &mut Store, at: At<'_>, made_ms: i64) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        refuse_removed(corpus, at.workspace)?;
        let held = corpus.exclusion_at(at)?.and_then(|row| row.content_hash);
        let holds = corpus.document_at(at)?.map(|row| row.content_hash);
        let content_hash = holds.or(held);
        if let Some(content_hash) = &content_hash {
            corpus.ask_content(content_hash)?;
        }
        corpus.insert_excluded(&ExcludedRow {
            workspace: at.workspace,
            prefix: at.path.to_vec(),
            made: made_ms,
            content_hash,
        })?;
        Ok(corpus.ask_folder(at)?)
    })
}

/// Takes an exclusion back, of a file also those of files that say the very same; whether there was one.
pub fn include(store: &mut Store, at: At<'_>) -> Result<bool, AssembleError> {
    store.change_corpus(|corpus| {
        let row = corpus.exclusion_at(at)?;
        let mut was_excluded = corpus.delete_excluded(at)?;
        let held = row.and_then(|row| row.content_hash);
        let holds = corpus.document_at(at)?.map(|row| row.content_hash);
        for content_hash in [held, holds].into_iter().flatten() {
            was_excluded |= corpus.include_content(&content_hash)?;
            corpus.ask_content(&content_hash)?;
        }
        corpus.ask_folder(at)?;
        Ok(was_excluded)
    })
}

/// The decision that applies to a wording: the one on this very text, or the latest on one that is
/// alike.
pub(super) fn decision_on(
    corpus: &Corpus<'_>,
    row: &WordingRow,
) -> Result<Option<DecisionRow>, AssembleError> {
    if let Some(decision) = corpus.decision_on(&row.exact)? {
        return Ok(Some(decision));
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
    Ok(latest)
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
