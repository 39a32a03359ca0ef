//! Random edits from a seed: insertions, deletions and replacements of awkward text.
//!
//! The same seed gives the same edits, so a failure can be run again.

use inkstone_bench::lsp_client::Change;

use crate::mirror::Mirror;

/// What is inserted: every script and sequence that has ever confused a column count.
const PIECES: [&str; 20] = [
    "a",
    "word ",
    "The quick brown fox. ",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "砚",
    "今天早上,",
    "「引号」——",
    "👍",
    "👩‍👩‍👧‍👦",
    "🇨🇳",
    "e\u{301}",
    "n\u{303}o\u{308}\u{304}",
    "한국어",
    "\u{200d}",
    "\t",
    "𝔘𝔫",
    "\u{feff}\u{2028}\u{c}",
];

/// The document stays about this long, so that edits meet each other.
const DOCUMENT_BYTES_WANTED: usize = 6_000;
/// The longest deletion while the document is not too long.
const DELETE_BYTES_MAX: usize = 40;
/// The longest deletion when it is.
const SHRINK_BYTES_MAX: usize = 600;
/// Of this many edits one replaces the whole document, as editors do after a reload.
const WHOLE_DOCUMENT_EVERY: u64 = 400;

/// A source of edits.
#[derive(Debug, Clone)]
pub struct Storm {
    state: u64,
}

impl Storm {
    /// The edits of a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next edit, already made in the mirror.
    pub fn next_change(&mut self, mirror: &mut Mirror) -> Change {
        if self.below(WHOLE_DOCUMENT_EVERY) == 0 {
            let text = self.text(40);
            let end = mirror.text().len();
            mirror.replace(0, end, &text);
            return Change { range: None, text };
        }
        let length = mirror.text().len();
        let start = self.place(mirror, 0, length);
        let reach = if length > DOCUMENT_BYTES_WANTED {
            SHRINK_BYTES_MAX
        } else {
            DELETE_BYTES_MAX
        };
        // Half of the edits only insert.
        let end = if self.below(2) == 0 {
            start
        } else {
            self.place(mirror, start, start + reach)
        };
        let range = Some((mirror.position(start), mirror.position(end)));
        let pieces = self.below(4);
        let text = self.text(pieces);
        mirror.replace(start, end, &text);
        Change { range, text }
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64 (Steele, Lea and Flood 2014): small, seeded, good enough for choices.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn text(&mut self, pieces: u64) -> String {
        (0..pieces)
            .map(|_| PIECES[self.index_below(PIECES.len())])
            .collect()
    }

    /// A place between two bytes, the first of which is a place.
    fn place(&mut self, mirror: &Mirror, from: usize, to: usize) -> usize {
        let to = to.min(mirror.text().len());
        let mut byte = from + self.index_below(to - from + 1);
        while !mirror.is_place(byte) {
            byte -= 1; // ends at `from` at the latest
        }
        byte
    }

    fn index_below(&mut self, bound: usize) -> usize {
        let below = self.below(u64::try_from(bound).unwrap_or(u64::MAX));
        usize::try_from(below).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use inkstone_text::{Document, DocumentVersion, PositionEncoding};

    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_another_does_not() {
        let run = |seed| {
            let mut mirror = Mirror::new("", PositionEncoding::Utf16);
            let mut storm = Storm::new(seed);
            (0..100)
                .map(|_| storm.next_change(&mut mirror))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    /// The storm must be fit to find mistakes: the server's own text follows it, whatever the
    /// encoding, and a text that counts in another encoding does not.
    #[test]
    fn the_rope_follows_the_storm_only_in_the_right_encoding() {
        let follow = |client, server| {
            let mut mirror = Mirror::new("", client);
            let mut document = Document::new("", DocumentVersion::new(0)).ok()?;
            let mut storm = Storm::new(7);
            for version in 1..500 {
                let change = storm.next_change(&mut mirror);
                let change = inkstone_text::Change {
                    range: change.range,
                    text: change.text,
                };
                document
                    .apply(&[change], DocumentVersion::new(version), server)
                    .ok()?;
            }
            Some(document.snapshot().text() == mirror.text())
        };
        for client in PositionEncoding::PREFERRED {
            for server in PositionEncoding::PREFERRED {
                assert_eq!(follow(client, server) == Some(true), client == server);
            }
        }
    }
}
