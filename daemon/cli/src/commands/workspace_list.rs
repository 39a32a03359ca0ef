//! `inkstone workspace list`: the folders that were added, who counts as their owner, what is marked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use inkstone_store::{Mark, Workspace};
use serde::Serialize;

use super::workspace;
use super::workspace_add::shown_identities;
use super::workspace_mark::word;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `workspace list`.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkspaceListArgs {
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Listing<'a> {
    workspaces: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    path: &'a PathBuf,
    /// Whether the folder is there now.
    present: bool,
    added_at_s: i64,
    emails: &'a [String],
    names: &'a [String],
    marks: BTreeMap<&'a str, &'static str>,
}

pub(crate) fn run(args: &WorkspaceListArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let workspaces = workspace::store(env)?.workspaces()?;
    if args.json {
        let workspaces = workspaces.iter().map(row).collect();
        env.print_json(&Listing { workspaces })?;
    } else if workspaces.is_empty() {
        env.note("no folder is read; add one with: inkstone workspace add DIR");
    } else {
        env.print(&text(&workspaces))?;
    }
    Ok(ExitStatus::Done)
}

fn row(workspace: &Workspace) -> Row<'_> {
    let marks = workspace.marks.iter();
    Row {
        path: &workspace.path,
        present: workspace.path.is_dir(),
        added_at_s: workspace.added_at_s,
        emails: workspace.identities.emails(),
        names: workspace.identities.names(),
        marks: marks
            .map(|(path, mark)| (path.as_str(), word(Some(*mark))))
            .collect(),
    }
}

fn text(workspaces: &[Workspace]) -> String {
    let mut text = String::new();
    for workspace in workspaces {
        let absent = if workspace.path.is_dir() {
            ""
        } else {
            " (not there now)"
        };
        // proof: writing into a string cannot fail.
        let _ = writeln!(text, "{}{absent}", workspace.path.display());
        let _ = writeln!(text, "  {}", shown_identities(&workspace.identities));
        for (path, mark) in &workspace.marks {
            let path = if path.is_empty() { "." } else { path };
            let whose = match mark {
                Mark::Mine => "mine",
                Mark::NotMine => "not mine",
            };
            let _ = writeln!(text, "  {path}: {whose}");
        }
    }
    text
}
