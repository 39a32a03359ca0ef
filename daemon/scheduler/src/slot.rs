//! Sequences and what a step does to them.

use crate::alignment::{Alignment, in_place, with_run};
use crate::request::{Adapter, Document, Request, RequestKey};

/// Another document's sequence is worth taking from this many saved tokens on: a short sentence,
/// read in less time than a keystroke takes.
const FOREIGN_SAVED_TOKENS_MIN: usize = 16;

/// Index of a sequence of the KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sequence(pub u16);

impl Sequence {
    pub(crate) fn of(index: usize) -> Self {
        // proof: sequences are counted by a u16.
        Self(u16::try_from(index).unwrap_or(u16::MAX))
    }

    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

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
    /// Whether the distribution after it is wanted: it is the last token known so far, or a guess.
    pub wants_logits: bool,
}

/// What is to be done to the cache before the entries of a step run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Forget everything of a sequence from position `keep` on.
    Rewind {
        /// Which.
        sequence: Sequence,
        /// Tokens that stay.
        keep: u32,
    },
    /// Forget the positions from `from` to before `until`; what lies from `until` on then lies from
    /// `to` on. Only where [`crate::Limits::can_shift`].
    Move {
        /// Which.
        sequence: Sequence,
        /// The first position that is forgotten.
        from: u32,
        /// The first position that is moved.
        until: u32,
        /// Where it is moved to.
        to: u32,
    },
    /// Let another sequence hold the positions from `start` to before `end`, too. Both then share
    /// the cells.
    Copy {
        /// Which has them.
        from: Sequence,
        /// Which gets them.
        to: Sequence,
        /// The first position.
        start: u32,
        /// The position after the last.
        end: u32,
    },
}

/// One batch: changes of the cache first, then entries. Without entries there is nothing to
/// compute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<T> {
    /// What is worn while the entries are computed: all of them are of requests that wear it.
    pub adapter: Adapter,
    /// What happens to the cache, in order.
    pub changes: Vec<Change>,
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
    /// What was worn when the tokens were computed.
    pub(crate) adapter: Adapter,
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
            adapter: Adapter::NONE,
            busy: false,
            used_at: 0,
        }
    }
}

impl<T: Copy + Eq> Slot<T> {
    /// Whether it holds the document's text as it is to be computed.
    pub(crate) fn is_of(&self, document: Document, adapter: Adapter) -> bool {
        self.document == Some(document) && self.adapter == adapter
    }

    /// How the prompt of a request is made of what the sequence holds: of nothing, where that was
    /// computed with another adapter. Only a document's own sequence is looked through for a run to be
    /// moved, with at most `inserted_max` new tokens before it.
    pub(crate) fn alignment(&self, request: &Request<T>, inserted_max: Option<usize>) -> Alignment {
        let prompt = &request.prompt;
        if self.adapter != request.adapter {
            return in_place(&[], prompt);
        }
        match inserted_max {
            Some(inserted_max) if self.document == Some(request.document) => {
                with_run(&self.cached, prompt, inserted_max)
            }
            _ => in_place(&self.cached, prompt),
        }
    }

    /// Tokens that giving this sequence to a request saves, less those that its owner then has to
    /// compute anew. Another document's sequence that saves next to nothing counts as saving
    /// nothing: texts begin alike, with a BOS token or a `#`.
    pub(crate) fn saved_tokens(&self, request: &Request<T>, alignment: &Alignment) -> usize {
        let shared = alignment.saved_tokens();
        if self.document == Some(request.document) {
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
