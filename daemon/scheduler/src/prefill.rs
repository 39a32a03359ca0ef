//! Texts that are read ahead of the requests for them, when nobody waits: a document's, under the
//! adapter that it is to wear next.
//!
//! A prefill has a sequence, but nothing waits for it: any request goes first, takes its cells where
//! there are no others, and goes on from it where it is for the same document and adapter.

use crate::request::{Adapter, Document, RequestKey};
use crate::scheduler::{Scheduler, count};
use crate::slot::{Entry, Sequence};

/// The key of entries that belong to no request; theirs are counted from 1.
pub(crate) const PREFILL_KEY: RequestKey = RequestKey(0);
/// Tokens of one batch: a key that is pressed meanwhile waits for no more.
const PREFILL_BATCH_TOKENS_MAX: usize = 16;

/// A text on its way into a sequence.
#[derive(Debug)]
pub(crate) struct Prefill<T> {
    pub(crate) document: Document,
    pub(crate) adapter: Adapter,
    slot: usize,
    tokens: Vec<T>,
}

impl<T> Prefill<T> {
    pub(crate) fn is_of(&self, document: Document, adapter: Adapter) -> bool {
        self.document == document && self.adapter == adapter
    }
}

impl<T: Copy + Eq> Scheduler<T> {
    /// Begins to read a document's text under an adapter, in a sequence that nobody is expected back
    /// to. False when there is none or not the room, so that others would lose by it, and when the
    /// document has a sequence or a request with that adapter already.
    pub fn prefill(&mut self, document: Document, adapter: Adapter, tokens: Vec<T>) -> bool {
        let slots = &self.slots[..self.documents()];
        let has_it = slots.iter().any(|slot| slot.is_of(document, adapter))
            || self.has_request(document, adapter);
        let free = slots
            .iter()
            .position(|slot| !slot.busy && slot.document.is_none());
        let Some(free) = free.filter(|_| !has_it && !tokens.is_empty()) else {
            return false;
        };
        if self.cells_beside(free).saturating_add(count(tokens.len())) > self.limits.context_tokens
        {
            return false;
        }
        self.empty_slot(free);
        self.uses += 1;
        let slot = &mut self.slots[free];
        slot.busy = true;
        slot.document = Some(document);
        slot.adapter = adapter;
        slot.prompt_tokens = tokens.len();
        slot.used_at = self.uses;
        self.prefills.push(Prefill {
            document,
            adapter,
            slot: free,
            tokens,
        });
        true
    }

    /// Whether a document's text is being read under an adapter.
    pub fn is_prefilling(&self, document: Document, adapter: Adapter) -> bool {
        let mut prefills = self.prefills.iter();
        prefills.any(|prefill| prefill.is_of(document, adapter))
    }

    /// A request of the document has come: it goes on from what was read so far.
    pub(crate) fn hand_over_prefill(&mut self, document: Document, adapter: Adapter) {
        self.end_prefills(|prefill| prefill.is_of(document, adapter));
    }

    /// The newest prefill ends, since a request needs its sequence or its cells; false when there is
    /// none.
    pub(crate) fn give_up_prefill(&mut self) -> bool {
        let Some(prefill) = self.prefills.pop() else {
            return false;
        };
        let slot = &mut self.slots[prefill.slot];
        slot.busy = false;
        slot.document = None;
        slot.used_at = 0;
        true
    }

    pub(crate) fn end_prefills(&mut self, ends: impl Fn(&Prefill<T>) -> bool) {
        for prefill in self.prefills.extract_if(.., |prefill| ends(prefill)) {
            self.slots[prefill.slot].busy = false;
        }
    }

    /// Cells that are set aside for what a sequence is to hold.
    pub(crate) fn prefill_tokens(&self, slot: usize) -> u32 {
        let mut prefills = self.prefills.iter();
        let found = prefills.find(|prefill| prefill.slot == slot);
        found.map_or(0, |prefill| count(prefill.tokens.len()))
    }

    /// Whether a request has something to compute, or waits.
    pub(crate) fn is_waited_for(&self) -> bool {
        // What was composed is in the cache by now, so a request that waits for its choice counts, too.
        !self.running.is_empty() || !self.waiting.is_empty()
    }

    /// The next tokens of the text that has been read ahead for longest; the adapter that they are
    /// computed with.
    pub(crate) fn prefill_step(&mut self, entries: &mut Vec<Entry<T>>) -> Option<Adapter> {
        let prefill = self.prefills.first()?;
        let slot = &mut self.slots[prefill.slot];
        let start = slot.cached.len();
        let end = prefill
            .tokens
            .len()
            .min(start + PREFILL_BATCH_TOKENS_MAX.min(self.limits.batch_tokens_max));
        for (position, &token) in prefill.tokens.iter().enumerate().take(end).skip(start) {
            slot.cached.push(token);
            entries.push(Entry {
                key: PREFILL_KEY,
                sequence: Sequence::of(prefill.slot),
                position: count(position),
                token,
                wants_logits: false,
            });
        }
        let adapter = prefill.adapter;
        if end == prefill.tokens.len() {
            slot.busy = false;
            self.prefills.remove(0);
        }
        Some(adapter)
    }

    /// A batch failed: what it read ahead is read no further.
    pub(crate) fn prefill_failed(&mut self, entries: &[Entry<T>]) {
        let of_prefill = entries.iter().filter(|entry| entry.key == PREFILL_KEY);
        let mut slots: Vec<usize> = of_prefill.map(|entry| entry.sequence.index()).collect();
        slots.dedup();
        for slot in slots {
            self.end_prefills(|prefill| prefill.slot == slot);
            self.empty_slot(slot);
        }
    }
}
