//! Text of a file as a person may see it: short, and without characters that a terminal obeys.
//!
//! The one place for it. What a header says reaches messages, tables and the descriptions of
//! installed models; a header may say 64 MiB of escape codes.

/// Characters of a text in a message or a list: the longest licence identifiers have about 40.
pub const SHOWN_CHARS_MAX: usize = 120;

/// Stands for what was cut off.
const ELLIPSIS: char = '…';

/// At most [`SHOWN_CHARS_MAX`] characters of `text`, those escaped that would move the cursor,
/// change colours or turn the direction of what follows.
pub fn shown(text: &str) -> String {
    let mut shown = String::new();
    // Counted in characters as they are written: an escaped one takes up to ten.
    let mut left = SHOWN_CHARS_MAX;
    for character in text.chars() {
        let written: String = if is_obeyed(character) {
            character.escape_unicode().collect()
        } else {
            character.into()
        };
        let chars = written.chars().count();
        if chars > left {
            shown.push(ELLIPSIS);
            break;
        }
        left -= chars;
        shown.push_str(&written);
    }
    shown
}

/// Whether terminals act on a character instead of drawing it: controls, line and paragraph
/// separators, and the marks that override the direction of writing (Unicode annex 9).
fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_of_every_script_is_shown_as_it_is() {
        for text in ["apache-2.0", "砚台模型", "e\u{301} 👩‍👩‍👧", ""] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        assert_eq!(
            shown("a\x1b[31mb\r\n\u{202e}c"),
            r"a\u{1b}[31mb\u{d}\u{a}\u{202e}c"
        );
    }

    #[test]
    fn a_long_text_is_cut_and_says_so_however_much_is_escaped() {
        let long = shown(&"砚".repeat(1 << 20));
        assert_eq!(long.chars().count(), SHOWN_CHARS_MAX + 1);
        assert!(long.ends_with(ELLIPSIS));
        assert!(shown(&"\x1b".repeat(1 << 20)).chars().count() <= SHOWN_CHARS_MAX + 1);
        let just_fits = "x".repeat(SHOWN_CHARS_MAX);
        assert_eq!(shown(&just_fits), just_fits);
    }
}
