//! `inkstone model rm`: removes an installed model.

use inkstone_models::{ModelName, Registry};
use inkstone_settings::Loaded;

use super::model_table::size;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `model rm`.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelRmArgs {
    /// An installed model
    name: ModelName,
    /// Remove it even if a role names it
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &ModelRmArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let directories = env.directories()?;
    let settings = Loaded::of_user(directories).settings;
    let freed_bytes = Registry::of(directories).remove(&args.name, &settings, args.force)?;
    env.print(&format!(
        "{} is removed, {} freed\n",
        args.name,
        size(freed_bytes)
    ))?;
    Ok(ExitStatus::Done)
}
