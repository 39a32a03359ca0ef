//! Reading one file: its bytes within the limit, their hash, and the stamp it had.

use std::fmt;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use std::time::SystemTime;

use inkstone_platform::{FileStamp, regular_file};
use sha2::{Digest as _, Sha256};

use crate::skipped::SkipReason;

/// Names a content: SHA-256 of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash([u8; 32]);

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Of the bytes.
    pub hash: ContentHash,
    /// What the file had before it was read; none when its last change was so short ago that a
    /// further one might not move it. The next rescan then reads the file again.
    pub stamp: Option<FileStamp>,
}

/// A file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRead {
    /// It is not there any more.
    Gone,
    /// It is not read, for this reason.
    Skipped(SkipReason),
}

/// Reads a regular file of at most so many bytes. Waits for nothing: a pipe is refused.
pub fn read(path: &Path, bytes_max: u64) -> Result<Content, NotRead> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => NotRead::Gone,
        ErrorKind::InvalidInput => NotRead::Skipped(SkipReason::NotAFile),
        _ => NotRead::Skipped(SkipReason::Unreadable(error.to_string())),
    };
    let (file, metadata) = regular_file::open(path).map_err(failed)?;
    let stamp = FileStamp::of(&metadata);
    let mut bytes = Vec::new();
    // One byte more, to see whether there is more: the file may grow while it is read.
    file.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let read = bytes.len() as u64;
    if read > bytes_max {
        let bytes = metadata.len().max(read);
        return Err(NotRead::Skipped(SkipReason::TooLarge { bytes, bytes_max }));
    }
    Ok(Content {
        hash: ContentHash::of(&bytes),
        bytes,
        stamp: settled(stamp),
    })
}

/// The stamp, when it can be relied on from now on.
pub(crate) fn settled(stamp: FileStamp) -> Option<FileStamp> {
    stamp.is_settled(SystemTime::now()).then_some(stamp)
}

impl ContentHash {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// From the database.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the database.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// In hexadecimal digits.
impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_at_the_limit_is_read_and_one_above_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("诗.md");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap().bytes, b"12345");
        let refused = read(&path, 4).unwrap_err();
        let too_large = SkipReason::TooLarge {
            bytes: 5,
            bytes_max: 4,
        };
        assert_eq!(refused, NotRead::Skipped(too_large));
        assert_eq!(read(&folder.path().join("none"), 4), Err(NotRead::Gone));
    }

    #[test]
    fn a_hash_is_that_of_the_standard() {
        let empty = ContentHash::of(b"").to_string();
        let of_standard = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(empty, of_standard);
    }
}
