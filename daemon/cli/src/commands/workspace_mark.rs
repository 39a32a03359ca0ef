//! `inkstone workspace mark`: a person's word on whose a file or folder is, above what git says.

use std::path::PathBuf;

use clap::ValueEnum;
use inkstone_store::Mark;
use serde_json::json;

use super::{workspace, workspace_folder};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `workspace mark`.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkspaceMarkArgs {
    /// A file or folder in a workspace; it may be gone
    path: PathBuf,
    /// Whose words it holds
    whose: Whose,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Whose words a file or folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whose {
    /// All of it is mine, whatever git says
    Mine,
    /// None of it is mine
    NotMine,
    /// As git says, or the folder around it
    Auto,
}

pub(crate) fn run(args: &WorkspaceMarkArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let path = workspace_folder::named(&args.path)?;
    let mark = match args.whose {
        Whose::Mine => Some(Mark::Mine),
        Whose::NotMine => Some(Mark::NotMine),
        Whose::Auto => None,
    };
    workspace::store(env)?.mark(&path, mark)?;
    if args.json {
        env.print_json(&json!({ "path": path, "mark": word(mark) }))?;
    } else {
        let whose = match args.whose {
            Whose::Mine => "counts as yours",
            Whose::NotMine => "counts as not yours",
            Whose::Auto => "counts as git says",
        };
        env.print(&format!(
            "{} {whose}; it holds from the next dataset on\n",
            path.display()
        ))?;
    }
    Ok(ExitStatus::Done)
}

/// A mark as programs read it.
pub(super) fn word(mark: Option<Mark>) -> &'static str {
    match mark {
        Some(Mark::Mine) => "mine",
        Some(Mark::NotMine) => "not-mine",
        None => "auto",
    }
}
