//! Who is admitted, and who ends.

use std::collections::VecDeque;

use crate::assignment::needed_tokens;
use crate::draft::Drafts;
use crate::prefill::Prefill;
use crate::request::{Adapter, Admission, Document, Rejection, Request, RequestKey};
use crate::running::Running;
use crate::slot::{Change, Slot};
use crate::turn::Turn;

/// So many times in a row a writer who types on keeps the turn of the document: what was read for it
/// is not given away at the next key, to be read again; and the others do not wait for ever.
const SUCCESSIONS_MAX: u32 = 5;

/// Sizes the scheduler keeps to.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Sequences of the KV cache that serve requests and keep documents.
    pub sequences: u16,
    /// Sequences after these, for what is computed apart.
    pub spare_sequences: u16,
    /// Whether what a sequence holds can be moved to other positions.
    pub can_shift: bool,
    /// Cells of the KV cache, shared by all sequences.
    pub context_tokens: u32,
    /// Tokens in one batch; also how late a cancel may take effect.
    pub batch_tokens_max: usize,
    /// Rows of logits that one batch may ask for; what is left of them is for guesses.
    pub outputs_max: u32,
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

/// The state machine. `T` is the token type.
#[derive(Debug)]
pub struct Scheduler<T> {
    pub(crate) limits: Limits,
    /// Those of documents first, then the spare ones, which are empty when not busy.
    pub(crate) slots: Vec<Slot<T>>,
    pub(crate) waiting: VecDeque<Queued<T>>,
    pub(crate) running: Vec<Running<T>>,
    /// For the next step.
    pub(crate) changes: Vec<Change>,
    pub(crate) uses: u64,
    pub(crate) drafts: Drafts,
    /// Which adapter computes now.
    pub(crate) turn: Turn,
    /// Texts that are read ahead of the requests for them.
    pub(crate) prefills: Vec<Prefill<T>>,
}

/// A request that waits for a sequence.
#[derive(Debug)]
pub(crate) struct Queued<T> {
    pub(crate) request: Request<T>,
    /// How many times in a row its document has kept its turn.
    pub(crate) successions: u32,
}

impl<T: Copy + Eq> Scheduler<T> {
    /// An empty cache and no requests.
    pub fn new(limits: Limits) -> Self {
        let slots = (0..limits.sequences.max(1) + limits.spare_sequences)
            .map(|_| Slot::default())
            .collect();
        Self {
            limits,
            slots,
            waiting: VecDeque::new(),
            running: Vec::new(),
            changes: Vec::new(),
            uses: 0,
            drafts: Drafts::default(),
            turn: Turn::default(),
            prefills: Vec::new(),
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
            .filter(|queued| queued.request.document != request.document)
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
        let (place, successions) = self.place_of(request.document);
        for key in &superseded {
            self.end(*key);
        }
        self.hand_over_prefill(request.document, request.adapter);
        let queued = Queued {
            request,
            successions,
        };
        self.waiting.insert(place.min(self.waiting.len()), queued);
        Admission::Admitted { superseded }
    }

    /// Where in the queue the newest request of a document comes. Whoever types on while waiting
    /// keeps the place: at the end again with each key, the fastest writer would come last. Whoever
    /// types on while being served keeps the turn a few times.
    fn place_of(&self, document: Document) -> (usize, u32) {
        let is_elder = |queued: &Queued<T>| queued.request.document == document;
        if let Some(place) = self.waiting.iter().position(is_elder) {
            return (place, self.waiting[place].successions);
        }
        let mut running = self.running.iter();
        match running.find(|running| running.request.document == document) {
            Some(elder) if elder.successions < SUCCESSIONS_MAX => (0, elder.successions + 1),
            _ => (self.waiting.len(), 0),
        }
    }

    /// Ends a request, finished or not; what its sequence holds stays for the next one. False when
    /// there is no such request.
    pub fn end(&mut self, key: RequestKey) -> bool {
        if let Some(index) = self.index_of(key) {
            self.leave(index);
            self.leave_branches(key);
            return true;
        }
        let before = self.waiting.len();
        self.waiting.retain(|queued| queued.request.key != key);
        self.waiting.len() < before
    }

    /// The document was closed: nobody is expected back to its sequences, which are the first to be
    /// taken by others, at once or when their requests have ended.
    pub fn close(&mut self, document: Document) {
        self.end_prefills(|prefill| prefill.document == document);
        self.leave_to_others(|slot| slot.document == Some(document));
    }

    /// Nobody is expected back to what the document has under this adapter.
    pub fn put_off(&mut self, document: Document, adapter: Adapter) {
        self.end_prefills(|prefill| prefill.is_of(document, adapter));
        self.leave_to_others(|slot| slot.is_of(document, adapter));
    }

    fn leave_to_others(&mut self, is_left: impl Fn(&Slot<T>) -> bool) {
        for slot in &mut self.slots {
            if is_left(slot) {
                slot.document = None;
                slot.used_at = 0;
            }
        }
    }

    /// How far a running request has come; none for a waiting or unknown one.
    pub fn progress(&self, key: RequestKey) -> Option<Progress> {
        let running = &self.running[self.index_of(key)?];
        let prompt = running.request.prompt.len();
        let cached = self.slots[running.slot].cached.len();
        let computed = running.computed(cached).min(prompt);
        Some(Progress {
            prompt_tokens: count(prompt),
            reused_tokens: count(running.reused_tokens),
            prefilled_tokens: count(computed.saturating_sub(running.reused_tokens)),
            decoded_tokens: count(running.tokens.len() - prompt),
        })
    }

    /// The prompt of a running request and what was chosen after it; none for a waiting or unknown one.
    pub fn tokens(&self, key: RequestKey) -> Option<&[T]> {
        Some(&self.running[self.index_of(key)?].tokens)
    }

    /// What was guessed since the start, and how much of it was right.
    pub fn drafts(&self) -> Drafts {
        self.drafts
    }

    /// Whether a request waits or runs, or a text is read ahead.
    pub fn is_active(&self) -> bool {
        self.is_waited_for() || !self.prefills.is_empty()
    }

    /// Whether a request that waits or runs, or a text that is read ahead, wears it.
    pub fn is_worn(&self, adapter: Adapter) -> bool {
        self.requests().any(|request| request.adapter == adapter)
            || self
                .prefills
                .iter()
                .any(|prefill| prefill.adapter == adapter)
    }

    /// Sequences that hold tokens.
    pub fn sequences_used(&self) -> u32 {
        count(
            self.slots[..self.documents()]
                .iter()
                .filter(|slot| !slot.cached.is_empty())
                .count(),
        )
    }

    /// Keys of every request that waits or runs.
    pub fn keys(&self) -> Vec<RequestKey> {
        self.requests().map(|request| request.key).collect()
    }

    pub(crate) fn has_request(&self, document: Document, adapter: Adapter) -> bool {
        let mut requests = self.requests();
        requests.any(|request| request.document == document && request.adapter == adapter)
    }

    fn requests(&self) -> impl Iterator<Item = &Request<T>> {
        let running = self.running.iter();
        running
            .filter(|running| running.branch_of.is_none())
            .map(|running| &running.request)
            .chain(self.waiting.iter().map(|queued| &queued.request))
    }

    /// How many of the sequences belong to documents.
    pub(crate) fn documents(&self) -> usize {
        usize::from(self.limits.sequences.max(1))
    }

    pub(crate) fn index_of(&self, key: RequestKey) -> Option<usize> {
        let mut running = self.running.iter();
        running.position(|running| running.request.key == key)
    }
}

pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
