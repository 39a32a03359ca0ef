//! `inkstone-trainer build`: reads what changed and publishes a version of the dataset.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use super::{ALONE_WAIT, Desk, answer, canonical, stats};
use crate::assemble;
use crate::build::{Built, Progress, build, measures};
use crate::clock::now_ms;
use crate::memories;
use crate::scores::{DaemonScorer, Effort, Scorer};
use crate::single::OneTrainer;

/// The time between two words on how far it is.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// What the command line gets.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    built: Built,
    /// What models remember of it.
    memories: Vec<memories::Made>,
    #[serde(flatten)]
    version: stats::Answer,
}

/// Builds; with folders, only these are looked at anew. Everything is scored, however long it takes, or
/// what the settings give time for.
pub fn run(only: &[PathBuf], scores_all: bool) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let mut store = desk.store()?;
    let _alone = OneTrainer::become_it_within(&desk.directories, ALONE_WAIT)?;
    let only = only.iter().map(|folder| canonical(folder));
    let only = only.collect::<anyhow::Result<Vec<PathBuf>>>()?;
    let corpus = &desk.settings.corpus;
    let mut teller = Teller::default();
    let mut scorer = DaemonScorer::of(&desk.directories);
    let effort = Effort {
        time_max: (!scores_all).then(|| Duration::from_secs(u64::from(corpus.score_s_max))),
        load: scores_all,
    };
    let asks = scores_all || corpus.score;
    let scorer: Option<(&mut dyn Scorer, Effort)> = asks.then_some((&mut scorer, effort));
    let built = build(
        &mut store,
        corpus,
        &only,
        scorer,
        now_ms(),
        &mut |progress| {
            teller.tell(progress);
        },
    )?;
    let memories = desk.follow_version(&mut store, built.dataset)?;
    let version = stats::of(&desk, &mut store, Some(&built.dataset.to_string()))?;
    answer(&Answer {
        built,
        memories,
        version,
    })
}

/// Tells how far it is, in JSON on standard error, a few times a second.
#[derive(Default)]
struct Teller {
    told: Option<Instant>,
}

impl Teller {
    fn tell(&mut self, progress: Progress<'_>) {
        if self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        // Who does not listen any more misses nothing: the build goes on.
        let _unheard = writeln!(io::stderr(), "{}", json!({ "progress": progress }));
    }
}

/// Takes away what was read of folders that were removed.
pub fn sweep() -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let mut store = desk.store()?;
    let _alone = OneTrainer::become_it_within(&desk.directories, ALONE_WAIT)?;
    let is_clean = desk.sweep(&mut store)?;
    // The hashes of its paragraphs go with the comparison.
    assemble::settle(&mut store, measures(&desk.settings.corpus))?;
    if !(is_clean && store.empty_log()?) {
        anyhow::bail!(
            "another program reads the log of the database, in which it still stands; end it, then run: inkstone dataset build"
        );
    }
    Ok(())
}
