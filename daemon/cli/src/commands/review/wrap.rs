//! A text in lines of so many columns, of which a Chinese character and an emoji take two. Pure.
//!
//! Terminals do not agree on how wide a family of emoji, an emoji with a colour of skin or one made of
//! a sign is: some draw one picture, others its parts. What one of them draws wider than was reckoned
//! pushes everything behind it, borders included, out of its column; so these are shown by their
//! parts, each of which is as wide everywhere.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr as _};

/// A part of a line, and whether it is marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) is_marked: bool,
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// The lines of a text; lines are broken before a word, and within what is longer than a line. No
/// line begins with a mark that closes something, nor with the space that it was broken at.
pub(super) fn wrap(text: &str, marks: &[Range<usize>], columns_max: usize) -> Vec<Vec<Part>> {
    let columns_max = columns_max.max(2);
    let mut lines = Lines {
        done: vec![Vec::new()],
        column: 0,
        columns_max,
    };
    let is_marked = |at: usize| marks.iter().any(|mark| mark.contains(&at));
    let words: Vec<(usize, &str)> = text.split_word_bound_indices().collect();
    for (index, (start, word)) in words.iter().enumerate() {
        if word.contains(['\n', '\r']) {
            lines.next();
            continue;
        }
        let is_space = word.chars().all(|c| c == ' ');
        let closing = words[index + 1..].iter().map(|(_, next)| *next);
        let closing: usize = closing.take_while(|next| closes(next)).map(width_of).sum();
        let width = width_of(word) + closing;
        if lines.column + width > columns_max && width <= columns_max {
            let is_seen = is_marked(*start);
            if is_space && !is_seen {
                // It is broken here all the same, and nobody misses the space.
                lines.next_unless_empty();
                continue;
            }
            if !is_space {
                lines.next_unless_empty();
            }
        }
        for (at, grapheme) in word.grapheme_indices(true) {
            for shown in visible(grapheme) {
                lines.add(&shown, is_marked(start + at));
            }
        }
    }
    lines.done
}

/// As many of `words` as fit into so many lines, `between` between them; the last words are those
/// that are missing.
pub(super) fn lines_of(
    words: &[String],
    between: &str,
    columns_max: usize,
    lines_max: usize,
) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words {
        let count = lines.len();
        let Some(line) = lines.last_mut() else { break };
        let needed = columns(line) + columns(between) + columns(word);
        if line.is_empty() {
            line.push_str(word);
        } else if needed <= columns_max {
            line.push_str(between);
            line.push_str(word);
        } else if count < lines_max {
            lines.push(word.clone());
        } else {
            break;
        }
    }
    lines
}

/// A text in one line, of which only the end is shown where it is too long.
pub(super) fn ending(text: &str, columns_max: usize) -> String {
    let shown: Vec<String> = text.graphemes(true).flat_map(visible).collect();
    let all: usize = shown.iter().map(|one| columns(one)).sum();
    if all <= columns_max {
        return shown.concat();
    }
    let mut left = columns_max.saturating_sub(1);
    let mut first = shown.len();
    for (index, one) in shown.iter().enumerate().rev() {
        match left.checked_sub(columns(one)) {
            Some(rest) => (left, first) = (rest, index),
            None => break,
        }
    }
    format!("…{}", shown[first..].concat())
}

/// Whether a word is a mark that no line should begin with, in Chinese or in English.
fn closes(word: &str) -> bool {
    !word.is_empty()
        && word
            .chars()
            .all(|c| "，。、；：？！）》」』】〉”’…,.;:?!)]}%".contains(c))
}

fn width_of(word: &str) -> usize {
    let shown = word.graphemes(true).flat_map(visible);
    shown.map(|one| columns(&one)).sum()
}

/// What a terminal would obey, or show as nothing, is shown as its code: it is what was cleaned away.
/// What terminals draw in different widths is shown by its parts.
fn visible(grapheme: &str) -> Vec<String> {
    if grapheme == "\t" {
        return vec!["    ".to_owned()];
    }
    let is_hidden = grapheme.chars().any(char::is_control) || columns(grapheme) == 0;
    if is_hidden {
        let codes = grapheme.chars().map(|c| format!("<{:04X}>", u32::from(c)));
        return codes.collect();
    }
    let by_parts: usize = grapheme.chars().filter_map(UnicodeWidthChar::width).sum();
    if by_parts == columns(grapheme) {
        return vec![grapheme.to_owned()];
    }
    let parts = grapheme.chars().filter(|c| !joins_emoji(*c));
    let parts: Vec<String> = parts.map(String::from).collect();
    if parts.iter().all(|part| columns(part) > 0) {
        parts
    } else {
        // Of a script whose marks belong to their letters.
        vec![grapheme.to_owned()]
    }
}

/// The joiner, the choosers of a picture or a sign, and the colours of skin.
fn joins_emoji(c: char) -> bool {
    matches!(
        c,
        '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'
    )
}

struct Lines {
    done: Vec<Vec<Part>>,
    column: usize,
    columns_max: usize,
}

impl Lines {
    fn next(&mut self) {
        self.done.push(Vec::new());
        self.column = 0;
    }

    fn next_unless_empty(&mut self) {
        if self.column > 0 {
            self.next();
        }
    }

    fn add(&mut self, text: &str, is_marked: bool) {
        let width = columns(text);
        if self.column > 0 && self.column + width > self.columns_max {
            self.next();
        }
        self.column += width;
        let Some(line) = self.done.last_mut() else {
            return;
        };
        match line.last_mut() {
            Some(part) if part.is_marked == is_marked => part.text.push_str(text),
            _ => line.push(Part {
                text: text.to_owned(),
                is_marked,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, columns_max: usize) -> Vec<String> {
        let wrapped = wrap(text, &[], columns_max);
        let joined = |line: &Vec<Part>| line.iter().map(|part| part.text.as_str()).collect();
        wrapped.iter().map(joined).collect()
    }

    #[test]
    fn a_chinese_character_takes_two_columns_and_no_line_is_too_wide() {
        assert_eq!(lines("海港很安静", 4), ["海港", "很安", "静"]);
        assert_eq!(lines("海港很安静", 5), ["海港", "很安", "静"]);
        let mixed = "我们用 Kubernetes 部署 👩‍👩‍👧 了 e\u{301}té 服务。\r\nnext line";
        for width in 2..30 {
            for line in lines(mixed, width) {
                assert!(columns(&line) <= width.max(2), "{width}: {line:?}");
            }
        }
        assert_eq!(lines("a\r\nb\n\nc", 9), ["a", "b", "", "c"]);
    }

    #[test]
    fn lines_are_broken_before_a_word_and_within_one_that_is_too_long() {
        assert_eq!(lines("one two three", 8), ["one two ", "three"]);
        assert_eq!(lines("incomprehensible", 6), ["incomp", "rehens", "ible"]);
    }

    #[test]
    fn no_line_begins_with_a_closing_mark_or_the_space_that_it_was_broken_at() {
        assert_eq!(lines("海港很安静。", 10), ["海港很安", "静。"]);
        assert_eq!(lines("他说：“走吧。”", 12), ["他说：“走", "吧。”"]);
        assert_eq!(lines("one two, three", 7), ["one ", "two, ", "three"]);
        assert_eq!(lines("one two three", 7), ["one two", "three"]);
        // A space that is marked is what the rule took away.
        let space = 7..8;
        let wrapped = wrap("one two three", std::slice::from_ref(&space), 7);
        assert_eq!(wrapped[1][0].text, " ");
    }

    #[test]
    fn emoji_that_terminals_draw_in_different_widths_are_shown_by_their_parts() {
        for (text, shown) in [
            ("👩\u{200d}👩\u{200d}👧 end", "👩👩👧 end"),
            ("👍\u{1f3fd} ok", "👍 ok"),
            ("❤\u{fe0f} red", "❤ red"),
            ("e\u{301}té", "e\u{301}té"),
            ("🚢 海港", "🚢 海港"),
        ] {
            let line = lines(text, 40).concat();
            assert_eq!(line, shown);
            let by_parts: usize = line.chars().filter_map(UnicodeWidthChar::width).sum();
            assert_eq!(by_parts, columns(&line), "{text}");
        }
    }

    #[test]
    fn as_many_words_are_shown_as_fit_and_of_a_path_the_end() {
        let words = ["k keep", "d drop", "? help"].map(str::to_owned);
        assert_eq!(lines_of(&words, "  ", 22, 1), ["k keep  d drop  ? help"]);
        assert_eq!(lines_of(&words, "  ", 14, 2), ["k keep  d drop", "? help"]);
        assert_eq!(lines_of(&words, "  ", 9, 1), ["k keep"]);
        assert_eq!(ending("文稿/章/一.md", 80), "文稿/章/一.md");
        assert_eq!(ending("文稿/章/一.md", 9), "…章/一.md");
        assert_eq!(ending("文稿", 1), "…");
    }

    #[test]
    fn what_cannot_be_seen_is_shown_by_its_code() {
        assert_eq!(lines("a\u{200b}b\u{1b}[2J", 40), ["a<200B>b<001B>[2J"]);
    }

    #[test]
    fn marks_stay_on_what_they_mark() {
        let wrapped = wrap("ab 海港 cd", std::slice::from_ref(&(3..6)), 5);
        let marked: Vec<&str> = wrapped
            .iter()
            .flatten()
            .filter(|part| part.is_marked)
            .map(|part| part.text.as_str())
            .collect();
        assert_eq!(marked, ["海"]);
    }
}
