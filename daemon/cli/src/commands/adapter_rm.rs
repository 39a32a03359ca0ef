//! `inkstone adapter rm`: removes an adapter, its file, and its hold on the dataset.

use std::io;

use inkstone_store::AdapterState;
use inkstone_store::adapters::file_name;

use super::adapter;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `adapter rm`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterRmArgs {
    /// An adapter's name
    name: String,
    /// Remove it even if it is live
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &AdapterRmArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let mut store = adapter::store(env)?;
    let row = adapter::named(&store, &args.name)?;
    if row.state == AdapterState::Live && !args.force {
        let message = format!(
            "{} is live; put it off with `inkstone adapter off {}`, or remove it with --force",
            row.name, row.name
        );
        return Err(CommandError::new(ExitStatus::Refused, message));
    }
    // First the row: a file that nobody names is the lesser harm.
    if let Some(sha256) = store.remove_adapter(row.id)? {
        let path = env.directories()?.adapters_dir().join(file_name(&sha256));
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let message = format!(
                    "cannot remove `{}`: {error}; remove it by hand",
                    path.display()
                );
                return Err(CommandError::new(ExitStatus::Internal, message));
            }
        }
    }
    env.print(&format!("{} is removed\n", row.name))?;
    Ok(ExitStatus::Done)
}
