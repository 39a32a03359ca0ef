//! `inkstone status`: what the daemon is doing. Starts none.

use std::path::Path;

use inkstone_protocol::{ClientError, StatusReply, TrainingReport};
use serde::Serialize;

use super::{learned, status_table, train_progress};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The JSON of `--json`.
#[derive(Debug, Serialize)]
struct Output {
    running: bool,
    /// Why not, and what to do, when none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// What it says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    daemon: Option<StatusReply>,
    /// The training that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    training: Option<TrainingReport>,
    /// Why the threshold is another than the preset's, for each language in which it is.
    thresholds: Vec<String>,
}

pub(crate) fn run(args: &StatusArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let launcher = env.launcher()?;
    let thresholds = learned::explanations(env)?;
    let training = training(&env.directories()?.training_report());
    let asked = env.block_on(async { launcher.connect().await?.status().await })?;
    match asked {
        Ok(status) => {
            if args.json {
                env.print_json(&Output {
                    running: true,
                    problem: None,
                    daemon: Some(status),
                    training,
                    thresholds,
                })?;
            } else {
                env.print(&status_table::of(&status))?;
                env.print(&of_training(training.as_ref()))?;
                env.print(&status_table::of_thresholds(&thresholds))?;
            }
            Ok(ExitStatus::Done)
        }
        Err(error @ ClientError::NotRunning { .. }) => {
            // A stop by hand or a crash says more than that nobody listens.
            let refusal = launcher.refusal().ok().flatten();
            let problem = refusal.map_or_else(|| error.to_string(), |refusal| refusal.to_string());
            if args.json {
                env.print_json(&Output {
                    running: false,
                    problem: Some(problem),
                    daemon: None,
                    training,
                    thresholds,
                })?;
            } else {
                env.print(&format!("{problem}\n"))?;
                env.print(&of_training(training.as_ref()))?;
                env.print(&status_table::of_thresholds(&thresholds))?;
            }
            Ok(ExitStatus::Unavailable)
        }
        Err(error) => Err(error.into()),
    }
}

/// The largest report that is read.
const REPORT_BYTES_MAX: u64 = 64 << 10;

/// The training that runs, as it says itself; what a process that is gone left behind is none.
fn training(file: &Path) -> Option<TrainingReport> {
    let is_small = std::fs::metadata(file).ok()?.len() <= REPORT_BYTES_MAX;
    let report = is_small.then(|| std::fs::read(file).ok()).flatten()?;
    let report: TrainingReport = serde_json::from_slice(&report).ok()?;
    inkstone_platform::is_alive(report.pid).then_some(report)
}

fn of_training(training: Option<&TrainingReport>) -> String {
    training.map_or_else(String::new, |report| {
        format!("training    {}\n", train_progress::words(report))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_is_shown_while_its_process_lives() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("now.json");
        assert_eq!(training(&file), None);
        let mut report = train_progress::tests::report();
        report.pid = std::process::id();
        std::fs::write(&file, serde_json::to_vec(&report).unwrap()).unwrap();
        assert_eq!(training(&file), Some(report.clone()));
        assert!(of_training(Some(&report)).starts_with("training    zh on gemma-3-270m"));
        report.pid = u32::MAX - 1;
        std::fs::write(&file, serde_json::to_vec(&report).unwrap()).unwrap();
        assert_eq!(training(&file), None);
        assert_eq!(of_training(None), "");
    }
}
