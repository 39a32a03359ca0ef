//! The real trainer in a home of its own.

use std::path::Path;

use serde::Deserialize;

use crate::error::BenchError;
use crate::trainer_home::{Ended, Heard, TrainerHome, failed, watched};

/// Runs the trainer.
pub(super) struct Trainer(TrainerHome);

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
struct Told {
    progress: Progress,
}

#[derive(Debug, Default, Deserialize)]
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
        TrainerHome::empty(binaries).map(Self)
    }

    /// Adds a workspace.
    pub(super) fn add(&self, workspace: &Path) -> Result<(), BenchError> {
        self.0.add(workspace)
    }

    /// Builds the dataset.
    pub(super) fn build(
        &self,
        workspace: &Path,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Built, BenchError> {
        let mut command = self.0.trainer();
        command.arg("build").arg("--workspace").arg(workspace);
        let ended: Ended<Progress> = watched(&mut command, progress)?;
        let answer: Answer =
            serde_json::from_slice(&ended.answer).map_err(|error| failed(&error.to_string()))?;
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
            rss_mb_max: ended.rss_mb_max,
        })
    }
}

impl Heard for Progress {
    fn take(&mut self, line: &str) -> bool {
        let told = serde_json::from_str::<Told>(line);
        told.map(|told| *self = told.progress).is_ok()
    }

    fn words(&self) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_words() {
        let of = |json: &str| serde_json::from_str::<Told>(json).unwrap().progress.words();
        let reading = r#"{"progress":{"step":"reading","workspace":"/w","files_read":3,"bytes_read":2000000}}"#;
        assert_eq!(of(reading), "3 files read, 2 MB");
        assert_eq!(
            of(r#"{"progress":{"step":"assembling"}}"#),
            "comparing what was read"
        );
        assert_eq!(Progress::default().words(), "looking for changes");
    }
}
