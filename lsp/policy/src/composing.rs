//! Whether an input method is composing at the caret, told by the script.
//!
//! For editors that do not tell: input methods that compose in the text itself leave Latin letters
//! directly after Chinese until a candidate is chosen. Not sure, so only what nobody asked for is
//! held back for it.

use inkstone_prose::characters::{is_cjk_punctuation, is_han};

use crate::pinyin::is_pinyin;

/// The longest run looked at. Nobody composes longer ones without confirming a part.
const RUN_BYTES_MAX: usize = 64;

/// Whether `before`, the text up to the caret, ends in unconfirmed pinyin: a run of small Latin
/// letters directly after Chinese that syllables can be made of. A word in which no syllables are
/// (`React`), one after a space, and one that this text has written on its own before are words.
pub(crate) fn is_composing(before: &str) -> bool {
    let in_run = |c: char| c.is_ascii_alphabetic() || c == '\'';
    let run_bytes: usize = before
        .chars()
        .rev()
        .take_while(|c| in_run(*c))
        .map(char::len_utf8)
        .sum();
    if run_bytes == 0 || run_bytes > RUN_BYTES_MAX {
        return false;
    }
    let (earlier, run) = before.split_at(before.len() - run_bytes);
    let follows_chinese = earlier
        .chars()
        .next_back()
        .is_some_and(|c| is_han(c) || is_cjk_punctuation(c));
    follows_chinese && is_pinyin(run) && !is_word_of(earlier, run)
}

/// Whether `word` stands in `text` as a word of its own.
pub(crate) fn is_word_of(text: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_directly_after_chinese_that_make_syllables_are_being_composed() {
        for text in [
            "今天n",
            "今天tian",
            "今天tianqi",
            "空气里，mi'man",
            "他说：“好。”然后zou",
            "今天早上👨‍👩‍👧 我qu",
        ] {
            assert!(is_composing(text), "{text}");
        }
    }

    #[test]
    fn words_of_another_language_are_not() {
        for text in [
            "我们用 react",
            "我们用React",
            "我们用react",
            "我们用React写",
            "我们用 game",
            "今天 ",
            "今天",
            "today",
            "nihao",
            "今天2tian",
            "用 linux 写, 再用linux",
            "cafe\u{301}ni",
            "",
        ] {
            assert!(!is_composing(text), "{text}");
        }
    }

    #[test]
    fn a_run_longer_than_anybody_composes_is_none() {
        assert!(!is_composing(&format!("今{}", "ni".repeat(40))));
    }
}
