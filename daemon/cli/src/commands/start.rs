//! `inkstone start`: starts the daemon, also after a stop or after failed starts.

use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `start`.
#[derive(Debug, clap::Args)]
pub(crate) struct StartArgs {}

pub(crate) fn run(_args: &StartArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let launcher = env.launcher()?;
    let client = env.block_on(launcher.start())??;
    let daemon = client.welcome();
    env.print(&format!(
        "the daemon runs (process {}, version {})\n",
        daemon.pid, daemon.version
    ))?;
    Ok(ExitStatus::Done)
}
