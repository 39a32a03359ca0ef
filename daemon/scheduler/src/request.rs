//! What is asked of the scheduler, and what it answers at once.

/// Names a request within the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey(pub u64);

/// Names a document: requests of one supersede each other and like to reuse its sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Document(pub u64);

/// Names what is worn over the model's weights while tokens are computed. It holds for a whole batch,
/// and what was computed with one is worth nothing under another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Adapter(pub u64);

impl Adapter {
    /// The model as it is.
    pub const NONE: Self = Self(0);
}

/// A prompt to be continued. `T` is the token type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<T> {
    /// Its name.
    pub key: RequestKey,
    /// The document it belongs to.
    pub document: Document,
    /// What is worn while it is computed, from beginning to end.
    pub adapter: Adapter,
    /// Grows with the document; a higher one supersedes lower ones.
    pub version: u64,
    /// The prompt; never empty.
    pub prompt: Vec<T>,
    /// Tokens to be decoded at most; space for them is set aside.
    pub decode_tokens_max: u32,
    /// Tokens to be guessed at most in one step; 0: none.
    pub draft_tokens_max: u32,
    /// Ways at most in which it may be continued beside the first ([`crate::Scheduler::branch`]);
    /// space for them is set aside, too.
    pub branches_max: u32,
}

/// What became of a submitted request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It waits or runs; the older requests of its document that it replaced are named.
    Admitted {
        /// Ended by this one; each is to be told so.
        superseded: Vec<RequestKey>,
    },
    /// It was not taken.
    Rejected(Rejection),
}

/// Why a request was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// A newer request of the same document is already there.
    Outdated,
    /// As many requests wait as may.
    QueueFull {
        /// The limit.
        waiting_max: usize,
    },
    /// Prompt and reply do not fit the KV cache even when it is empty.
    TooLong {
        /// Tokens of the prompt and the reserve for the reply.
        needed_tokens: u32,
        /// Size of the cache.
        context_tokens: u32,
    },
    /// The prompt holds no token.
    EmptyPrompt,
}
