//! The guard against a daemon that is started again and again: what came of the last starts.
//!
//! A file in the state directory, written by whoever starts a daemon, removed by a daemon that ends
//! in order and by `inkstone start`. It speaks of one binary in one login: a repaired installation
//! is tried at once.

use std::fs::Metadata;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use inkstone_platform::private;
use inkstone_settings::Directories;
use serde::{Deserialize, Serialize};

use crate::lifecycle::error::{StartError, state_error};
use crate::lifecycle::login;

/// Deaths on start in a row after which none is started any more: one may be chance (memory was
/// short), the second says that the third would be the same.
pub const DEATHS_MAX: usize = 2;
/// Starts within [`STARTS_WINDOW_S`] after which there is a pause: a daemon that dies of its first
/// request would otherwise be started again by every key.
pub const STARTS_MAX: usize = 5;
/// Seconds that a start counts.
pub const STARTS_WINDOW_S: u64 = 60;
/// Longest file that is read; ours has a few hundred bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// What came of the last starts of one binary in this login.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    login: String,
    binary: String,
    /// Deaths before the daemon was ready, since it last was.
    deaths: usize,
    /// What the last of them said.
    last_message: String,
    /// When it was started and got ready, in seconds since 1970, within the window.
    starts_s: Vec<u64>,
}

/// Why no daemon should be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It died before it was ready, too often in a row.
    DiesOnStart {
        /// How often.
        deaths: usize,
        /// What it said the last time.
        message: String,
    },
    /// It got ready and ended, too often within a minute.
    EndsAgain {
        /// How often.
        starts: usize,
    },
}

impl Attempts {
    /// What is known of this binary. A file that cannot be understood knows nothing.
    pub fn load(directories: &Directories, binary: &Path) -> Result<Self, StartError> {
        let (login, binary) = (login::name(directories)?, fingerprint(binary));
        let known = read(&path_of(directories))?;
        let same = known.filter(|known| known.login == login && known.binary == binary);
        Ok(same.unwrap_or(Self {
            login,
            binary,
            ..Self::default()
        }))
    }

    /// Whether another start would only repeat what happened.
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal_at(now_s())
    }

    fn refusal_at(&self, now_s: u64) -> Option<Refusal> {
        if self.deaths >= DEATHS_MAX {
            return Some(Refusal::DiesOnStart {
                deaths: self.deaths,
                message: self.last_message.clone(),
            });
        }
        let starts = self
            .starts_s
            .iter()
            .filter(|start_s| counts(**start_s, now_s))
            .count();
        (starts >= STARTS_MAX).then_some(Refusal::EndsAgain { starts })
    }

    /// The daemon died before it was ready.
    pub fn record_death(
        mut self,
        directories: &Directories,
        message: &str,
    ) -> Result<(), StartError> {
        self.deaths += 1;
        message.clone_into(&mut self.last_message);
        self.store(directories)
    }

    /// The daemon got ready.
    pub fn record_start(self, directories: &Directories) -> Result<(), StartError> {
        self.started_at(now_s()).store(directories)
    }

    fn started_at(mut self, now_s: u64) -> Self {
        self.deaths = 0;
        self.last_message.clear();
        self.starts_s.retain(|start_s| counts(*start_s, now_s));
        self.starts_s.push(now_s);
        self
    }

    fn store(&self, directories: &Directories) -> Result<(), StartError> {
        let path = path_of(directories);
        let json = serde_json::to_vec(self).map_err(io::Error::from);
        json.and_then(|json| private::replace(&path, &json))
            .map_err(state_error(path))
    }
}

/// Forgets everything: the daemon ended in order, or a person wants another try.
pub fn forget(directories: &Directories) -> Result<(), StartError> {
    let path = path_of(directories);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(state_error(path)(error)),
        _ => Ok(()),
    }
}

fn path_of(directories: &Directories) -> PathBuf {
    directories.state_dir().join("start-attempts.json")
}

fn read(path: &Path) -> Result<Option<Attempts>, StartError> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(state_error(path)(error)),
    };
    let mut json = Vec::new();
    file.take(FILE_BYTES_MAX)
        .read_to_end(&mut json)
        .map_err(state_error(path))?;
    Ok(serde_json::from_slice(&json).ok())
}

/// Another after the file was replaced, so that a new installation starts without a past.
fn fingerprint(binary: &Path) -> String {
    let of_file = |file: Metadata| {
        let modified = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(format!("{} bytes, {} ms", file.len(), modified.as_millis()))
    };
    let state = std::fs::metadata(binary).ok().and_then(of_file);
    format!("{} ({})", binary.display(), state.unwrap_or_default())
}

/// A start in the future (the clock was set back) does not count.
fn counts(start_s: u64, now_s: u64) -> bool {
    now_s
        .checked_sub(start_s)
        .is_some_and(|age_s| age_s < STARTS_WINDOW_S)
}

fn now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::login::tests::home;

    #[test]
    fn the_second_death_in_a_row_is_the_last() {
        let (folder, directories) = home();
        let binary = folder.path().join("inkstoned");
        let load = || Attempts::load(&directories, &binary).unwrap();
        load().record_death(&directories, "no memory").unwrap();
        assert_eq!(load().refusal(), None);
        load().record_start(&directories).unwrap();
        load().record_death(&directories, "no memory").unwrap();
        assert_eq!(load().refusal(), None, "a success in between counts");
        load().record_death(&directories, "no library").unwrap();
        let refusal = Refusal::DiesOnStart {
            deaths: 2,
            message: "no library".to_owned(),
        };
        assert_eq!(load().refusal(), Some(refusal));
        forget(&directories).unwrap();
        forget(&directories).unwrap();
        assert_eq!(load().refusal(), None);
    }

    #[test]
    fn a_replaced_binary_is_tried_again() {
        let (folder, directories) = home();
        let binary = folder.path().join("inkstoned");
        std::fs::write(&binary, "old").unwrap();
        for _ in 0..DEATHS_MAX {
            Attempts::load(&directories, &binary)
                .unwrap()
                .record_death(&directories, "x")
                .unwrap();
        }
        assert!(
            Attempts::load(&directories, &binary)
                .unwrap()
                .refusal()
                .is_some()
        );
        std::fs::write(&binary, "repaired").unwrap();
        assert_eq!(
            Attempts::load(&directories, &binary).unwrap().refusal(),
            None
        );
    }

    #[test]
    fn starts_count_for_a_minute() {
        let mut attempts = Attempts::default();
        for second in 0..5 {
            assert_eq!(attempts.refusal_at(1_000 + second), None);
            attempts = attempts.started_at(1_000 + second);
        }
        assert_eq!(
            attempts.refusal_at(1_010),
            Some(Refusal::EndsAgain { starts: 5 })
        );
        assert_eq!(attempts.refusal_at(1_000 + STARTS_WINDOW_S), None);
        assert_eq!(attempts.refusal_at(900), None, "the clock was set back");
    }

    #[test]
    fn a_damaged_file_knows_nothing() {
        let (folder, directories) = home();
        for damage in [&b"{"[..], b"\xff", b"[1]", b""] {
            std::fs::write(path_of(&directories), damage).unwrap();
            let attempts = Attempts::load(&directories, folder.path()).unwrap();
            assert_eq!(attempts.refusal(), None);
        }
    }
}
