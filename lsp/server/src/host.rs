//! What the language server needs from the machine it runs on, handed in so that tests can hand in
//! their own.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use inkstone_settings::Directories;

use crate::watch_editor::EDITOR_CHECK_EVERY;
use crate::watch_training::TRAINING_CHECK_EVERY;

/// The machine as this process sees it.
#[derive(Debug, Clone)]
pub struct Host {
    /// Where settings and the daemon's socket lie.
    pub directories: Directories,
    /// Whether a daemon may be started when none answers.
    pub starts_daemon: bool,
    /// Whether a process is alive.
    pub is_alive: fn(u32) -> bool,
    /// How often that is looked at for the editor's process.
    pub editor_check_every: Duration,
    /// How often it is looked whether a training runs.
    pub training_check_every: Duration,
    /// Random bytes that make this process's document names its own.
    pub salt: [u8; 16],
}

impl Host {
    /// The machine as it is.
    pub fn of_this_process(directories: Directories) -> Self {
        Self {
            directories,
            starts_daemon: true,
            is_alive: inkstone_platform::is_alive,
            editor_check_every: EDITOR_CHECK_EVERY,
            training_check_every: TRAINING_CHECK_EVERY,
            salt: salt(),
        }
    }

    /// The machine as it is, but a daemon is only found, never started.
    pub fn without_starting(directories: Directories) -> Self {
        Self {
            starts_daemon: false,
            ..Self::of_this_process(directories)
        }
    }
}

/// Different for each process. The standard library's hash keys come from the system's random
/// numbers, which saves a dependency; nothing here needs more than that.
fn salt() -> [u8; 16] {
    let half = || RandomState::new().hash_one(std::process::id());
    (u128::from(half()) << 64 | u128::from(half())).to_le_bytes()
}
