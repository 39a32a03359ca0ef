//! `inkstone workspace add`: shows what would be read of a folder and whose words would be taken, asks,
//! and remembers the answer. Reads no document itself.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use inkstone_store::{Added, Identities};

use super::{workspace, workspace_consent, workspace_folder, workspace_survey};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `workspace add`.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkspaceAddArgs {
    /// The folder; without it, the one you are in
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// An address (or name) under which you commit; without any, those of git's own configuration
    #[arg(long = "identity", value_name = "EMAIL")]
    identities: Vec<String>,
    /// Ask nothing
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(args: &WorkspaceAddArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let folder = workspace_folder::existing(&args.folder)?;
    workspace_folder::refuse_too_much(&folder, std::env::home_dir().as_deref())?;
    let mut store = workspace::store(env)?;
    store.may_add(&folder)?;
    let survey = workspace_survey::of(&folder, &args.identities)?;
    let identities = if args.identities.is_empty() {
        Identities::of(&survey.proposed)
    } else {
        Identities::of(&args.identities)
    };
    if identities.is_empty() && survey.has_repositories() {
        return Err(CommandError::usage(format!(
            "{} has repositories, and git does not know who you are; say it: inkstone workspace add {} --identity you@example.org",
            folder.display(),
            folder.display(),
        )));
    }
    let shown = folder.display();
    env.print(&format!(
        "The trainer would read of {shown}:\n{}",
        survey.text()
    ))?;
    env.print(&format!(
        "Yours is what these committed: {}\n",
        shown_identities(&identities)
    ))?;
    if !workspace_consent::is_given(args.yes, &format!("Let the trainer read {shown}?"), env)? {
        return workspace_consent::declined(env, "nothing is read");
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let added_at_s = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let done = match store.add_workspace(&folder, &identities, added_at_s)? {
        Added::New(_) => "is added",
        Added::Known(_) => "was added before; its identities are those above now",
    };
    env.print(&format!(
        "{shown} {done}; undo it with: inkstone workspace rm {shown}\n"
    ))?;
    Ok(ExitStatus::Done)
}

/// Names and addresses in one line.
pub(super) fn shown_identities(identities: &Identities) -> String {
    let all = identities.emails().iter().chain(identities.names());
    let all: Vec<&str> = all.map(String::as_str).collect();
    if all.is_empty() {
        "(no one is named)".to_owned()
    } else {
        all.join(", ")
    }
}
