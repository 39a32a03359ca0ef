//! What a model has read of documents, taken out and put back.

use inkstone_engine::{ContextIdentity, SequenceId};
use inkstone_scheduler::{Adapter, Document};

use super::Lane;
use crate::serving::saved::Contents;

impl Lane {
    /// What its sequences are computed with.
    pub(in crate::serving) fn identity(&self) -> ContextIdentity {
        self.context.identity()
    }

    /// Documents that are expected back, each with what was worn and the tokens read of it; the one
    /// used last at the end.
    pub(in crate::serving) fn documents(&self) -> Vec<((Document, Adapter), u32)> {
        let kept = self.scheduler.kept().into_iter();
        kept.map(|kept| ((kept.document, kept.adapter), count(kept.tokens.len())))
            .collect()
    }

    /// Whether it has read something of a document with this adapter.
    pub(in crate::serving) fn has_read(&self, document: Document, adapter: Adapter) -> bool {
        let mut kept = self.scheduler.kept().into_iter();
        kept.any(|kept| {
            (kept.document, kept.adapter) == (document, adapter) && !kept.tokens.is_empty()
        })
    }

    /// Bytes of the KV cache for each token.
    pub(in crate::serving) fn kv_bytes_per_token(&self) -> u64 {
        self.kv_bytes() / u64::from(self.context_tokens().max(1))
    }

    /// What it has read of a document with this adapter; none when that cannot be told.
    pub(in crate::serving) fn save(
        &mut self,
        (document, adapter): (Document, Adapter),
    ) -> Option<Contents> {
        let mut step = self.scheduler.settle();
        self.change_cache(&mut step).ok()?;
        let mut kept = self.scheduler.kept().into_iter();
        let kept = kept.find(|kept| (kept.document, kept.adapter) == (document, adapter))?;
        let (sequence, tokens) = (SequenceId(kept.sequence.0), kept.tokens.to_vec());
        let state = self.context.save(sequence, count(tokens.len()))?;
        Some(Contents { tokens, state })
    }

    /// Nobody is to wait for what could not be saved.
    pub(in crate::serving) fn give_up_saving(&mut self, (document, adapter): (Document, Adapter)) {
        self.scheduler.put_off(document, adapter);
    }

    /// Puts back what was read of a document with this adapter. When that is not possible it is read
    /// again.
    pub(in crate::serving) fn restore(
        &mut self,
        (document, adapter): (Document, Adapter),
        contents: &Contents,
    ) {
        let Some(sequence) = self.scheduler.adopt(document, adapter, &contents.tokens) else {
            return;
        };
        let mut step = self.scheduler.settle();
        let is_back = self.change_cache(&mut step).is_ok()
            && self.context.restore(
                SequenceId(sequence.0),
                count(contents.tokens.len()),
                &contents.state,
            );
        if !is_back {
            tracing::warn!(
                model = self.name,
                "what was kept of a document cannot be put back"
            );
            self.scheduler.adoption_failed(sequence);
        }
    }
}

fn count(tokens: usize) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}
