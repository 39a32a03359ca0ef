//! A text in lines of so many columns, of which a Chinese character and an emoji take two. Pure.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

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

/// The lines of a text; lines are broken before a word, and within what is longer than a line.
pub(super) fn wrap(text: &str, marks: &[Range<usize>], columns_max: usize) -> Vec<Vec<Part>> {
    let columns_max = columns_max.max(2);
    let mut lines = Lines {
        done: vec![Vec::new()],
        column: 0,
        columns_max,
    };
    let is_marked = |at: usize| marks.iter().any(|mark| mark.contains(&at));
    for (start, word) in text.split_word_bound_indices() {
        if word.contains(['\n', '\r']) {
            lines.next();
            continue;
        }
        let is_space = word.chars().all(char::is_whitespace);
        let width = columns(word);
        if lines.column + width > columns_max && width <= columns_max && !is_space {
            lines.next();
        }
        for (at, grapheme) in word.grapheme_indices(true) {
            lines.add(&visible(grapheme), is_marked(start + at));
        }
    }
    lines.done
}

/// What a terminal would obey, or show as nothing, is shown as its code: it is what was cleaned away.
fn visible(grapheme: &str) -> String {
    if grapheme == "\t" {
        return "    ".to_owned();
    }
    let is_hidden = grapheme.chars().any(char::is_control) || columns(grapheme) == 0;
    if is_hidden {
        let codes = grapheme.chars().map(|c| format!("<{:04X}>", u32::from(c)));
        return codes.collect();
    }
    grapheme.to_owned()
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
