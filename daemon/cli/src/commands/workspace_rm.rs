//! `inkstone workspace rm`: takes a folder away again, with everything that was read of it. The files
//! themselves stay as they are.

use std::path::PathBuf;

use inkstone_store::StoreError;

use super::{workspace, workspace_consent, workspace_folder};
use crate::{CommandError, Environment, ExitStatus, trainer};

/// Arguments of `workspace rm`.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkspaceRmArgs {
    /// A folder that was added; it may be gone
    folder: PathBuf,
    /// Ask nothing
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(args: &WorkspaceRmArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let path = workspace_folder::named(&args.folder)?;
    let shown = path.display();
    let mut store = workspace::store(env)?;
    let no_workspace = || CommandError::from(StoreError::NoWorkspace { path: path.clone() });
    let workspaces = store.workspaces()?;
    if !workspaces.iter().any(|workspace| workspace.path == path) {
        return Err(no_workspace());
    }
    let question = format!("Stop reading {shown}, and forget what was read of it?");
    if !workspace_consent::is_given(args.yes, &question, env)? {
        return workspace_consent::declined(env, "nothing is forgotten");
    }
    if !store.remove_workspace(&path)? {
        return Err(no_workspace());
    }
    // What the trainer keeps of it, it takes away itself.
    trainer::have_done(&["sweep"]).map_err(|error| {
        error.preceded_by(&format!(
            "{shown} is not read any more, and nothing more of it is kept; what was kept of it goes when the trainer that is at work has ended, or with the next `inkstone dataset build`, since now: "
        ))
    })?;
    env.print(&format!(
        "{shown} is not read any more; what was read of it is forgotten\n"
    ))?;
    Ok(ExitStatus::Done)
}
