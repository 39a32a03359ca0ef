//! The bounded text around a caret that goes to the daemon.
//!
//! Not the prompt: the daemon packs that into its model's token budget. Called by the language
//! server for every request.

use crate::cut::cut_at_or_after;
use crate::ends::floor_char_boundary;
use crate::offset::{TextRange, Utf8Offset};
use crate::snapshot::Snapshot;

/// The most text before the caret that is sent: more than the context of the models that answer
/// while one types (4,096 tokens are about 16 KiB of English), at a cost of microseconds.
pub const PREFIX_BYTES_MAX: usize = 48 * 1024;

/// The most text after the caret that is sent: it serves to trim what repeats it.
pub const SUFFIX_BYTES_MAX: usize = 4 * 1024;

/// How far the prefix's start moves at once. Each move makes the daemon's cached tokens of the
/// document worthless, so it happens once in this many bytes typed.
const START_STEP_BYTES: usize = 16 * 1024;

/// How far after a step's bound a paragraph's start is looked for.
const START_SEARCH_BYTES: usize = 4 * 1024;

/// The text around a caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The text before the caret, at most [`PREFIX_BYTES_MAX`].
    pub prefix: String,
    /// Where `prefix` starts in the document.
    pub prefix_start: Utf8Offset,
    /// The text after the caret, at most [`SUFFIX_BYTES_MAX`].
    pub suffix: String,
}

/// The text around `caret`.
///
/// Append-stable: the prefix's start depends on what lies around a multiple of
/// [`START_STEP_BYTES`], far before the caret, so typing changes it only when the caret passes
/// such a bound. A start at a fixed distance from the caret would move with every key and cost
/// the daemon its whole cache each time.
pub fn split_window(snapshot: &Snapshot, caret: Utf8Offset) -> Window {
    let caret = snapshot.floor(caret);
    let prefix_start = prefix_start(snapshot, caret);
    let prefix = snapshot
        .slice(TextRange::new(prefix_start, caret))
        .into_owned();
    let after_end = Utf8Offset::new(caret.get().saturating_add(SUFFIX_BYTES_MAX));
    let mut suffix = snapshot
        .slice(TextRange::new(caret, after_end))
        .into_owned();
    suffix.truncate(floor_char_boundary(&suffix, SUFFIX_BYTES_MAX));
    Window {
        prefix,
        prefix_start,
        suffix,
    }
}

fn prefix_start(snapshot: &Snapshot, caret: Utf8Offset) -> Utf8Offset {
    let too_much = caret.get().saturating_sub(PREFIX_BYTES_MAX);
    if too_much == 0 {
        return Utf8Offset::ZERO;
    }
    let bound = too_much.div_ceil(START_STEP_BYTES) * START_STEP_BYTES;
    // The stretch begins a little earlier, so that a paragraph that starts at the bound is seen.
    let stretch_start = snapshot.floor(Utf8Offset::new(bound - 8));
    let stretch_end = Utf8Offset::new(bound + START_SEARCH_BYTES);
    let stretch = snapshot.slice(TextRange::new(stretch_start, stretch_end));
    let from = Utf8Offset::new(bound - stretch_start.get());
    let cut = cut_at_or_after(&stretch, from, START_SEARCH_BYTES);
    Utf8Offset::new(stretch_start.get() + cut.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentVersion;

    fn snapshot(text: &str) -> Snapshot {
        Snapshot::of(text, DocumentVersion::new(1))
    }

    /// A text of `paragraphs` paragraphs of about 200 bytes in both scripts.
    fn long_text(paragraphs: usize) -> String {
        let mut text = String::new();
        for n in 0..paragraphs {
            text.push_str("Paragraph ");
            text.push_str(&n.to_string());
            text.push_str(" says that 今天早上我去公园散步，看到很多老人在打太极拳。");
            text.push_str("The willows 🌿 by the lake were green.\n\n");
        }
        text
    }

    #[test]
    fn a_short_document_is_sent_whole() {
        let window = split_window(&snapshot("Hello 世界\nbye"), Utf8Offset::new(9));
        assert_eq!(window.prefix, "Hello 世");
        assert_eq!(window.suffix, "界\nbye");
        assert_eq!(window.prefix_start, Utf8Offset::ZERO);
    }

    #[test]
    fn both_sides_are_bounded_and_rejoin_the_document() {
        let text = long_text(2_000);
        let snapshot = snapshot(&text);
        for caret in (0..text.len()).step_by(7_919) {
            let caret = snapshot.floor(Utf8Offset::new(caret));
            let window = split_window(&snapshot, caret);
            assert!(window.prefix.len() <= PREFIX_BYTES_MAX);
            assert!(window.suffix.len() <= SUFFIX_BYTES_MAX);
            let start = window.prefix_start.get();
            assert_eq!(start + window.prefix.len(), caret.get());
            let joined = format!("{}{}", window.prefix, window.suffix);
            assert_eq!(joined, text[start..start + joined.len()]);
        }
    }

    #[test]
    fn a_long_prefix_starts_at_a_paragraph() {
        let text = long_text(2_000);
        let window = split_window(&snapshot(&text), Utf8Offset::new(text.len()));
        assert!(window.prefix.starts_with("Paragraph "));
        assert!(window.prefix.len() > PREFIX_BYTES_MAX / 2);
    }

    #[test]
    fn typing_moves_the_start_once_in_many_thousand_bytes() {
        let mut text = long_text(600);
        let mut start = split_window(&snapshot(&text), Utf8Offset::new(text.len())).prefix_start;
        let mut moves = 0;
        let mut typed_bytes = 0;
        for key in "the 柳树 was green, and ".chars().cycle().take(20_000) {
            text.push(key);
            typed_bytes += key.len_utf8();
            if typed_bytes % 64 == 0 {
                let caret = Utf8Offset::new(text.len());
                let now = split_window(&snapshot(&text), caret).prefix_start;
                moves += usize::from(now != start);
                start = now;
            }
        }
        assert!(typed_bytes > START_STEP_BYTES);
        assert!(
            (1..=typed_bytes.div_ceil(START_STEP_BYTES)).contains(&moves),
            "{moves} moves"
        );
    }

    #[test]
    fn a_text_without_any_break_is_cut_between_characters() {
        let text = "烧".repeat(40_000);
        let window = split_window(&snapshot(&text), Utf8Offset::new(text.len()));
        assert!(window.prefix.chars().all(|c| c == '烧'));
        assert!(!window.prefix.is_empty());
    }
}
