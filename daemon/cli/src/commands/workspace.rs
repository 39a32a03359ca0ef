//! `inkstone workspace`: the folders that the trainer may learn from. Nothing is read before it is
//! added. One file for each subcommand.

use clap::Subcommand;
use inkstone_store::{Store, StoreError};

use super::{reload, workspace_add, workspace_list, workspace_mark, workspace_rm};
use crate::{CommandError, Environment, ExitStatus};

/// Folders that may be learnt from: add, list, remove, mark.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkspaceArgs {
    #[command(subcommand)]
    command: WorkspaceCommand,
}

#[derive(Debug, Subcommand)]
enum WorkspaceCommand {
    /// Let the trainer read a folder
    Add(workspace_add::WorkspaceAddArgs),
    /// Show the folders, and who counts as their owner
    List(workspace_list::WorkspaceListArgs),
    /// Stop reading a folder, and forget what was read of it
    Rm(workspace_rm::WorkspaceRmArgs),
    /// Say of a file or folder whose words it holds, whatever git says
    Mark(workspace_mark::WorkspaceMarkArgs),
}

pub(crate) fn run(args: &WorkspaceArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let done = match &args.command {
        WorkspaceCommand::Add(args) => workspace_add::run(args, env),
        WorkspaceCommand::List(args) => return workspace_list::run(args, env),
        WorkspaceCommand::Rm(args) => workspace_rm::run(args, env),
        WorkspaceCommand::Mark(args) => workspace_mark::run(args, env),
    }?;
    if done == ExitStatus::Done {
        // Its trainer watches other folders from now on.
        reload::if_running(env);
    }
    Ok(done)
}

/// Opens the database.
pub(super) fn store(env: &Environment) -> Result<Store, CommandError> {
    let directories = env.directories()?;
    directories.ensure_private()?;
    Ok(Store::open(&directories.database())?)
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::PathNotText { .. }
            | StoreError::NoWorkspace { .. }
            | StoreError::NoAdapter { .. }
            | StoreError::TooMany { .. } => ExitStatus::Usage,
            StoreError::Overlaps { .. }
            | StoreError::NoDataset { .. }
            | StoreError::Retired { .. }
            | StoreError::Newer { .. } => ExitStatus::Refused,
            StoreError::File { .. } | StoreError::Database { .. } | StoreError::Damaged { .. } => {
                ExitStatus::Internal
            }
        };
        Self::new(status, error.to_string())
    }
}
