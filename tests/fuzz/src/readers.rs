//! What every reader of a document promises, asserted once; each format's target calls it.

use inkstone_corpus::BlockKind;
use inkstone_corpus::format::Format;
use inkstone_corpus::read::{ReadLimits, read};

/// Small, so that the limits are passed by small inputs.
const LIMITS: ReadLimits = ReadLimits {
    file_bytes_max: 64 << 10,
    unpacked_bytes_max: 256 << 10,
    unpack_ratio_max: 100,
    members_max: 64,
    line_bytes_max: 8 << 10,
    depth_max: 16,
    blocks_max: 200,
};

/// Reads `bytes` as `format` and checks what is promised of the blocks.
///
/// # Panics
/// When a promise is broken.
pub(crate) fn check(format: Format, bytes: &[u8]) {
    let Ok(reading) = read(format, bytes, &LIMITS) else {
        return;
    };
    assert!(reading.blocks.len() <= LIMITS.blocks_max);
    let mut previous = 0;
    for block in &reading.blocks {
        assert!(!block.text.trim().is_empty(), "{block:?} is empty");
        assert!(
            !block.text.contains('\r'),
            "{block:?} has line ends of its own"
        );
        if let BlockKind::Heading(level) = block.kind {
            assert!((1..=6).contains(&level), "{block:?}");
        }
        if let Some(lines) = block.lines {
            assert!(lines.start < lines.end, "{block:?} has no line");
            assert!(lines.start >= previous, "{block:?} is out of order");
            assert!(
                lines.end as usize <= bytes.len() + 1,
                "{block:?} ends after the text"
            );
            previous = lines.start;
        }
    }
}
