//! What an answer of the daemon cost: times and counts, as the daemon reports them.
//!
//! Not the time that the editor waited, which only the editor can tell. Part of `inkstone.status`;
//! `inkstone bench latency` reads it there.

use inkstone_protocol::{CompleteReply, Timing, TokenUse};
use serde::Serialize;

/// Times in milliseconds from the daemon's receipt of the question, and counts of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Cost {
    timing: Timing,
    tokens: TokenUse,
}

impl Cost {
    pub(crate) fn of(reply: &CompleteReply) -> Self {
        Self {
            timing: reply.timing,
            tokens: reply.tokens,
        }
    }
}
