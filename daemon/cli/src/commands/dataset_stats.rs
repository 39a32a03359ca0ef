//! `inkstone dataset stats`: what a version of the dataset holds, and which versions there are.

use serde_json::Value;

use super::dataset_table::Stats;
use crate::{CommandError, Environment, ExitStatus, trainer};

/// Arguments of `dataset stats`.
#[derive(Debug, clap::Args)]
pub(crate) struct DatasetStatsArgs {
    /// The version, by the beginning of its name; without it, the newest
    #[arg(long, value_name = "ID")]
    dataset: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &DatasetStatsArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let mut asked = vec!["stats".to_owned()];
    asked.extend(args.dataset.iter().map(|name| format!("--dataset={name}")));
    let answer: Value = trainer::ask(&asked, &mut |_| ())?;
    if args.json {
        env.print_json(&answer)?;
        return Ok(ExitStatus::Done);
    }
    let stats: Stats = serde_json::from_value(answer).map_err(|error| trainer::failed(&error))?;
    env.print(&format!("{}{}", stats.text(), stats.versions_text()))?;
    Ok(ExitStatus::Done)
}
