//! Changes in a directory, told by the system instead of looked for: who waits for one sleeps.
//!
//! Not what changed: the caller looks itself when it is woken. The daemon watches its run directory.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// A descriptor that has something to read after an entry of the directory came, went or was
/// replaced, or the directory itself went; what is read says nothing the caller could rely on, and
/// a buffer of a few hundred bytes takes at least one change. It never blocks.
///
/// An error of kind `Unsupported` where the system does not tell, and others when the directory is
/// not there or the user watches as much as may be.
pub fn directory_changes(directory: &Path) -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    return crate::system::directory_changes(directory);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = directory;
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_removed_file_and_a_removed_directory_are_told_and_told_once() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("run");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("lock"), "x").unwrap();
        let changes = directory_changes(&folder).unwrap();
        let is_told = || rustix::io::read(&changes, &mut [0_u8; 4096]).is_ok();
        assert!(!is_told());
        std::fs::remove_file(folder.join("lock")).unwrap();
        assert!(is_told());
        assert!(!is_told());
        std::fs::remove_dir(&folder).unwrap();
        assert!(is_told());
    }

    #[test]
    fn a_directory_that_is_not_there_cannot_be_watched() {
        let base = tempfile::tempdir().unwrap();
        let error = directory_changes(&base.path().join("run")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
