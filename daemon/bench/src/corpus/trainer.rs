//! The real trainer in a home of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use tempfile::TempDir;

use super::{TELL_EVERY, home_error};
use crate::error::BenchError;
use crate::rss::rss_mb;
use crate::stage::binary;

/// Says where the binaries keep everything.
const HOME_VARIABLE: &str = "INKSTONE_HOME";
/// Between two looks at the trainer's memory.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Lines of its standard error that are kept to be shown when it fails.
const SAID_LINES_MAX: usize = 20;

/// Runs the trainer.
pub(super) struct Trainer {
    inkstone: PathBuf,
    program: PathBuf,
    home: TempDir,
}

/// What one build read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Built {
    pub(super) bytes: u64,
    pub(super) files: u64,
    pub(super) pieces: u64,
    pub(super) clean_s: f64,
    pub(super) rss_mb_max: f64,
}

/// What it says on standard error.
#[derive(Debug, Default)]
struct Said {
    /// How far it is.
    progress: Option<Progress>,
    /// Everything else.
    lines: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Told {
    progress: Progress,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct Progress {
    step: String,
    files_read: u64,
    bytes_read: u64,
}

#[derive(Debug, Deserialize)]
struct Answer {
    workspaces: std::collections::BTreeMap<String, Looked>,
    statistics: Statistics,
}

#[derive(Debug, Deserialize)]
struct Looked {
    kept: Kept,
}

#[derive(Debug, Deserialize)]
struct Kept {
    files_read: u64,
    bytes_read: u64,
    clean_ms: f64,
}

#[derive(Debug, Deserialize)]
struct Statistics {
    total: Total,
}

#[derive(Debug, Deserialize)]
struct Total {
    pieces: u64,
}

impl Trainer {
    pub(super) fn new(binaries: &Path) -> Result<Self, BenchError> {
        let home = tempfile::Builder::new().prefix("ink").tempdir();
        Ok(Self {
            inkstone: binary(binaries, "inkstone")?,
            program: binary(binaries, "inkstone-trainer")?,
            home: home.map_err(home_error(&std::env::temp_dir()))?,
        })
    }

    /// Adds a workspace.
    pub(super) fn add(&self, workspace: &Path) -> Result<(), BenchError> {
        let mut command = self.command(&self.inkstone);
        command.args([
            "workspace",
            "add",
            "--yes",
            "--identity",
            "writer@example.org",
        ]);
        let output = command
            .arg(workspace)
            .output()
            .map_err(home_error(&self.inkstone))?;
        if output.status.success() {
            return Ok(());
        }
        Err(failed(&String::from_utf8_lossy(&output.stderr)))
    }

    /// Builds the dataset.
    pub(super) fn build(
        &self,
        workspace: &Path,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Built, BenchError> {
        let mut command = self.command(&self.program);
        command.arg("build").arg("--workspace").arg(workspace);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(home_error(&self.program))?;
        let said = Mutex::new(Said::default());
        let stderr = child.stderr.take();
        let (status, rss_mb_max) = std::thread::scope(|scope| {
            scope.spawn(|| stderr.map(|stderr| hear(stderr, &said)));
            let mut rss_mb_max: f64 = 0.0;
            let mut told = Instant::now();
            // Its one answer comes at the end, and is small.
            loop {
                if let Some(status) = child.try_wait().map_err(home_error(&self.program))? {
                    return Ok::<_, BenchError>((status, rss_mb_max));
                }
                rss_mb_max = rss_mb_max.max(rss_mb(child.id()).unwrap_or_default());
                if told.elapsed() >= TELL_EVERY {
                    told = Instant::now();
                    let said = said.lock().unwrap_or_else(PoisonError::into_inner);
                    progress(&said.progress.clone().unwrap_or_default().text());
                }
                std::thread::sleep(LOOK_EVERY);
            }
        })?;
        let mut answer = String::new();
        if let Some(mut output) = child.stdout.take() {
            output
                .read_to_string(&mut answer)
                .map_err(home_error(&self.program))?;
        }
        if !status.success() {
            let said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
            return Err(failed(&format!("{status}: {}", said.lines.join(" "))));
        }
        let answer: Answer =
            serde_json::from_str(&answer).map_err(|error| failed(&error.to_string()))?;
        let kept = answer.workspaces.values().map(|looked| &looked.kept);
        let (mut files, mut bytes, mut clean_s) = (0, 0, 0.0);
        for kept in kept {
            files += kept.files_read;
            bytes += kept.bytes_read;
            clean_s += kept.clean_ms / 1_000.0;
        }
        Ok(Built {
            bytes,
            files,
            pieces: answer.statistics.total.pieces,
            clean_s,
            rss_mb_max,
        })
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env(HOME_VARIABLE, self.home.path())
            .stdin(Stdio::null());
        command
    }
}

impl Progress {
    fn text(&self) -> String {
        match self.step.as_str() {
            "" => "looking for changes".to_owned(),
            "reading" => {
                let megabytes = self.bytes_read as f64 / 1e6;
                format!("{} files read, {megabytes:.0} MB", self.files_read)
            }
            _ => "comparing what was read".to_owned(),
        }
    }
}

/// Reads to the end, so that it never waits for us.
fn hear(stderr: ChildStderr, said: &Mutex<Said>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        match serde_json::from_str::<Told>(&line) {
            Ok(told) => said.progress = Some(told.progress),
            Err(_) if said.lines.len() < SAID_LINES_MAX => said.lines.push(line),
            Err(_) => {}
        }
    }
}

fn failed(problem: &str) -> BenchError {
    BenchError::Trainer {
        problem: problem.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_words() {
        let of = |json: &str| serde_json::from_str::<Told>(json).unwrap().progress.text();
        let reading = r#"{"progress":{"step":"reading","workspace":"/w","files_read":3,"bytes_read":2000000}}"#;
        assert_eq!(of(reading), "3 files read, 2 MB");
        assert_eq!(
            of(r#"{"progress":{"step":"assembling"}}"#),
            "comparing what was read"
        );
        assert_eq!(Progress::default().text(), "looking for changes");
    }
}
