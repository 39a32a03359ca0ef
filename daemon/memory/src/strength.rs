//! How much the memory counts: a few numbers for each language, fitted on held-out text by
//! `tests/agreement/examples/memory_strength.rs`, which finds on a grid what makes that text least
//! surprising. Not on the texts on which quality is reported.

use crate::format::CONTEXT_TOKENS_MAX;
use crate::memory::Followers;

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
    /// What was fitted for Chinese, or for languages with spaces between words, weakened or
    /// strengthened to so many percent.
    pub fn of_percent(percent: u32, is_chinese: bool) -> Self {
        let fitted = if is_chinese { CHINESE } else { ENGLISH };
        Self {
            factor: percent as f32 / 100.0,
            ..fitted
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

/// SmolLM2 135M instruct at 3,307 tokens of Walden and of technical notes, every second document of each
/// remembered (94,000 and 23,000 tokens). It knows English well: single words before the caret say next
/// to nothing to it, and all of the memory takes 0.2 % off the surprise of the one and 1.7 % off the
/// other's.
pub const ENGLISH: Strength = Strength {
    doubt: [640.0, 80.0, 24.0, 40.0, 16.0],
    factor: 1.0,
};

/// Gemma 3 270M at 2,388 tokens of 鲁迅's essays and stories and of technical documentation, every second
/// document of each remembered (79,000 and 46,000 tokens): 6.1 % and 8.1 % off.
pub const CHINESE: Strength = Strength {
    doubt: [40.0, 24.0, 24.0, 8.0, 3.0],
    factor: 1.0,
};
