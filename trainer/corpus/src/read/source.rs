//! A text and its lines: from a byte to its line without counting again.
//!
//! Lines end with `\n`, as Git's do; a `\r` before it is no part of the line.

use crate::block::LineRange;

/// A text whose line starts are known.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    /// The byte at which each line starts; the last may be empty.
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1))
            .collect();
        Self { text, starts }
    }

    /// How many lines there are, the empty one after the last line end not counted.
    pub(super) fn len(&self) -> usize {
        let last_is_empty = self.starts.last() == Some(&self.text.len());
        self.starts.len() - usize::from(last_is_empty)
    }

    /// A line without its end; empty past the last.
    pub(super) fn line(&self, index: usize) -> &'a str {
        let Some(&start) = self.starts.get(index) else {
            return "";
        };
        let end = self
            .starts
            .get(index + 1)
            .map_or(self.text.len(), |next| next - 1);
        let line = &self.text[start..end];
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// The lines from `start` to `end` (excluded) as they stand in the text.
    pub(super) fn lines(&self, start: usize, end: usize) -> &'a str {
        let from = self.start_of(start);
        &self.text[from..self.start_of(end).max(from)]
    }

    /// The byte at which a line starts; the text's end past the last.
    pub(super) fn start_of(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    /// The line that holds the byte `at`.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.starts
            .partition_point(|&start| start <= at)
            .saturating_sub(1)
    }

    /// The lines that hold the bytes from `start` to `end` (excluded); one at least.
    pub(super) fn range(&self, start: usize, end: usize) -> LineRange {
        let first = self.line_of(start);
        let last = self.line_of(end.saturating_sub(1).max(start));
        lines(first, last + 1)
    }
}

/// `&#13;` and texts that were not decoded as files are bring line ends of their own.
pub(super) fn with_line_feeds(text: &str) -> String {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A range of lines out of counts.
pub(super) fn lines(start: usize, end: usize) -> LineRange {
    let number = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
    LineRange {
        start: number(start),
        end: number(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_git_with_either_line_end() {
        for text in ["一\n二\n三\n", "一\r\n二\r\n三\r\n"] {
            let source = Source::new(text);
            assert_eq!(source.len(), 3);
            assert_eq!(
                (source.line(0), source.line(2), source.line(3)),
                ("一", "三", "")
            );
            let second = text.find('二').unwrap();
            assert_eq!(source.line_of(second), 1);
            assert_eq!(source.range(0, second + 3), lines(0, 2));
        }
        assert_eq!(Source::new("").len(), 0);
        assert_eq!(Source::new("a").len(), 1);
        assert_eq!(Source::new("\n").len(), 1);
    }
}
