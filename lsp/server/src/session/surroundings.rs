//! What a caret is in, read out of as much of its document as that takes.
//!
//! Not the window that goes to the daemon. A code fence may have opened pages above the caret, so
//! the document is read from its start, unless it is larger than any text that people write.

use inkstone_prose::{DocumentKind, Outline, Zone, markup_at};
use inkstone_text::{Snapshot, TextRange, Utf8Offset, cut_at_or_after};

/// How much text before the caret is read: a novel, at a few milliseconds per request. In a larger
/// document reading starts at a paragraph, and a fence that opened before it is not seen.
const READ_BYTES_MAX: usize = 1024 * 1024;

/// How far that paragraph is looked for.
const START_SEARCH_BYTES: usize = 4 * 1024;

/// What is at a caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// What the caret is in.
    pub(crate) zone: Zone,
    /// Title and headings above it.
    pub(crate) outline: Outline,
}

impl Surroundings {
    /// Reads what is at `caret`; `suffix` is what follows it.
    pub(crate) fn of(
        snapshot: &Snapshot,
        caret: Utf8Offset,
        suffix: &str,
        kind: DocumentKind,
    ) -> Self {
        let earliest = snapshot.floor(Utf8Offset::new(caret.get().saturating_sub(READ_BYTES_MAX)));
        let mut text = snapshot.slice(TextRange::new(earliest, caret)).into_owned();
        if earliest > Utf8Offset::ZERO {
            // One byte in, so that the place is not taken for the document's start.
            let cut = cut_at_or_after(&text, Utf8Offset::new(1), START_SEARCH_BYTES);
            text.drain(..cut.get());
        }
        let caret = Utf8Offset::new(text.len());
        text.push_str(suffix);
        let markup = markup_at(&text, caret, kind);
        Self {
            zone: markup.zone,
            outline: markup.outline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_text::DocumentVersion;

    fn at_end(text: &str) -> Surroundings {
        let snapshot = Snapshot::of(text, DocumentVersion::new(0));
        Surroundings::of(&snapshot, snapshot.len(), "", DocumentKind::Markdown)
    }

    #[test]
    fn a_fence_pages_above_the_caret_is_seen() {
        let text = format!("# 砚\n\n```\n{}", "let a = 1;\n".repeat(20_000));
        let found = at_end(&text);
        assert_eq!(found.zone, Zone::CodeFence);
        assert_eq!(found.outline.title.as_deref(), Some("砚"));
    }

    #[test]
    fn a_document_larger_than_a_novel_is_read_from_a_paragraph_on() {
        let text = "风平浪静。\r\n\r\n".repeat(100_000);
        assert!(text.len() > READ_BYTES_MAX);
        assert_eq!(at_end(&text).zone, Zone::Prose);
    }
}
