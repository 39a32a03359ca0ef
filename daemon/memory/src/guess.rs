//! Guesses of the next tokens, to be computed in one batch with the token that leads to them.
//!
//! A guess counts where it is chosen, so a wrong one costs a little time and changes no text.

use inkstone_vocab::TokenId;

use crate::memory::{Followers, Memory};

/// A shorter context is followed by too many different tokens.
const GUESS_CONTEXT_TOKENS_MIN: usize = 3;
/// A token must have followed in more than this part of all places.
const GUESS_SHARE_MIN: f32 = 0.5;
/// How often a context must have stood somewhere.
const GUESS_COUNT_MIN: f32 = 2.0;

impl<B: AsRef<[u8]>> Memory<B> {
    /// What the writer is likely to write after `tokens`: at most so many, and none where that is not
    /// clear.
    pub fn guess(&self, tokens: &[TokenId], tokens_max: usize) -> Vec<TokenId> {
        let from = tokens.len().saturating_sub(crate::CONTEXT_TOKENS_MAX);
        let mut text = tokens[from..].to_vec();
        let known = text.len();
        while text.len() < known + tokens_max
            && let Some(next) = self.likeliest(&text)
        {
            text.push(next);
        }
        text.split_off(known)
    }

    fn likeliest(&self, context: &[TokenId]) -> Option<TokenId> {
        let longest = context.len().min(crate::CONTEXT_TOKENS_MAX);
        let mut lengths = (GUESS_CONTEXT_TOKENS_MIN..=longest).rev();
        let known = lengths.find_map(|length| {
            let followers = self.after(&context[context.len() - length..])?;
            (followers.count >= GUESS_COUNT_MIN).then_some(followers)
        })?;
        clearest(&known)
    }
}

fn clearest(followers: &Followers) -> Option<TokenId> {
    let tokens = followers.tokens.iter();
    let best = tokens.max_by(|a, b| a.count.total_cmp(&b.count))?;
    (best.count > followers.count * GUESS_SHARE_MIN).then_some(best.token)
}
