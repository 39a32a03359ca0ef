//! `inkstone adapter list`: every adapter, the newest first.

use inkstone_store::adapters::file_name;

use super::adapter;
use super::adapter_table::Listing;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `adapter list`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterListArgs {
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &AdapterListArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let listing = listing(env)?;
    if args.json {
        env.print_json(&listing)?;
    } else if listing.is_empty() {
        env.note("there is no adapter; train one with: inkstone train --now");
    } else {
        env.print(&listing.text())?;
    }
    Ok(ExitStatus::Done)
}

/// All that is registered.
pub(super) fn listing(env: &Environment) -> Result<Listing, CommandError> {
    let mut store = adapter::store(env)?;
    let workspaces = store.workspaces()?;
    let folder = env.directories()?.adapters_dir();
    let rows = store.adapters()?;
    Ok(Listing::of(&rows, &workspaces, |row| {
        folder.join(file_name(&row.sha256))
    }))
}
