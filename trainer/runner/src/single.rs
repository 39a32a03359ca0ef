//! One trainer at a time: two would read the same files and write the same rows.

use std::fs::File;
use std::io;
use std::time::Duration;

use inkstone_platform::private;
use inkstone_settings::Directories;

/// How long a trainer that is just ending may hold the lock.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// The right to be the one trainer of this user, until it is dropped or the process ends, however it
/// does.
#[derive(Debug)]
pub struct OneTrainer {
    _lock: File,
}

/// Why this process may not be the trainer.
#[derive(Debug, thiserror::Error)]
pub enum NotAlone {
    /// Another one works.
    #[error("another inkstone-trainer is at work; wait until it is done, or run: inkstone stop")]
    Another,
    /// The lock cannot be had.
    #[error("cannot lock {path}: {source}")]
    Lock {
        /// The file that is locked, without `.lock`.
        path: std::path::PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl OneTrainer {
    /// Becomes it, or says who is.
    pub fn become_it(directories: &Directories) -> Result<Self, NotAlone> {
        Self::become_it_within(directories, LOCK_WAIT)
    }

    /// The same, after waiting for another to be done.
    pub fn become_it_within(directories: &Directories, wait: Duration) -> Result<Self, NotAlone> {
        let path = directories.trainer_lock();
        match private::lock(&path, wait) {
            Ok(lock) => Ok(Self { _lock: lock }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(NotAlone::Another),
            Err(source) => Err(NotAlone::Lock { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_trainer_is_refused_until_the_first_has_ended() {
        let home = tempfile::tempdir().unwrap();
        let lookup =
            |variable| (variable == "INKSTONE_HOME").then(|| home.path().as_os_str().to_owned());
        let directories = Directories::from_lookup(lookup).unwrap();
        directories.ensure_private().unwrap();
        let first = OneTrainer::become_it(&directories).unwrap();
        let refused = OneTrainer::become_it(&directories).unwrap_err();
        assert!(matches!(refused, NotAlone::Another), "{refused}");
        drop(first);
        assert!(OneTrainer::become_it(&directories).is_ok());
    }
}
