//! What the model's own numbers say about the first word of a suggestion, which is what a writer
//! takes or refuses first.
//!
//! Not whether that is enough (`score.rs`). Fed by the daemon token by token, beside the stopper.

use inkstone_prose::characters::{is_unspaced, is_word_joiner};

/// Words of unspaced scripts have about as many characters.
const UNSPACED_WORD_CHARS: usize = 2;

/// The first word of one suggestion, and how likely it is.
#[derive(Debug, Clone, Default)]
pub struct FirstWord {
    word: String,
    has_ended: bool,
    logprob: f32,
}

impl FirstWord {
    /// Takes the next token, its log-probability and the whole characters that it completed, maybe
    /// none.
    pub fn push(&mut self, piece: &str, logprob: f32) {
        // A token that begins after the word says nothing about it.
        self.has_ended |= piece.chars().next().is_some_and(|c| self.ends_before(c));
        if self.has_ended {
            return;
        }
        self.logprob += logprob;
        for c in piece.chars() {
            if self.ends_before(c) {
                self.has_ended = true;
                return;
            }
            if is_of_word(c) || !self.word.is_empty() {
                self.word.push(c);
            }
        }
    }

    /// Log-probability of the word with what stands before it, in nats; none before a word has begun.
    pub fn logprob(&self) -> Option<f32> {
        (!self.word.is_empty()).then_some(self.logprob)
    }

    /// Whether `c` does not belong to the word that has begun.
    fn ends_before(&self, c: char) -> bool {
        let Some(begins) = self.word.chars().next() else {
            return false;
        };
        let is_whole = is_unspaced(begins) && self.word.chars().count() >= UNSPACED_WORD_CHARS;
        is_whole || !is_of_word(c) || is_unspaced(c) != is_unspaced(begins)
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_word_joiner(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(tokens: &[(&str, f32)]) -> FirstWord {
        let mut word = FirstWord::default();
        for (piece, logprob) in tokens {
            word.push(piece, *logprob);
        }
        word
    }

    fn check(tokens: &[(&str, f32)], word: &str, word_logprob: f32) {
        let collected = collect(tokens);
        assert_eq!(collected.word, word);
        let logprob = collected.logprob().unwrap();
        assert!((logprob - word_logprob).abs() < 1e-6, "{word}: {logprob}");
    }

    #[test]
    fn the_words_own_tokens_count_and_no_others() {
        check(&[(" their", -1.0), (" faces", -5.0)], "their", -1.0);
        check(
            &[(" har", -1.0), ("bour", -0.5), (",", -3.0)],
            "harbour",
            -1.5,
        );
        check(&[(",", -0.5), (" and", -1.0), (" so", -2.0)], "and", -1.5);
        check(&[("don", -1.0), ("'t", -0.5), (" go", -2.0)], "don't", -1.5);
        check(&[(" a b", -1.0), ("c", -2.0)], "a", -1.0);
    }

    #[test]
    fn an_unspaced_word_has_two_characters_in_however_many_tokens() {
        check(&[("弥", -1.0), ("漫", -0.5), ("着", -2.0)], "弥漫", -1.5);
        check(&[("弥漫着", -1.0), ("花", -2.0)], "弥漫", -1.0);
        // A token may end inside a character.
        check(
            &[
                ("", -1.0),
                ("", -0.2),
                ("鬱", -0.3),
                ("金", -1.0),
                ("香", -9.0),
            ],
            "鬱金",
            -2.5,
        );
        check(&[("用", -1.0), (" React", -2.0)], "用", -1.0);
        check(&[("React", -1.0), ("写", -2.0)], "React", -1.0);
    }

    #[test]
    fn without_a_word_nothing_is_known() {
        assert_eq!(collect(&[(" ", -1.0), (",", -1.0)]).logprob(), None);
    }
}
