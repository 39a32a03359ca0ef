//! What the model's own numbers say about the first word of a suggestion, which is what a writer
//! takes or refuses first.
//!
//! Not whether that is enough (`score.rs`). Fed by the daemon token by token, beside the stopper.

use inkstone_prose::characters::{UNSPACED_WORD_CHARS, is_unspaced, is_word_joiner};

/// Hardly any has more, names and sayings included.
const UNSPACED_WORD_CHARS_MAX: usize = 4;

/// The beginning of one suggestion up to the end of its first word, and how likely it is.
///
/// Where a word of an unspaced script ends, only a dictionary knows, which is not asked here: of
/// such a script as much is kept as a long word has.
#[derive(Debug, Clone, Default)]
pub struct FirstWord {
    word: String,
    has_ended: bool,
    /// After each token: characters of the word so far, and the log-probability of all tokens up to
    /// it, in nats.
    steps: Vec<(usize, f32)>,
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
        for c in piece.chars() {
            if self.ends_before(c) {
                self.has_ended = true;
                break;
            }
            if is_of_word(c) || !self.word.is_empty() {
                self.word.push(c);
            }
        }
        let before = self.steps.last().map_or(0.0, |(_, logprob)| *logprob);
        self.steps
            .push((self.word.chars().count(), before + logprob));
    }

    /// The word as far as it is known; of an unspaced script, more than it may be.
    pub fn word(&self) -> &str {
        &self.word
    }

    /// Log-probability of the word with what stands before it, in nats; of an unspaced script, that
    /// of two characters. None before a word has begun.
    pub fn logprob(&self) -> Option<f32> {
        let is_unspaced = self.word.starts_with(is_unspaced);
        self.logprob_of(if is_unspaced {
            UNSPACED_WORD_CHARS
        } else {
            usize::MAX
        })
    }

    /// The same of the word's first `chars` characters, or of all that there are: of the tokens that
    /// write them.
    pub fn logprob_of(&self, chars: usize) -> Option<f32> {
        let writes = |step: &&(usize, f32)| step.0 > 0 && step.0 >= chars;
        let step = self.steps.iter().find(writes).or(self.steps.last())?;
        (step.0 > 0).then_some(step.1)
    }

    /// Whether `c` does not belong to the word that has begun.
    fn ends_before(&self, c: char) -> bool {
        let Some(begins) = self.word.chars().next() else {
            return false;
        };
        let is_whole = is_unspaced(begins) && self.word.chars().count() >= UNSPACED_WORD_CHARS_MAX;
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
    fn an_unspaced_word_counts_with_two_characters_in_however_many_tokens() {
        let four = [("弥", -1.0), ("漫", -0.5), ("着", -2.0), ("花香", -1.0)];
        check(&four, "弥漫着花", -1.5);
        check(&[("弥漫着", -1.0), ("花", -2.0)], "弥漫着花", -1.0);
        // A token may end inside a character.
        check(
            &[
                ("", -1.0),
                ("", -0.2),
                ("鬱", -0.3),
                ("金", -1.0),
                ("香", -9.0),
            ],
            "鬱金香",
            -2.5,
        );
        check(&[("用", -1.0), (" React", -2.0)], "用", -1.0);
        check(&[("React", -1.0), ("写", -2.0)], "React", -1.0);
    }

    #[test]
    fn as_many_characters_count_as_the_word_has() {
        let word = collect(&[("，", -0.5), ("的", -1.0), ("人们", -2.0), ("说", -4.0)]);
        let of = |chars| word.logprob_of(chars);
        assert_eq!([of(1), of(2), of(3)], [Some(-1.5), Some(-3.5), Some(-3.5)]);
        assert_eq!([of(4), of(9)], [Some(-7.5), Some(-7.5)]);
    }

    #[test]
    fn without_a_word_nothing_is_known() {
        assert_eq!(collect(&[(" ", -1.0), (",", -1.0)]).logprob(), None);
    }
}
