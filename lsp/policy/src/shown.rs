//! The suggestions that were given last, and which of them the writer is typing.
//!
//! Not whether it was accepted. Kept by the language server per document; read by `decide.rs`.

use inkstone_text::{Snapshot, TextRange, Utf8Offset, first_bytes, last_bytes};

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

/// A part of a suggestion that came into the text in one edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Which of those that were given, from 0.
    pub index: usize,
    /// Where it stands now.
    pub range: TextRange,
    /// Whether nothing of the suggestion is left.
    pub is_whole: bool,
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

    /// Whether an edit put more of a suggestion into the text, at once and nothing else: by a key
    /// that accepts, or by what looks the same. Told from the texts, since editors cut what changed
    /// at other places than their users do.
    pub fn taken_at_once(&self, before: &Snapshot, after: &Snapshot) -> Option<Taken> {
        let grown = after.len().get().checked_sub(before.len().get())?;
        let start = self.place.caret.get();
        let slice = |snapshot: &Snapshot, from: usize, bytes: usize| {
            let range = TextRange::new(Utf8Offset::new(from), Utf8Offset::new(from + bytes));
            snapshot.slice(range).into_owned()
        };
        let taken = |(index, text): (usize, &String)| {
            // Line breaks may be of two bytes in the document.
            let bytes_max = 2 * text.len();
            let had = agreed(text, &slice(before, start, bytes_max));
            let has = agreed(text, &slice(after, start, bytes_max));
            let typed_max = had.document.min(has.document.checked_sub(grown)?);
            // What follows may go on like the suggestion: the first place at which both fit.
            let fits = |from: &usize| {
                before.floor(Utf8Offset::new(*from)).get() == *from
                    && slice(before, *from, AFTER_BYTES_MAX)
                        == slice(after, from + grown, AFTER_BYTES_MAX)
            };
            let from = (start..=start + typed_max).find(fits)?;
            let range = TextRange::new(Utf8Offset::new(from), Utf8Offset::new(from + grown));
            (grown > 0).then_some(Taken {
                index,
                range,
                is_whole: has.suggestion == text.len(),
            })
        };
        self.texts.iter().enumerate().find_map(taken)
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

/// How far a suggestion and the document's text agree, in bytes of each.
#[derive(Debug, Clone, Copy, Default)]
struct Agreed {
    suggestion: usize,
    document: usize,
}

/// Suggestions have line feeds, whatever the document's lines end with.
fn agreed(suggestion: &str, document: &str) -> Agreed {
    let mut agreed = Agreed::default();
    let mut written = document.chars().peekable();
    for c in suggestion.chars() {
        let mut bytes = c.len_utf8();
        let mut next = written.next();
        if c == '\n' && next == Some('\r') && written.peek() == Some(&'\n') {
            next = written.next();
            bytes += '\r'.len_utf8();
        }
        if next != Some(c) {
            break;
        }
        agreed.suggestion += c.len_utf8();
        agreed.document += bytes;
    }
    agreed
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_text::DocumentVersion;

    /// Shows `text` at the `‸` of `before`; what of it came with `after`, and whether it was all.
    fn taken(before: &str, texts: &[&str], typed: &str, after: &str) -> Option<(String, bool)> {
        let (prefix, suffix) = before.split_once('‸').expect("fixture has a ‸");
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        let shown = Shown::new(texts, Utf8Offset::new(prefix.len()), prefix, suffix);
        let snapshot = |text: &str| Snapshot::of(text, DocumentVersion::new(0));
        let before = snapshot(&format!("{prefix}{typed}{suffix}"));
        let after = snapshot(after);
        let taken = shown.taken_at_once(&before, &after)?;
        Some((after.slice(taken.range).into_owned(), taken.is_whole))
    }

    #[test]
    fn what_a_key_took_is_known_whole_in_part_and_of_several() {
        let of = |typed, after| taken("The harbour‸ here.", &[" was quiet"], typed, after);
        let some = |text: &str, is_whole| Some((text.to_owned(), is_whole));
        assert_eq!(
            of("", "The harbour was quiet here."),
            some(" was quiet", true)
        );
        assert_eq!(of("", "The harbour was here."), some(" was", false));
        assert_eq!(
            of(" was", "The harbour was quiet here."),
            some(" quiet", true)
        );
        assert_eq!(of("", "The harbour is quiet here."), None);
        assert_eq!(of("", "The harbour here. was quiet"), None);
        assert_eq!(of(" was", "The harbour here."), None);
        let several = taken(
            "空气里‸",
            &["弥漫着花香", "有海的味道"],
            "",
            "空气里有海的味道",
        );
        assert_eq!(several, some("有海的味道", true));
    }

    #[test]
    fn line_breaks_of_two_bytes_are_the_suggestions_own() {
        let came = taken("One.‸\r\nEnd", &["\nTwo 👍🏽"], "", "One.\r\nTwo 👍🏽\r\nEnd");
        assert_eq!(came, Some(("\r\nTwo 👍🏽".to_owned(), true)));
    }
}
