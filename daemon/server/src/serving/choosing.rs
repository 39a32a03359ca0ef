//! From a model's numbers to tokens: the likeliest, and those that begin other words.
//!
//! Not what becomes of them (`continuation.rs`). Called by `lane.rs` after each batch; the keys of a
//! request's other ways to go on are made here, too.

use inkstone_engine::{Choice, Model, greedy, greedy_among, ranked};
use inkstone_pipeline::distinct_starts;
use inkstone_scheduler::RequestKey;

use super::continuation::after_typed;

/// The keys of requests are counted from 1; the number of a branch stands above these bits.
const BRANCH_SHIFT: u32 = 56;
/// Tokens that are looked through for the beginnings of other words.
const RANKED_TOKENS: usize = 24;
/// A word less likely than this is no alternative, in nats: one in two hundred.
const ALTERNATIVE_LOGPROB_MIN: f32 = -5.3;

/// The likeliest token, of those that begin with what was `typed`, if anything was; then at most
/// `others` that begin other words. None when no token has a number.
pub(super) fn choose(model: &Model, logits: &[f32], typed: &[u8], others: usize) -> Vec<Choice> {
    let among = match model.vocab() {
        Some(vocab) if !typed.is_empty() => Some(vocab.tokens_beginning_with(typed)),
        _ => None,
    };
    if others == 0 {
        let choice = among.map_or_else(|| greedy(logits), |among| greedy_among(logits, among));
        return choice.into_iter().collect();
    }
    let likeliest = ranked(logits, among, RANKED_TOKENS);
    let Some((first, rest)) = likeliest.split_first() else {
        return Vec::new();
    };
    // A token that ends inside a character is no beginning that could be told from others, and the
    // end of the text is none at all.
    let piece = |choice: &Choice| {
        let bytes = model.token_bytes(choice.token);
        String::from_utf8(after_typed(typed, &bytes).to_vec()).unwrap_or_default()
    };
    let is_likely = |choice: &&Choice| choice.logprob >= ALTERNATIVE_LOGPROB_MIN;
    let pieces: Vec<String> = rest.iter().take_while(is_likely).map(piece).collect();
    let starts = distinct_starts(&piece(first), &pieces, others);
    let others = starts.into_iter().map(|index| rest[index]);
    std::iter::once(*first).chain(others).collect()
}

/// The key of one of a request's other ways to go on, counted from 1.
pub(super) fn branch_of(key: RequestKey, number: u64) -> RequestKey {
    RequestKey(key.0 | (number << BRANCH_SHIFT))
}

/// The request that a key belongs to: itself or that of the branch.
pub(super) fn request_of(key: RequestKey) -> RequestKey {
    RequestKey(key.0 & ((1 << BRANCH_SHIFT) - 1))
}
