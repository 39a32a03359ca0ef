//! `inkstone forget`: a source goes out of everything that saw it, and it is looked whether it is gone.
//! The trainer does it, this asks first and shows what came of it.

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::Value;

use super::forget_table::{Answer, plan, text};
use super::train_progress::TrainProgress;
use super::{reload, workspace_consent, workspace_folder};
use crate::{CommandError, Environment, ExitStatus, trainer};

/// Arguments of `forget`.
#[derive(Debug, clap::Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct ForgetArgs {
    /// A file or folder of a workspace; it may be gone
    path: PathBuf,
    /// Only say what would go
    #[arg(long)]
    dry_run: bool,
    /// Let it be read again, from the next dataset on
    #[arg(long, conflicts_with_all = ["dry_run", "verify", "retrain", "no_retrain"])]
    undo: bool,
    /// Only look whether anything of it is left, and what the adapters that are in use make of it
    #[arg(long, conflicts_with_all = ["dry_run", "retrain", "no_retrain"])]
    verify: bool,
    /// Train what is retired anew at once, and measure what the new adapter makes of the text
    #[arg(long, conflicts_with = "dry_run")]
    retrain: bool,
    /// Do not train it anew
    #[arg(long, conflicts_with_all = ["dry_run", "retrain"])]
    no_retrain: bool,
    /// Ask nothing
    #[arg(long)]
    yes: bool,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &ForgetArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let path = workspace_folder::named(&args.path)?;
    if args.undo {
        return undo(&path, args.json, env);
    }
    let with = |flags: &[&str]| {
        let mut asked: Vec<OsString> = vec!["forget".into()];
        asked.extend(flags.iter().map(OsString::from));
        // A file may be named like a flag.
        asked.extend(["--".into(), path.clone().into_os_string()]);
        asked
    };
    if args.dry_run {
        let answer = ask(&with(&["--dry-run"]))?;
        let read = read(&answer)?;
        return shown(args.json, &answer, &plan(&read), ExitStatus::Done, env);
    }
    if args.verify {
        let answer = ask(&with(&["--verify"]))?;
        let read = read(&answer)?;
        return shown(args.json, &answer, &text(&read), read.status(), env);
    }
    if !args.yes {
        let planned = read(&ask(&with(&["--dry-run"]))?)?;
        if !args.json {
            env.print(&plan(&planned))?;
        }
    }
    let question = format!("Forget {} for good?", path.display());
    if !workspace_consent::is_given(args.yes, &question, env)? {
        return workspace_consent::declined(env, "nothing is forgotten");
    }
    let flags: &[&str] = match (args.retrain, args.no_retrain) {
        (true, _) => &["--retrain"],
        (_, true) => &["--no-retrain"],
        _ => &[],
    };
    let answer = ask(&with(flags));
    // Its trainer does not watch it any more, and trains anew what is to be; also where not all was done.
    reload::if_running(env);
    let answer = answer?;
    let read = read(&answer)?;
    shown(args.json, &answer, &text(&read), read.status(), env)
}

fn ask(arguments: &[OsString]) -> Result<Value, CommandError> {
    let mut progress = TrainProgress::start();
    trainer::ask_by_lines(arguments, &mut |line| progress.heard(line))
}

fn read(answer: &Value) -> Result<Answer, CommandError> {
    serde_json::from_value(answer.clone()).map_err(|error| trainer::failed(&error))
}

fn shown(
    as_json: bool,
    answer: &Value,
    text: &str,
    status: ExitStatus,
    env: &Environment,
) -> Result<ExitStatus, CommandError> {
    if as_json {
        env.print_json(answer)?;
    } else {
        env.print(text)?;
    }
    Ok(status)
}

fn undo(
    path: &std::path::Path,
    as_json: bool,
    env: &Environment,
) -> Result<ExitStatus, CommandError> {
    let arguments: [OsString; 4] = [
        "forget".into(),
        "--undo".into(),
        "--".into(),
        path.as_os_str().to_owned(),
    ];
    let answer: Value = trainer::ask_by_lines(&arguments, &mut |_| false)?;
    let was_forgotten = answer["was_forgotten"].as_bool().unwrap_or(false);
    reload::if_running(env);
    let shown_path = path.display();
    let (words, status) = if was_forgotten {
        let words = format!("{shown_path} is read again from the next dataset on\n");
        (words, ExitStatus::Done)
    } else {
        let words = format!("{shown_path} was not forgotten; a file or folder above it may be\n");
        (words, ExitStatus::Found)
    };
    shown(as_json, &answer, &words, status, env)
}
