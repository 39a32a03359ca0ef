//! One pull of a model at a time: a lock on `.NAME.lock` beside the models, which the system drops
//! when its process dies. The holder removes the file again, so nothing is left behind.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use inkstone_models::ModelName;

use crate::error::FetchError;

/// Most rounds of "locked, but the file was removed meanwhile"; each needs another process to
/// finish a whole pull between two system calls.
const ROUNDS_MAX: usize = 100;

/// Holds the lock until dropped.
#[derive(Debug)]
pub(crate) struct PullLock {
    // Kept for its lock, which closing releases.
    _file: File,
    path: PathBuf,
}

impl PullLock {
    /// Takes the lock; calls `waiting` once if another process holds it, then waits.
    pub(crate) fn acquire(
        directory: &Path,
        name: &ModelName,
        mut waiting: impl FnMut(),
    ) -> Result<Self, FetchError> {
        let path = directory.join(format!(".{name}.lock"));
        let failed = |source| FetchError::Io {
            action: "lock",
            path: path.clone(),
            source,
        };
        for _ in 0..ROUNDS_MAX {
            let mut options = File::options();
            let file = options
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    waiting();
                    file.lock().map_err(failed)?;
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // The holder before us may have removed the file that we locked; then a third process
            // could lock a new one.
            if is_same(&file, &path).map_err(failed)? {
                return Ok(Self { _file: file, path });
            }
        }
        Err(failed(io::Error::from(io::ErrorKind::WouldBlock)))
    }
}

impl Drop for PullLock {
    fn drop(&mut self) {
        // A file that stays is harmless: the next pull locks it again.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the path still names the open file.
#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere an open file keeps its name.
#[cfg(not(unix))]
fn is_same(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a panic is how a test fails")]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::PullLock;

    #[test]
    fn only_one_holds_the_lock_and_the_second_says_that_it_waits() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let name = "model".parse().expect("name");
        let first =
            PullLock::acquire(folder.path(), &name, || panic!("nobody else")).expect("lock");
        let (said, heard) = mpsc::channel();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                PullLock::acquire(folder.path(), &name, || said.send(()).expect("listener"))
            });
            heard.recv().expect("the second waits");
            drop(first);
            drop(second.join().expect("thread").expect("lock"));
        });
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("folder").count(),
            0,
            "nothing is left"
        );
    }

    #[test]
    fn many_at_once_take_turns() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let name = "model".parse().expect("name");
        let inside = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let lock = PullLock::acquire(folder.path(), &name, || {}).expect("lock");
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                        drop(lock);
                    }
                });
            }
        });
    }
}
