//! `inkstone-trainer forget`: takes a source out of everything that saw it, looks whether it is gone,
//! and where that is wanted trains anew and measures what the new adapter makes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use inkstone_protocol::Call;
use inkstone_settings::AutomaticTraining;
use inkstone_store::{AdapterState, Store};
use serde::Serialize;
use serde_json::json;

use super::train::{self, Trained, Training};
use super::{ALONE_WAIT, Desk, answer};
use crate::clock::now_ms;
use crate::forget::evidence::Evidence;
use crate::forget::proof::{Proof, Proving};
use crate::forget::seek::{Search, seek};
use crate::forget::source::Source;
use crate::forget::{Forgetting, Purged, files};
use crate::single::OneTrainer;
use crate::train::order::Outcome;
use crate::train::own_process;
use crate::train::register::tell_daemon;
use crate::train::watchers;

/// How long a training that learns from it may take to let go: it is told within a second, and ends
/// between two layers.
const LET_GO_WAIT: Duration = Duration::from_secs(60);
/// How often the log of the database is tried to be emptied, and how long after each other.
const LOG_TRIES_MAX: u32 = 20;
const LOG_TRY_AFTER: Duration = Duration::from_millis(250);
/// How long the daemon may take to read the registry and what models remember again.
const DAEMON_WAIT: Duration = Duration::from_secs(60);

/// What is asked.
#[derive(Debug, Clone, clap::Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct ForgetArgs {
    /// A file or folder of a workspace; it may be gone
    pub path: PathBuf,
    /// Only say what would go
    #[arg(long)]
    pub dry_run: bool,
    /// Let it be read again
    #[arg(long, conflicts_with_all = ["dry_run", "verify"])]
    pub undo: bool,
    /// Only look whether anything of it is left, and what the live adapters make of it
    #[arg(long, conflicts_with = "dry_run")]
    pub verify: bool,
    /// Train what is retired anew at once
    #[arg(long)]
    pub retrain: bool,
    /// Do not train it anew
    #[arg(long, conflicts_with = "retrain")]
    pub no_retrain: bool,
}

/// What the command line gets.
#[derive(Debug, Serialize)]
struct Answer {
    path: PathBuf,
    workspace: PathBuf,
    /// What went, or would go.
    purged: Purged,
    /// Whether it is part of the generic prose that trainings mix in.
    is_generic: bool,
    /// Other documents in which some of it stands, and stays.
    also_in: Vec<PathBuf>,
    /// What was looked at afterwards, and what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<Search>,
    /// `told`, `not_running`, or why it was not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    daemon: Option<String>,
    /// `now`, `automatic`, `by_hand` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retraining: Option<&'static str>,
    trainings: Vec<Trained>,
    proofs: Vec<Proof>,
}

/// Forgets, or says what would be forgotten.
pub fn run(args: &ForgetArgs) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    if args.retrain || args.verify {
        own_process::begin_again(train::threads(&desk));
    }
    let mut store = desk.store()?;
    let path = args
        .path
        .canonicalize()
        .unwrap_or_else(|_| args.path.clone());
    if args.undo {
        let was_forgotten = store.remember_again(&path)?;
        return answer(&json!({ "path": path, "was_forgotten": was_forgotten }));
    }
    let source = Source::find(&mut store, &path)?;
    let forgetting = Forgetting {
        directories: &desk.directories,
        settings: &desk.settings,
        source: &source,
    };
    if args.dry_run {
        let sight = forgetting.see(&mut store)?;
        let purged = forgetting.plan(&store, &sight)?;
        return answer(&of(&source, purged, &sight.evidence, sight.is_generic));
    }
    if args.verify {
        let sight = forgetting.see(&mut store)?;
        let evidence = &sight.evidence;
        let mut answered = of(&source, Purged::default(), evidence, sight.is_generic);
        answered.search = Some(seek(
            &desk.directories,
            &desk.settings,
            &mut store,
            evidence,
        )?);
        let live = live(&store)?;
        answered.proofs = proofs(&desk, &mut store, evidence, &live)?;
        return answer(&answered);
    }
    let (mut answered, evidence) = forget(&desk, &mut store, &forgetting, !args.no_retrain)?;
    let is_due = !store.retrainings()?.is_empty() && !args.no_retrain;
    answered.retraining = Some(match desk.settings.train.automatic {
        _ if !is_due => "none",
        _ if args.retrain => "now",
        AutomaticTraining::Idle => "automatic",
        AutomaticTraining::Off => "by_hand",
    });
    if args.retrain && is_due {
        answered.trainings = retrain(&desk, &mut store)?;
        let names = answered
            .trainings
            .iter()
            .filter_map(|one| match &one.outcome {
                Outcome::Registered(registered) => Some(registered.adapter.clone()),
                _ => None,
            });
        let names: BTreeSet<String> = names.collect();
        answered.proofs = proofs(&desk, &mut store, &evidence, &names)?;
    }
    answer(&answered)
}

/// All of it but the training.
fn forget(
    desk: &Desk,
    store: &mut Store,
    forgetting: &Forgetting<'_>,
    retrain: bool,
) -> anyhow::Result<(Answer, Evidence)> {
    let directories = &desk.directories;
    let alone = OneTrainer::become_it_within(directories, ALONE_WAIT)?;
    let sight = forgetting.see(store)?;
    let before = made_of_versions(desk);
    let (mut purged, newest) = forgetting.purge(store, &sight, retrain, now_ms())?;
    // What comes now may take long or fail, and it must not be worn meanwhile.
    let _told_again_below = tell_daemon(directories, Call::Forgotten, DAEMON_WAIT);
    desk.follow_version(store, newest)?;
    files::remove_profiles(directories, newest)?;
    let after = made_of_versions(desk);
    purged.memories_and_profiles = before.difference(&after).count() as u64;
    // A training that runs may wait for the right to build.
    drop(alone);
    let let_go = train::alone(directories, LET_GO_WAIT, false).context(
        "it is out of the database and never read again, but a training that runs does not let go of it; wait for its end, and forget it once more",
    )?;
    purged.trainings = files::remove_trainings(directories, store)?;
    purged.adapter_files = files::remove_adapters(directories, store)?;
    drop(let_go);
    let daemon = match tell_daemon(directories, Call::Forgotten, DAEMON_WAIT) {
        Ok(true) => "told".to_owned(),
        Ok(false) => "not_running".to_owned(),
        Err(error) => format!("{error:#}; run: inkstone stop"),
    };
    let is_emptied = empty_log(store)?;
    let mut search = seek(directories, &desk.settings, store, &sight.evidence)?;
    if !is_emptied {
        search.left.push(
            "the log of the database, which another program reads; end that, and forget it once more"
                .to_owned(),
        );
    }
    let mut answered = of(forgetting.source, purged, &sight.evidence, sight.is_generic);
    answered.search = Some(search);
    answered.daemon = Some(daemon);
    Ok((answered, sight.evidence))
}

fn of(source: &Source, purged: Purged, evidence: &Evidence, is_generic: bool) -> Answer {
    Answer {
        path: source.path.clone(),
        workspace: source.workspace.path.clone(),
        purged,
        is_generic,
        also_in: evidence.also_in(),
        search: None,
        daemon: None,
        retraining: None,
        trainings: Vec::new(),
        proofs: Vec::new(),
    }
}

/// Files of memories and profiles.
fn made_of_versions(desk: &Desk) -> BTreeSet<PathBuf> {
    let folders = [
        desk.directories.memory_dir(),
        desk.directories.profiles_dir(),
    ];
    let entries = folders
        .into_iter()
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    entries.flatten().map(|entry| entry.path()).collect()
}

/// Whoever reads the database does so for moments.
fn empty_log(store: &Store) -> anyhow::Result<bool> {
    for _ in 0..LOG_TRIES_MAX {
        if store.empty_log()? {
            return Ok(true);
        }
        std::thread::sleep(LOG_TRY_AFTER);
    }
    Ok(false)
}

fn retrain(desk: &Desk, store: &mut Store) -> anyhow::Result<Vec<Trained>> {
    let training = Training::begin(desk, false, false)?;
    watchers::ask_daemon(&desk.directories, &training.quiet);
    let orders = train::retired(store)?;
    training.carry_out(store, orders, true)
}

fn live(store: &Store) -> anyhow::Result<BTreeSet<String>> {
    let rows = store.adapters()?.into_iter();
    let live = rows.filter(|row| row.state == AdapterState::Live);
    Ok(live.map(|row| row.name).collect())
}

/// What the named adapters make of the text.
fn proofs(
    desk: &Desk,
    store: &mut Store,
    evidence: &Evidence,
    names: &BTreeSet<String>,
) -> anyhow::Result<Vec<Proof>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let training = Training::begin(desk, false, false)?;
    let proving = Proving {
        directories: &desk.directories,
        settings: &desk.settings,
        quiet: &training.quiet,
        evidence,
    };
    let mut proofs = Vec::new();
    for row in store.adapters()? {
        if names.contains(&row.name) {
            proofs.extend(proving.prove(store, &row)?);
        }
    }
    Ok(proofs)
}
