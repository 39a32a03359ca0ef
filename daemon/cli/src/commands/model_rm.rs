//! `inkstone model rm`: removes an installed model, and what interrupted pulls of it have kept.

use inkstone_fetch::discard_unfinished;
use inkstone_models::{ModelError, ModelName, Registry};
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
    let registry = Registry::of(directories);
    let waiting = || env.note(&format!("a pull of {} is under way, waiting", args.name));
    // Under the lock: a pull that ends meanwhile would bring back what was just removed.
    let remove = || match registry.remove(&args.name, &settings, args.force) {
        Ok(freed_bytes) => Ok(Ok(freed_bytes)),
        Err(error @ ModelError::NothingToRemove { .. }) => Ok(Err(error)),
        // Refused: what its pulls have kept stays with it.
        Err(error) => Err(CommandError::from(error)),
    };
    let (removed, unfinished_bytes) = discard_unfinished(&registry, &args.name, waiting, remove)?;
    let what = match (&removed, unfinished_bytes) {
        (Ok(_), _) => format!("{} is removed", args.name),
        (Err(_), 1..) => format!("what was fetched of {} is removed", args.name),
        (Err(_), 0) => return removed.map(|_| ExitStatus::Done).map_err(Into::into),
    };
    let freed_bytes = removed.unwrap_or(0) + unfinished_bytes;
    env.print(&format!("{what}, {} freed\n", size(freed_bytes)))?;
    Ok(ExitStatus::Done)
}
