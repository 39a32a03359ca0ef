//! `inkstone adapter rollback`: the live adapter is taken back, the one before it is worn again.

use inkstone_store::{AdapterRow, AdapterState};

use super::adapter;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `adapter rollback`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterRollbackArgs {
    /// The live adapter; without it, the only one that is
    name: Option<String>,
}

pub(crate) fn run(
    args: &AdapterRollbackArgs,
    env: &Environment,
) -> Result<ExitStatus, CommandError> {
    let mut store = adapter::store(env)?;
    let live = match &args.name {
        Some(name) => adapter::named(&store, name)?,
        None => only_live(store.adapters()?)?,
    };
    if live.state != AdapterState::Live {
        let message = format!(
            "{} is not live, so there is nothing to take back",
            live.name
        );
        return Err(CommandError::new(ExitStatus::Found, message));
    }
    let worn = match store.roll_back_adapter(live.id)? {
        Some(before) => format!("{} is live again", before.name),
        None => format!(
            "nothing came before it, so {} serves as it is",
            live.base_model
        ),
    };
    env.print(&format!("{} is taken back; {worn}\n", live.name))?;
    Ok(ExitStatus::Done)
}

fn only_live(rows: Vec<AdapterRow>) -> Result<AdapterRow, CommandError> {
    let mut live: Vec<AdapterRow> = rows
        .into_iter()
        .filter(|row| row.state == AdapterState::Live)
        .collect();
    match (live.pop(), live.len()) {
        (Some(row), 0) => Ok(row),
        (None, _) => Err(CommandError::new(
            ExitStatus::Found,
            "nothing is live, so there is nothing to take back",
        )),
        (Some(_), _) => Err(CommandError::usage(
            "several adapters are live; name one: inkstone adapter list",
        )),
    }
}
