//! The suggestion that was shown last, and whether the writer is typing it.
//!
//! Not whether it was accepted. Kept by the language server per document; read by `decide.rs`.

use inkstone_text::Utf8Offset;

/// How much text before the suggestion must be unchanged for it to hold: what it continued.
const BEFORE_BYTES_MAX: usize = 256;

/// How much text after it must be: what it was fitted to.
const AFTER_BYTES_MAX: usize = 64;

/// A suggestion on the writer's screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    text: String,
    place: Place,
}

/// Where a suggestion goes, known again by the text around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) caret: Utf8Offset,
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Place {
    pub(crate) fn new(caret: Utf8Offset, prefix: &str, suffix: &str) -> Self {
        Self {
            caret,
            before: last_bytes(prefix, BEFORE_BYTES_MAX).to_owned(),
            after: first_bytes(suffix, AFTER_BYTES_MAX).to_owned(),
        }
    }
}

impl Shown {
    /// Remembers that `text` was shown at `caret`, between `prefix` and `suffix`.
    pub fn new(text: &str, caret: Utf8Offset, prefix: &str, suffix: &str) -> Self {
        Self {
            text: text.to_owned(),
            place: Place::new(caret, prefix, suffix),
        }
    }

    /// What is left of the suggestion at a later caret, if all that happened since is that the
    /// writer typed the beginning of it. `None` too when nothing is left that shows.
    pub fn rest_at(&self, caret: Utf8Offset, prefix: &str, suffix: &str) -> Option<&str> {
        let typed_bytes = caret.get().checked_sub(self.place.caret.get())?;
        let start = prefix.len().checked_sub(typed_bytes)?;
        let (before, typed) = prefix.split_at_checked(start)?;
        let same_place = last_bytes(before, BEFORE_BYTES_MAX) == self.place.before
            && first_bytes(suffix, AFTER_BYTES_MAX) == self.place.after;
        if !same_place {
            return None;
        }
        // Suggestions have line feeds, whatever the document's lines end with.
        let rest = self.text.strip_prefix(&typed.replace("\r\n", "\n"))?;
        (!rest.trim().is_empty()).then_some(rest)
    }
}

fn last_bytes(text: &str, bytes_max: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes_max);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

pub(crate) fn first_bytes(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
