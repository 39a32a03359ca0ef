//! Zones, outline, language and sentences of any text at any caret.

use inkstone_prose::{DocumentKind, first_sentence_end, language_around, markup_at};
use inkstone_text::Utf8Offset;

/// Identifiers of one language of each kind.
const LANGUAGE_IDS: [&str; 12] = [
    "markdown", "plaintext", "latex", "typst", "asciidoc", "restructuredtext", "org", "html", "git-commit",
    "mail", "rust", "python",
];

/// The first byte chooses the kind, the second the caret, the rest is the text.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let [kind, caret, payload @ ..] = bytes else { return };
    let text = String::from_utf8_lossy(payload);
    let kind = DocumentKind::from_language_id(LANGUAGE_IDS[usize::from(*kind) % LANGUAGE_IDS.len()]);
    let mut caret = text.len() * usize::from(*caret) / 255;
    while !text.is_char_boundary(caret) {
        caret -= 1;
    }
    let _ = markup_at(&text, Utf8Offset::new(caret), kind);
    let _ = language_around(&text[..caret], &text[caret..]);
    if let Some(end) = first_sentence_end(&text) {
        assert!(text.is_char_boundary(end));
    }
}
