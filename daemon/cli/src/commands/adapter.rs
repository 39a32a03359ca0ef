//! `inkstone adapter`: what was trained of the writer's prose, and which of it models wear. One file
//! for each subcommand.

use clap::Subcommand;
use inkstone_models::AdapterFileError;
use inkstone_store::{AdapterRow, Store};

use super::{
    adapter_export, adapter_import, adapter_list, adapter_rm, adapter_rollback, adapter_show,
    adapter_use, reload, workspace,
};
use crate::{CommandError, Environment, ExitStatus};

/// What was trained of your prose: list, show, use, take back, copy out, remove.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterArgs {
    #[command(subcommand)]
    command: AdapterCommand,
}

#[derive(Debug, Subcommand)]
enum AdapterCommand {
    /// List every adapter, and which of them are live
    List(adapter_list::AdapterListArgs),
    /// Show what one was trained on, how, and all that was measured of it
    Show(adapter_show::AdapterShowArgs),
    /// Let models wear one
    Use(adapter_use::AdapterUseArgs),
    /// Let models wear one no more, or none at all
    Off(adapter_use::AdapterOffArgs),
    /// Take the live one back: the one before it is worn again
    Rollback(adapter_rollback::AdapterRollbackArgs),
    /// Take in an adapter's file that was made elsewhere
    Import(adapter_import::AdapterImportArgs),
    /// Copy one out for other programs
    Export(adapter_export::AdapterExportArgs),
    /// Remove one for good
    Rm(adapter_rm::AdapterRmArgs),
}

pub(crate) fn run(args: &AdapterArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let done = match &args.command {
        AdapterCommand::List(args) => return adapter_list::run(args, env),
        AdapterCommand::Show(args) => return adapter_show::run(args, env),
        AdapterCommand::Export(args) => return adapter_export::run(args, env),
        AdapterCommand::Use(args) => adapter_use::run(args, env),
        AdapterCommand::Off(args) => adapter_use::run_off(args, env),
        AdapterCommand::Rollback(args) => adapter_rollback::run(args, env),
        AdapterCommand::Import(args) => adapter_import::run(args, env),
        AdapterCommand::Rm(args) => adapter_rm::run(args, env),
    };
    // Also where it failed half-way.
    reload::adapters_if_running(env);
    done
}

/// Opens the registry.
pub(super) fn store(env: &Environment) -> Result<Store, CommandError> {
    workspace::store(env)
}

/// The adapter of a name.
pub(super) fn named(store: &Store, name: &str) -> Result<AdapterRow, CommandError> {
    store.adapter(name)?.ok_or_else(|| {
        CommandError::usage(format!(
            "there is no adapter {name:?}; see: inkstone adapter list"
        ))
    })
}

impl From<AdapterFileError> for CommandError {
    fn from(error: AdapterFileError) -> Self {
        let status = match error {
            AdapterFileError::Io { .. } => ExitStatus::Usage,
            AdapterFileError::Fault { .. } | AdapterFileError::Changed { .. } => {
                ExitStatus::Refused
            }
        };
        Self::new(status, error.to_string())
    }
}
