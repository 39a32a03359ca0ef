//! How much the memory counts: a few numbers, fitted on held-out text.

use crate::format::CONTEXT_TOKENS_MAX;
use crate::memory::Followers;

/// What is wished for, where nothing else is, in percent of what was fitted.
pub const STRENGTH_PERCENT: u32 = 100;

/// The model always has a part, so that what nobody wrote before can be written.
const BELIEF_MAX: f32 = 0.95;

/// How readily a context is believed, by its length.
///
/// A context of `n` occurrences and `t` different followers is believed to `n / (n + θ t)`: one that
/// was always followed by the same is, one that each time was followed by another is not. That is the
/// smoothing of Witten and Bell (1991) with a factor for each length, and with the model in place of
/// a uniform distribution below the shortest context.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// θ of contexts of one token, of two, and so on.
    pub doubt: [f32; CONTEXT_TOKENS_MAX],
    /// What the belief is multiplied by.
    pub factor: f32,
}

impl Strength {
    /// What was fitted, weakened or strengthened to so many percent.
    pub fn of_percent(percent: u32) -> Self {
        Self {
            factor: percent as f32 / 100.0,
            ..FITTED
        }
    }

    /// How much of the distribution after a context is the memory's: from 0 to nearly 1.
    pub fn belief(&self, followers: &Followers) -> f32 {
        let order = followers.context_tokens.clamp(1, CONTEXT_TOKENS_MAX) - 1;
        let different = followers.tokens.len() as f32;
        let doubt = self.doubt[order] * different;
        (self.factor * followers.count / (followers.count + doubt)).clamp(0.0, BELIEF_MAX)
    }
}

/// Fitted by `tests/agreement/examples/memory_strength.rs`.
pub const FITTED: Strength = Strength {
    doubt: [160.0, 80.0, 40.0, 40.0, 16.0],
    factor: 1.0,
};
