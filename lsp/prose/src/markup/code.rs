//! Source code: where its comments are.
//!
//! Not a parser of any language: strings are known well enough not to take a comment's start in
//! them for one. Called by `markup.rs`.

use crate::kind::CodeFamily;
use crate::zone::Zone;

/// Reads whether `caret` is in a comment.
pub(super) fn read(text: &str, caret: usize, family: CodeFamily) -> Zone {
    let (line_comment, block_comment) = match family {
        CodeFamily::Slashes => ("//", Some(("/*", "*/"))),
        CodeFamily::Hash => ("#", None),
        CodeFamily::Dashes => ("--", None),
        CodeFamily::Semicolon => (";", None),
        CodeFamily::Unknown => return Zone::Code,
    };
    let mut at = 0;
    while at < caret {
        let rest = &text[at..];
        let end = if starts_line_comment(text, at, line_comment) {
            // At the end of its line one is still in it.
            rest.find('\n').map(|length| at + length + 1)
        } else if let Some((_, end)) = block_comment.filter(|(start, _)| rest.starts_with(start)) {
            rest[2..]
                .find(end)
                .map(|length| at + 2 + length + end.len())
        } else {
            at += string_length(rest).max(rest.chars().next().map_or(1, char::len_utf8));
            continue;
        };
        match end {
            Some(end) if end <= caret => at = end,
            // Between the two characters that begin a comment it has not begun.
            _ if caret - at < line_comment.len() => return Zone::Code,
            _ => return Zone::Comment,
        }
    }
    Zone::Code
}

/// A comment begins where its mark does; in languages of words, only after a gap, since `$#` and
/// `a--b` are code.
fn starts_line_comment(text: &str, at: usize, mark: &str) -> bool {
    let after_gap = text[..at]
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || c == ';');
    text[at..].starts_with(mark) && (mark == "//" || after_gap)
}

/// The length of the string that `rest` starts with, or 0. A quote that its line does not close
/// is none: a lifetime, an apostrophe.
fn string_length(rest: &str) -> usize {
    for triple in ["\"\"\"", "'''"] {
        if let Some(inside) = rest.strip_prefix(triple) {
            return inside.find(triple).map_or(rest.len(), |length| length + 6);
        }
    }
    let bytes = rest.as_bytes();
    let Some(&quote @ (b'"' | b'\'')) = bytes.first() else {
        return 0;
    };
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' => return 0,
            b'\\' => at += 2,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    0
}
