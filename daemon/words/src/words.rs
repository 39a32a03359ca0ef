//! The words of a whole text.

use std::ops::Range;

use inkstone_prose::characters::is_unspaced;
use unicode_segmentation::UnicodeSegmentation;

use crate::dictionary::cut;

/// Byte ranges of the words, in order; what holds no letter or digit is none.
pub fn words(text: &str) -> Vec<Range<usize>> {
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
        for word in cut(&text[from..end]) {
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
}
