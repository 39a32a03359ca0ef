//! Drafts: tokens that are guessed are computed in one batch with the token that leads to them, and
//! count where the model chooses them. What followed the same words before is likely to follow again;
//! where the texts know nothing, the caller may let a smaller model guess.
//!
//! Greedy decoding gives the same text with drafts and without. After Saxena, "Prompt Lookup
//! Decoding" (2023), and Leviathan et al., "Fast Inference from Transformers via Speculative
//! Decoding" (2023). Not the choosing, nor the smaller model, which are the caller's.

use crate::running::{Graft, Running};
use crate::scheduler::{Scheduler, count};
use crate::slot::{Entry, Sequence};

/// So many last tokens must have stood together before: two are met too often by chance.
const CONTEXT_TOKENS: usize = 3;

/// Guesses what follows some tokens: at most so many.
pub type Guess<'a, T> = &'a mut dyn FnMut(&[T], usize) -> Vec<T>;

/// How many tokens were guessed, and how many of them were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drafts {
    /// Computed as guesses.
    pub guessed: u64,
    /// Of these, chosen.
    pub taken: u64,
}

/// What followed the newest earlier occurrence of the last tokens of `tokens`, there or else in the
/// texts of `others`; empty when they are new.
fn looked_up<'a, T: Copy + Eq>(
    tokens: &'a [T],
    others: impl Iterator<Item = &'a [T]>,
    tokens_max: usize,
) -> &'a [T] {
    let Some(start) = tokens.len().checked_sub(CONTEXT_TOKENS) else {
        return &[];
    };
    let context = &tokens[start..];
    let followed = |text: &'a [T]| {
        // Something must have followed, so the last token ends no occurrence.
        let searched = &text[..text.len().saturating_sub(1)];
        let mut occurrences = searched.windows(CONTEXT_TOKENS);
        let at = occurrences.rposition(|seen| seen == context)?;
        let followed = &text[at + CONTEXT_TOKENS..];
        Some(&followed[..followed.len().min(tokens_max)])
    };
    let mut texts = std::iter::once(tokens).chain(others);
    texts.find_map(followed).unwrap_or_default()
}

impl<T> Running<T> {
    /// Tokens after which something may still be chosen, beyond the one that is computed next.
    fn tokens_left(&self) -> usize {
        let decoded = self.tokens.len() - self.request.prompt.len();
        (self.request.decode_tokens_max as usize).saturating_sub(decoded + 1)
    }
}

impl<T: Copy + Eq> Scheduler<T> {
    /// Adds drafts to a batch that has `room` left, after what must be computed: for requests that
    /// decode in one way only, as long as rows of logits are left.
    pub(crate) fn append_drafts(
        &mut self,
        room: usize,
        guess: Guess<'_, T>,
        entries: &mut Vec<Entry<T>>,
    ) {
        let rows = entries.iter().filter(|entry| entry.wants_logits).count();
        let rows_left = (self.limits.outputs_max as usize).saturating_sub(rows);
        let mut left = room.min(rows_left);
        // A request of another adapter has computed nothing in this batch, and is guessed nothing: it
        // would wait for a choice already made.
        for index in 0..self.running.len() {
            let key = self.running[index].request.key;
            if !entries.iter().any(|entry| entry.key == key) {
                continue;
            }
            let draft = self.draft(index, left, guess);
            left -= draft.len();
            self.drafts.guessed += draft.len() as u64;
            let running = &mut self.running[index];
            let slot = &mut self.slots[running.slot];
            for token in &draft {
                entries.push(Entry {
                    key: running.request.key,
                    sequence: Sequence::of(running.slot),
                    position: count(slot.cached.len()),
                    token: *token,
                    wants_logits: true,
                });
                slot.cached.push(*token);
            }
        }
    }

    /// What to guess after the last token of a request, which this step computes.
    fn draft(&self, index: usize, tokens_max: usize, guess: Guess<'_, T>) -> Vec<T> {
        let running = &self.running[index];
        let is_decoding = running.awaits_choice
            && running.tokens.len() > running.request.prompt.len()
            && matches!(running.graft, Graft::None);
        let is_alone =
            running.branch_of.is_none() && self.branches_of(running.request.key).next().is_none();
        let tokens_max = tokens_max
            .min(running.request.draft_tokens_max as usize)
            .min(running.tokens_left());
        // The texts are not searched for what could not be taken.
        if !is_decoding || !is_alone || tokens_max == 0 {
            return Vec::new();
        }
        let documents = self.slots.iter().enumerate().take(self.documents());
        let others = documents.filter(|(other, _)| *other != running.slot);
        let known = looked_up(
            &running.tokens,
            others.map(|(_, slot)| slot.cached.as_slice()),
            tokens_max,
        );
        // Who guesses reads one text at a time; several requests share a batch as it is.
        if !known.is_empty() || self.running.len() > 1 {
            return known.to_vec();
        }
        let mut guessed = guess(&running.tokens, tokens_max);
        guessed.truncate(tokens_max);
        guessed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, others: &[&str], tokens_max: usize) -> String {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let (text, others) = (chars(text), others.iter().map(|each| chars(each)));
        let others: Vec<Vec<char>> = others.collect();
        let others = others.iter().map(Vec::as_slice);
        looked_up(&text, others, tokens_max).iter().collect()
    }

    #[test]
    fn what_followed_the_same_tokens_is_guessed_from_where_they_stood_last() {
        assert_eq!(after("the cat. the cow. the c", &[], 4), "ow. ");
        assert_eq!(after("砚台上。砚台上", &[], 4), "。砚台上");
        assert_eq!(after("abcabc", &[], 2), "ab");
        assert_eq!(after("aaaa", &[], 4), "a", "a run goes on");
    }

    #[test]
    fn another_document_is_asked_when_this_one_does_not_know() {
        assert_eq!(after("砚台上", &["无关", "笔墨砚台上有墨"], 4), "有墨");
        assert_eq!(after("砚台上。砚台上", &["砚台上有墨"], 1), "。");
    }

    #[test]
    fn new_tokens_and_short_texts_have_no_draft() {
        for text in ["", "ab", "abc", "abcdef"] {
            assert_eq!(after(text, &["xyz", "def", ""], 4), "", "{text}");
        }
    }
}
