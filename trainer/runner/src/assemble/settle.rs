//! The steps after each other, in batches: each is a transaction, and what is left to do stands in
//! the database, so that a process that is killed loses one batch, and memory holds one.

use inkstone_store::Store;
use inkstone_store::corpus::document::DocumentStep;

use super::{AssembleError, Measures, documents, records, wordings};

/// Documents compared in one transaction.
const COMPARED_DOCUMENTS_MAX: u32 = 1_024;

/// Wordings compared in one transaction. With fewer, a first build would write most pages of the
/// index once for each batch; so many hold 32 MiB.
const COMPARED_WORDINGS_MAX: u32 = 32_768;

/// Documents whose records are made in one transaction, and bytes of their readings, deflated.
const RECORDED_DOCUMENTS_MAX: u32 = 1_024;
const RECORDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How much one step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    /// Documents compared.
    pub documents_max: u32,
    /// Wordings compared.
    pub wordings_max: u32,
    /// Documents whose records are made.
    pub records_max: u32,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            documents_max: COMPARED_DOCUMENTS_MAX,
            wordings_max: COMPARED_WORDINGS_MAX,
            records_max: RECORDED_DOCUMENTS_MAX,
        }
    }
}

/// Compares what came, changed or went since the last time, and what that touches.
pub fn settle(store: &mut Store, measures: Measures) -> Result<(), AssembleError> {
    while settle_step(store, measures, Batch::default())? {}
    Ok(())
}

/// One batch of [`settle`]; whether there may be more to do. For a caller that gives way to typing in
/// between.
pub fn settle_step(
    store: &mut Store,
    measures: Measures,
    batch: Batch,
) -> Result<bool, AssembleError> {
    store.change_corpus(|corpus| {
        let minimum = i64::try_from(measures.boilerplate_documents_min).unwrap_or(i64::MAX);
        corpus.ask_all_unless("boilerplate_documents_min", minimum)?;
        let percent = i64::from(measures.held_out_percent);
        corpus.ask_all_unless("held_out_percent", percent)?;
        // Which pieces count follows from the documents, and what is recorded from both.
        let due = corpus.pending_documents(DocumentStep::Compare, batch.documents_max.max(1))?;
        if !due.is_empty() {
            for id in &due {
                documents::compare(corpus, *id)?;
            }
            return Ok(true);
        }
        let due = corpus.pending_wordings(batch.wordings_max.max(1))?;
        if !due.is_empty() {
            wordings::compare(corpus, &due, measures)?;
            return Ok(true);
        }
        let due = corpus.pending_documents(DocumentStep::Record, batch.records_max.max(1))?;
        let mut bytes = 0;
        for id in &due {
            bytes += records::make(corpus, *id, measures)?;
            if bytes > RECORDED_BYTES_MAX {
                break;
            }
        }
        Ok(!due.is_empty())
    })
}
