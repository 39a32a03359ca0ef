//! The suggestions that were given last, and which of them the writer is typing.
//!
//! Not whether it was accepted. Kept by the language server per document; read by `decide.rs`.

use inkstone_text::{Utf8Offset, first_bytes, last_bytes};

/// How much text before the suggestion must be unchanged for it to hold: what it continued.
const BEFORE_BYTES_MAX: usize = 256;

/// How much text after it must be: what it was fitted to.
const AFTER_BYTES_MAX: usize = 64;

/// A suggestion on the writer's screen, with those that may be shown in its stead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    texts: Vec<String>,
    place: Place,
}

/// What is left of a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// Which of those that were given, from 0.
    pub index: usize,
    /// The text that is left.
    pub text: String,
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
    /// Remembers that one of `texts` was shown at `caret`, between `prefix` and `suffix`.
    pub fn new(texts: Vec<String>, caret: Utf8Offset, prefix: &str, suffix: &str) -> Self {
        Self {
            texts,
            place: Place::new(caret, prefix, suffix),
        }
    }

    /// What is left of each suggestion at a later caret, if all that happened since is that the
    /// writer typed the beginning of it. Without those of which nothing is left that shows.
    pub fn rests_at(&self, caret: Utf8Offset, prefix: &str, suffix: &str) -> Vec<Rest> {
        let Some(typed) = self.typed_at(caret, prefix, suffix) else {
            return Vec::new();
        };
        // Suggestions have line feeds, whatever the document's lines end with.
        let typed = typed.replace("\r\n", "\n");
        let rest = |(index, text): (usize, &String)| {
            let rest = text.strip_prefix(&typed)?;
            (!rest.trim().is_empty()).then(|| Rest {
                index,
                text: rest.to_owned(),
            })
        };
        self.texts.iter().enumerate().filter_map(rest).collect()
    }

    /// What stands between the place of the suggestions and the caret; none elsewhere.
    fn typed_at<'a>(&self, caret: Utf8Offset, prefix: &'a str, suffix: &str) -> Option<&'a str> {
        let typed_bytes = caret.get().checked_sub(self.place.caret.get())?;
        let start = prefix.len().checked_sub(typed_bytes)?;
        let (before, typed) = prefix.split_at_checked(start)?;
        let same_place = last_bytes(before, BEFORE_BYTES_MAX) == self.place.before
            && first_bytes(suffix, AFTER_BYTES_MAX) == self.place.after;
        same_place.then_some(typed)
    }
}
