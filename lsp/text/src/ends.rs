//! The beginning and the end of a text: so many bytes in whole characters, the last line.
//!
//! Not where a reader would like a text to start (`cut.rs`).

/// The beginning of a text, at most so many bytes, in whole characters.
pub fn first_bytes(text: &str, bytes_max: usize) -> &str {
    &text[..floor_char_boundary(text, bytes_max)]
}

/// The end of a text, at most so many bytes, in whole characters.
pub fn last_bytes(text: &str, bytes_max: usize) -> &str {
    &text[ceil_char_boundary(text, text.len().saturating_sub(bytes_max))..]
}

/// What stands after the last line break of a text, of whatever kind.
pub fn last_line(text: &str) -> &str {
    text.rsplit(['\n', '\r']).next().unwrap_or_default()
}

/// The closest character start at or before `at`, at most the text's end.
pub fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The closest character start at or after `at`, at most the text's end.
pub fn ceil_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_cut_in_two() {
        let text = "a砚👍🏽e\u{301}";
        for bytes_max in 0..=text.len() + 3 {
            let (first, last) = (first_bytes(text, bytes_max), last_bytes(text, bytes_max));
            assert!(first.len() <= bytes_max && text.starts_with(first));
            assert!(last.len() <= bytes_max && text.ends_with(last));
        }
        assert_eq!((first_bytes(text, 3), last_bytes("砚台", 5)), ("a", "台"));
        assert_eq!((first_bytes("砚", 9), last_bytes("砚", 9)), ("砚", "砚"));
    }

    #[test]
    fn the_last_line_comes_after_any_break() {
        for (text, line) in [
            ("", ""),
            ("一行", "一行"),
            ("one\ntwo", "two"),
            ("one\r\n二", "二"),
            ("one\rtwo", "two"),
            ("one\n", ""),
        ] {
            assert_eq!(last_line(text), line, "{text:?}");
        }
    }
}
