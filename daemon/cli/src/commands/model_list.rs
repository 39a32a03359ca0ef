//! `inkstone model list`: what is installed, what it is, what it does, what else there is.

use inkstone_models::{Catalogue, Registry};
use inkstone_settings::Loaded;

use super::model_table::Listing;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `model list`.
#[derive(Debug, clap::Args)]
pub(crate) struct ModelListArgs {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ModelListArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let directories = env.directories()?;
    let (catalogue, problems) = Catalogue::load(directories);
    for problem in problems {
        env.note(&problem.to_string());
    }
    let settings = Loaded::of_user(directories).settings;
    let listing = Listing::of(Registry::of(directories).list(), &catalogue, &settings);
    if args.json {
        env.print_json(&listing)?;
    } else {
        env.print(&listing.text())?;
    }
    Ok(ExitStatus::Done)
}
