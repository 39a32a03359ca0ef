//! What became of a suggestion that was shown, told from the text that follows.
//!
//! Editors report little: an accepted item where they run its command, and nothing of words typed
//! along or against it. Not the conclusion for later suggestions (`learned.rs`). Kept by the language
//! server per document, from the moment a suggestion is shown until its first word is decided: the
//! gate's score is about that word.

use inkstone_prose::characters::{UNSPACED_WORD_CHARS, is_unspaced, is_word_joiner};
use inkstone_text::{Snapshot, TextRange, Utf8Offset, first_bytes};

use crate::composing::is_composing;
use crate::shown::Place;

/// Text typed past a suggestion's own length that is looked at: enough for line breaks of two bytes.
const BEYOND_BYTES_MAX: usize = 64;

/// What became of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Its first word came at once: by a key that accepts, or (which looks the same) by an input
    /// method.
    Accepted,
    /// Its first word was typed letter by letter.
    TypedThrough,
    /// Other text was typed in its place.
    Ignored,
    /// The writer removed it by key.
    Rejected,
}

impl Outcome {
    /// Whether the first word was right.
    pub const fn agrees(self) -> bool {
        matches!(self, Self::Accepted | Self::TypedThrough)
    }
}

/// What a look at the text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The writer has typed nothing yet, or less than the first word.
    Open,
    /// It is decided.
    Decided(Outcome),
    /// The text around it changed, or was deleted: whether it was right will never be known.
    Lost,
}

/// A shown suggestion whose outcome is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    text: String,
    place: Place,
    document_bytes: usize,
    first_word_bytes: usize,
    typed_bytes: usize,
}

impl Watch {
    /// Watches `text`, shown at `caret` between `prefix` and `suffix` in a document of
    /// `document_bytes`. None when there is no word in it to be right or wrong.
    pub fn new(
        text: &str,
        caret: Utf8Offset,
        prefix: &str,
        suffix: &str,
        document_bytes: usize,
    ) -> Option<Self> {
        Some(Self {
            first_word_bytes: first_word_end(text)?,
            text: text.to_owned(),
            place: Place::new(caret, prefix, suffix),
            document_bytes,
            typed_bytes: 0,
        })
    }

    /// Looks at the text after an edit.
    pub fn look(&mut self, snapshot: &Snapshot) -> Look {
        let Some(typed) = self.typed_in(snapshot) else {
            return Look::Lost;
        };
        let agreed_bytes = common_bytes(&self.text, &typed);
        if agreed_bytes >= self.first_word_bytes {
            let at_once = typed[self.typed_bytes.min(agreed_bytes)..agreed_bytes].chars();
            let is_one_edit = self.typed_bytes == 0 && at_once.count() > 1;
            return Look::Decided(if is_one_edit {
                Outcome::Accepted
            } else {
                Outcome::TypedThrough
            });
        }
        let other = &typed[agreed_bytes..];
        self.typed_bytes = agreed_bytes;
        // What an input method has not confirmed yet is not what the writer writes.
        let is_open = other.is_empty() || is_composing(&self.before_and(&typed));
        if is_open {
            Look::Open
        } else {
            Look::Decided(Outcome::Ignored)
        }
    }

    /// What stands now where the suggestion would have gone, if that is all that changed. Suggestions
    /// have line feeds, whatever the document's lines end with.
    fn typed_in(&self, snapshot: &Snapshot) -> Option<String> {
        let typed_bytes = snapshot.len().get().checked_sub(self.document_bytes)?;
        let start = self.place.caret.get();
        let end = start + typed_bytes;
        let slice = |from: usize, to: usize| {
            snapshot.slice(TextRange::new(Utf8Offset::new(from), Utf8Offset::new(to)))
        };
        let before = slice(start.checked_sub(self.place.before.len())?, start);
        let after = slice(end, end + self.place.after.len());
        if before != self.place.before || after != self.place.after {
            return None;
        }
        let looked_at = typed_bytes.min(2 * self.text.len() + BEYOND_BYTES_MAX);
        Some(slice(start, start + looked_at).replace("\r\n", "\n"))
    }

    fn before_and(&self, typed: &str) -> String {
        format!("{}{typed}", self.place.before)
    }
}

/// Where the first word ends, as the score sees it; none when there is no word.
fn first_word_end(text: &str) -> Option<usize> {
    let is_of_word = |c: char| c.is_alphanumeric() || is_word_joiner(c);
    let (start, first) = text.char_indices().find(|(_, c)| c.is_alphanumeric())?;
    let unspaced = is_unspaced(first);
    let mut word = text[start..]
        .char_indices()
        .take_while(|(_, c)| is_of_word(*c) && is_unspaced(*c) == unspaced)
        .map(|(at, c)| start + at + c.len_utf8());
    if unspaced {
        word.take(UNSPACED_WORD_CHARS).last()
    } else {
        word.by_ref().last()
    }
}

/// The length of the beginning that two texts share, in whole characters.
fn common_bytes(one: &str, other: &str) -> usize {
    let same = one
        .bytes()
        .zip(other.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    first_bytes(one, same).len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_text::DocumentVersion;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::of(text, DocumentVersion::new(0))
    }

    /// Shows `text` at the `‸` of a fixture, then looks at each later text in turn; what the last
    /// look tells, or the first that is not open.
    fn told(fixture: &str, text: &str, later: &[&str]) -> Look {
        let (prefix, suffix) = fixture.split_once('‸').expect("fixture has a ‸");
        let bytes = prefix.len() + suffix.len();
        let caret = Utf8Offset::new(prefix.len());
        let mut watch = Watch::new(text, caret, prefix, suffix, bytes).expect("has a word");
        let looks = later.iter().map(|text| watch.look(&snapshot(text)));
        let mut last = Look::Open;
        for look in looks {
            last = look;
            if last != Look::Open {
                break;
            }
        }
        last
    }

    #[test]
    fn a_word_that_comes_at_once_was_accepted_and_one_that_grows_was_typed() {
        let of = |later: &[&str]| told("The harbour‸.\n", " was quiet", later);
        assert_eq!(
            of(&["The harbour was.\n"]),
            Look::Decided(Outcome::Accepted)
        );
        let typed = ["The harbour .\n", "The harbour w.\n", "The harbour wa.\n"];
        assert_eq!(of(&typed), Look::Open);
        let whole: Vec<&str> = typed.into_iter().chain(["The harbour was.\n"]).collect();
        assert_eq!(of(&whole), Look::Decided(Outcome::TypedThrough));
        assert_eq!(of(&["The harbour wal.\n"]), Look::Decided(Outcome::Ignored));
    }

    #[test]
    fn a_chinese_word_is_two_characters() {
        let of = |later: &[&str]| told("空气里‸", "弥漫着花香", later);
        assert_eq!(of(&["空气里弥漫"]), Look::Decided(Outcome::Accepted));
        assert_eq!(
            of(&["空气里弥", "空气里弥漫"]),
            Look::Decided(Outcome::TypedThrough)
        );
        assert_eq!(of(&["空气里有"]), Look::Decided(Outcome::Ignored));
        assert_eq!(
            told("我们用‸", " React 写", &["我们用 React"]),
            Look::Decided(Outcome::Accepted)
        );
    }

    #[test]
    fn letters_that_an_input_method_has_not_confirmed_decide_nothing() {
        let of = |later: &[&str]| told("空气里‸", "弥漫着花香", later);
        assert_eq!(of(&["空气里m", "空气里mi", "空气里mi'man"]), Look::Open);
        assert_eq!(
            of(&["空气里mi'man", "空气里弥漫"]),
            Look::Decided(Outcome::Accepted)
        );
        assert_eq!(
            of(&["空气里m", "空气里没"]),
            Look::Decided(Outcome::Ignored)
        );
        assert_eq!(of(&["空气里React"]), Look::Decided(Outcome::Ignored));
    }

    #[test]
    fn a_text_that_changed_elsewhere_tells_nothing() {
        let of = |later: &[&str]| told("The harbour‸ here", " was quiet", later);
        assert_eq!(of(&["The harbou here"]), Look::Lost);
        assert_eq!(of(&["An old harbour was here"]), Look::Lost);
        assert_eq!(of(&["The harbour was there"]), Look::Lost);
        assert_eq!(of(&[""]), Look::Lost);
        assert_eq!(of(&["The harbour here"]), Look::Open);
    }

    #[test]
    fn line_breaks_of_two_bytes_are_the_suggestions_own() {
        let later = ["One.\r\nTwo"];
        assert_eq!(
            told("One.‸", "\nTwo words", &later),
            Look::Decided(Outcome::Accepted)
        );
    }

    #[test]
    fn emoji_and_marks_are_no_words() {
        let caret = Utf8Offset::ZERO;
        assert_eq!(Watch::new(" 👨‍👩‍👧!", caret, "", "", 0), None);
        assert_eq!(first_word_end(" cafe\u{301} then"), Some(7));
        assert_eq!(first_word_end("“don't” go"), Some("“don't".len()));
        assert_eq!(first_word_end("用React"), Some("用".len()));
    }
}
