//! The words of a text: by Unicode's rules, and by a dictionary where words are not spaced.
//!
//! Not how the model cuts text. Tells where carets stand and whether a suggestion's first word is
//! right.

use std::ops::Range;
use std::sync::LazyLock;

use inkstone_prose::characters::is_unspaced;
use jieba_rs::Jieba;
use unicode_segmentation::UnicodeSegmentation;

/// Loading the dictionary takes half a second, and only Chinese text needs it.
static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Byte ranges of the words, in order; what holds no letter or digit is none.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    for (start, piece) in text.unicode_word_indices() {
        // Unicode leaves unspaced scripts in single characters; their runs are cut below.
        if !piece.starts_with(is_unspaced) {
            words.push(start..start + piece.len());
        }
    }
    let mut rest = 0;
    while let Some(from) = text[rest..].find(is_unspaced).map(|at| rest + at) {
        let length = text[from..].find(|c| !is_unspaced(c));
        let end = length.map_or(text.len(), |length| from + length);
        let mut at = from;
        for piece in DICTIONARY.cut(&text[from..end], false) {
            let word = piece.word;
            if word.chars().any(char::is_alphanumeric) {
                words.push(at..at + word.len());
            }
            at += word.len();
        }
        rest = end;
    }
    words.sort_by_key(|word| word.start);
    words
}

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

    fn of(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|word| &text[word]).collect()
    }

    #[test]
    fn words_are_found_in_both_scripts_and_between_them() {
        assert_eq!(
            of("It's a harbour, isn't it?"),
            ["It's", "a", "harbour", "isn't", "it"]
        );
        assert_eq!(
            of("今天早上我去公园散步。"),
            ["今天", "早上", "我", "去", "公园", "散步"]
        );
        assert_eq!(
            of("我们用 React 写组件👍"),
            ["我们", "用", "React", "写", "组件"]
        );
        assert_eq!(of("  —— …… "), [""; 0]);
    }

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
