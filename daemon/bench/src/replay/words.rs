//! Whether a suggestion's first word is the text's next.
//!
//! What a word is, `inkstone-words` says, which cuts the daemon's suggestions too.

use std::ops::Range;

use inkstone_prose::characters::is_unspaced;
use inkstone_words::words;

/// The first word of a text that continues another, with what stands before it; none when the text
/// holds no word.
pub(super) fn first_word(text: &str) -> Option<Range<usize>> {
    words(text).into_iter().next()
}

/// Whether a suggestion begins as the text goes on: with the same word, letter case aside.
///
/// `rest` begins where the caret stands. Inside a word the rest of that word counts; a suggestion
/// that says more before its first break is another word, and so is one that says less.
pub(super) fn begins_alike(suggestion: &str, rest: &str) -> bool {
    first_word(rest).is_some_and(|word| begins_with(suggestion, &rest[word]))
}

/// Whether a suggestion's first word is this one, letter case aside.
pub(super) fn begins_with(suggestion: &str, word: &str) -> bool {
    let Some(said) = first_word(suggestion) else {
        return false;
    };
    if word.starts_with(is_unspaced) {
        // Two segmentations of different texts need not cut alike.
        return suggestion[said.start..].starts_with(word);
    }
    suggestion[said].to_lowercase() == word.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_is_right_when_its_first_word_is_the_next() {
        for (suggestion, rest) in [
            (" Their faces", "their hats"),
            ("their", "their"),
            ("bour was", "bour, quiet"),
            ("公园里", "公园散步"),
            ("弥漫着", "弥漫着花香"),
        ] {
            assert!(begins_alike(suggestion, rest), "{suggestion} / {rest}");
        }
        for (suggestion, rest) in [
            ("there", "their"),
            ("bours", "bour"),
            ("the", "their"),
            ("公司", "公园"),
            ("", "a"),
            ("。", "公园"),
        ] {
            assert!(!begins_alike(suggestion, rest), "{suggestion} / {rest}");
        }
    }
}
