//! Why there is no daemon to talk to, and what helps.

use std::io;
use std::path::PathBuf;

use inkstone_settings::{Directories, SettingsError};

use crate::client::ClientError;
use crate::lifecycle::attempts::Refusal;
use crate::lifecycle::spawn::START_OUTPUT_FILE;

/// Why the daemon could not be started, stopped or replaced.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A person stopped it.
    #[error(
        "the daemon was stopped by hand and stays off until the next login; run: inkstone start"
    )]
    Stopped {
        /// The mark that says so.
        marker: PathBuf,
    },
    /// It died on start too often.
    #[error(
        "the daemon died on start {deaths} times in a row and is not started again (last: {message}; all it said: {}); run: inkstone doctor, then: inkstone start",
        output.display()
    )]
    DiesOnStart {
        /// How often.
        deaths: usize,
        /// What it said the last time.
        message: String,
        /// The file with all it said.
        output: PathBuf,
    },
    /// It starts, but does not live.
    #[error(
        "the daemon was started {starts} times in the last minute and ended each time; it is tried again in a minute, or run: inkstone doctor, then: inkstone start"
    )]
    EndsAgain {
        /// How often.
        starts: usize,
    },
    /// It died on start just now.
    #[error("the daemon died on start ({message}; all it said: {}); run: inkstone doctor", output.display())]
    Died {
        /// Its last words, or how it ended.
        message: String,
        /// The file with all it said.
        output: PathBuf,
    },
    /// It started, but was not ready in time, and was ended.
    #[error(
        "the daemon was not ready {wait_s} s after its start and was ended; run: inkstone doctor"
    )]
    NotReady {
        /// How long was waited.
        wait_s: u64,
    },
    /// There is no such program.
    #[error(
        "the program inkstoned is neither beside this one nor on PATH (looked in {looked_in}); install it there, or run: inkstone doctor"
    )]
    NoBinary {
        /// The folders.
        looked_in: String,
    },
    /// The system does not start it.
    #[error("cannot start {}: {source}; run: inkstone doctor", path.display())]
    Spawn {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A daemon runs, but neither answers nor ends.
    #[error(
        "the daemon{} neither answers nor ends after {wait_s} s; end that process, then run: inkstone start",
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Hangs {
        /// Its process, when it is known.
        pid: Option<u32>,
        /// How long was waited.
        wait_s: u64,
    },
    /// Other clients are starting one, and none gets ready.
    #[error("another program has been starting the daemon for {wait_s} s; run: inkstone doctor")]
    StartBusy {
        /// How long was waited.
        wait_s: u64,
    },
    /// The daemon is of a newer build than this program.
    #[error(
        "{reason}; this program is older than the running daemon: restart it, or your editor, from the newer installation"
    )]
    NewerDaemon {
        /// What the daemon said.
        reason: String,
    },
    /// A file of ours cannot be read or written.
    #[error("cannot use {}: {source}; check its owner and free space", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Our directories cannot be prepared.
    #[error(transparent)]
    Directories(#[from] SettingsError),
    /// A daemon runs, but does not serve us.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl StartError {
    pub(super) fn of_refusal(refusal: Refusal, directories: &Directories) -> Self {
        match refusal {
            Refusal::DiesOnStart { deaths, message } => Self::DiesOnStart {
                deaths,
                message,
                output: directories.log_dir().join(START_OUTPUT_FILE),
            },
            Refusal::EndsAgain { starts } => Self::EndsAgain { starts },
        }
    }
}

/// Makes an I/O error of a state file ours.
pub(super) fn state_error(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> StartError {
    let path = path.into();
    move |source| StartError::State { path, source }
}
