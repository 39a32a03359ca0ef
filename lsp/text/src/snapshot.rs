//! The text of one version of a document, and the way between offsets and positions.
//!
//! Not the document itself, which changes (`document.rs`). Cloning shares the rope, so a snapshot
//! may go to another thread while edits continue. Read by policy, context and diagnostics.

use std::borrow::Cow;

use ropey::Rope;

use crate::document::DocumentVersion;
use crate::offset::{TextRange, Utf8Offset};
use crate::position::{LineNumber, Position, PositionEncoding};

/// An immutable text at a version. No method panics: offsets past the end mean the end, offsets
/// inside a character mean its start.
#[derive(Debug, Clone)]
pub struct Snapshot {
    rope: Rope,
    version: DocumentVersion,
}

impl Snapshot {
    /// A snapshot of text that no document holds, such as standard input.
    pub fn of(text: &str, version: DocumentVersion) -> Self {
        Self::from_rope(Rope::from_str(text), version)
    }

    pub(crate) fn from_rope(rope: Rope, version: DocumentVersion) -> Self {
        Self { rope, version }
    }

    /// The version that the client gave to this text.
    pub fn version(&self) -> DocumentVersion {
        self.version
    }

    /// The offset after the last byte.
    pub fn len(&self) -> Utf8Offset {
        Utf8Offset::new(self.rope.len_bytes())
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.rope.len_bytes() == 0
    }

    /// How many lines there are: one more than there are line breaks.
    pub fn line_count(&self) -> u32 {
        as_u32(self.rope.len_lines())
    }

    /// The whole text. Copies it: for a part of it use [`Self::slice`].
    pub fn text(&self) -> String {
        self.rope.to_string()
    }

    /// The text in `range`, borrowed where the rope holds it in one piece.
    pub fn slice(&self, range: TextRange) -> Cow<'_, str> {
        let start = self.floor(range.start).get();
        let end = self.floor(range.end).get().max(start);
        Cow::from(self.rope.byte_slice(start..end))
    }

    /// The closest character start at or before `offset`, at most the end of the document.
    pub fn floor(&self, offset: Utf8Offset) -> Utf8Offset {
        let offset = offset.get().min(self.rope.len_bytes());
        Utf8Offset::new(self.rope.char_to_byte(self.rope.byte_to_char(offset)))
    }

    /// The line that `offset` lies on. An offset between `\r` and `\n` lies on the line they end.
    pub fn line_of(&self, offset: Utf8Offset) -> LineNumber {
        let offset = self.floor(offset).get();
        LineNumber::new(as_u32(self.rope.byte_to_line(offset)))
    }

    /// The text of a line without its line break. Past the last line: empty, at the document's end.
    pub fn line_range(&self, line: LineNumber) -> TextRange {
        let index = line.get() as usize;
        let line_count = self.rope.len_lines();
        if index >= line_count {
            return TextRange::new(self.len(), self.len());
        }
        let start = self.rope.line_to_byte(index);
        let mut end = self.rope.line_to_byte(index + 1);
        // Every line but the last ends with a break.
        if index + 1 < line_count {
            let was_line_feed = self.rope.byte(end - 1) == b'\n';
            end -= 1;
            if was_line_feed && end > start && self.rope.byte(end - 1) == b'\r' {
                end -= 1;
            }
        }
        TextRange::new(Utf8Offset::new(start), Utf8Offset::new(end))
    }

    /// The offset that a client's position means.
    ///
    /// As LSP 3.17 ("Position") asks: a character past the line's end means the line's end, before
    /// its break. Where the specification is silent: a line past the last means the document's
    /// end, and a character inside a surrogate pair or a multi-byte sequence means the start of
    /// the character it is inside of.
    pub fn offset_at(&self, position: Position, encoding: PositionEncoding) -> Utf8Offset {
        let line = LineNumber::new(position.line);
        if position.line as usize >= self.rope.len_lines() {
            return self.len();
        }
        let TextRange { start, end } = self.line_range(line);
        let (start, end) = (start.get(), end.get());
        let units = position.character as usize;
        let byte = match encoding {
            PositionEncoding::Utf8 => start.saturating_add(units).min(end),
            PositionEncoding::Utf16 => {
                let unit = self.utf16_units_before(start).saturating_add(units);
                let unit = unit.min(self.utf16_units_before(end));
                self.rope.char_to_byte(self.rope.utf16_cu_to_char(unit))
            }
            PositionEncoding::Utf32 => {
                let char_index = self.rope.byte_to_char(start).saturating_add(units);
                let char_index = char_index.min(self.rope.byte_to_char(end));
                self.rope.char_to_byte(char_index)
            }
        };
        self.floor(Utf8Offset::new(byte))
    }

    /// The position that a client gives to an offset. Between `\r` and `\n` there is no position:
    /// such an offset gives the end of its line.
    pub fn position_at(&self, offset: Utf8Offset, encoding: PositionEncoding) -> Position {
        let line = self.line_of(offset);
        let TextRange { start, end } = self.line_range(line);
        let offset = self.floor(offset).min(end).get();
        let start = start.get();
        let units = match encoding {
            PositionEncoding::Utf8 => offset - start,
            PositionEncoding::Utf16 => {
                self.utf16_units_before(offset) - self.utf16_units_before(start)
            }
            PositionEncoding::Utf32 => {
                self.rope.byte_to_char(offset) - self.rope.byte_to_char(start)
            }
        };
        Position::new(line.get(), as_u32(units))
    }

    pub(crate) fn rope(&self) -> &Rope {
        &self.rope
    }

    fn utf16_units_before(&self, byte: usize) -> usize {
        self.rope.char_to_utf16_cu(self.rope.byte_to_char(byte))
    }
}

/// Counts inside a document fit: it is bounded by [`crate::DOCUMENT_BYTES_MAX`]. A snapshot of
/// other text saturates rather than wraps.
fn as_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
