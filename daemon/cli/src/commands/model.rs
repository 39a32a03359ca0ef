//! `inkstone model`: the installed models and what can be installed. One file for each subcommand;
//! what they do with files is in `inkstone-models` and `inkstone-fetch`.

use clap::Subcommand;

use super::{model_import, model_list, model_pull, model_rm, model_use};
use crate::{CommandError, Environment, ExitStatus};

/// Models: list, fetch, import, choose, remove.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelArgs {
    #[command(subcommand)]
    command: ModelCommand,
}

#[derive(Debug, Subcommand)]
enum ModelCommand {
    /// Show the installed models and those of the catalogue
    List(model_list::ModelListArgs),
    /// Fetch a model of the catalogue
    Pull(model_pull::ModelPullArgs),
    /// Take a GGUF file of this machine, by copy
    Import(model_import::ModelImportArgs),
    /// Choose the model of a role
    Use(model_use::ModelUseArgs),
    /// Remove an installed model
    Rm(model_rm::ModelRmArgs),
}

pub(crate) fn run(args: &ModelArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    match &args.command {
        ModelCommand::List(args) => model_list::run(args, env),
        ModelCommand::Pull(args) => model_pull::run(args, env),
        ModelCommand::Import(args) => model_import::run(args, env),
        ModelCommand::Use(args) => model_use::run(args, env),
        ModelCommand::Rm(args) => model_rm::run(args, env),
    }
}
