//! What kind of character a code point is, by llama.cpp's own table.
//!
//! Not by a regular expression engine's: those follow other versions of Unicode, and one code point
//! of another class cuts words elsewhere.

use super::class_ranges::RUNS;

/// Bits of a run that hold its class.
const CLASS_BITS: u32 = 3;

/// The classes that pre-tokenizers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CharClass {
    /// General category L.
    Letter,
    /// General category N.
    Number,
    /// General category M.
    Mark,
    /// General category P.
    Punctuation,
    /// What `\s` matches.
    Whitespace,
    /// Symbols, format and control characters, unassigned code points.
    Other,
}

/// The class of a character.
pub(crate) fn class_of(character: char) -> CharClass {
    if character.is_ascii() {
        return class_of_ascii(character);
    }
    let code = u32::from(character);
    let after = RUNS.partition_point(|run| run >> CLASS_BITS <= code);
    let class = after
        .checked_sub(1)
        .map_or(0, |index| RUNS[index] & ((1 << CLASS_BITS) - 1));
    match class {
        1 => CharClass::Letter,
        2 => CharClass::Number,
        3 => CharClass::Mark,
        4 => CharClass::Punctuation,
        5 => CharClass::Whitespace,
        _ => CharClass::Other,
    }
}

fn class_of_ascii(character: char) -> CharClass {
    match character {
        'a'..='z' | 'A'..='Z' => CharClass::Letter,
        '0'..='9' => CharClass::Number,
        ' ' | '\t'..='\r' => CharClass::Whitespace,
        '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~' => CharClass::Other,
        '!'..='~' => CharClass::Punctuation,
        _ => CharClass::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_for_ascii_agrees_with_the_table() {
        for code in 0..128_u8 {
            let run = RUNS.partition_point(|run| run >> CLASS_BITS <= u32::from(code)) - 1;
            let expected = [
                CharClass::Other,
                CharClass::Letter,
                CharClass::Number,
                CharClass::Mark,
                CharClass::Punctuation,
                CharClass::Whitespace,
            ][(RUNS[run] & 7) as usize];
            assert_eq!(class_of(char::from(code)), expected, "{code:#x}");
        }
    }

    #[test]
    fn characters_of_prose_have_their_classes() {
        for (character, class) in [
            ('砚', CharClass::Letter),
            ('é', CharClass::Letter),
            ('\u{301}', CharClass::Mark),
            ('\u{FE0F}', CharClass::Mark),
            ('½', CharClass::Number),
            ('三', CharClass::Letter),
            (',', CharClass::Punctuation),
            ('—', CharClass::Punctuation),
            ('€', CharClass::Other),
            ('👩', CharClass::Other),
            ('\u{200D}', CharClass::Other),
            ('\u{3000}', CharClass::Whitespace),
            ('\u{A0}', CharClass::Whitespace),
            ('\u{10FFFF}', CharClass::Other),
        ] {
            assert_eq!(class_of(character), class, "{character:?}");
        }
    }
}
