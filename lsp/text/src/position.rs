//! Positions as a language client counts them: a line, and units of an encoding into it.
//!
//! Not the conversion to bytes (`snapshot.rs`). Built by the language server from wire types.

/// A zero-based line number. Lines end at `\n`, `\r\n` or a lone `\r`, and at nothing else
/// (LSP 3.17, "Text Documents"), so form feeds and U+2028 do not start a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LineNumber(u32);

impl LineNumber {
    /// The line with `index` lines before it.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// How many lines come before this one.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// A place in a document, zero-based, as the protocol gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// The line, zero-based.
    pub line: u32,
    /// Units of the negotiated [`PositionEncoding`] from the start of the line, zero-based.
    pub character: u32,
}

impl Position {
    /// The place `character` units into `line`.
    pub const fn new(line: u32, character: u32) -> Self {
        Self { line, character }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.line, self.character)
    }
}

/// What [`Position::character`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PositionEncoding {
    /// Bytes of UTF-8.
    Utf8,
    /// Code units of UTF-16: what a client means that negotiates nothing.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl PositionEncoding {
    /// Every encoding, best first: bytes need no counting, scalar values little.
    pub const PREFERRED: [Self; 3] = [Self::Utf8, Self::Utf32, Self::Utf16];

    /// The name that the protocol uses: `utf-8`, `utf-16` or `utf-32`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
        }
    }

    /// The encoding that the protocol calls `name`, if we know it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::PREFERRED
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }

    /// How many units `text` takes.
    pub fn units_in(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
            Self::Utf32 => text.chars().count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_found_by_its_own_name() {
        for encoding in PositionEncoding::PREFERRED {
            assert_eq!(PositionEncoding::from_name(encoding.name()), Some(encoding));
        }
        assert_eq!(PositionEncoding::from_name("utf-7"), None);
    }

    #[test]
    fn units_of_an_emoji_differ_by_encoding() {
        let family = "👨‍👩‍👧";
        assert_eq!(PositionEncoding::Utf8.units_in(family), 18);
        assert_eq!(PositionEncoding::Utf16.units_in(family), 8);
        assert_eq!(PositionEncoding::Utf32.units_in(family), 5);
    }
}
