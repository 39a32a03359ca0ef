//! The real trainer in a home of its own.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use super::home_error;
use crate::error::BenchError;
use crate::rss::rss_mb;
use crate::stage::binary;

/// Says where the binaries keep everything.
const HOME_VARIABLE: &str = "INKSTONE_HOME";
/// Between two looks at the trainer's memory.
const LOOK_EVERY: Duration = Duration::from_millis(50);

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
    pub(super) fn build(&self, workspace: &Path) -> Result<Built, BenchError> {
        let mut command = self.command(&self.program);
        command.arg("build").arg("--workspace").arg(workspace);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(home_error(&self.program))?;
        let mut rss_mb_max: f64 = 0.0;
        // Its one answer comes at the end, and is small.
        let status = loop {
            if let Some(status) = child.try_wait().map_err(home_error(&self.program))? {
                break status;
            }
            rss_mb_max = rss_mb_max.max(rss_mb(child.id()).unwrap_or_default());
            std::thread::sleep(LOOK_EVERY);
        };
        let mut answer = String::new();
        if let Some(mut output) = child.stdout.take() {
            output
                .read_to_string(&mut answer)
                .map_err(home_error(&self.program))?;
        }
        if !status.success() {
            return Err(failed(&format!("{status}")));
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

fn failed(problem: &str) -> BenchError {
    BenchError::Trainer {
        problem: problem.trim().to_owned(),
    }
}
