//! Sequences and what a step does to them.

use crate::request::{Document, RequestKey};

/// Another document's sequence is worth taking from this many saved tokens on: a short sentence,
/// read in less time than a keystroke takes.
const FOREIGN_SAVED_TOKENS_MIN: usize = 16;

/// Index of a sequence of the KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sequence(pub u16);

/// One token to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<T> {
    /// The request it is computed for.
    pub key: RequestKey,
    /// The sequence it extends.
    pub sequence: Sequence,
    /// Its position there.
    pub position: u32,
    /// The token.
    pub token: T,
    /// Whether the distribution after it is wanted: it is the last token known so far.
    pub wants_logits: bool,
}

/// Forget everything of a sequence from position `keep` on; to be done before the entries run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewind {
    /// Which.
    pub sequence: Sequence,
    /// Tokens that stay.
    pub keep: u32,
}

/// One batch: rewinds first, then entries. Without entries there is nothing to compute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<T> {
    /// Cache cells to give back.
    pub rewinds: Vec<Rewind>,
    /// Tokens to compute, in order of position within each sequence.
    pub entries: Vec<Entry<T>>,
}

/// What a sequence of the cache holds.
#[derive(Debug, Clone)]
pub(crate) struct Slot<T> {
    pub(crate) cached: Vec<T>,
    /// Of these, so many were the last request's prompt; the rest is what was chosen after it.
    pub(crate) prompt_tokens: usize,
    /// Whose text it is; none when nobody is expected to come back to it.
    pub(crate) document: Option<Document>,
    pub(crate) busy: bool,
    /// Value of the scheduler's use counter when it was last given to a request.
    pub(crate) used_at: u64,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            cached: Vec::new(),
            prompt_tokens: 0,
            document: None,
            busy: false,
            used_at: 0,
        }
    }
}

impl<T: Copy + Eq> Slot<T> {
    /// Tokens at the start of `prompt` that the sequence holds already.
    pub(crate) fn shared_prefix(&self, prompt: &[T]) -> usize {
        self.cached
            .iter()
            .zip(prompt)
            .take_while(|(held, wanted)| held == wanted)
            .count()
    }

    /// Tokens that giving this sequence to `document` saves, less those that its owner then has to
    /// compute anew. Another document's sequence that saves next to nothing counts as saving
    /// nothing: texts begin alike, with a BOS token or a `#`.
    pub(crate) fn saved_tokens(&self, document: Document, prompt: &[T]) -> usize {
        let shared = self.shared_prefix(prompt);
        if self.document == Some(document) {
            return shared;
        }
        let text = self.cached.len().min(self.prompt_tokens);
        let lost = match self.document {
            Some(_) => text.saturating_sub(shared),
            None => 0,
        };
        let saved = shared.saturating_sub(lost);
        if saved < FOREIGN_SAVED_TOKENS_MIN {
            0
        } else {
            saved
        }
    }
}
