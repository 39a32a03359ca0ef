//! Whether the disk has room for a measurement: it must not be full before the end.

use std::path::Path;

use crate::error::BenchError;

/// For each megabyte of text: itself, and room for the database, its log and the largest sorting of it.
/// An estimate on the safe side, not a measurement: what was read and what training sees are kept
/// deflated, each with its signatures.
const DISK_TIMES: u64 = 5;
/// What a file takes besides its text: the rest of its last block, its entry, its rows.
const FILE_BYTES: u64 = 8_192;
/// What is left to others.
const SPARE_MB: u64 = 1_024;
const BYTES_PER_MB: u64 = 1_000_000;

/// Refuses what would not fit in the folder. Where the system does not tell what is free, all fits.
pub(super) fn check(folder: &Path, megabytes: usize, files: usize) -> Result<(), BenchError> {
    let Ok(free_bytes) = inkstone_platform::free_bytes(folder) else {
        return Ok(());
    };
    let (wanted_mb, free_mb) = (wanted_mb(megabytes, files), free_bytes / BYTES_PER_MB);
    if wanted_mb <= free_mb {
        return Ok(());
    }
    Err(BenchError::NoRoom {
        path: folder.to_owned(),
        wanted_mb,
        free_mb,
    })
}

fn wanted_mb(megabytes: usize, files: usize) -> u64 {
    let text = (megabytes as u64).saturating_mul(DISK_TIMES);
    let entries = (files as u64).saturating_mul(FILE_BYTES) / BYTES_PER_MB;
    text.saturating_add(entries).saturating_add(SPARE_MB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_is_free_is_refused_with_both_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let refused = check(folder.path(), usize::MAX, usize::MAX).unwrap_err();
        let BenchError::NoRoom {
            wanted_mb, free_mb, ..
        } = &refused
        else {
            panic!("{refused}")
        };
        assert!(wanted_mb > free_mb);
        let text = refused.to_string();
        assert!(
            text.contains("--megabytes") && text.contains("MB free"),
            "{text}"
        );
        assert!(check(&folder.path().join("not/there"), usize::MAX, 1).is_ok());
    }

    #[test]
    fn a_gigabyte_in_a_hundred_thousand_files_needs_seven() {
        assert_eq!(wanted_mb(1_024, 100_000), 1_024 * 5 + 819 + 1_024);
        assert_eq!(wanted_mb(0, 0), SPARE_MB);
    }
}
