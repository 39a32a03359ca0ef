//! The text as its client has it: a string, edited at positions of the negotiated encoding.
//!
//! Deliberately not the server's rope and conversions but a second, naive way to count, so that a
//! mistake in the one shows against the other. Counts over the whole text each time.

use inkstone_text::{Position, PositionEncoding};

/// A client's document.
#[derive(Debug, Clone)]
pub struct Mirror {
    text: String,
    encoding: PositionEncoding,
}

impl Mirror {
    /// The document as it was opened.
    pub fn new(text: &str, encoding: PositionEncoding) -> Self {
        Self {
            text: text.to_owned(),
            encoding,
        }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The places at which a caret may stand: starts of characters and the end, but not between
    /// the two halves of a `\r\n`, for which the protocol has no position.
    pub fn is_place(&self, byte: usize) -> bool {
        self.text.is_char_boundary(byte)
            && !(self.text[..byte].ends_with('\r') && self.text[byte..].starts_with('\n'))
    }

    /// The position of a place.
    ///
    /// # Panics
    /// When `byte` is inside a character.
    pub fn position(&self, byte: usize) -> Position {
        let (mut line, mut column) = (0, 0);
        let mut previous = ' ';
        for character in self.text[..byte].chars() {
            match character {
                '\n' if previous == '\r' => {} // the break was counted at its first half
                '\n' | '\r' => (line, column) = (line + 1, 0),
                _ => column += units(character, self.encoding),
            }
            previous = character;
        }
        Position::new(line, column)
    }

    /// Replaces what lies between two places.
    ///
    /// # Panics
    /// When a place is inside a character.
    pub fn replace(&mut self, start: usize, end: usize, text: &str) {
        self.text.replace_range(start..end, text);
    }
}

fn units(character: char, encoding: PositionEncoding) -> u32 {
    let units = match encoding {
        PositionEncoding::Utf8 => character.len_utf8(),
        PositionEncoding::Utf16 => character.len_utf16(),
        PositionEncoding::Utf32 => 1,
    };
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(text: &str, encoding: PositionEncoding) -> Position {
        Mirror::new(text, encoding).position(text.len())
    }

    #[test]
    fn each_encoding_counts_its_own_units() {
        let text = "a\r\n砚👍e\u{301}";
        assert_eq!(column(text, PositionEncoding::Utf8), Position::new(1, 10));
        assert_eq!(column(text, PositionEncoding::Utf16), Position::new(1, 5));
        assert_eq!(column(text, PositionEncoding::Utf32), Position::new(1, 4));
    }

    #[test]
    fn every_line_break_of_the_protocol_counts_once() {
        assert_eq!(
            column("a\nb\rc\r\nd", PositionEncoding::Utf8),
            Position::new(3, 1)
        );
        assert_eq!(column("\n\r", PositionEncoding::Utf8), Position::new(2, 0));
    }

    #[test]
    fn no_caret_stands_inside_a_line_break_or_a_character() {
        let mirror = Mirror::new("a\r\n砚", PositionEncoding::Utf8);
        let places: Vec<usize> = (0..=mirror.text().len())
            .filter(|b| mirror.is_place(*b))
            .collect();
        assert_eq!(places, [0, 1, 3, 6]);
    }
}
