//! The word that ends at a caret, as clients with a completion list see it.
//!
//! Not a linguistic word: Chinese without spaces is one. Used for the list's filter text.

use inkstone_text::{Snapshot, TextRange, Utf8Offset};

/// The longest word looked for. Chinese lines are one "word" to such clients, and a filter text
/// without all of it is filtered out; a line longer than this has no list.
const WORD_BYTES_MAX: usize = 16 * 1024;

/// The letters, digits and underscores that end at `caret`.
pub(crate) fn word_before(snapshot: &Snapshot, caret: Utf8Offset) -> String {
    let line_start = snapshot.line_range(snapshot.line_of(caret)).start;
    let from = Utf8Offset::new(caret.get().saturating_sub(WORD_BYTES_MAX)).max(line_start);
    let before = snapshot.slice(TextRange::new(from, caret));
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| is_word(*c))
        .last();
    start.map_or_else(String::new, |(at, _)| before[at..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_text::DocumentVersion;

    fn check(fixture: &str, expected: &str) {
        let caret = fixture.find('‸').expect("fixture has a ‸");
        let text = fixture.replace('‸', "");
        let snapshot = Snapshot::of(&text, DocumentVersion::new(0));
        assert_eq!(
            word_before(&snapshot, Utf8Offset::new(caret)),
            expected,
            "{fixture:?}"
        );
    }

    #[test]
    fn the_word_ends_at_the_caret_and_starts_after_a_space_or_mark() {
        check("the har‸bour", "har");
        check("the ‸harbour", "");
        check("(snake_case‸)", "snake_case");
        check("first\r\nsec‸ond", "sec");
        check("‸", "");
    }

    #[test]
    fn chinese_without_spaces_is_one_word_back_to_the_last_mark() {
        check("今天早上,湖边的柳树‸", "湖边的柳树");
        check("用 Rust 写‸", "写");
    }

    #[test]
    fn emoji_end_a_word_and_accented_letters_belong_to_it() {
        check("a👨‍👩‍👧b‸", "b");
        check("caf\u{e9}‸", "caf\u{e9}");
    }
}
