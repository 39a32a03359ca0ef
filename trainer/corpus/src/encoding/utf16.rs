//! UTF-16 without its mark: whether it is, and which end comes first.
//!
//! Not the decoding: that is `encoding_rs`'s.

/// How many bytes are looked at.
const SAMPLE_BYTES_MAX: usize = 16 << 10;

/// In a hundred units, so many are characters that texts are made of.
const USUAL_PERCENT_MIN: usize = 96;

/// What one order of the bytes makes of them.
#[derive(Default)]
struct Order {
    units: usize,
    /// Letters, ideographs and marks of the scripts that people write in.
    usual: usize,
    /// Blanks and punctuation of ASCII and of Chinese: no text of some length is without them, and
    /// with the bytes swapped they are characters that nobody writes.
    telling: usize,
    /// Controls, private and unpaired units.
    impossible: usize,
}

/// `Some(true)` for little end first, `Some(false)` for big end first, none if it is not UTF-16.
pub(super) fn guess(bytes: &[u8]) -> Option<bool> {
    if bytes.len() < 2 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES_MAX)];
    let little = measure(sample, u16::from_le_bytes);
    let big = measure(sample, u16::from_be_bytes);
    match (is_text(&little), is_text(&big)) {
        (true, true) => Some(little.telling >= big.telling),
        (true, false) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

fn is_text(order: &Order) -> bool {
    order.impossible == 0
        && order.telling > 0
        && order.usual * 100 >= order.units * USUAL_PERCENT_MIN
}

fn measure(sample: &[u8], unit: fn([u8; 2]) -> u16) -> Order {
    let mut order = Order::default();
    let mut high = false;
    for pair in sample.chunks_exact(2) {
        let unit = unit([pair[0], pair[1]]);
        order.units += 1;
        if std::mem::replace(&mut high, (0xD800..0xDC00).contains(&unit))
            != (0xDC00..0xE000).contains(&unit)
        {
            order.impossible += 1;
        }
        match unit {
            0x09 | 0x0A | 0x0D | 0x20 | 0x2C | 0x2E | 0x3001 | 0x3002 | 0xFF0C => {
                order.telling += 1;
                order.usual += 1;
            }
            0x00..=0x1F | 0x7F..=0x9F | 0xE000..=0xF8FF | 0xFFFE | 0xFFFF => order.impossible += 1,
            // Latin, Greek, Cyrillic; general punctuation; kana and Chinese marks; ideographs; Hangul; surrogates; full width.
            0x21..=0x04FF
            | 0x2010..=0x2040
            | 0x3003..=0x30FF
            | 0x4E00..=0x9FFF
            | 0xAC00..=0xDFFF
            | 0xFF00..=0xFFEF => {
                order.usual += 1;
            }
            _ => {}
        }
    }
    order
}
