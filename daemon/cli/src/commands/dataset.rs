//! `inkstone dataset`: what was learned of the writer's folders, as a dataset that they can inspect,
//! correct and take away. One file for each subcommand; the trainer does the work.

use clap::Subcommand;

use super::{dataset_build, dataset_export, dataset_profile, dataset_stats, review};
use crate::{CommandError, Environment, ExitStatus};

/// The dataset of your prose: build, inspect, correct, export.
#[derive(Debug, clap::Args)]
pub(crate) struct DatasetArgs {
    #[command(subcommand)]
    command: DatasetCommand,
}

#[derive(Debug, Subcommand)]
enum DatasetCommand {
    /// Read what changed in your folders, and make a version of the dataset
    Build(dataset_build::DatasetBuildArgs),
    /// Show what a version holds, and which versions there are
    Stats(dataset_stats::DatasetStatsArgs),
    /// Show the habits of your writing, by language and genre
    Profile(dataset_profile::DatasetProfileArgs),
    /// Judge a sample of what was read: texts, rules, and what was left out
    Review(review::ReviewArgs),
    /// Write a version into a file
    Export(dataset_export::DatasetExportArgs),
}

pub(crate) fn run(args: &DatasetArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    match &args.command {
        DatasetCommand::Build(args) => dataset_build::run(args, env),
        DatasetCommand::Stats(args) => dataset_stats::run(args, env),
        DatasetCommand::Profile(args) => dataset_profile::run(args, env),
        DatasetCommand::Review(args) => review::run(args, env),
        DatasetCommand::Export(args) => dataset_export::run(args, env),
    }
}
