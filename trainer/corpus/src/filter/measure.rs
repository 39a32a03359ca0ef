//! How much of what a block has: the numbers that the other files decide by.

use inkstone_prose::characters::{UNSPACED_WORD_CHARS, is_han, is_kana, is_latin, is_word_joiner};
use inkstone_prose::first_sentence_end;

/// Counts of one text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Measure {
    /// Words between spaces that have a letter.
    pub(super) words: usize,
    /// Han characters.
    pub(super) han: usize,
    /// Words between spaces that have digits and no letter.
    pub(super) numbers: usize,
    /// Letters of scripts that no trained language is written in, kana among them.
    pub(super) foreign: usize,
    /// Latin letters.
    pub(super) latin: usize,
    /// Whether a sentence ends in it.
    pub(super) has_sentence_end: bool,
}

impl Measure {
    pub(super) fn of(text: &str) -> Self {
        let mut measure = Self {
            has_sentence_end: first_sentence_end(text).is_some(),
            ..Self::default()
        };
        let (mut in_word, mut has_letter) = (false, false);
        for c in text.chars().chain([' ']) {
            if is_han(c) {
                measure.han += 1;
            } else if is_kana(c) {
                measure.foreign += 1;
            } else if c.is_alphanumeric() {
                in_word = true;
                has_letter |= c.is_alphabetic();
                if is_latin(c) || is_full_width_latin(c) {
                    measure.latin += 1;
                } else if c.is_alphabetic() {
                    measure.foreign += 1;
                }
                continue;
            } else if in_word && is_word_joiner(c) {
                continue;
            }
            if in_word {
                if has_letter {
                    measure.words += 1;
                } else {
                    measure.numbers += 1;
                }
            }
            (in_word, has_letter) = (false, false);
        }
        measure
    }

    /// Words, those of Chinese by their usual length.
    pub(super) const fn units(&self) -> usize {
        self.words + self.han.div_ceil(UNSPACED_WORD_CHARS)
    }
}

/// Whether `c` is a Latin letter as wide as a Han character, which old Chinese texts have.
const fn is_full_width_latin(c: char) -> bool {
    matches!(c, '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}')
}
