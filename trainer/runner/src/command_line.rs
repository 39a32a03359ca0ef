//! What the daemon and the command line can ask of the trainer. Nobody types these.

use std::convert::Infallible;
use std::io::{self, BufRead as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use inkstone_settings::{Corpus, Directories, Loaded};
use inkstone_store::Identities;
use serde_json::json;

use crate::ledger::{Change, Heard, MemoryLedger};
use crate::options::{ReadingOptions, WatchOptions, git_deadline};
use crate::rescan::rescan_at;
use crate::survey::survey;
use crate::watch::{self, Events, Follower, Notice, Wish};

/// The part of Inkstone that reads what its owner wrote; started by the daemon and by `inkstone`.
#[derive(Debug, Parser)]
#[command(name = "inkstone-trainer", version, arg_required_else_help = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print as JSON what would be read of a folder
    Survey {
        /// The folder
        folder: PathBuf,
        /// An address or name of its owner's
        #[arg(long = "identity")]
        identities: Vec<String>,
    },
    /// Print changes as they happen, one JSON object a line, and keep nothing
    Follow {
        /// The folders
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// End with the standard input, on which each line is the path of a file that was saved
        #[arg(long)]
        attached: bool,
    },
}

/// Does what was asked.
pub fn run(command_line: &CommandLine) -> anyhow::Result<()> {
    let corpus = settings()?;
    match &command_line.command {
        Command::Survey { folder, identities } => print_survey(folder, identities, &corpus),
        Command::Follow { folders, attached } => follow(folders, *attached, &corpus),
    }
}

fn settings() -> anyhow::Result<Corpus> {
    let loaded = Loaded::of_user(&Directories::from_env()?);
    for problem in &loaded.problems {
        eprintln!("inkstone-trainer: {problem}");
    }
    Ok(loaded.settings.corpus)
}

fn print_survey(folder: &Path, identities: &[String], corpus: &Corpus) -> anyhow::Result<()> {
    let identities = Identities::of(identities);
    let reading = ReadingOptions::of(corpus);
    let survey = survey(
        &canonical(folder)?,
        &identities,
        &reading,
        git_deadline(corpus),
    )?;
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &survey)?;
    Ok(writeln!(out)?)
}

fn canonical(folder: &Path) -> anyhow::Result<PathBuf> {
    let canonical = folder.canonicalize();
    canonical.with_context(|| folder.display().to_string())
}

fn follow(folders: &[PathBuf], attached: bool, corpus: &Corpus) -> anyhow::Result<()> {
    let folders = folders.iter().map(|folder| canonical(folder));
    let folders = folders.collect::<anyhow::Result<Vec<PathBuf>>>()?;
    let events = Events::new();
    if attached {
        let waker = events.waker();
        std::thread::spawn(move || {
            // Whoever started us has gone when the input ends.
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                waker.saved(PathBuf::from(line));
            }
            waker.stop();
        });
    }
    let reading = ReadingOptions::of(corpus);
    let ledgers = folders
        .iter()
        .map(|_| MemoryLedger::new(print as fn(Heard)));
    let mut printer = Printer {
        ledgers: ledgers.collect(),
        folders: &folders,
        reading: &reading,
    };
    let watching = WatchOptions::of(corpus);
    watch::run(&folders, &reading, &watching, &events, &mut printer);
    Ok(())
}

/// Looks, and prints what changed.
struct Printer<'a> {
    ledgers: Vec<MemoryLedger<fn(Heard)>>,
    folders: &'a [PathBuf],
    reading: &'a ReadingOptions,
}

impl Follower for Printer<'_> {
    fn look(&mut self, workspace: usize, wish: &Wish) {
        let root = &self.folders[workspace];
        let ledger = &mut self.ledgers[workspace];
        let looked: Result<_, crate::rescan::RescanError<Infallible>> =
            rescan_at(root, &wish.scopes, self.reading, ledger);
        match looked {
            Ok(tally) => say(&json!({
                "looked": wish.scopes, "cause": format!("{:?}", wish.cause).to_lowercase(),
                "added": tally.added, "changed": tally.changed, "renamed": tally.renamed,
                "removed": tally.removed, "unchanged": tally.unchanged,
            })),
            Err(error) => eprintln!("inkstone-trainer: {error}"),
        }
    }

    fn notice(&mut self, notice: &Notice) {
        say(&json!({ "notice": notice.to_string() }));
    }
}

fn print(heard: Heard) {
    let change = match heard {
        Heard::Change(change) => change,
        // What is passed over for good would be told at every look.
        Heard::Skipped(skipped) => {
            if skipped.why.is_passing() {
                say(&json!({ "skipped": skipped.path, "why": skipped.why.to_string() }));
            }
            return;
        }
    };
    say(&match &change {
        Change::Added(read) => {
            json!({ "added": read.file.path, "hash": read.content.hash.to_string() })
        }
        Change::Changed(read) => {
            json!({ "changed": read.file.path, "hash": read.content.hash.to_string() })
        }
        Change::Renamed { from, to } => json!({ "renamed": from, "to": to.file.path }),
        Change::Restamped { .. } => return,
        Change::Removed { path } => json!({ "removed": path }),
    });
}

fn say(value: &serde_json::Value) {
    let mut out = io::stdout().lock();
    // Whoever read us has gone: there is nobody to work for.
    if writeln!(out, "{value}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}
