//! The two locks of the daemon's life. Both are locks of the operating system on a file, so a
//! killed process holds none: there is no stale lock to clean up.
//!
//! [`Claim`]: held by the daemon as long as it lives; whoever holds it may replace the socket.
//! [`StartLock`]: held by a client while it starts or replaces a daemon, so that twenty clients
//! start one process instead of twenty of which nineteen give up.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_platform::{FileIdentity, private};
use inkstone_settings::Directories;

use crate::lifecycle::build::Build;
use crate::lifecycle::error::{StartError, state_error};
use crate::lifecycle::poll::Looks;

/// How long a starting daemon tries to take its claim: another process that only looked whether it
/// is held may have it for a moment.
const TAKE_WAIT: Duration = Duration::from_secs(1);
/// Longest text that is read from the lock's file: a process id and a path.
const TEXT_BYTES_MAX: u64 = 8 * 1024;

/// The right to be the daemon. Ends when dropped, or with the process.
#[derive(Debug)]
pub struct Claim {
    file: File,
    path: PathBuf,
}

impl Claim {
    /// Takes the claim; none when another daemon has it and keeps it.
    pub async fn take(directories: &Directories) -> Result<Option<Self>, StartError> {
        let mut looks = Looks::for_at_most(TAKE_WAIT);
        while looks.again().await {
            if let Some(claim) = Self::try_take(directories)? {
                return Ok(Some(claim));
            }
        }
        Ok(None)
    }

    /// Takes the claim; none when somebody has it now.
    pub fn try_take(directories: &Directories) -> Result<Option<Self>, StartError> {
        let path = directories.lock();
        let Some(mut file) = try_lock(&path, File::try_lock)? else {
            return Ok(None);
        };
        // For people and messages, and for clients whose build is newer; no safety relies on it.
        let build = Build::own().map(|build| build.to_string());
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            let (pid, build) = (std::process::id(), build.unwrap_or_default());
            file.write_all(format!("{pid}\n{build}\n").as_bytes())
        };
        write(&mut file).map_err(state_error(&path))?;
        Ok(Some(Self { file, path }))
    }

    /// Whether the lock still lies where clients look for it. When a session manager has emptied the
    /// run directory, nobody finds this daemon any more, and another may be started beside it. What
    /// cannot be looked at counts as ours.
    pub fn is_reachable(&self) -> bool {
        match (
            FileIdentity::of_file(&self.file),
            FileIdentity::of_path(&self.path),
        ) {
            (Ok(held), Ok(found)) => found == Some(held),
            _ => true,
        }
    }

    /// Whether a daemon lives, ready or not.
    pub fn is_held(directories: &Directories) -> Result<bool, StartError> {
        let path = directories.lock();
        if !path.exists() {
            return Ok(false);
        }
        // Shared, so that two that look do not take each other for a daemon.
        Ok(try_lock(&path, File::try_lock_shared)?.is_none())
    }

    /// The process that holds the claim, if one does and its id can be read.
    pub fn holder(directories: &Directories) -> Option<u32> {
        Self::text(directories)?.lines().next()?.trim().parse().ok()
    }

    /// The build that holds the claim, if one does and it is known.
    pub(super) fn build(directories: &Directories) -> Option<Build> {
        Build::parse(Self::text(directories)?.lines().nth(1)?)
    }

    fn text(directories: &Directories) -> Option<String> {
        if !Self::is_held(directories).ok()? {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(directories.lock())
            .ok()?
            .take(TEXT_BYTES_MAX)
            .read_to_end(&mut bytes)
            .ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The right to start a daemon. Ends when dropped.
#[derive(Debug)]
pub struct StartLock {
    _file: File,
}

impl StartLock {
    /// Takes the lock; none when another client has it.
    pub fn try_take(directories: &Directories) -> Result<Option<Self>, StartError> {
        let path = directories.run_dir().join("start.lock");
        Ok(try_lock(&path, File::try_lock)?.map(|file| Self { _file: file }))
    }
}

fn try_lock(
    path: &Path,
    lock: impl FnOnce(&File) -> Result<(), TryLockError>,
) -> Result<Option<File>, StartError> {
    let file = private::file_options()
        .read(true)
        .write(true)
        .truncate(false)
        .open(path);
    let file = file.map_err(state_error(path))?;
    match lock(&file) {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(state_error(path)(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::login::tests::home;

    #[test]
    fn one_has_the_claim_and_the_next_gets_it_after_the_first() {
        let (_folder, directories) = home();
        assert!(!Claim::is_held(&directories).unwrap());
        assert_eq!(Claim::holder(&directories), None);
        let claim = Claim::try_take(&directories).unwrap().unwrap();
        assert!(Claim::try_take(&directories).unwrap().is_none());
        assert!(Claim::is_held(&directories).unwrap());
        assert_eq!(Claim::holder(&directories), Some(std::process::id()));
        drop(claim);
        assert!(!Claim::is_held(&directories).unwrap());
        assert_eq!(Claim::holder(&directories), None);
        assert!(Claim::try_take(&directories).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_claim_whose_file_was_removed_or_replaced_is_not_reachable() {
        let (_folder, directories) = home();
        let claim = Claim::try_take(&directories).unwrap().unwrap();
        assert!(claim.is_reachable());
        std::fs::remove_dir_all(directories.run_dir()).unwrap();
        assert!(!claim.is_reachable());
        directories.ensure_private().unwrap();
        let second = Claim::try_take(&directories).unwrap().unwrap();
        assert!(second.is_reachable() && !claim.is_reachable());
    }

    #[tokio::test]
    async fn a_look_at_the_claim_does_not_keep_a_daemon_from_it() {
        let (_folder, directories) = home();
        drop(Claim::try_take(&directories).unwrap());
        let looking = try_lock(&directories.lock(), File::try_lock_shared)
            .unwrap()
            .unwrap();
        assert!(!Claim::is_held(&directories).unwrap());
        let (claim, ()) = tokio::join!(Claim::take(&directories), async {
            tokio::task::yield_now().await;
            drop(looking);
        });
        assert!(claim.unwrap().is_some());
    }

    #[test]
    fn starting_and_living_are_two_locks() {
        let (_folder, directories) = home();
        let _claim = Claim::try_take(&directories).unwrap().unwrap();
        let lock = StartLock::try_take(&directories).unwrap().unwrap();
        assert!(StartLock::try_take(&directories).unwrap().is_none());
        drop(lock);
        assert!(StartLock::try_take(&directories).unwrap().is_some());
    }
}
