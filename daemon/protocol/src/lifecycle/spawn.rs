//! One start of the daemon: which binary, detached from us, and waiting until it answers or dies.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use inkstone_platform::private;
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::lifecycle::Launcher;
use crate::lifecycle::attempts::Attempts;
use crate::lifecycle::error::{StartError, state_error};
use crate::lifecycle::poll::Looks;

/// Exit code of a daemon that found another one running.
pub const EXIT_ALREADY_RUNNING: u8 = 75;
/// Exit code of a daemon that a client started and a person stopped before it listened.
pub const EXIT_STOPPED: u8 = 76;
/// In the log directory: what the daemon printed until it was ready.
pub const START_OUTPUT_FILE: &str = "inkstoned-start.txt";

/// How long a start may take. It loads no model, but a busy machine may take long to read the
/// libraries from a cold disk.
const START_WAIT: Duration = Duration::from_secs(30);
/// How long a binary may take to say its version.
const VERSION_WAIT: Duration = Duration::from_secs(5);
/// How much of a dead daemon's last words a message quotes.
const LAST_WORDS_BYTES_MAX: u64 = 1_024;

/// The daemon's binary: beside the running program, else on `PATH`.
pub fn find_daemon() -> Result<PathBuf, StartError> {
    let file = format!("inkstoned{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()
        .ok()
        .and_then(|own| own.parent().map(Path::to_owned));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = beside
        .into_iter()
        .chain(std::env::split_paths(&on_path).filter(|folder| folder.is_absolute()))
        .collect();
    let found = folders
        .iter()
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        let looked_in: Vec<String> = folders
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        StartError::NoBinary {
            looked_in: looked_in.join(", "),
        }
    })
}

/// The version that a binary of the daemon says it has.
pub(super) async fn version_of(binary: &Path) -> Option<String> {
    let asked = Command::new(binary)
        .arg("--version")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(VERSION_WAIT, asked).await.ok()?.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

/// Starts the daemon and waits until it answers. The caller holds the start lock, and no daemon
/// lives.
pub(super) async fn start_and_wait(
    launcher: &Launcher,
    binary: &Path,
) -> Result<Client, StartError> {
    let directories = &launcher.directories;
    let output = directories.log_dir().join(START_OUTPUT_FILE);
    let mut child = spawn(launcher, binary, &output)?;
    let outcome = wait_until_ready(launcher, &mut child).await;
    let attempts = Attempts::load(directories, binary)?;
    match outcome {
        Some(Outcome::Ready(client)) => {
            attempts.record_start(directories)?;
            reap(child);
            Ok(client)
        }
        Some(Outcome::Stopped) => Err(StartError::Stopped {
            marker: directories.stopped_marker(),
        }),
        Some(Outcome::Died(status)) => {
            let message = last_words(&output).unwrap_or_else(|| status.to_string());
            attempts.record_death(directories, &message)?;
            Err(StartError::Died { message, output })
        }
        None => {
            // It may have ended meanwhile; then there is nothing to end.
            let _ = child.start_kill();
            reap(child);
            let error = StartError::NotReady {
                wait_s: START_WAIT.as_secs(),
            };
            attempts.record_death(directories, &error.to_string())?;
            Err(error)
        }
    }
}

/// None: neither ready nor dead in time.
async fn wait_until_ready(launcher: &Launcher, child: &mut Child) -> Option<Outcome> {
    let mut looks = Looks::for_at_most(START_WAIT);
    while looks.again().await {
        if let Ok(client) = launcher.connect().await {
            return Some(Outcome::Ready(client));
        }
        match child.try_wait() {
            // Somebody started one by hand in the same moment: wait for that one.
            Ok(Some(status)) if status.code() == Some(EXIT_ALREADY_RUNNING.into()) => {}
            Ok(Some(status)) if status.code() == Some(EXIT_STOPPED.into()) => {
                return Some(Outcome::Stopped);
            }
            Ok(Some(status)) => return Some(Outcome::Died(status)),
            Ok(None) | Err(_) => {}
        }
    }
    None
}

enum Outcome {
    Ready(Client),
    Stopped,
    Died(ExitStatus),
}

fn spawn(launcher: &Launcher, binary: &Path, output: &Path) -> Result<Child, StartError> {
    let options = private::file_options()
        .write(true)
        .truncate(true)
        .open(output);
    let output = options.map_err(state_error(output))?;
    let mut command = Command::new(binary);
    command
        .arg("--detached")
        .envs(
            launcher
                .environment
                .iter()
                .map(|(name, value)| (name, value)),
        )
        // A directory of ours, so that none of the user's is kept busy.
        .current_dir(launcher.directories.state_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(output);
    command.spawn().map_err(|source| StartError::Spawn {
        path: binary.to_owned(),
        source,
    })
}

/// Waits for the daemon's end in the background, so that it is no zombie of a long-lived editor.
fn reap(mut child: Child) {
    tokio::spawn(async move {
        let _ = child.wait().await;
    });
}

/// The end of what a dead daemon printed, as one line.
fn last_words(output: &Path) -> Option<String> {
    let mut file = File::open(output).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LAST_WORDS_BYTES_MAX)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(LAST_WORDS_BYTES_MAX)
        .read_to_end(&mut bytes)
        .ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_are_the_end_of_the_output_in_one_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(last_words(file.path()), None);
        std::fs::write(file.path(), "error: no library\r\n\n  无法启动\n").unwrap();
        assert_eq!(
            last_words(file.path()).unwrap(),
            "error: no library; 无法启动"
        );
        std::fs::write(file.path(), "x".repeat(100_000)).unwrap();
        assert!(last_words(file.path()).unwrap().len() <= 1_024);
    }
}
