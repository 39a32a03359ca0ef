//! Numbers of tokens: which one, and how many.

use std::fmt;

/// A token's number in its vocabulary; below 2³¹, since llama.cpp counts in `i32`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub u32);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenCount(pub usize);

impl fmt::Display for TokenCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The tokens that ask a model to write between two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FimTokens {
    /// Stands before the text in front of the caret.
    pub prefix: TokenId,
    /// Stands before the text behind the caret.
    pub suffix: TokenId,
    /// Stands before what the model is to write.
    pub middle: TokenId,
}
