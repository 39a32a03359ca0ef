//! `inkstone adapter show`: lineage, configuration and every number that the gate saw.

use super::adapter;
use super::adapter_list::listing;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `adapter show`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterShowArgs {
    /// An adapter's name
    name: String,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &AdapterShowArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let listing = listing(env)?;
    let Some(shown) = listing.find(&args.name) else {
        return adapter::named(&adapter::store(env)?, &args.name).map(|_| ExitStatus::Done);
    };
    if args.json {
        env.print_json(shown)?;
    } else {
        env.print(&shown.text())?;
    }
    Ok(ExitStatus::Done)
}
