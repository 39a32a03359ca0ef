//! Which sequence serves whom.

use crate::alignment::Alignment;
use crate::request::Request;
use crate::running::{Graft, Running};
use crate::scheduler::{Queued, Scheduler, count};
use crate::slot::{Change, Sequence};

/// What may be put before moved tokens, as a share of a batch: it must fit one batch together with
/// the tokens of those that decode.
const INSERTED_SHARE_OF_BATCH: (usize, usize) = (3, 4);

impl<T: Copy + Eq> Scheduler<T> {
    /// Gives sequences to waiting requests, in order of arrival, while there are free ones.
    pub(crate) fn assign_waiting(&mut self) {
        while let Some(queued) = self.waiting.front() {
            let request = &queued.request;
            let Some((slot, alignment)) = self.choose_slot(request) else {
                if self.give_up_prefill() {
                    continue;
                }
                return;
            };
            // While a run waits to be moved, the sequence holds what is dropped from it, too.
            let held = match alignment.run {
                0 => 0,
                run => count(alignment.run_from + run + alignment.inserted),
            };
            if !self.make_room(slot, needed_tokens(request).max(held)) {
                return;
            }
            // proof: `front` was there above.
            let Some(queued) = self.waiting.pop_front() else {
                return;
            };
            self.start(queued, slot, alignment);
        }
    }

    /// The idle sequence that saves most. A document's own counts with all that serves the prompt.
    /// Another's counts with what it saves beyond what is taken from its owner, and only when that
    /// is more than the few tokens that texts begin with. Among equals, so also when nothing is
    /// saved: the document's own, then an empty one, then the one unused for longest.
    fn choose_slot(&self, request: &Request<T>) -> Option<(usize, Alignment)> {
        let (of, share) = INSERTED_SHARE_OF_BATCH;
        let inserted_max = self
            .limits
            .can_shift
            .then_some(self.limits.batch_tokens_max * of / share)
            .filter(|_| self.limits.spare_sequences > 0);
        let documents = self.slots.iter().enumerate().take(self.documents());
        let idle = documents.filter(|(_, slot)| !slot.busy);
        let aligned = idle.map(|(index, slot)| {
            let alignment = slot.alignment(request, inserted_max);
            (index, slot, alignment)
        });
        let best = aligned.max_by_key(|(index, slot, alignment)| {
            (
                slot.saved_tokens(request, alignment),
                slot.is_of(request.document, request.adapter),
                slot.cached.is_empty(),
                std::cmp::Reverse(slot.used_at),
                std::cmp::Reverse(*index),
            )
        });
        best.map(|(index, _, alignment)| (index, alignment))
    }

    /// Empties idle sequences, the one unused for longest first, then those that are only prefilled,
    /// until `needed` cells are free for `slot`. False when busy ones hold too much: the request waits.
    pub(crate) fn make_room(&mut self, slot: usize, needed: u32) -> bool {
        loop {
            if self.cells_beside(slot).saturating_add(needed) <= self.limits.context_tokens {
                return true;
            }
            let oldest = (0..self.documents())
                .filter(|&i| i != slot && !self.slots[i].busy && !self.slots[i].cached.is_empty())
                .min_by_key(|&i| self.slots[i].used_at);
            let Some(oldest) = oldest else {
                if self.give_up_prefill() {
                    continue;
                }
                return false;
            };
            self.empty_slot(oldest);
        }
    }

    /// Cells of all other sequences of documents.
    pub(crate) fn cells_beside(&self, slot: usize) -> u32 {
        let others = (0..self.documents()).filter(|&other| other != slot);
        others.map(|other| self.cells(other)).sum()
    }

    /// Cells a sequence holds, and for a busy one also those set aside for its request.
    fn cells(&self, slot: usize) -> u32 {
        let held = count(self.slots[slot].cached.len()).max(self.prefill_tokens(slot));
        let Some(running) = self.running.iter().find(|running| running.slot == slot) else {
            return held;
        };
        let on_the_way = match running.graft {
            Graft::Planned(alignment) => count(alignment.inserted),
            Graft::None | Graft::Computed { .. } => 0,
        };
        needed_tokens(&running.request).max(held + on_the_way)
    }

    fn start(&mut self, queued: Queued<T>, index: usize, alignment: Alignment) {
        let Queued {
            request,
            successions,
        } = queued;
        self.uses += 1;
        let slot = &mut self.slots[index];
        let keep = if alignment.run > 0 {
            alignment.run_from + alignment.run
        } else {
            alignment.head
        };
        if keep < slot.cached.len() {
            slot.cached.truncate(keep);
            self.changes.push(Change::Rewind {
                sequence: Sequence::of(index),
                keep: count(keep),
            });
        }
        let mut graft = Graft::None;
        if alignment.run > 0 && alignment.inserted > 0 {
            graft = Graft::Planned(alignment);
        } else if alignment.run > 0 {
            slot.cached.drain(alignment.head..alignment.run_from);
            self.changes.push(Change::Move {
                sequence: Sequence::of(index),
                from: count(alignment.head),
                until: count(alignment.run_from),
                to: count(alignment.head),
            });
        }
        slot.busy = true;
        slot.prompt_tokens = request.prompt.len();
        slot.document = Some(request.document);
        slot.adapter = request.adapter;
        slot.used_at = self.uses;
        let tokens = request.prompt.clone();
        self.running.push(Running {
            request,
            slot: index,
            tokens,
            reused_tokens: alignment.saved_tokens(),
            awaits_choice: false,
            graft,
            branch_of: None,
            successions,
        });
    }

    pub(crate) fn empty_slot(&mut self, index: usize) {
        self.slots[index].cached.clear();
        self.slots[index].document = None;
        self.changes.push(Change::Rewind {
            sequence: Sequence::of(index),
            keep: 0,
        });
    }
}

pub(crate) fn needed_tokens<T>(request: &Request<T>) -> u32 {
    let decoded = request
        .decode_tokens_max
        .saturating_mul(request.branches_max.saturating_add(1));
    count(request.prompt.len()).saturating_add(decoded)
}
