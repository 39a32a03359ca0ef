//! Where a long text may start without hurting its reader.
//!
//! Not how much text is needed: callers choose the place from which to search. Used by the window
//! of the language server and by the daemon's prompt packing.

use crate::ends::{ceil_char_boundary, floor_char_boundary};
use crate::offset::Utf8Offset;

/// How far before the search a line break may begin that makes its start a paragraph's: `\r\n\r\n`.
const BLANK_LINE_BYTES_MAX: usize = 4;

/// The best place at or after `from`, at most `search_bytes` later, to start reading `text`: a
/// paragraph's start, else a line's, else a word's, else the next character's.
///
/// Looks at nothing after `from + search_bytes` (but the character that crosses it), so the cut of
/// a text that reaches that far does not move when more is appended.
pub fn cut_at_or_after(text: &str, from: Utf8Offset, search_bytes: usize) -> Utf8Offset {
    let from = ceil_char_boundary(text, from.get());
    if from == 0 {
        return Utf8Offset::ZERO;
    }
    let end = ceil_char_boundary(text, from.saturating_add(search_bytes));
    let before = floor_char_boundary(text, from.saturating_sub(BLANK_LINE_BYTES_MAX));
    let stretch = &text[before..end];
    let first = from - before;
    let cut = paragraph_start(stretch, first)
        .or_else(|| line_start(stretch, first))
        .or_else(|| word_start(stretch, first))
        .unwrap_or(first);
    Utf8Offset::new(before + cut)
}

/// The first start, at `first` or later, of a non-blank line that follows a blank line.
fn paragraph_start(stretch: &str, first: usize) -> Option<usize> {
    let mut after_blank = false;
    // The stretch may begin inside a line, so whether that one is blank is not known.
    let mut start = after_line_break(stretch, 0)?;
    while start < stretch.len() {
        let end = after_line_break(stretch, start);
        let blank = stretch[start..end.unwrap_or(stretch.len())]
            .trim()
            .is_empty();
        if after_blank && !blank && start >= first {
            return Some(start);
        }
        after_blank = blank;
        start = end?;
    }
    None
}

/// The first start of a line at `first` or later.
fn line_start(stretch: &str, first: usize) -> Option<usize> {
    let mut start = after_line_break(stretch, 0)?;
    while start < first {
        start = after_line_break(stretch, start)?;
    }
    (start < stretch.len()).then_some(start)
}

/// The first non-space after a space, at `first` or later; a text without spaces has none.
fn word_start(stretch: &str, first: usize) -> Option<usize> {
    let mut after_space = false;
    for (at, c) in stretch.char_indices() {
        if after_space && !c.is_whitespace() && at >= first {
            return Some(at);
        }
        after_space = c.is_whitespace();
    }
    None
}

/// The offset after the first line break at or after `start`. A `\r` that ends the stretch may be
/// half of a break, so it does not count.
fn after_line_break(stretch: &str, start: usize) -> Option<usize> {
    let bytes = &stretch.as_bytes()[start..];
    let at = bytes
        .iter()
        .position(|&byte| matches!(byte, b'\n' | b'\r'))?;
    match (bytes[at], bytes.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(start + at + 2),
        (b'\r', None) => None,
        _ => Some(start + at + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `‸` marks where the search starts; the cut is given as the text that follows it.
    fn check(fixture: &str, search_bytes: usize, expected_rest: &str) {
        let from = fixture.find('‸').expect("fixture has a ‸");
        let text = fixture.replace('‸', "");
        let cut = cut_at_or_after(&text, Utf8Offset::new(from), search_bytes);
        assert_eq!(&text[cut.get()..], expected_rest, "fixture: {fixture:?}");
    }

    #[test]
    fn a_paragraph_start_is_preferred_to_a_line_start() {
        check("one\ntw‸o\nthree\n\nfour\nfive", 100, "four\nfive");
        check("one\r\ntw‸o\r\nthree\r\n\r\nfour", 100, "four");
        check("第一段\n第‸二行\n\n第三段", 100, "第三段");
    }

    #[test]
    fn a_line_start_serves_where_no_paragraph_starts_near() {
        check(
            "one\ntw‸o\nthree four five six\n\nseven",
            8,
            "three four five six\n\nseven",
        );
    }

    #[test]
    fn a_word_start_serves_where_no_line_starts_near() {
        check("one tw‸o three\nfour", 5, "three\nfour");
    }

    #[test]
    fn text_without_spaces_is_cut_between_characters() {
        check("今天早上‸我去公园散步", 6, "我去公园散步");
        let text = "今天";
        assert_eq!(cut_at_or_after(text, Utf8Offset::new(1), 0).get(), 3);
    }

    #[test]
    fn a_search_that_starts_at_a_paragraph_stays_there() {
        check("one\n\n‸two\n\nthree", 100, "two\n\nthree");
        check("‸one\n\ntwo", 100, "one\n\ntwo");
    }
}
