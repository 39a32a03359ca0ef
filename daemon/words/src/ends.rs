//! Where the words of a suggestion end, for keys that take it word by word.
//!
//! Not where sentences and lines end, which need no dictionary: the language server adds those.

use unicode_segmentation::{GraphemeCursor, GraphemeIncomplete};

use crate::words::words;

/// So much text before a suggestion is looked at: no word is longer, and where a run of Chinese
/// begins matters only to its first words.
const BEFORE_CHARS_MAX: usize = 32;

/// The part of the text before a suggestion that decides where the suggestion's words end.
pub fn context(before: &str) -> &str {
    let starts = before.char_indices().rev().take(BEFORE_CHARS_MAX);
    starts.last().map_or("", |(at, _)| &before[at..])
}

/// Byte offsets in `text`, which continues `before`, at which its words end, ascending.
///
/// A word may begin before the text, and ends in it all the same. What stands between two words
/// belongs to the second; no end lies inside a character as readers see it (an emoji of several, a
/// letter and its marks).
pub fn word_ends(before: &str, text: &str) -> Vec<usize> {
    let before = context(before);
    let whole = format!("{before}{text}");
    let mut ends: Vec<usize> = words(&whole)
        .into_iter()
        .filter_map(|word| word.end.checked_sub(before.len()))
        .filter(|end| *end > 0)
        .map(|end| grapheme_end(text, end))
        .collect();
    ends.dedup();
    ends
}

/// Whether a word that stands at the end of `before` goes on in `text`.
pub fn word_goes_on(before: &str, text: &str) -> bool {
    let before = context(before);
    let whole = format!("{before}{text}");
    words(&whole)
        .iter()
        .any(|word| (word.start + 1..word.end).contains(&before.len()))
}

/// The end of the character that `at` lies in, as readers see it.
fn grapheme_end(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    if let Ok(true) = cursor.is_boundary(text, 0) {
        return at;
    }
    match cursor.next_boundary(text, 0) {
        Ok(Some(end)) => end,
        // The text is whole, so that nothing is missing to the cursor.
        Ok(None)
        | Err(
            GraphemeIncomplete::PreContext(_)
            | GraphemeIncomplete::PrevChunk
            | GraphemeIncomplete::NextChunk
            | GraphemeIncomplete::InvalidOffset,
        ) => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    /// `‸` is the caret, `|` marks each end.
    fn check(fixture: &str) {
        let (before, marked) = fixture.split_once('‸').unwrap();
        let text = marked.replace('|', "");
        let mut parts = String::new();
        let mut from = 0;
        for end in word_ends(before, &text) {
            parts.push_str(&text[from..end]);
            parts.push('|');
            from = end;
        }
        parts.push_str(&text[from..]);
        assert_eq!(parts, marked);
    }

    #[test]
    fn english_words_take_the_space_and_marks_before_them() {
        check("in small groups,‸ their| faces| aglow|.");
        check("He said‸: “It's| not|” – and| left|.");
        check("Quiet.‸\n\nNobody| spoke|");
    }

    #[test]
    fn chinese_words_are_those_of_the_dictionary() {
        check("折断的桅杆横在‸码头|上|，渔民|们|三三两两|地|站|着|。");
        check("‸今天|早上|我|去|公园|散步|。");
    }

    #[test]
    fn a_word_that_begins_before_the_caret_ends_after_it() {
        check("the har‸bour| was| quiet|");
        check("今天早上我去公‸园|散步|");
        // Alone, `园` would be a word, and so it is where none begins before it.
        check("‸园|散步|");
        check("It is‸n't| so|");
    }

    #[test]
    fn a_word_goes_on_where_the_dictionary_has_it_whole() {
        for (before, text, goes_on) in [
            ("今天早上我去公", "园散步", true),
            ("今天早上我去公园", "散步", false),
            ("今天早上", "我去公园", false),
            ("the har", "bour was", true),
            ("the harbour", " was", false),
            ("我们用 Rea", "ct 写组件", true),
            ("我们用", " React", false),
            ("我们用", "React", false),
            ("It isn", "'t", true),
            ("", "园", false),
            ("公", "", false),
            ("好👍🏽", "吃", false),
        ] {
            assert_eq!(word_goes_on(before, text), goes_on, "{before}‸{text}");
        }
    }

    #[test]
    fn mixed_text_is_cut_by_the_script_of_each_word() {
        check("我们‸用| React| 写|组件|，版本| 2.0| 很| fast|。");
        check("We ate‸ 饺子| and| 面条|.");
    }

    #[test]
    fn no_end_lies_inside_an_emoji_or_between_a_letter_and_its_marks() {
        check("‸cafe\u{301}| 👨‍👩‍👧 好|");
        check("‸好\u{fe00}|吃|👍🏽 yes|");
        assert_eq!(word_ends("", "👨‍👩‍👧 …"), [0; 0]);
        assert_eq!(word_ends("", ""), [0; 0]);
        assert_eq!(word_ends("好", ""), [0; 0]);
    }

    proptest! {
        #[test]
        fn ends_ascend_and_lie_between_characters(
            before in "[a-z今天早上 👍\u{301}\u{200d}]{0,12}",
            text in "[a-zA-Z今天早上公园，。 .'\n👍👩\u{301}\u{200d}\u{fe0f}]{0,24}",
        ) {
            let ends = word_ends(&before, &text);
            prop_assert!(ends.is_sorted_by(|a, b| a < b), "{ends:?}");
            let graphemes: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
            prop_assert!(ends.iter().all(|end| *end > 0 && graphemes.contains(end)), "{ends:?}");
        }
    }
}
