//! What the next step computes.

use crate::draft::Guess;
use crate::prefill::PREFILL_KEY;
use crate::request::{Adapter, RequestKey};
use crate::running::Graft;
use crate::scheduler::{Scheduler, count};
use crate::slot::{Change, Entry, Sequence, Slot, Step};

impl<T: Copy + Eq> Scheduler<T> {
    /// The next batch, of requests that wear the same adapter: what is to be put between moved tokens,
    /// which must be computed at once; then
    /// one token of every decoding request; then prompts in order of arrival, up to the batch limit;
    /// then guesses of what will be chosen, if there is room. Where no request has anything to compute, a
    /// text is read ahead.
    /// No entries: nothing to compute until a request or a choice comes.
    pub fn step(&mut self) -> Step<T> {
        self.step_with(&mut |_, _| Vec::new())
    }

    /// The same, with somebody who guesses where the texts know nothing; asked for one request at
    /// most, when it decodes alone.
    pub fn step_with(&mut self, guess: Guess<'_, T>) -> Step<T> {
        for index in 0..self.running.len() {
            self.finish_graft(index);
        }
        self.assign_waiting();
        let mut entries = Vec::new();
        let mut room = self.limits.batch_tokens_max.max(1);
        let adapter = self.next_adapter();
        for index in self.order(adapter) {
            let before = entries.len();
            if matches!(self.running[index].graft, Graft::Planned(_)) {
                self.graft(index, room, &mut entries);
            } else {
                let taken = self.pending(index).min(room);
                self.append_entries(index, taken, &mut entries);
            }
            room -= entries.len() - before;
        }
        self.append_drafts(room, guess, &mut entries);
        let adapter = if self.is_waited_for() {
            self.turn.took(entries.len());
            adapter
        } else {
            self.prefill_step(&mut entries).unwrap_or(adapter)
        };
        Step {
            adapter,
            changes: std::mem::take(&mut self.changes),
            entries,
        }
    }

    /// The running requests with an adapter in the order in which they take room in a batch. Decoding
    /// requests have exactly one token to compute, prompts usually more.
    fn order(&self, adapter: Adapter) -> Vec<usize> {
        let wears = |&index: &usize| self.running[index].request.adapter == adapter;
        let mut order: Vec<usize> = (0..self.running.len()).filter(wears).collect();
        order.sort_by_key(|&index| {
            let running = &self.running[index];
            let is_graft = matches!(running.graft, Graft::Planned(_));
            (!is_graft, self.pending(index) > 1, running.request.key)
        });
        order
    }

    /// Tokens of a running request that are known but not computed.
    pub(crate) fn pending(&self, index: usize) -> usize {
        let running = &self.running[index];
        running.pending(self.slots[running.slot].cached.len())
    }

    fn append_entries(&mut self, index: usize, taken: usize, entries: &mut Vec<Entry<T>>) {
        let running = &mut self.running[index];
        let slot = &mut self.slots[running.slot];
        let start = slot.cached.len();
        for position in start..start + taken {
            let wants_logits = position + 1 == running.tokens.len();
            running.awaits_choice |= wants_logits;
            slot.cached.push(running.tokens[position]);
            entries.push(Entry {
                key: running.request.key,
                sequence: Sequence::of(running.slot),
                position: count(position),
                token: running.tokens[position],
                wants_logits,
            });
        }
    }

    /// Moves the run of a planned graft to its place and computes what comes before it, in a spare
    /// sequence. Waits for the next step when that does not fit this one, or no sequence is spare.
    fn graft(&mut self, index: usize, room: usize, entries: &mut Vec<Entry<T>>) {
        let Graft::Planned(alignment) = self.running[index].graft else {
            return;
        };
        let Some(spare) = self.unused_spares().next() else {
            return;
        };
        if alignment.inserted > room {
            return;
        }
        let running = &mut self.running[index];
        running.graft = Graft::Computed { spare, alignment };
        let inserted = alignment.head..alignment.run_to();
        let slot = &mut self.slots[running.slot];
        slot.cached.splice(
            alignment.head..alignment.run_from,
            running.tokens[inserted.clone()].iter().copied(),
        );
        self.changes.push(Change::Move {
            sequence: Sequence::of(running.slot),
            from: count(alignment.head),
            until: count(alignment.run_from),
            to: count(alignment.run_to()),
        });
        self.changes.push(Change::Copy {
            from: Sequence::of(running.slot),
            to: Sequence::of(spare),
            start: 0,
            end: count(alignment.head),
        });
        entries.extend(inserted.map(|position| Entry {
            key: running.request.key,
            sequence: Sequence::of(spare),
            position: count(position),
            token: running.tokens[position],
            wants_logits: false,
        }));
    }

    /// The spare sequences in which nothing is being computed.
    pub(crate) fn unused_spares(&self) -> impl Iterator<Item = usize> {
        let is_used = |wanted: usize| {
            self.running.iter().any(|running| {
                let grafted = match running.graft {
                    Graft::Computed { spare, .. } => Some(spare),
                    Graft::None | Graft::Planned(_) => None,
                };
                running.slot == wanted || grafted == Some(wanted)
            })
        };
        (self.documents()..self.slots.len()).filter(move |&spare| !is_used(spare))
    }

    /// Brings what was computed in a spare sequence to where it belongs.
    pub(crate) fn finish_graft(&mut self, index: usize) {
        let running = &mut self.running[index];
        let Graft::Computed { spare, alignment } = running.graft else {
            return;
        };
        running.graft = Graft::None;
        self.changes.push(Change::Copy {
            from: Sequence::of(spare),
            to: Sequence::of(running.slot),
            start: count(alignment.head),
            end: count(alignment.run_to()),
        });
        self.empty_spare(spare);
    }

    /// Empties a spare sequence whose graft or branch is over.
    pub(crate) fn empty_spare(&mut self, spare: usize) {
        self.slots[spare] = Slot::default();
        self.changes.push(Change::Rewind {
            sequence: Sequence::of(spare),
            keep: 0,
        });
    }

    /// Whether a choice is owed after the token that a request has at `position`: none is after a
    /// guess that follows a wrong one, nor for a request that has ended.
    pub fn awaits_choice(&self, key: RequestKey, position: u32) -> bool {
        self.index_of(key).is_some_and(|index| {
            let running = &self.running[index];
            running.awaits_choice && count(running.tokens.len()) == position.saturating_add(1)
        })
    }

    /// The token chosen after a request's last token. If it was guessed, it is computed already and
    /// the next choice is owed at once; otherwise it is computed with the next step.
    pub fn choose(&mut self, key: RequestKey, token: T) {
        let Some(index) = self.index_of(key) else {
            return;
        };
        let running = &mut self.running[index];
        let slot = &mut self.slots[running.slot];
        let known = running.tokens.len();
        running.tokens.push(token);
        if slot.cached.get(known) == Some(&token) {
            self.drafts.taken += 1;
            return;
        }
        running.awaits_choice = false;
        if slot.cached.len() > known {
            slot.cached.truncate(known);
            self.changes.push(Change::Rewind {
                sequence: Sequence::of(running.slot),
                keep: count(known),
            });
        }
    }

    /// The last step failed: what it added to the cache is unknown, so every sequence it touched is
    /// emptied and its request ended. Returns the requests to be told.
    pub fn step_failed(&mut self, entries: &[Entry<T>]) -> Vec<RequestKey> {
        self.prefill_failed(entries);
        let entries = entries.iter().filter(|entry| entry.key != PREFILL_KEY);
        let request_of = |entry: &Entry<T>| self.request_of(entry.key);
        let mut failed: Vec<RequestKey> = entries.map(request_of).collect();
        failed.sort_unstable();
        failed.dedup();
        for key in &failed {
            if let Some(index) = self.index_of(*key) {
                self.abandon_graft(index);
                self.empty_slot(self.running[index].slot);
            }
            self.end(*key);
        }
        failed
    }

    /// The memory of `sequence` could not be changed as the last step wanted, and the caller has
    /// emptied it: its request is computed from the start, beginning with the next step. Takes the
    /// request's tokens out of the step's `entries`.
    pub fn change_failed(&mut self, sequence: Sequence, entries: &mut Vec<Entry<T>>) {
        let slot = sequence.index();
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.cached.clear();
        }
        // What is read ahead there is read from the start with the next step.
        entries.retain(|entry| entry.key != PREFILL_KEY || entry.sequence != sequence);
        for index in 0..self.running.len() {
            if self.running[index].slot == slot {
                let key = self.running[index].request.key;
                entries.retain(|entry| entry.key != key);
                self.abandon_graft(index);
                self.running[index].reused_tokens = 0;
                self.running[index].awaits_choice = false;
            }
        }
    }

    /// For a sequence that is emptied: what was to be brought there is not wanted any more.
    fn abandon_graft(&mut self, index: usize) {
        let graft = std::mem::replace(&mut self.running[index].graft, Graft::None);
        if let Graft::Computed { spare, .. } = graft {
            self.empty_spare(spare);
        }
    }
}
