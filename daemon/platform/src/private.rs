//! Files and directories for their owner alone.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Owner reads and writes, others nothing.
#[cfg(unix)]
const OWNER_FILE_MODE: u32 = 0o600;
/// The bits of group and others.
#[cfg(unix)]
const OTHERS_MASK: u32 = 0o077;

/// Who can use a file or directory besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Nobody.
    Private,
    /// Others of the machine: the mode has their bits.
    Open {
        /// The permission bits.
        mode: u32,
    },
    /// It belongs to another user.
    Foreign {
        /// Their id.
        owner: u32,
    },
}

/// Options that create a file for its owner alone (mode 0600 where there are modes).
pub fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER_FILE_MODE);
    options
}

/// A new file in `folder` that nobody else can find or open, and that is gone when it is closed,
/// however the process ends.
pub fn nameless_file(folder: &Path) -> io::Result<File> {
    let path = temporary_beside(&folder.join("nameless"));
    let mut options = file_options();
    options.create_new(true).read(true).write(true);
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt as _;
        /// `FILE_FLAG_DELETE_ON_CLOSE` of the Windows API.
        const DELETE_ON_CLOSE: u32 = 0x0400_0000;
        options.share_mode(0).custom_flags(DELETE_ON_CLOSE);
    }
    let file = options.open(&path)?;
    #[cfg(not(windows))]
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// Replaces a file in one step: readers see the old content or the new one, never a part. The new
/// file is the owner's alone.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path);
    let write = || {
        write_whole(&temporary, content)?;
        std::fs::rename(&temporary, path)
    };
    write().inspect_err(|_| {
        // The error that counts is the one above; a leftover is the lesser harm.
        let _ = std::fs::remove_file(&temporary);
    })
}

/// Makes a file in one step, unless there is one: readers see none or all of its content. Whether it
/// was made; of several that try at once, one is. The file is the owner's alone.
pub fn publish_new(path: &Path, content: &[u8]) -> io::Result<bool> {
    let temporary = temporary_beside(path);
    let published = write_whole(&temporary, content).and_then(|()| {
        match std::fs::hard_link(&temporary, path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            // A file system without links: the last one that tries counts, still whole.
            Err(_) => std::fs::rename(&temporary, path).map(|()| true),
        }
    });
    // A leftover is the lesser harm, and after a rename there is none.
    let _ = std::fs::remove_file(&temporary);
    published
}

/// Between two looks at a lock that another process holds.
const LOCK_LOOK_EVERY: Duration = Duration::from_millis(5);

/// Holds the lock on what lies at `path`, against other processes that ask for it here, until the
/// file is dropped: for reading, changing and [`replace`]ing it. It lies beside it, as `PATH.lock`, and
/// stays there. An error of kind `WouldBlock` when another process holds it for longer than `wait`.
pub fn lock(path: &Path, wait: Duration) -> io::Result<File> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let file = file_options().write(true).open(beside)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < wait => {
                std::thread::sleep(LOCK_LOOK_EVERY);
            }
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// A name that no other process and no other thread writes to.
fn temporary_beside(path: &Path) -> PathBuf {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.{number}.new", std::process::id()));
    PathBuf::from(temporary)
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file: File = file_options().write(true).truncate(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Who can use what lies at `path`; a link is judged by where it leads. Always private where
/// profile directories have access lists instead of modes.
pub fn privacy(path: &Path) -> io::Result<Privacy> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let metadata = std::fs::metadata(path)?;
        let mode = metadata.permissions().mode() & 0o777;
        Ok(if Some(metadata.uid()) != crate::user_id() {
            Privacy::Foreign {
                owner: metadata.uid(),
            }
        } else if mode & OTHERS_MASK != 0 {
            Privacy::Open { mode }
        } else {
            Privacy::Private
        })
    }
    #[cfg(not(unix))]
    {
        std::fs::metadata(path)?;
        Ok(Privacy::Private)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_replaced_file_is_private_and_leaves_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mark");
        for content in ["one", "另一个"] {
            replace(&path, content.as_bytes()).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!(privacy(&path).unwrap(), Privacy::Private);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_published_file_is_whole_private_and_not_published_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        assert!(publish_new(&path, b"first").unwrap());
        assert!(!publish_new(&path, "第二".as_bytes()).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(privacy(&path).unwrap(), Privacy::Private);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_lock_is_held_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counts");
        let held = lock(&path, Duration::ZERO).unwrap();
        let refused = lock(&path, Duration::ZERO).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
        drop(held);
        let held = lock(&path, Duration::ZERO);
        assert!(held.is_ok());
        let beside = folder.path().join("counts.lock");
        assert_eq!(privacy(&beside).unwrap(), Privacy::Private);
    }

    #[test]
    fn a_nameless_file_holds_what_is_written_and_lies_nowhere() {
        use std::io::{Read as _, Seek as _};
        let folder = tempfile::tempdir().unwrap();
        let mut files = [(); 2].map(|()| nameless_file(folder.path()).unwrap());
        for (file, content) in files.iter_mut().zip(["one", "另一个"]) {
            file.write_all(content.as_bytes()).unwrap();
            file.rewind().unwrap();
            let mut read = String::new();
            file.read_to_string(&mut read).unwrap();
            assert_eq!(read, content);
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, OWNER_FILE_MODE);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_others_may_read_is_open() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::set_permissions(file.path(), Permissions::from_mode(0o644)).unwrap();
        assert_eq!(privacy(file.path()).unwrap(), Privacy::Open { mode: 0o644 });
    }

    #[test]
    fn a_file_in_a_missing_folder_cannot_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let error = replace(&folder.path().join("no/mark"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
