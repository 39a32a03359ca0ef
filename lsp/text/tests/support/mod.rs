//! Strings that hurt: strategies for the property tests of this crate.
//!
//! Not a test by itself. Included by `positions.rs` and `edits.rs`.

use proptest::prelude::*;

/// Pieces of text in which the three encodings, line breaks and clusters disagree.
const PIECES: [&str; 18] = [
    "a",
    "Z ",
    "\n",
    "\r\n",
    "\r",
    "é",
    "e\u{301}",
    "烧",
    "今天,",
    "👨‍👩‍👧",
    "🇨🇳",
    "𠮷",
    "\t",
    "\u{2028}",
    "\u{b}",
    "ไทย",
    "word ",
    "\u{feff}",
];

/// A text of up to `pieces_max` pieces, of known trouble and of arbitrary characters.
pub(crate) fn text(pieces_max: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..=pieces_max).prop_map(|pieces| pieces.concat())
}

/// Each of the three encodings.
pub(crate) fn encoding() -> impl Strategy<Value = inkstone_text::PositionEncoding> {
    proptest::sample::select(&inkstone_text::PositionEncoding::PREFERRED[..])
}
