//! A folder with texts, what a rescan says of it, and a git that no setting of this machine reaches.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use inkstone_trainer::ledger::{Change, Heard, MemoryLedger};
use inkstone_trainer::options::ReadingOptions;
use inkstone_trainer::rescan::{Tally, rescan_at};
use tempfile::TempDir;

/// A workspace of a test.
pub(crate) struct Desk {
    _folder: TempDir,
    pub(crate) root: PathBuf,
    pub(crate) options: ReadingOptions,
    ledger: MemoryLedger<Box<dyn FnMut(Heard)>>,
    heard: Rc<RefCell<Vec<String>>>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let heard = Rc::new(RefCell::new(Vec::new()));
        let hearing = Rc::clone(&heard);
        let hear: Box<dyn FnMut(Heard)> =
            Box::new(move |heard| hearing.borrow_mut().extend(shown(&heard)));
        Self {
            _folder: folder,
            root,
            options: ReadingOptions::default(),
            ledger: MemoryLedger::new(hear),
            heard,
        }
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        write(&self.at(path), text);
    }

    /// Looks at everything; what changed and what was skipped, in short: `+` added, `~` changed,
    /// `-` removed, `a > b` renamed, `=` only another stamp, `! path: reason`.
    pub(crate) fn look(&mut self) -> Vec<String> {
        self.tally(&[""]).1
    }

    pub(crate) fn look_at(&mut self, scopes: &[&str]) -> Vec<String> {
        self.tally(scopes).1
    }

    pub(crate) fn tally(&mut self, scopes: &[&str]) -> (Tally, Vec<String>) {
        let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        let tally = rescan_at(&self.root, &scopes, &self.options, &mut self.ledger).unwrap();
        (tally, self.heard.take())
    }

    /// What is known, in the order of a walk.
    pub(crate) fn known(&self) -> Vec<String> {
        self.ledger
            .files()
            .map(|known| known.path.clone())
            .collect()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.root, "Ann <ann@new.example>", arguments)
    }
}

pub(crate) fn shown(heard: &Heard) -> Option<String> {
    Some(match heard {
        Heard::Change(Change::Added(read)) => format!("+ {}", read.file.path),
        Heard::Change(Change::Changed(read)) => format!("~ {}", read.file.path),
        Heard::Change(Change::Renamed { from, to }) => format!("{from} > {}", to.file.path),
        Heard::Change(Change::Removed { path }) => format!("- {path}"),
        // Files of a test are younger than the clock of a file system ticks.
        Heard::Change(Change::Restamped { .. }) => return None,
        Heard::Skipped(skipped) => format!("! {}: {}", skipped.path, skipped.why.word()),
    })
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Runs git as somebody, without the settings of whoever runs the tests.
pub(crate) fn git(folder: &Path, who: &str, arguments: &[&str]) -> String {
    let (name, email) = who.trim_end_matches('>').split_once(" <").unwrap();
    let mut command = Command::new("git");
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("GIT_") {
            command.env_remove(variable);
        }
    }
    let output = command
        .args([
            "-c",
            "init.defaultBranch=main",
            "-c",
            "commit.gpgSign=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_EDITOR", "true")
        .env("GIT_AUTHOR_NAME", name)
        .env("GIT_AUTHOR_EMAIL", email)
        .env("GIT_COMMITTER_NAME", name)
        .env("GIT_COMMITTER_EMAIL", email)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}
