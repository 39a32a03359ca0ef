//! Edits at any positions in any encoding: the text equals a string edited the slow way.

use inkstone_text::{Change, Document, DocumentVersion, Position, PositionEncoding, Utf8Offset};

const ENCODINGS: [PositionEncoding; 3] =
    [PositionEncoding::Utf8, PositionEncoding::Utf16, PositionEncoding::Utf32];
/// Bytes that name one edit: two lines, two columns, how much of the input is inserted.
const EDIT_BYTES: usize = 5;

/// The first byte chooses the encoding, the second how much of the rest is the document; what
/// follows it is edits.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let [encoding, length, payload @ ..] = bytes else { return };
    let encoding = ENCODINGS[usize::from(*encoding) % ENCODINGS.len()];
    let (text, edits) = payload.split_at(payload.len() * usize::from(*length) / 255);
    let mut naive = String::from_utf8_lossy(text).into_owned();
    let Ok(mut document) = Document::new(&naive, DocumentVersion::new(0)) else { return };
    for edit in edits.chunks_exact(EDIT_BYTES) {
        let start = Position::new(u32::from(edit[0]), u32::from(edit[1]));
        let end = Position::new(u32::from(edit[2]), u32::from(edit[3]));
        let inserted = String::from_utf8_lossy(&edits[..usize::from(edit[4]).min(edits.len())]).into_owned();
        let snapshot = document.snapshot();
        let range = [start, end].map(|position| snapshot.offset_at(position, encoding).get());
        assert_round_trip(&snapshot, range[0], encoding);
        let version = DocumentVersion::new(document.version().get() + 1);
        let change = Change { range: Some((start, end)), text: inserted.clone() };
        if document.apply(&[change], version, encoding).is_ok() {
            naive.replace_range(range[0]..range[1], &inserted);
        }
        assert_eq!(document.snapshot().text(), naive);
    }
}

/// The position of an offset leads back to it.
fn assert_round_trip(snapshot: &inkstone_text::Snapshot, offset: usize, encoding: PositionEncoding) {
    let there = snapshot.position_at(Utf8Offset::new(offset), encoding);
    assert_eq!(snapshot.offset_at(there, encoding).get(), offset);
}
