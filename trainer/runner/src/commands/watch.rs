//! `inkstone-trainer watch`: reads what changes until its standard input ends; the daemon's child.
//!
//! Lines come in: `saved PATH` (an editor saved it), `look` (folders or settings may have changed),
//! `typing` (somebody types: a training waits).
//! Lines go out: how it is, as the daemon's `status` tells it. It ends when there is nothing to watch,
//! and at once with its input: a first look may take an hour, and what is kept is whole at any moment.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use inkstone_protocol::{TrainerReport, TrainerState};
use inkstone_settings::Corpus;
use inkstone_store::{Store, Workspace};

use super::{ALONE_WAIT, Desk, answer};
use crate::assemble;
use crate::build::{BuildError, look, manner, measures, publish};
use crate::clock::now_ms;
use crate::memories;
use crate::options::{ReadingOptions, WatchOptions};
use crate::single::{NotAlone, OneTrainer};
use crate::train::automatic::Automatic;
use crate::train::watchers::TYPING_LINE;
use crate::watch::remembering::Remembering;
use crate::watch::{self, Events, Follower, LookEnd, Notice, Wish};

/// Watches until the standard input ends or there is nothing to watch.
pub fn run() -> anyhow::Result<()> {
    let again = Arc::new(AtomicBool::new(false));
    let events = Events::new();
    let automatic = Automatic::start(std::env::current_exe()?);
    listen(&events, &again, &automatic);
    loop {
        let desk = Desk::of_user()?;
        let mut store = desk.store()?;
        let is_swept = sweep_if_alone(&desk, &mut store)?;
        forget_unless_wanted(&desk)?;
        let workspaces = store.workspaces()?;
        if workspaces.is_empty() || !desk.settings.corpus.watch {
            return Ok(());
        }
        automatic.configure(&desk.settings.train);
        if !store.retrainings()?.is_empty() {
            automatic.has_news();
        }
        let forgotten = store.forgotten()?;
        let paths: Vec<PathBuf> = workspaces.iter().map(|one| one.path.clone()).collect();
        let corpus = desk.settings.corpus.clone();
        let mut keeping = Keeping {
            desk: &desk,
            store,
            workspaces: &workspaces,
            corpus: &corpus,
            is_swept,
            automatic: &automatic,
            remembering: Remembering::of(workspaces.len()),
            notices: BTreeMap::new(),
            troubles: BTreeMap::new(),
        };
        keeping.say(TrainerState::Scanning);
        let reading = ReadingOptions::of(&corpus).without(forgotten);
        watch::run(
            &paths,
            &reading,
            &WatchOptions::of(&corpus),
            &events,
            &mut keeping,
        );
        // It was stopped, or told to begin anew with other folders or settings.
        if !again.swap(false, Ordering::SeqCst) {
            return Ok(());
        }
    }
}

/// Takes away what was read of removed folders, and profiles that are old, unless another trainer is at
/// work: its next version would show what goes here. Nothing waits for that one, which sweeps too.
fn sweep_if_alone(desk: &Desk, store: &mut Store) -> anyhow::Result<bool> {
    match OneTrainer::become_it_within(&desk.directories, Duration::ZERO) {
        Ok(_alone) => {
            desk.sweep(store)?;
            Ok(true)
        }
        Err(NotAlone::Another) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes away what models remember where nobody wants it any more; whether somebody does.
fn forget_unless_wanted(desk: &Desk) -> anyhow::Result<bool> {
    let is_wanted = memories::is_wanted(&desk.directories, &desk.settings);
    if !is_wanted {
        memories::forget_all(&desk.directories)?;
    }
    Ok(is_wanted)
}

/// Whoever started us has gone when the input ends.
fn listen(events: &Events, again: &Arc<AtomicBool>, automatic: &Arc<Automatic>) {
    let (waker, again, automatic) = (events.waker(), Arc::clone(again), Arc::clone(automatic));
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if let Some(path) = line.strip_prefix("saved ") {
                waker.saved(PathBuf::from(path));
            } else if line == TYPING_LINE {
                automatic.typed();
            } else if line == "look" {
                again.store(true, Ordering::SeqCst);
                waker.stop();
            }
        }
        // The loop may be in the middle of a look, and nobody would hear of what it comes upon.
        std::process::exit(0);
    });
}

/// Looks, and keeps what changed.
struct Keeping<'a> {
    desk: &'a Desk,
    store: Store,
    workspaces: &'a [Workspace],
    corpus: &'a Corpus,
    /// Whether what was read of removed folders is away; otherwise the next look takes it.
    is_swept: bool,
    /// Whoever begins trainings.
    automatic: &'a Automatic,
    /// When what models remember is made anew.
    remembering: Remembering,
    /// What a person should know of the watching, by the workspace.
    notices: BTreeMap<PathBuf, String>,
    /// Why the last look at a workspace failed, by its number; gone with one that does not.
    troubles: BTreeMap<usize, String>,
}

impl Keeping<'_> {
    fn say(&self, state: TrainerState) {
        let report = TrainerReport {
            state,
            folders: u32::try_from(self.workspaces.len()).unwrap_or(u32::MAX),
            notice: self
                .troubles
                .values()
                .chain(self.notices.values())
                .next()
                .cloned(),
        };
        // Whoever read us has gone, and the input ends with them.
        let _unheard = answer(&report);
    }

    /// Looks, and keeps what changed; whether anything did.
    fn keep(&mut self, workspace: &Workspace, scopes: &[String]) -> anyhow::Result<bool> {
        let _alone = OneTrainer::become_it_within(&self.desk.directories, ALONE_WAIT)?;
        let store = &mut self.store;
        if !self.is_swept {
            self.desk.sweep(store)?;
            self.is_swept = true;
        }
        let manner = manner(store, self.corpus)?;
        let looked = match look(store, workspace, scopes, self.corpus, &manner, &mut |_| ()) {
            // The order to begin anew without it is on its way.
            Err(BuildError::Removed { .. }) => return Ok(true),
            looked => looked?,
        };
        assemble::settle(store, measures(self.corpus))?;
        // What a changed file said before lies in the log until this.
        self.store.empty_log()?;
        let files = &looked.files;
        Ok(files.added + files.changed + files.renamed + files.removed > 0)
    }

    /// Lets models remember what there is now.
    fn remember(&mut self) -> anyhow::Result<()> {
        if forget_unless_wanted(self.desk)? {
            let _alone = OneTrainer::become_it_within(&self.desk.directories, ALONE_WAIT)?;
            let dataset = publish(&mut self.store, self.corpus, now_ms())?;
            self.desk.follow_version(&mut self.store, dataset)?;
            self.store.empty_log()?;
        }
        Ok(())
    }
}

impl Follower for Keeping<'_> {
    fn look(&mut self, workspace: usize, wish: &Wish) -> LookEnd {
        let Some(one) = self.workspaces.get(workspace) else {
            return LookEnd::Done;
        };
        let end = match self.keep(one, &wish.scopes) {
            Ok(has_changed) => {
                self.troubles.remove(&workspace);
                if has_changed {
                    self.automatic.has_news();
                }
                LookEnd::Done
            }
            Err(error) => {
                eprintln!("inkstone-trainer: {error:#}");
                self.troubles.insert(workspace, format!("{error:#}"));
                LookEnd::Again
            }
        };
        self.remembering.looked(workspace);
        self.say(TrainerState::Watching);
        end
    }

    fn notice(&mut self, notice: &Notice) {
        self.notices
            .insert(notice.path().to_owned(), notice.to_string());
        self.say(TrainerState::Watching);
    }

    fn wakes_at(&self) -> Option<Instant> {
        self.remembering.due_at(Instant::now())
    }

    fn wake(&mut self) {
        let remembered = self.remember();
        if let Err(error) = &remembered {
            eprintln!("inkstone-trainer: {error:#}");
        }
        self.remembering.tried(remembered.is_ok(), Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_settings::{Directories, Settings};
    use inkstone_store::Identities;

    #[test]
    fn while_another_trainer_is_at_work_nothing_is_swept() {
        let home = tempfile::tempdir().unwrap();
        let lookup =
            |variable| (variable == "INKSTONE_HOME").then(|| home.path().as_os_str().to_owned());
        let desk = Desk {
            directories: Directories::from_lookup(lookup).unwrap(),
            settings: Settings::default(),
        };
        let mut store = desk.store().unwrap();
        let ann = Identities::of(["ann@new.example"]);
        store.add_workspace(home.path(), &ann, 0).unwrap();
        store.remove_workspace(home.path()).unwrap();
        let unswept = |store: &mut Store| store.read_corpus(|corpus| corpus.unswept()).unwrap();
        let other = OneTrainer::become_it(&desk.directories).unwrap();
        assert!(!sweep_if_alone(&desk, &mut store).unwrap());
        assert_eq!(unswept(&mut store).len(), 1);
        drop(other);
        assert!(sweep_if_alone(&desk, &mut store).unwrap());
        assert!(unswept(&mut store).is_empty());
    }
}
