//! Compares wordings: which are boilerplate, which say the same as a more senior one, which a person
//! dropped.
//!
//! Wordings are compared by thousands: their rows in the index are then written in its order, once
//! for each page of it, and a first build takes minutes less.

use inkstone_corpus::dedup::fingerprint::{BOILERPLATE_WORDS_MIN, DUPLICATE_WORDS_MIN};
use inkstone_corpus::dedup::is_boilerplate;
use inkstone_store::Corpus;
use inkstone_store::corpus::band::Band;
use inkstone_store::corpus::wording::{Lead, WordingRow};

use super::node::{Node, fingerprint, seniority};
use super::{AssembleError, Measures, review};

/// A wording whose rank is up to date, and what it was before.
struct Ranked {
    row: WordingRow,
    before: WordingRow,
    node: Option<Node>,
    /// Whether it can drop others that it could not drop before.
    is_risen: bool,
}

/// Compares wordings, and notes what has to be looked at because of what they came to.
pub(super) fn compare(
    corpus: &Corpus<'_>,
    ids: &[i64],
    measures: Measures,
) -> Result<(), AssembleError> {
    let (mut old_bands, mut new_bands) = (Vec::new(), Vec::new());
    let mut ranked = Vec::with_capacity(ids.len());
    let has_decisions = corpus.has_decisions()?;
    for id in ids {
        let Some(before) = corpus.wording(*id)? else {
            continue;
        };
        let decision = if has_decisions {
            review::decision_on(corpus, &before)?
        } else {
            None
        };
        let row = WordingRow {
            reviewed: decision.as_ref().is_some_and(|decision| !decision.keep),
            wanted: decision.is_some_and(|decision| decision.keep && decision.left_out.is_some()),
            ..before.clone()
        };
        let rows = (before, row);
        ranked.extend(rank(
            corpus,
            rows,
            measures,
            &mut old_bands,
            &mut new_bands,
        )?);
    }
    old_bands.sort_unstable();
    new_bands.sort_unstable();
    corpus.delete_bands(&old_bands)?;
    corpus.insert_bands(&new_bands)?;
    for wording in ranked {
        judge(corpus, wording)?;
    }
    Ok(())
}

/// Finds a wording's place among the others; none if it stands nowhere any more and is gone.
fn rank(
    corpus: &Corpus<'_>,
    (before, row): (WordingRow, WordingRow),
    measures: Measures,
    old_bands: &mut Vec<Band>,
    new_bands: &mut Vec<Band>,
) -> Result<Option<Ranked>, AssembleError> {
    let lead = if before.words >= DUPLICATE_WORDS_MIN {
        corpus.lead_of(before.id, row.wanted)?
    } else {
        None
    };
    let mut is_risen = false;
    if before.lead != lead {
        let old = before.lead.as_ref();
        let old = old.map(|lead| Node::wording(&before, lead)).transpose()?;
        let new = lead.as_ref();
        let new = new.map(|lead| Node::wording(&before, lead)).transpose()?;
        let is_dropped = before.witness.is_some();
        old_bands.extend(old.iter().flat_map(|node| node.bands(is_dropped)));
        new_bands.extend(new.iter().flat_map(|node| node.bands(is_dropped)));
        is_risen = outranks(lead.as_ref(), before.lead.as_ref())?;
        if !is_risen {
            corpus.ask_alike(before.id)?;
        }
        for lead in [&before.lead, &lead].into_iter().flatten() {
            corpus.ask_record(lead.document)?;
        }
    }
    if lead.is_none() && !corpus.is_wording_used(before.id)? {
        corpus.delete_wording(before.id)?;
        return Ok(None);
    }
    let row = WordingRow {
        boilerplate: is_in_too_many(corpus, &before, measures)?,
        lead,
        ..row
    };
    // Others are compared with it as it is now.
    corpus.set_wording(&row)?;
    let node = row.lead.as_ref();
    let node = node.map(|lead| Node::wording(&row, lead)).transpose()?;
    Ok(Some(Ranked {
        row,
        before,
        node,
        is_risen,
    }))
}

fn outranks(new: Option<&Lead>, old: Option<&Lead>) -> Result<bool, AssembleError> {
    Ok(match (new, old) {
        (Some(new), Some(old)) => seniority(new)?.outranks(&seniority(old)?),
        (new, _) => new.is_some(),
    })
}

fn is_in_too_many(
    corpus: &Corpus<'_>,
    row: &WordingRow,
    measures: Measures,
) -> Result<bool, AssembleError> {
    if row.words < BOILERPLATE_WORDS_MIN {
        return Ok(false);
    }
    // The question takes 2 for 0 and 1.
    let documents_min = measures.boilerplate_documents_min.max(2);
    let count_max = u32::try_from(documents_min).unwrap_or(u32::MAX);
    let documents = corpus.documents_with(row.id, count_max)? as usize;
    let fingerprint = fingerprint(&row.exact, row.words, None)?;
    Ok(is_boilerplate(&fingerprint, documents, documents_min))
}

/// Says what a wording comes to among the others.
fn judge(corpus: &Corpus<'_>, wording: Ranked) -> Result<(), AssembleError> {
    let Ranked {
        mut row,
        before,
        node,
        is_risen,
    } = wording;
    row.witness = None;
    if let Some(node) = &node {
        row.witness = node.witness(corpus)?;
        if row.witness.is_some() != before.witness.is_some() {
            corpus.delete_bands(&node.bands(before.witness.is_some()))?;
            corpus.insert_bands(&node.bands(row.witness.is_some()))?;
        }
        if is_risen {
            for dropped in node.drops(corpus)? {
                corpus.ask_wording(dropped)?;
            }
        }
    }
    let verdict = |row: &WordingRow| (row.boilerplate, row.reviewed, row.wanted);
    if verdict(&row) != verdict(&before) {
        corpus.ask_records_with(row.id)?;
    } else if row.witness.is_some() != before.witness.is_some()
        && let Some(lead) = &row.lead
    {
        corpus.ask_record(lead.document)?;
    }
    corpus.set_wording(&row)?;
    Ok(())
}
