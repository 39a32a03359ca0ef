//! `inkstone stop`: ends the daemon in order and keeps it off.

use inkstone_protocol::lifecycle::StopOutcome;

use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `stop`.
#[derive(Debug, clap::Args)]
pub(crate) struct StopArgs {}

pub(crate) fn run(_args: &StopArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let launcher = env.launcher()?;
    let outcome = match env.block_on(launcher.stop())?? {
        StopOutcome::Stopped { pid } => format!("the daemon (process {pid}) has ended"),
        StopOutcome::WasNotRunning => "no daemon was running".to_owned(),
    };
    env.print(&format!(
        "{outcome}; it stays off until the next login or: inkstone start\n"
    ))?;
    Ok(ExitStatus::Done)
}
