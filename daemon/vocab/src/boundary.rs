//! Where a text can be cut so that its tokens are those of the two halves, whatever stands there.
//!
//! *SentencePiece.* Everything that merges ends as a token, so a merge across the cut would make a
//! token that contains the two characters at the cut side by side. When no token of the vocabulary
//! does, nothing merges across, and what merges on one side does not depend on the other: the best
//! pair of the whole text is the best pair of its side.
//!
//! *Byte-level BPE.* Merges stay inside the words that the pre-tokenizer finds. All supported
//! pre-tokenizers read from left to right, never look behind the beginning of a word, and end a
//! word between a letter and a space, or a letter and a mark of punctuation that is not an
//! apostrophe: no alternative of their patterns has one of these after a letter. So a word ends
//! there, and reading goes on as if the text began there. Combining marks and digits are left out,
//! since some patterns take them into a word.
//!
//! *Added tokens* are matched first and anywhere. One that lies across the cut contains the two
//! characters side by side, so their pairs are excluded for both kinds; what a match takes on one
//! side then depends on that side alone (longest first, leftmost first, within free stretches).
//! Where the vocabulary puts a space in front of what follows an added token, a cut right after
//! one would be seen, so cuts after their last characters are excluded too.

use crate::pre_tokenizer::{CharClass, class_of};

/// A set of pairs of neighbouring characters that may be too large but never too small: one bit per
/// hash, so that it takes 128 kB for any vocabulary.
#[derive(Debug)]
pub(crate) struct PairSet(Vec<u64>);

/// Bits of a pair set: Gemma 3, the largest vocabulary, has 34,000 pairs, so 3 % are wrongly in it.
const PAIR_BITS_LOG2: u32 = 20;

impl Default for PairSet {
    fn default() -> Self {
        Self(vec![0; 1 << (PAIR_BITS_LOG2 - 6)])
    }
}

impl PairSet {
    /// Adds all neighbours of a text; a text that is not UTF-8 is never found in one that is.
    pub(crate) fn insert_text(&mut self, text: &[u8]) {
        let Ok(text) = std::str::from_utf8(text) else {
            return;
        };
        for (left, right) in neighbours(text) {
            let (word, bit) = Self::slot(left, right);
            self.0[word] |= 1 << bit;
        }
    }

    pub(crate) fn contains(&self, left: char, right: char) -> bool {
        let (word, bit) = Self::slot(left, right);
        self.0[word] >> bit & 1 == 1
    }

    fn slot(left: char, right: char) -> (usize, u32) {
        /// 2⁶⁴ divided by the golden ratio: spreads neighbouring keys (Knuth, TAOCP 6.4).
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let key = u64::from(u32::from(left)) << 32 | u64::from(u32::from(right));
        let mixed = (key ^ key >> 29).wrapping_mul(SPREAD);
        let bit = mixed >> (u64::BITS - PAIR_BITS_LOG2);
        (
            usize::try_from(bit / 64).unwrap_or(0),
            u32::try_from(bit % 64).unwrap_or(0),
        )
    }
}

/// Decides for one vocabulary.
#[derive(Debug)]
pub(crate) struct Boundaries {
    rule: Rule,
    /// Pairs inside added tokens, sorted.
    special_pairs: Vec<(char, char)>,
    /// Last characters of added tokens after which no cut is allowed.
    special_ends: Vec<char>,
}

#[derive(Debug)]
enum Rule {
    /// A pair that no token contains; the pairs are the vocabulary's own.
    NoTokenAcross,
    /// The end of a word.
    AfterLetter,
}

impl Boundaries {
    pub(crate) fn of_spm<'a>(
        special_texts: impl Iterator<Item = &'a [u8]>,
        adds_space_prefix: bool,
    ) -> Self {
        Self::new(Rule::NoTokenAcross, special_texts, adds_space_prefix)
    }

    pub(crate) fn of_bpe<'a>(special_texts: impl Iterator<Item = &'a [u8]>) -> Self {
        Self::new(Rule::AfterLetter, special_texts, false)
    }

    fn new<'a>(
        rule: Rule,
        special_texts: impl Iterator<Item = &'a [u8]>,
        excludes_ends: bool,
    ) -> Self {
        let mut special_pairs = Vec::new();
        let mut special_ends = Vec::new();
        for text in special_texts.filter_map(|text| std::str::from_utf8(text).ok()) {
            special_pairs.extend(neighbours(text));
            if excludes_ends {
                special_ends.extend(text.chars().next_back());
            }
        }
        special_pairs.sort_unstable();
        special_pairs.dedup();
        special_ends.sort_unstable();
        special_ends.dedup();
        Self {
            rule,
            special_pairs,
            special_ends,
        }
    }

    /// Whether a text may be cut between two characters; `pairs` are those of an SPM vocabulary.
    pub(crate) fn allows(&self, left: char, right: char, pairs: Option<&PairSet>) -> bool {
        let by_rule = match (&self.rule, pairs) {
            // `▁` and a space are one to the vocabulary, but not to its added tokens.
            (Rule::NoTokenAcross, Some(pairs)) => !pairs.contains(spaced(left), spaced(right)),
            (Rule::NoTokenAcross, None) => false,
            (Rule::AfterLetter, _) => class_of(left) == CharClass::Letter && ends_a_word(right),
        };
        by_rule
            && self.special_pairs.binary_search(&(left, right)).is_err()
            && self.special_ends.binary_search(&left).is_err()
    }
}

fn neighbours(text: &str) -> impl Iterator<Item = (char, char)> {
    text.chars().zip(text.chars().skip(1))
}

fn spaced(character: char) -> char {
    if character == crate::spm::ESCAPED_SPACE {
        ' '
    } else {
        character
    }
}

fn ends_a_word(character: char) -> bool {
    match class_of(character) {
        CharClass::Whitespace => true,
        CharClass::Punctuation => character != '\'',
        CharClass::Letter | CharClass::Number | CharClass::Mark | CharClass::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_that_were_added_are_found_and_few_others() {
        let mut pairs = PairSet::default();
        pairs.insert_text("the 砚台".as_bytes());
        for (left, right) in [('t', 'h'), ('e', ' '), (' ', '砚'), ('砚', '台')] {
            assert!(pairs.contains(left, right), "{left}{right}");
        }
        let others = ('a'..='z').flat_map(|left| ('A'..='Z').map(move |right| (left, right)));
        assert_eq!(
            others
                .filter(|&(left, right)| pairs.contains(left, right))
                .count(),
            0
        );
    }

    #[test]
    fn words_end_before_spaces_and_punctuation_but_not_before_apostrophes_marks_and_digits() {
        let boundaries = Boundaries::of_bpe([&b"x."[..]].into_iter());
        for (left, right, allowed) in [
            ('a', ' ', true),
            ('园', ',', true),
            ('é', '\r', true),
            ('a', '\'', false),
            ('e', '\u{301}', false),
            ('a', '1', false),
            ('1', ' ', false),
            ('.', ' ', false),
            ('\n', '\n', false),
            ('x', '.', false),
        ] {
            assert_eq!(
                boundaries.allows(left, right, None),
                allowed,
                "{left:?}{right:?}"
            );
        }
    }
}
