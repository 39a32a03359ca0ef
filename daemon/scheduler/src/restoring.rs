//! What is worth keeping of the sequences when their cache goes, and sequences that come back.

use crate::request::{Adapter, Document};
use crate::scheduler::{Scheduler, count};
use crate::slot::{Sequence, Slot, Step};

/// An idle sequence of a document that is expected back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept<'a, T> {
    /// Whose text it is.
    pub document: Document,
    /// What was worn when it was computed.
    pub adapter: Adapter,
    /// Which.
    pub sequence: Sequence,
    /// What it holds.
    pub tokens: &'a [T],
}

impl<T: Copy + Eq> Scheduler<T> {
    /// The idle sequences of documents that are expected back, each with what was worn and its tokens,
    /// the one used last at the end. Only when [`Scheduler::settle`] has nothing to do the cache holds these.
    pub fn kept(&self) -> Vec<Kept<'_, T>> {
        let mut order: Vec<usize> = (0..self.documents()).collect();
        order.sort_by_key(|&index| self.slots[index].used_at);
        let kept = order.into_iter().filter_map(|index| {
            let slot = &self.slots[index];
            let document = slot.document.filter(|_| !slot.busy)?;
            Some(Kept {
                document,
                adapter: slot.adapter,
                sequence: Sequence::of(index),
                tokens: &slot.cached,
            })
        });
        kept.collect()
    }

    /// The prompt of a document's last request with this adapter, as far as its sequence holds it; also
    /// while the request is at work.
    pub fn prompt_of(&self, document: Document, adapter: Adapter) -> Option<&[T]> {
        let mut slots = self.slots[..self.documents()].iter();
        let slot = slots.find(|slot| slot.is_of(document, adapter))?;
        let tokens = slot.cached.len().min(slot.prompt_tokens);
        Some(&slot.cached[..tokens])
    }

    /// What is still to be done to the cache although nothing is computed.
    pub fn settle(&mut self) -> Step<T> {
        Step {
            adapter: self.turn.adapter(),
            changes: std::mem::take(&mut self.changes),
            entries: Vec::new(),
        }
    }

    /// Gives an idle sequence to a document whose tokens are about to be put back there: an empty
    /// one, or else the one unused for longest. None when the document has a sequence with this adapter
    /// already, or there is no room. The caller settles, puts the tokens back, and says when that failed
    /// ([`Scheduler::adoption_failed`]).
    pub fn adopt(
        &mut self,
        document: Document,
        adapter: Adapter,
        tokens: &[T],
    ) -> Option<Sequence> {
        let slots = &self.slots[..self.documents()];
        if slots.iter().any(|slot| slot.is_of(document, adapter)) {
            return None;
        }
        let idle = slots.iter().enumerate().filter(|(_, slot)| !slot.busy);
        let (index, _) = idle.min_by_key(|(_, slot)| (!slot.cached.is_empty(), slot.used_at))?;
        let needed = count(tokens.len());
        if needed > self.limits.context_tokens {
            return None;
        }
        self.empty_slot(index);
        if !self.make_room(index, needed) {
            return None;
        }
        self.uses += 1;
        self.slots[index] = Slot {
            cached: tokens.to_vec(),
            prompt_tokens: tokens.len(),
            document: Some(document),
            adapter,
            busy: false,
            used_at: self.uses,
        };
        Some(Sequence::of(index))
    }

    /// The tokens could not be put back, and the sequence is empty.
    pub fn adoption_failed(&mut self, sequence: Sequence) {
        if let Some(slot) = self.slots.get_mut(sequence.index()) {
            *slot = Slot::default();
        }
    }
}
