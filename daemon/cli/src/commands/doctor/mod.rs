//! `inkstone doctor`: looks at the whole chain and names the remedy for each fault.
//!
//! In reading order: [`check`] (a finding and how it is shown), then the chain from the program to
//! the editor: [`programs`], [`configuration`], [`rights`], [`models`], [`daemon`], [`dataset`],
//! [`memories`], [`machine`], [`editors`].

mod check;
mod configuration;
mod daemon;
mod dataset;
mod editors;
mod machine;
mod memories;
mod models;
mod programs;
mod rights;

use inkstone_models::Registry;

use crate::{CommandError, Environment, ExitStatus};
use check::Check;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {}

pub(crate) fn run(_args: &DoctorArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let directories = env.directories()?;
    let loaded = env.settings()?;
    let mut is_well = true;
    let mut show = |checks: Vec<Check>| -> Result<(), CommandError> {
        for check in checks {
            is_well &= !check.is_fault();
            env.print(&check.shown(env.has_colour))?;
        }
        Ok(())
    };
    show(env.block_on(programs::look())?)?;
    show(configuration::look(&loaded))?;
    // Before anything is started, which would repair them.
    show(rights::look(directories))?;
    let registry = Registry::of(directories);
    show(models::look(&registry, &loaded.settings))?;
    let launcher = env.launcher()?;
    show(env.block_on(daemon::look(&launcher, &registry, &loaded.settings))?)?;
    show(dataset::look(directories, &loaded.settings.corpus))?;
    let is_on = loaded.settings.memory.enabled;
    show(memories::look(&directories.memory_dir(), is_on))?;
    show(machine::look(directories))?;
    show(editors::look())?;
    if is_well {
        env.print("\nEverything that suggestions need is there.\n")?;
        Ok(ExitStatus::Done)
    } else {
        Ok(ExitStatus::Found)
    }
}
