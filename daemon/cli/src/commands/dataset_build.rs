//! `inkstone dataset build`: has the trainer read what changed, and shows what came of it.

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::Value;

use super::dataset_progress::BuildProgress;
use super::dataset_table::{Report, Stats};
use super::workspace_folder;
use crate::{CommandError, Environment, ExitStatus, trainer};

/// Arguments of `dataset build`.
#[derive(Debug, clap::Args)]
pub(crate) struct DatasetBuildArgs {
    /// Look only at this folder for changes; the dataset is of all the same
    #[arg(long = "workspace", value_name = "DIR")]
    workspaces: Vec<PathBuf>,
    /// Have every text scored that has no score yet, however long it takes: starts the daemon and loads models
    #[arg(long)]
    score: bool,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &DatasetBuildArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let mut asked = vec![OsString::from("build")];
    for folder in &args.workspaces {
        asked.push("--workspace".into());
        asked.push(workspace_folder::existing(folder)?.into());
    }
    if args.score {
        asked.push("--score".into());
        let launcher = env.launcher()?;
        env.block_on(launcher.connect_or_start())??;
    }
    let mut progress = BuildProgress::start();
    let answer: Value = trainer::ask(&asked, &mut |step| progress.tell(&step))?;
    drop(progress);
    if args.json {
        env.print_json(&answer)?;
        return Ok(ExitStatus::Done);
    }
    let report: Report =
        serde_json::from_value(answer.clone()).map_err(|error| trainer::failed(&error))?;
    let stats: Stats = serde_json::from_value(answer).map_err(|error| trainer::failed(&error))?;
    env.print(&format!("{}\n{}", report.text(), stats.text()))?;
    Ok(ExitStatus::Done)
}
