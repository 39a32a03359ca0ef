//! The text under the eyes of the matchers: bytes without bounds checks to write, and bounded looks
//! to the left and right that never leave the line.
//!
//! That every look is bounded is what keeps a hostile line of any length linear, and that none
//! leaves its line is what lets `redact` settle (see there). No matcher indexes bytes itself.

use std::ops::Range;

/// A text as the matchers see it.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    text: &'a str,
    bytes: &'a [u8],
}

impl<'a> Text<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
        }
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The byte there, or 0 past the end.
    pub(crate) fn byte(self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte before, or 0 at the start.
    pub(crate) fn byte_before(self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |before| self.byte(before))
    }

    /// The text of a range, or nothing where it would split a character.
    pub(crate) fn slice(self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or("")
    }

    pub(crate) fn char_at(self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    pub(crate) fn char_before(self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    pub(crate) fn starts_with(self, at: usize, what: &str) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    /// At most so many bytes of the same line before.
    pub(crate) fn before(self, at: usize, bytes_max: usize) -> &'a str {
        let mut start = at.saturating_sub(bytes_max);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let window = self.slice(start..at);
        window
            .rfind(['\n', '\r'])
            .map_or(window, |line_end| &window[line_end + 1..])
    }

    /// At most so many bytes of the same line after.
    pub(crate) fn after(self, at: usize, bytes_max: usize) -> &'a str {
        let mut end = at.saturating_add(bytes_max).min(self.bytes.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let window = self.slice(at..end);
        window
            .find(['\n', '\r'])
            .map_or(window, |line_end| &window[..line_end])
    }

    /// The end of the run of bytes from `at` that `is_of_it`, looking at `bytes_max` at most.
    pub(crate) fn run_end(
        self,
        at: usize,
        bytes_max: usize,
        is_of_it: impl Fn(u8) -> bool,
    ) -> usize {
        let limit = at.saturating_add(bytes_max).min(self.bytes.len());
        let mut end = at;
        while end < limit && is_of_it(self.bytes[end]) {
            end += 1;
        }
        end
    }

    /// The start of the run of bytes up to `at` that `is_of_it`, looking at `bytes_max` at most.
    pub(crate) fn run_start(
        self,
        at: usize,
        bytes_max: usize,
        is_of_it: impl Fn(u8) -> bool,
    ) -> usize {
        let limit = at.saturating_sub(bytes_max);
        let mut start = at;
        while start > limit && is_of_it(self.bytes[start - 1]) {
            start -= 1;
        }
        start
    }
}

/// A letter, digit or underscore of ASCII: what goes on a word. Chinese does not, since it is
/// written against a number or key without a space.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇')
}
