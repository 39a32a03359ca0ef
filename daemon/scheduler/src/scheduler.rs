//! The rules: who is admitted, which sequence serves whom, what the next batch holds.

use std::collections::VecDeque;

use crate::request::{Admission, Document, Rejection, Request, RequestKey};
use crate::slot::{Entry, Rewind, Sequence, Slot, Step};

/// Sizes the scheduler keeps to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Sequences of the KV cache.
    pub sequences: u16,
    /// Cells of the KV cache, shared by all sequences.
    pub context_tokens: u32,
    /// Tokens in one batch; also how late a cancel may take effect.
    pub batch_tokens_max: usize,
    /// Requests that may wait for a sequence.
    pub waiting_max: usize,
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Length of the prompt.
    pub prompt_tokens: u32,
    /// Of these, found in the sequence.
    pub reused_tokens: u32,
    /// Of these, computed for it so far.
    pub prefilled_tokens: u32,
    /// Tokens chosen after the prompt so far.
    pub decoded_tokens: u32,
}

#[derive(Debug)]
struct Running<T> {
    request: Request<T>,
    slot: usize,
    /// Prompt and chosen tokens; those below `slot.cached.len()` are computed.
    tokens: Vec<T>,
    reused_tokens: usize,
    /// A choice is owed by the caller: nothing to compute until it comes.
    awaits_choice: bool,
}

/// The state machine. `T` is the token type.
#[derive(Debug)]
pub struct Scheduler<T> {
    limits: Limits,
    slots: Vec<Slot<T>>,
    waiting: VecDeque<Request<T>>,
    running: Vec<Running<T>>,
    rewinds: Vec<Rewind>,
    uses: u64,
}

impl<T: Copy + Eq> Scheduler<T> {
    /// An empty cache and no requests.
    pub fn new(limits: Limits) -> Self {
        let slots = (0..limits.sequences.max(1))
            .map(|_| Slot::default())
            .collect();
        Self {
            limits,
            slots,
            waiting: VecDeque::new(),
            running: Vec::new(),
            rewinds: Vec::new(),
            uses: 0,
        }
    }

    /// Takes a request, or says why not. Older requests of the same document end here.
    pub fn submit(&mut self, request: Request<T>) -> Admission {
        if request.prompt.is_empty() {
            return Admission::Rejected(Rejection::EmptyPrompt);
        }
        let needed_tokens = needed_tokens(&request);
        if needed_tokens > self.limits.context_tokens {
            let context_tokens = self.limits.context_tokens;
            return Admission::Rejected(Rejection::TooLong {
                needed_tokens,
                context_tokens,
            });
        }
        let newest = self
            .requests()
            .filter(|r| r.document == request.document)
            .map(|r| r.version)
            .max();
        if newest.is_some_and(|newest| newest > request.version) {
            return Admission::Rejected(Rejection::Outdated);
        }
        // Counted before anything ends: a request that is turned away must not end its elders.
        let waiting_of_others = self
            .waiting
            .iter()
            .filter(|r| r.document != request.document)
            .count();
        if waiting_of_others >= self.limits.waiting_max {
            return Admission::Rejected(Rejection::QueueFull {
                waiting_max: self.limits.waiting_max,
            });
        }
        let superseded: Vec<RequestKey> = self
            .requests()
            .filter(|r| r.document == request.document)
            .map(|r| r.key)
            .collect();
        for key in &superseded {
            self.end(*key);
        }
        self.waiting.push_back(request);
        Admission::Admitted { superseded }
    }

    /// Ends a request, finished or not; what its sequence holds stays for the next one. False when
    /// there is no such request.
    pub fn end(&mut self, key: RequestKey) -> bool {
        if let Some(index) = self
            .running
            .iter()
            .position(|running| running.request.key == key)
        {
            let running = self.running.swap_remove(index);
            self.slots[running.slot].busy = false;
            return true;
        }
        let before = self.waiting.len();
        self.waiting.retain(|request| request.key != key);
        self.waiting.len() < before
    }

    /// The document was closed: its idle sequence is the first to be taken by others.
    pub fn close(&mut self, document: Document) {
        for slot in &mut self.slots {
            if slot.document == Some(document) && !slot.busy {
                slot.document = None;
                slot.used_at = 0;
            }
        }
    }

    /// The next batch: one token of every decoding request, then prompts in order of arrival, up to
    /// the batch limit. No entries: nothing to compute until a request or a choice comes.
    pub fn step(&mut self) -> Step<T> {
        self.assign_waiting();
        let mut entries = Vec::new();
        let mut room = self.limits.batch_tokens_max.max(1);
        // Decoding requests have exactly one token to compute, prompts usually more.
        let mut order: Vec<usize> = (0..self.running.len()).collect();
        order.sort_by_key(|&index| (self.pending(index) > 1, self.running[index].request.key));
        for index in order {
            if room == 0 {
                break;
            }
            let taken = self.pending(index).min(room);
            self.append_entries(index, taken, &mut entries);
            room -= taken;
        }
        Step {
            rewinds: std::mem::take(&mut self.rewinds),
            entries,
        }
    }

    /// The token chosen after a request's last entry; it is computed with the next step.
    pub fn choose(&mut self, key: RequestKey, token: T) {
        if let Some(running) = self
            .running
            .iter_mut()
            .find(|running| running.request.key == key)
        {
            running.tokens.push(token);
            running.awaits_choice = false;
        }
    }

    /// The last step failed: what it added to the cache is unknown, so every sequence it touched is
    /// emptied and its request ended. Returns the requests to be told.
    pub fn step_failed(&mut self, entries: &[Entry<T>]) -> Vec<RequestKey> {
        let mut failed: Vec<RequestKey> = entries.iter().map(|entry| entry.key).collect();
        failed.sort_unstable();
        failed.dedup();
        for entry in entries {
            self.empty_slot(usize::from(entry.sequence.0));
        }
        for key in &failed {
            self.end(*key);
        }
        failed
    }

    /// The memory of `sequence` could not be rewound to where the last step wanted it, and the
    /// caller has emptied it: its request is computed from the start, beginning with the next step.
    /// Takes the request's tokens out of the step's `entries`.
    pub fn rewind_failed(&mut self, sequence: Sequence, entries: &mut Vec<Entry<T>>) {
        entries.retain(|entry| entry.sequence != sequence);
        let index = usize::from(sequence.0);
        if let Some(slot) = self.slots.get_mut(index) {
            slot.cached.clear();
        }
        for running in self
            .running
            .iter_mut()
            .filter(|running| running.slot == index)
        {
            running.reused_tokens = 0;
            running.awaits_choice = false;
        }
    }

    /// How far a running request has come; none for a waiting or unknown one.
    pub fn progress(&self, key: RequestKey) -> Option<Progress> {
        let running = self
            .running
            .iter()
            .find(|running| running.request.key == key)?;
        let prompt = running.request.prompt.len();
        let computed = self.slots[running.slot].cached.len().min(prompt);
        Some(Progress {
            prompt_tokens: count(prompt),
            reused_tokens: count(running.reused_tokens),
            prefilled_tokens: count(computed.saturating_sub(running.reused_tokens)),
            decoded_tokens: count(running.tokens.len() - prompt),
        })
    }

    /// Whether a request waits or runs.
    pub fn is_active(&self) -> bool {
        !self.waiting.is_empty() || !self.running.is_empty()
    }

    /// Sequences that hold tokens.
    pub fn sequences_used(&self) -> u32 {
        count(
            self.slots
                .iter()
                .filter(|slot| !slot.cached.is_empty())
                .count(),
        )
    }

    /// Keys of every request that waits or runs.
    pub fn keys(&self) -> Vec<RequestKey> {
        self.requests().map(|request| request.key).collect()
    }

    fn requests(&self) -> impl Iterator<Item = &Request<T>> {
        self.running
            .iter()
            .map(|running| &running.request)
            .chain(&self.waiting)
    }

    /// Tokens of a running request that are known but not computed.
    fn pending(&self, index: usize) -> usize {
        let running = &self.running[index];
        if running.awaits_choice {
            0
        } else {
            running.tokens.len() - self.slots[running.slot].cached.len()
        }
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
                // proof: slots are made from a u16 count.
                sequence: Sequence(u16::try_from(running.slot).unwrap_or(u16::MAX)),
                position: count(position),
                token: running.tokens[position],
                wants_logits,
            });
        }
    }

    /// Gives sequences to waiting requests, in order of arrival, while there are free ones.
    fn assign_waiting(&mut self) {
        while let Some(request) = self.waiting.front() {
            let Some(slot) = self.choose_slot(request) else {
                return;
            };
            if !self.make_room(slot, needed_tokens(request)) {
                return;
            }
            // proof: `front` was there above.
            let Some(request) = self.waiting.pop_front() else {
                return;
            };
            self.start(request, slot);
        }
    }

    /// The idle sequence that saves most. A document's own counts with all it shares with the
    /// prompt. Another's counts with what it saves beyond what is taken from its owner, and only
    /// when that is more than the few tokens that texts begin with. Among equals, so also when
    /// nothing is saved: the document's own, then an empty one, then the one unused for longest.
    fn choose_slot(&self, request: &Request<T>) -> Option<usize> {
        let idle = self.slots.iter().enumerate().filter(|(_, slot)| !slot.busy);
        let best = idle.max_by_key(|(index, slot)| {
            (
                slot.saved_tokens(request.document, &request.prompt),
                slot.document == Some(request.document),
                slot.cached.is_empty(),
                std::cmp::Reverse(slot.used_at),
                std::cmp::Reverse(*index),
            )
        });
        best.map(|(index, _)| index)
    }

    /// Empties idle sequences, the one unused for longest first, until `needed` cells are free for
    /// `slot`. False when busy ones hold too much: the request waits.
    fn make_room(&mut self, slot: usize, needed: u32) -> bool {
        loop {
            let others: u32 = (0..self.slots.len())
                .filter(|&i| i != slot)
                .map(|i| self.cells(i))
                .sum();
            if others.saturating_add(needed) <= self.limits.context_tokens {
                return true;
            }
            let oldest = (0..self.slots.len())
                .filter(|&i| i != slot && !self.slots[i].busy && !self.slots[i].cached.is_empty())
                .min_by_key(|&i| self.slots[i].used_at);
            let Some(oldest) = oldest else { return false };
            self.empty_slot(oldest);
        }
    }

    /// Cells a sequence holds, and for a busy one also those set aside for its request.
    fn cells(&self, slot: usize) -> u32 {
        let held = count(self.slots[slot].cached.len());
        let reserved = self.running.iter().find(|running| running.slot == slot);
        reserved.map_or(held, |running| needed_tokens(&running.request).max(held))
    }

    fn start(&mut self, request: Request<T>, index: usize) {
        self.uses += 1;
        let slot = &mut self.slots[index];
        // The last prompt token is always computed: its logits are needed.
        let keep = slot
            .shared_prefix(&request.prompt)
            .min(request.prompt.len() - 1);
        if keep < slot.cached.len() {
            slot.cached.truncate(keep);
            self.rewinds.push(Rewind {
                sequence: Sequence(u16::try_from(index).unwrap_or(u16::MAX)),
                keep: count(keep),
            });
        }
        slot.busy = true;
        slot.prompt_tokens = request.prompt.len();
        slot.document = Some(request.document);
        slot.used_at = self.uses;
        let tokens = request.prompt.clone();
        self.running.push(Running {
            request,
            slot: index,
            tokens,
            reused_tokens: keep,
            awaits_choice: false,
        });
    }

    fn empty_slot(&mut self, index: usize) {
        self.slots[index].cached.clear();
        self.slots[index].document = None;
        self.rewinds.push(Rewind {
            sequence: Sequence(u16::try_from(index).unwrap_or(u16::MAX)),
            keep: 0,
        });
    }
}

fn needed_tokens<T>(request: &Request<T>) -> u32 {
    count(request.prompt.len()).saturating_add(request.decode_tokens_max)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
