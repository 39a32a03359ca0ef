//! Byte offsets and ranges in a document's UTF-8 text.
//!
//! Not positions: those count lines and units of a client's encoding (`position.rs`).
//! Used by every crate that points into text.

/// A byte offset into a document's UTF-8 text.
///
/// Any value may be built; [`crate::Snapshot`] clamps one that lies past the end of the document
/// and moves one that lies inside a character back to that character's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Utf8Offset(usize);

impl Utf8Offset {
    /// The start of every document.
    pub const ZERO: Self = Self(0);

    /// The offset `bytes` bytes from the start of the document.
    pub const fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    /// The bytes from the start of the document.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl std::fmt::Display for Utf8Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A half-open range of bytes: `start` belongs to it, `end` does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TextRange {
    /// The first byte of the range.
    pub start: Utf8Offset,
    /// The byte after the last one. An `end` before `start` makes an empty range at `start`.
    pub end: Utf8Offset,
}

impl TextRange {
    /// The range from `start` up to `end`.
    pub const fn new(start: Utf8Offset, end: Utf8Offset) -> Self {
        Self { start, end }
    }

    /// How many bytes the range spans.
    pub const fn len(self) -> usize {
        self.end.get().saturating_sub(self.start.get())
    }

    /// Whether the range spans nothing.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }
}
