//! A document that gets a client's edits holds the client's text.
//!
//! Not about positions alone (`positions.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_text::{
    Change, DOCUMENT_BYTES_MAX, Document, DocumentVersion, Position, PositionEncoding, TextError,
};
use proptest::prelude::*;

mod support;

fn version(number: i32) -> DocumentVersion {
    DocumentVersion::new(number)
}

fn change(start: (u32, u32), end: (u32, u32), text: &str) -> Change {
    Change {
        range: Some((Position::new(start.0, start.1), Position::new(end.0, end.1))),
        text: text.to_owned(),
    }
}

#[test]
fn each_change_sees_what_the_one_before_it_left() {
    let mut document = Document::new("今天 here\n", version(1)).expect("small");
    let changes = [
        change((0, 2), (0, 3), "早上 "),
        change((0, 5), (0, 9), "there"),
        change((1, 0), (1, 0), "👨‍👩‍👧\r\n"),
        change((1, 8), (2, 0), ""),
    ];
    let applied = document.apply(&changes, version(2), PositionEncoding::Utf16);
    assert_eq!(applied, Ok(()));
    assert_eq!(document.snapshot().text(), "今天早上 there\n👨‍👩‍👧");
    assert_eq!(document.version(), version(2));
}

#[test]
fn a_change_without_a_range_replaces_everything() {
    let mut document = Document::new("old", version(1)).expect("small");
    let whole = Change {
        range: None,
        text: "新的".to_owned(),
    };
    document
        .apply(&[whole], version(2), PositionEncoding::Utf8)
        .expect("applies");
    assert_eq!(document.snapshot().text(), "新的");
}

#[test]
fn a_snapshot_keeps_its_text_when_the_document_changes() {
    let mut document = Document::new("before", version(1)).expect("small");
    let before = document.snapshot();
    document
        .apply(
            &[change((0, 0), (0, 6), "after")],
            version(2),
            PositionEncoding::Utf8,
        )
        .expect("applies");
    assert_eq!(before.text(), "before");
    assert_eq!(before.version(), version(1));
    assert_eq!(document.snapshot().text(), "after");
}

#[test]
fn a_reversed_range_is_refused_and_nothing_changes() {
    let mut document = Document::new("one two", version(1)).expect("small");
    let changes = [change((0, 0), (0, 0), "x"), change((0, 5), (0, 2), "y")];
    let error = document
        .apply(&changes, version(2), PositionEncoding::Utf8)
        .expect_err("reversed");
    assert_eq!(
        error.to_string(),
        "change 1 has a reversed range: it starts at 0:5 and ends at 0:2; \
         close and reopen the document to send its text again"
    );
    assert_eq!(document.snapshot().text(), "one two");
    assert_eq!(document.version(), version(1));
}

#[test]
fn a_document_may_be_as_large_as_the_limit_and_no_larger() {
    let largest = "a".repeat(DOCUMENT_BYTES_MAX);
    let mut document = Document::new(&largest, version(1)).expect("as large as allowed");
    let grow = change((0, 0), (0, 0), "b");
    let error = document
        .apply(&[grow], version(2), PositionEncoding::Utf8)
        .expect_err("too large");
    let expected = TextError::TooLarge {
        bytes: DOCUMENT_BYTES_MAX + 1,
        limit_bytes: DOCUMENT_BYTES_MAX,
    };
    assert_eq!(error, expected);
    let swap = change((0, 0), (0, 1), "b");
    document
        .apply(&[swap], version(2), PositionEncoding::Utf8)
        .expect("same size");
    assert!(Document::new(&format!("{largest}b"), version(1)).is_err());
}

/// Where a client's position lies in its own text, by counting only.
fn naive_offset(text: &str, position: Position, encoding: PositionEncoding) -> usize {
    let mut rest = text;
    let mut line_start = 0;
    for _ in 0..position.line {
        let Some(at) = rest.find(['\n', '\r']) else {
            return text.len();
        };
        let length = if rest[at..].starts_with("\r\n") { 2 } else { 1 };
        line_start += at + length;
        rest = &text[line_start..];
    }
    let line = rest.split(['\n', '\r']).next().expect("split gives one");
    let mut units = position.character as usize;
    let mut offset = line_start;
    for c in line.chars() {
        let width = encoding.units_in(c.encode_utf8(&mut [0; 4]));
        if units < width {
            break;
        }
        units -= width;
        offset += c.len_utf8();
    }
    offset
}

proptest! {
    #[test]
    fn random_edits_give_the_text_that_a_string_gives(
        start in support::text(40),
        encoding in support::encoding(),
        edits in proptest::collection::vec(
            ((0_u32..12, 0_u32..20), (0_u32..12, 0_u32..20), support::text(6)),
            0..40,
        ),
    ) {
        let mut model = start.clone();
        let mut document = Document::new(&start, version(0)).expect("small");
        for (number, (one, other, text)) in (1..).zip(edits) {
            let (from, to) = if one <= other { (one, other) } else { (other, one) };
            let edit = change(from, to, &text);
            let (from, to) = edit.range.expect("has one");
            let range =
                naive_offset(&model, from, encoding)..naive_offset(&model, to, encoding);
            model.replace_range(range, &text);
            document.apply(&[edit], version(number), encoding).expect("in order");
            prop_assert_eq!(document.snapshot().text(), model.as_str());
            prop_assert_eq!(document.snapshot().len().get(), model.len());
        }
    }

    #[test]
    fn one_notification_of_many_changes_equals_many_of_one(
        start in support::text(20),
        encoding in support::encoding(),
        edits in proptest::collection::vec(((0_u32..6, 0_u32..9), support::text(4)), 0..10),
    ) {
        let changes: Vec<Change> =
            edits.into_iter().map(|(at, text)| change(at, (at.0, at.1 + 1), &text)).collect();
        let mut together = Document::new(&start, version(0)).expect("small");
        let mut apart = together.clone();
        together.apply(&changes, version(1), encoding).expect("in order");
        for one in changes {
            apart.apply(&[one], version(1), encoding).expect("in order");
        }
        prop_assert_eq!(together.snapshot().text(), apart.snapshot().text());
    }
}
