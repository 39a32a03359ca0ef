//! `inkstone-trainer follow`: prints changes as they happen and keeps nothing, to look on.

use std::convert::Infallible;
use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;

use inkstone_settings::Corpus;
use serde_json::json;

use super::{Desk, canonical};
use crate::ledger::{Change, Heard, MemoryLedger};
use crate::options::{ReadingOptions, WatchOptions};
use crate::rescan::rescan_at;
use crate::watch::{self, Events, Follower, LookEnd, Notice, Wish};

/// Follows until it is stopped; `attached`, until the standard input ends, on which each line is the
/// path of a file that was saved.
pub fn run(folders: &[PathBuf], attached: bool) -> anyhow::Result<()> {
    follow(folders, attached, &Desk::of_user()?.settings.corpus)
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
    fn look(&mut self, workspace: usize, wish: &Wish) -> LookEnd {
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
            Err(error) => {
                eprintln!("inkstone-trainer: {error}");
                return LookEnd::Again;
            }
        }
        LookEnd::Done
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
