//! What every reader of a container promises, and archives around a member that is fuzzed.

use std::io::{Cursor, Write};

use inkstone_corpus::filter::filter;
use inkstone_corpus::format::Format;
use inkstone_corpus::read::{ReadLimits, read};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Small, so that the limits themselves are reached.
const LIMITS: ReadLimits = ReadLimits {
    file_bytes_max: 1 << 20,
    unpacked_bytes_max: 1 << 18,
    unpack_ratio_max: 50,
    members_max: 64,
    line_bytes_max: 1 << 16,
    depth_max: 32,
    blocks_max: 200,
};

/// Reads and filters the bytes.
///
/// # Panics
/// When a promise is broken.
pub(crate) fn check(format: Format, bytes: &[u8]) {
    match read(format, bytes, &LIMITS) {
        Ok(reading) => {
            assert!(reading.blocks.len() <= LIMITS.blocks_max);
            assert!(
                reading
                    .blocks
                    .iter()
                    .all(|block| !block.text.trim().is_empty())
            );
            let lines = reading.blocks.iter().filter_map(|block| block.lines);
            for lines in lines {
                assert!(lines.start <= lines.end);
                assert!(lines.end as usize <= bytes.len() + 1);
            }
            assert!(reading.title.is_none_or(|title| !title.trim().is_empty()));
            let _ = filter(inkstone_corpus::Reading {
                blocks: reading.blocks,
                ..Default::default()
            });
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// An archive with these members, stored as they are.
pub(crate) fn packed(members: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        // Memory takes whatever is written, and the names here are fine.
        if writer.start_file(*name, options).is_err() || writer.write_all(content).is_err() {
            return Vec::new();
        }
    }
    writer.finish().map(Cursor::into_inner).unwrap_or_default()
}
