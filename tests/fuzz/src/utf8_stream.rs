//! Bytes in any pieces decode to what they decode to at once.

use inkstone_vocab::Utf8Stream;

/// The first byte says how long the pieces of the rest are.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let Some((&lengths, payload)) = bytes.split_first() else { return };
    // Two lengths in turn, so that cuts fall at all distances.
    let lengths = [usize::from(lengths & 7) + 1, usize::from(lengths >> 3 & 7) + 1];
    let mut stream = Utf8Stream::default();
    let mut text = String::new();
    let mut rest = payload;
    for len in lengths.into_iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(len.min(rest.len()));
        text += &stream.push(piece);
        rest = after;
    }
    text += &stream.finish();
    assert_eq!(text, String::from_utf8_lossy(payload));
}
