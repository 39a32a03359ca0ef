//! Which file a path leads to: whether it is still the one that a process opened.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Tells a file from every other that exists at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    /// Where a file that is open can be removed or replaced; elsewhere all are alike.
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl FileIdentity {
    /// Of an open file, which keeps its identity from being given to another.
    pub fn of_file(file: &File) -> io::Result<Self> {
        file.metadata().map(|metadata| Self::of(&metadata))
    }

    /// Of what lies at `path`; none when nothing does.
    pub fn of_path(path: &Path) -> io::Result<Option<Self>> {
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Some(Self::of(&metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device_and_inode: (metadata.dev(), metadata.ino()),
        }
    }

    #[cfg(not(unix))]
    fn of(_metadata: &Metadata) -> Self {
        Self {}
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_removed_or_replaced_file_is_not_the_one_that_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let open = File::create(&path).unwrap();
        let own = FileIdentity::of_file(&open).unwrap();
        assert_eq!(FileIdentity::of_path(&path).unwrap(), Some(own));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(FileIdentity::of_path(&path).unwrap(), None);
        File::create(&path).unwrap();
        assert_ne!(FileIdentity::of_path(&path).unwrap(), Some(own));
    }
}
