//! Sequences and what a step does to them.

use crate::request::{Document, RequestKey};

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
    pub(crate) document: Option<Document>,
    pub(crate) busy: bool,
    /// Value of the scheduler's use counter when it was last given to a request.
    pub(crate) used_at: u64,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            cached: Vec::new(),
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
}
