//! `inkstone train`: has the trainer make an adapter of the dataset, shows how far it is, and what came
//! of it.

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::Value;

use super::train_progress::TrainProgress;
use super::train_table::{Answer, text};
use super::workspace_folder;
use crate::{CommandError, Environment, ExitStatus, trainer};

/// Arguments of `train`.
#[derive(Debug, clap::Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct TrainArgs {
    /// Train though nothing is new, and on the battery
    #[arg(long)]
    now: bool,
    /// An adapter for the documents of this folder alone, which learns from them alone
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
    /// An adapter for the documents of this kind alone, which learns from them alone (news, marketing,
    /// documentation, blog, fiction, correspondence, notes, comment_reply)
    #[arg(long, value_name = "GENRE")]
    genre: Option<String>,
    /// Only the adapter of this language (en, zh)
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Only try learning rates, and say which is best (a few minutes)
    #[arg(long, conflicts_with = "dry_run")]
    find_lr: bool,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &TrainArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let mut asked = vec![OsString::from("train")];
    for (flag, is_set) in [
        ("--now", args.now),
        ("--dry-run", args.dry_run),
        ("--find-lr", args.find_lr),
    ] {
        asked.extend(is_set.then(|| flag.into()));
    }
    if let Some(folder) = &args.workspace {
        asked.push("--workspace".into());
        asked.push(workspace_folder::existing(folder)?.into());
    }
    if let Some(language) = &args.language {
        asked.push(format!("--language={language}").into());
    }
    if let Some(genre) = &args.genre {
        asked.push(format!("--genre={genre}").into());
    }
    wait_for_the_trainer_when_interrupted()?;
    let mut progress = TrainProgress::start();
    let answer: Value = trainer::ask_by_lines(&asked, &mut |line| progress.heard(line))?;
    drop(progress);
    let read: Answer =
        serde_json::from_value(answer.clone()).map_err(|error| trainer::failed(&error))?;
    if args.json {
        env.print_json(&answer)?;
    } else {
        env.print(&text(&read))?;
    }
    Ok(read.status())
}

/// Ctrl-C reaches the trainer too, which keeps where it is and says so: its answer is waited for.
#[cfg(unix)]
fn wait_for_the_trainer_when_interrupted() -> Result<(), CommandError> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    let unread = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, unread)?;
    Ok(())
}

#[cfg(not(unix))]
fn wait_for_the_trainer_when_interrupted() -> Result<(), CommandError> {
    Ok(())
}
