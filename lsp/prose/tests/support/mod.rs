//! Reads fixtures: a text in which `‸` marks the caret.
//!
//! Not a test by itself. Included by the tests beside it.

use inkstone_prose::{CaretMarkup, DocumentKind, markup_at};
use inkstone_text::Utf8Offset;

/// What is at the caret of a fixture of `kind`.
pub(crate) fn read(kind: DocumentKind, fixture: &str) -> CaretMarkup {
    let caret = fixture.find('‸').expect("fixture has a ‸");
    let text = fixture.replacen('‸', "", 1);
    markup_at(&text, Utf8Offset::new(caret), kind)
}
