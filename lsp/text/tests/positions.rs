//! Positions and offsets are two names of the same place, in three encodings.
//!
//! Not about edits (`edits.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_text::{
    DocumentVersion, LineNumber, Position, PositionEncoding, Snapshot, TextRange, Utf8Offset,
};
use proptest::prelude::*;

mod support;

fn snapshot(text: &str) -> Snapshot {
    Snapshot::of(text, DocumentVersion::new(1))
}

/// `‸` in the fixture is where the position must lead; given per encoding as (line, character).
fn check(fixture: &str, utf8: (u32, u32), utf16: (u32, u32), utf32: (u32, u32)) {
    let caret = fixture.find('‸').expect("fixture has a ‸");
    let snapshot = snapshot(&fixture.replace('‸', ""));
    let expectations = [
        (PositionEncoding::Utf8, utf8),
        (PositionEncoding::Utf16, utf16),
        (PositionEncoding::Utf32, utf32),
    ];
    for (encoding, (line, character)) in expectations {
        let position = Position::new(line, character);
        let offset = Utf8Offset::new(caret);
        assert_eq!(
            snapshot.position_at(offset, encoding),
            position,
            "{encoding:?}"
        );
        assert_eq!(
            snapshot.offset_at(position, encoding),
            offset,
            "{encoding:?}"
        );
    }
}

#[test]
fn english_counts_alike_in_every_encoding() {
    check("one\ntw‸o", (1, 2), (1, 2), (1, 2));
}

#[test]
fn chinese_takes_three_bytes_and_one_unit() {
    check("今天\n早上‸我去", (1, 6), (1, 2), (1, 2));
}

#[test]
fn an_emoji_family_takes_eight_utf16_units() {
    check("a👨‍👩‍👧‸b", (0, 19), (0, 9), (0, 6));
}

#[test]
fn a_combining_mark_is_a_unit_of_its_own() {
    check("cafe\u{301}‸ noir", (0, 6), (0, 5), (0, 5));
}

#[test]
fn a_rare_han_character_is_a_surrogate_pair() {
    check("𠮷‸野家", (0, 4), (0, 2), (0, 1));
}

#[test]
fn lines_end_at_crlf_and_at_a_lone_carriage_return() {
    check("a\r\nb\rc\n‸d", (3, 0), (3, 0), (3, 0));
}

#[test]
fn form_feed_and_line_separator_do_not_end_a_line() {
    check("a\u{c}b\u{2028}c\u{85}‸", (0, 9), (0, 6), (0, 6));
}

#[test]
fn a_character_past_the_end_means_the_end_of_the_line() {
    let snapshot = snapshot("ab\r\n烧\ncd");
    for encoding in PositionEncoding::PREFERRED {
        assert_eq!(snapshot.offset_at(Position::new(0, 99), encoding).get(), 2);
        assert_eq!(snapshot.offset_at(Position::new(0, 3), encoding).get(), 2);
        assert_eq!(
            snapshot
                .offset_at(Position::new(1, u32::MAX), encoding)
                .get(),
            7
        );
        assert_eq!(snapshot.offset_at(Position::new(2, 3), encoding).get(), 10);
    }
}

#[test]
fn a_line_past_the_last_means_the_end_of_the_document() {
    let snapshot = snapshot("ab\ncd\n");
    for encoding in PositionEncoding::PREFERRED {
        assert_eq!(snapshot.offset_at(Position::new(2, 0), encoding).get(), 6);
        assert_eq!(snapshot.offset_at(Position::new(3, 0), encoding).get(), 6);
        assert_eq!(
            snapshot
                .offset_at(Position::new(u32::MAX, 5), encoding)
                .get(),
            6
        );
    }
}

#[test]
fn a_position_inside_a_character_means_its_start() {
    let snapshot = snapshot("a😀烧");
    assert_eq!(
        snapshot
            .offset_at(Position::new(0, 2), PositionEncoding::Utf16)
            .get(),
        1
    );
    assert_eq!(
        snapshot
            .offset_at(Position::new(0, 3), PositionEncoding::Utf8)
            .get(),
        1
    );
    assert_eq!(
        snapshot
            .offset_at(Position::new(0, 6), PositionEncoding::Utf8)
            .get(),
        5
    );
}

#[test]
fn between_the_two_bytes_of_a_crlf_means_the_end_of_its_line() {
    let snapshot = snapshot("ab\r\ncd");
    let inside = Utf8Offset::new(3);
    for encoding in PositionEncoding::PREFERRED {
        assert_eq!(snapshot.position_at(inside, encoding), Position::new(0, 2));
    }
    assert_eq!(snapshot.line_of(inside), LineNumber::new(0));
}

#[test]
fn a_line_range_leaves_the_break_out() {
    let snapshot = snapshot("one\r\n二\n\nthree");
    let lines: Vec<String> = (0..=snapshot.line_count())
        .map(|line| {
            let range = snapshot.line_range(LineNumber::new(line));
            snapshot.slice(range).into_owned()
        })
        .collect();
    assert_eq!(lines, ["one", "二", "", "three", ""]);
}

#[test]
fn a_slice_outside_of_the_text_is_clamped() {
    let snapshot = snapshot("烧a");
    let slice = |start, end| {
        let range = TextRange::new(Utf8Offset::new(start), Utf8Offset::new(end));
        snapshot.slice(range).into_owned()
    };
    assert_eq!(slice(0, 99), "烧a");
    assert_eq!(slice(1, 4), "烧a");
    assert_eq!(slice(4, 3), "");
    assert_eq!(slice(99, 100), "");
}

/// The position as a client would count it: line by line, unit by unit, with no index.
fn naive_position(text: &str, offset: usize, encoding: PositionEncoding) -> Position {
    let mut line = 0;
    let mut line_start = 0;
    let bytes = text.as_bytes();
    for at in 0..offset {
        let ends_line = match bytes[at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends_line {
            line += 1;
            line_start = at + 1;
        }
    }
    let units = encoding.units_in(&text[line_start..offset]);
    Position::new(line, u32::try_from(units).expect("short test text"))
}

proptest! {
    #[test]
    fn offsets_and_positions_round_trip(text in support::text(60), encoding in support::encoding()) {
        let snapshot = snapshot(&text);
        let ends = std::iter::once(text.len());
        for offset in text.char_indices().map(|(at, _)| at).chain(ends) {
            if text[..offset].ends_with('\r') && text[offset..].starts_with('\n') {
                continue; // no position lies between the two
            }
            let position = snapshot.position_at(Utf8Offset::new(offset), encoding);
            prop_assert_eq!(position, naive_position(&text, offset, encoding));
            prop_assert_eq!(snapshot.offset_at(position, encoding).get(), offset);
        }
    }

    #[test]
    fn any_position_leads_to_a_character_start_in_order(
        text in support::text(30),
        encoding in support::encoding(),
        lines in proptest::collection::vec((0_u32..20, 0_u32..40), 2),
    ) {
        let snapshot = snapshot(&text);
        let mut positions: Vec<Position> =
            lines.into_iter().map(|(line, character)| Position::new(line, character)).collect();
        positions.sort();
        let offsets: Vec<usize> =
            positions.iter().map(|&at| snapshot.offset_at(at, encoding).get()).collect();
        prop_assert!(offsets[0] <= offsets[1]);
        prop_assert!(offsets.iter().all(|&at| text.is_char_boundary(at)));
    }
}
