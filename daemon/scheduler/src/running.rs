//! A request that has a sequence.

use crate::alignment::Alignment;
use crate::request::{Request, RequestKey};

#[derive(Debug)]
pub(crate) struct Running<T> {
    pub(crate) request: Request<T>,
    /// Index of its sequence.
    pub(crate) slot: usize,
    /// Prompt and chosen tokens.
    pub(crate) tokens: Vec<T>,
    pub(crate) reused_tokens: usize,
    /// A choice is owed by the caller: nothing to compute until it comes.
    pub(crate) awaits_choice: bool,
    pub(crate) graft: Graft,
    /// The request beside which this is another way to go on; it has a spare sequence.
    pub(crate) branch_of: Option<RequestKey>,
    /// How many times in a row its document has kept its turn.
    pub(crate) successions: u32,
}

/// New tokens on their way between the beginning of a sequence and a run that is moved behind them.
///
/// A sequence can only be extended at its end, so they are computed in a spare one that begins
/// alike, and copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Graft {
    /// None: what the sequence holds is the beginning of the request's tokens.
    None,
    /// The sequence still holds what it held; all happens in one step, so that a request which
    /// ends before leaves it as good as it was.
    Planned(Alignment),
    /// The run is in its place and the new tokens are computed, but in the spare sequence.
    Computed { spare: usize, alignment: Alignment },
}

impl<T> Running<T> {
    /// Tokens of the request that are computed, given how many its sequence holds.
    pub(crate) fn computed(&self, cached: usize) -> usize {
        match self.graft {
            Graft::None | Graft::Computed { .. } => cached,
            Graft::Planned(alignment) => alignment.saved_tokens(),
        }
    }

    /// Tokens that are known but not computed, given how many its sequence holds.
    pub(crate) fn pending(&self, cached: usize) -> usize {
        match self.graft {
            _ if self.awaits_choice => 0,
            Graft::None => self.tokens.len() - cached,
            Graft::Planned(alignment) => alignment.inserted,
            Graft::Computed { .. } => 0,
        }
    }
}
