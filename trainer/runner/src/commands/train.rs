//! `inkstone-trainer train`: from the dataset to adapters of the registry.
//!
//! How far it is goes to standard error, line by line (`train::teller`); what came of it is the answer.
//! One at a time for each user. Ended by a signal or by the end of its input, it keeps where it was.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use inkstone_corpus::Genre;
use inkstone_corpus::dataset::{DatasetId, names};
use inkstone_platform::{physical_cores, private};
use inkstone_settings::Directories;
use inkstone_store::{Store, Workspace};
use serde::Serialize;
use serde_json::json;

use super::{ALONE_WAIT, Desk, answer, canonical};
use crate::build::{BuildError, build};
use crate::clock::now_ms;
use crate::single::OneTrainer;
use crate::train::opening::{self, Workshop};
use crate::train::order::{Order, Outcome, Reason, TrainError};
use crate::train::own_process;
use crate::train::quiet::Quiet;
use crate::train::watchers;

/// How long a training that began by itself may take to keep where it is: it looks twice a second, and
/// between two layers.
const GIVE_WAY_WAIT: Duration = Duration::from_secs(20);

/// What is asked.
#[derive(Debug, Clone, clap::Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub struct TrainArgs {
    /// Only the adapter of this language
    #[arg(long)]
    pub language: Option<String>,
    /// An adapter for the documents of this workspace alone, which learns from them alone
    #[arg(long)]
    pub workspace: Option<PathBuf>,
    /// An adapter for the documents of this genre alone, which learns from them alone
    #[arg(long, value_parser = genre)]
    pub genre: Option<Genre>,
    /// Train though nothing is new, and on the battery
    #[arg(long)]
    pub now: bool,
    /// Train only if as much is new as the settings ask for
    #[arg(long, conflicts_with = "now")]
    pub automatic: bool,
    /// Only say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Only try learning rates, and say which is best
    #[arg(long, conflicts_with = "dry_run")]
    pub find_lr: bool,
    /// End with the standard input, on which a line `typing` says that somebody types
    #[arg(long)]
    pub attached: bool,
}

/// What came of one language.
#[derive(Debug, Serialize)]
pub(super) struct Trained {
    pub(super) language: String,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
}

/// Trains what was asked for, one language after the other.
pub fn run(args: &TrainArgs) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    own_process::begin_again(threads(&desk));
    let mut store = desk.store()?;
    let training = Training::begin(&desk, !args.now, args.automatic)?;
    if args.attached {
        watchers::listen(&training.quiet);
    }
    // The daemon tells those that it had started by itself.
    if !args.automatic {
        watchers::ask_daemon(&desk.directories, &training.quiet);
    }
    if args.automatic {
        watchers::give_way(&desk.directories.training_dir(), &training.quiet);
    }
    let orders = orders(args, &desk, &mut store)?;
    let trained = training.carry_out(&mut store, orders, args.language.is_none())?;
    answer(&json!({ "trainings": trained }))
}

/// How many threads compute.
pub(super) fn threads(desk: &Desk) -> usize {
    match desk.settings.train.threads {
        0 => physical_cores(),
        threads => threads as usize,
    }
}

/// The right to train, and what ends it.
pub(super) struct Training<'a> {
    desk: &'a Desk,
    /// When it may compute.
    pub(super) quiet: Arc<Quiet>,
    _alone: std::fs::File,
}

impl<'a> Training<'a> {
    /// Becomes the one training of the user, or says that another runs.
    pub(super) fn begin(
        desk: &'a Desk,
        heeds_battery: bool,
        is_automatic: bool,
    ) -> anyhow::Result<Self> {
        let alone = alone(&desk.directories, Duration::ZERO, is_automatic)?;
        let train = &desk.settings.train;
        // Somebody who has chosen already is heard once only; then it is as they chose.
        let _chosen = rayon::ThreadPoolBuilder::new()
            .num_threads(threads(desk))
            .build_global();
        let quiet = Arc::new(Quiet::new(Duration::from_secs(u64::from(train.quiet_s))));
        watchers::heed_signals(&quiet)?;
        watchers::watch_machine(train, heeds_battery, &quiet);
        Ok(Self {
            desk,
            quiet,
            _alone: alone,
        })
    }

    /// Trains; what cannot be trained in one language keeps none of the others, where nobody named it.
    pub(super) fn carry_out(
        &self,
        store: &mut Store,
        orders: Vec<Order>,
        is_forgiving: bool,
    ) -> anyhow::Result<Vec<Trained>> {
        let workshop = Workshop {
            directories: &self.desk.directories,
            settings: &self.desk.settings,
            quiet: &self.quiet,
        };
        let mut newest = |store: &mut Store| newest(self.desk, store);
        let mut trained = Vec::new();
        for order in orders {
            let outcome = opening::train(&workshop, store, &order, &mut newest, false);
            let outcome = match outcome {
                Err(error) if is_forgiving && !is_everybodys(&error) => Outcome::Unavailable {
                    why: format!("{error:#}"),
                },
                outcome => outcome?,
            };
            let is_stopped = matches!(outcome, Outcome::Stopped { .. });
            trained.push(Trained {
                language: order.language,
                outcome,
            });
            if is_stopped {
                break;
            }
        }
        Ok(trained)
    }
}

/// One training at a time: two would take twice the memory, and the same name for their folders. One
/// that began by itself, and may wait for hours for power from outside, makes way for one that a person
/// wants; which goes on where it was.
pub(super) fn alone(
    directories: &Directories,
    wait: Duration,
    is_automatic: bool,
) -> anyhow::Result<std::fs::File> {
    let training = directories.training_dir();
    std::fs::create_dir_all(&training).with_context(|| training.display().to_string())?;
    let path = training.join("one");
    let mut locked = private::lock(&path, wait);
    if !is_automatic && locked.is_err() {
        let wish = watchers::WayWanted::tell(&training)?;
        locked = private::lock(&path, GIVE_WAY_WAIT);
        drop(wish);
    }
    match locked {
        Ok(lock) => Ok(lock),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
            Err(TrainError::Another.into())
        }
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Whether an error is none of a language's own.
fn is_everybodys(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<BuildError>())
}

fn orders(args: &TrainArgs, desk: &Desk, store: &mut Store) -> anyhow::Result<Vec<Order>> {
    let languages = match &args.language {
        Some(language) => vec![language.clone()],
        None => languages(desk),
    };
    let workspace = match &args.workspace {
        None => None,
        Some(folder) => Some(workspace(&canonical(folder)?, store)?),
    };
    let reason = match (args.now, args.automatic) {
        (true, _) => Reason::Now,
        (_, true) => Reason::Automatic,
        _ => Reason::Changed,
    };
    let order = |language| Order {
        language,
        workspace: workspace.clone(),
        genre: args.genre,
        reason,
        dry_run: args.dry_run,
        find_rate: args.find_lr,
    };
    let mut orders: Vec<Order> = languages.into_iter().map(order).collect();
    if args.automatic && args.language.is_none() && workspace.is_none() {
        // What was retired of single folders is trained anew by itself, too.
        let retired = retired(store)?.into_iter();
        orders.extend(retired.filter(|order| order.workspace.is_some()));
    }
    Ok(orders)
}

/// What is to be trained anew since a source of it was forgotten.
pub(super) fn retired(store: &mut Store) -> anyhow::Result<Vec<Order>> {
    let workspaces = store.workspaces()?;
    let wishes = store.retrainings()?.into_iter().filter_map(|wish| {
        let workspace = match wish.workspace {
            None => None,
            Some(id) => Some(workspaces.iter().find(|one| one.id == id)?.clone()),
        };
        Some(Order {
            language: wish.language,
            workspace,
            genre: None,
            reason: Reason::Now,
            dry_run: false,
            find_rate: false,
        })
    });
    Ok(wishes.collect())
}

/// A genre by its word.
fn genre(word: &str) -> Result<Genre, String> {
    names::genre_of(word).ok_or_else(|| {
        let words = Genre::ALL.map(names::genre).join(", ");
        format!("there is no genre `{word}`; there are {words}")
    })
}

fn workspace(folder: &std::path::Path, store: &mut Store) -> anyhow::Result<Workspace> {
    let mut all = store.workspaces()?.into_iter();
    let found = all.find(|workspace| workspace.path == folder);
    let path = folder.to_owned();
    Ok(found.ok_or(BuildError::NotAdded { path })?)
}

/// Those that a model completes by name.
fn languages(desk: &Desk) -> Vec<String> {
    /// Stands for every other language, of which no dataset knows.
    const OTHERS: &str = "und";
    let named = desk.settings.model.completion.iter();
    let named = named.map(|(language, _)| language.to_string());
    named.filter(|language| language != OTHERS).collect()
}

/// Brings the dataset up to date, for each language anew: the training of the one before may have taken
/// hours, in which the version that it began with may have been replaced or taken back.
fn newest(desk: &Desk, store: &mut Store) -> anyhow::Result<DatasetId> {
    let _alone = OneTrainer::become_it_within(&desk.directories, ALONE_WAIT)?;
    let corpus = &desk.settings.corpus;
    let built = build(store, corpus, &[], None, now_ms(), &mut |_| ())?;
    desk.follow_version(store, built.dataset)?;
    Ok(built.dataset)
}
