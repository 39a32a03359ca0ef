//! Which file something was read from, so that one written over it later is told apart.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStamp {
    /// Where it lay.
    pub path: PathBuf,
    /// Its length in bytes; 0 when it could not be asked.
    pub bytes: u64,
    /// When it was written last, where that is known.
    pub modified: Option<SystemTime>,
}

impl FileStamp {
    /// Of the file as it is now: to be taken before it is read.
    pub fn of(path: &Path) -> Self {
        let metadata = std::fs::metadata(path).ok();
        Self {
            path: path.to_owned(),
            bytes: metadata.as_ref().map_or(0, std::fs::Metadata::len),
            modified: metadata.and_then(|metadata| metadata.modified().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_written_over_another_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.gguf");
        let missing = FileStamp::of(&path);
        std::fs::write(&path, "one").unwrap();
        let first = FileStamp::of(&path);
        assert_eq!(first, FileStamp::of(&path));
        std::fs::write(&path, "three").unwrap();
        let second = FileStamp::of(&path);
        assert!(missing != first && first != second);
    }
}
