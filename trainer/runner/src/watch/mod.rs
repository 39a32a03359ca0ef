//! Watching the workspaces: one loop that owns the state, and one closed list of what wakes it.
//!
//! Decides when something is looked at; looking is the [`Follower`]'s, which runs a rescan of what it
//! is told. In reading order: [`debounce`] (when), [`reading_events`] (what an event of the system
//! says), [`sources`] (what is watched, and what has to be looked at from time to time instead),
//! [`remembering`] (when models are told).

pub mod debounce;
mod reading_events;
pub mod remembering;
mod sources;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

pub use debounce::{Cause, Debounce, Seen, Wish};

use crate::options::{ReadingOptions, WatchOptions};
use reading_events::Told;
use sources::Sources;

/// Events that wait for the loop; with more, everything is looked at.
const EVENTS_MAX: usize = 4_096;

/// Whatever may wake the loop.
#[derive(Debug)]
pub enum Event {
    /// The system tells of changes.
    System(Result<notify::Event, notify::Error>),
    /// An editor has saved a file.
    Saved(PathBuf),
    /// It is to end.
    Stop,
}

/// Wakes the loop from other threads.
#[derive(Debug, Clone)]
pub struct Waker {
    events: SyncSender<Event>,
    /// An event found no room.
    lost: Arc<AtomicBool>,
}

/// The events of a loop that is yet to run.
#[derive(Debug)]
pub struct Events {
    receiver: Receiver<Event>,
    waker: Waker,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookEnd {
    /// What changed is known.
    Done,
    /// It could not be looked at, or not to the end: what changed must not be forgotten, and is looked
    /// for again after the time between two looks at a folder that cannot be watched.
    Again,
}

/// Who looks at what the loop wishes.
pub trait Follower {
    /// Looks at places of the workspace with this number.
    fn look(&mut self, workspace: usize, wish: &Wish) -> LookEnd;
    /// Hears what a person should know.
    fn notice(&mut self, notice: &Notice);
    /// When it has something else to do.
    fn wakes_at(&self) -> Option<Instant> {
        None
    }
    /// Does it; it wakes later then, or not again.
    fn wake(&mut self) {}
}

/// What a person should know of the watching.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Notice {
    /// More folders than may be watched.
    #[error(
        "{} has more folders than may be watched ({watches_max} in all, corpus.watches_max); changes are looked for every {poll_s} s instead (corpus.poll_s)",
        path.display()
    )]
    TooManyFolders {
        /// The workspace.
        path: PathBuf,
        /// The limit.
        watches_max: usize,
        /// Between two looks.
        poll_s: u64,
    },
    /// The system refuses to watch.
    #[error(
        "{} cannot be watched ({why}); changes are looked for every {poll_s} s instead (corpus.poll_s). On Linux more is allowed by: sysctl fs.inotify.max_user_watches",
        path.display()
    )]
    Refused {
        /// The workspace.
        path: PathBuf,
        /// What the system said.
        why: String,
        /// Between two looks.
        poll_s: u64,
    },
    /// The folder was moved, removed or unmounted.
    #[error(
        "{} is not there any more; it is looked for every {poll_s} s (corpus.poll_s). If it is gone for good: inkstone workspace rm DIR",
        path.display()
    )]
    Gone {
        /// The workspace.
        path: PathBuf,
        /// Between two looks.
        poll_s: u64,
    },
    /// The system does not hear of what others change there.
    #[error(
        "{} lies on a network drive, where others' changes are not told; they are looked for every {poll_s} s (corpus.poll_s)",
        path.display()
    )]
    Remote {
        /// The workspace.
        path: PathBuf,
        /// Between two looks.
        poll_s: u64,
    },
}

impl Notice {
    /// The workspace.
    pub fn path(&self) -> &Path {
        match self {
            Self::TooManyFolders { path, .. }
            | Self::Refused { path, .. }
            | Self::Gone { path, .. }
            | Self::Remote { path, .. } => path,
        }
    }
}

impl Events {
    /// Nothing has happened yet.
    pub fn new() -> Self {
        let (events, receiver) = sync_channel(EVENTS_MAX);
        let lost = Arc::new(AtomicBool::new(false));
        Self {
            receiver,
            waker: Waker { events, lost },
        }
    }

    /// For another thread.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl Waker {
    /// An editor has saved a file. Never waits.
    pub fn saved(&self, path: PathBuf) {
        self.send(Event::Saved(path));
    }

    /// The loop is to end. Waits for room.
    pub fn stop(&self) {
        // A loop that has ended needs no telling.
        let _ = self.events.send(Event::Stop);
    }

    fn send(&self, event: Event) {
        if let Err(TrySendError::Full(_)) = self.events.try_send(event) {
            self.lost.store(true, Ordering::Relaxed);
        }
    }
}

/// Watches until it is told to stop. Each workspace is looked at once as a whole at the beginning,
/// after it is watched, so that nothing falls between.
pub fn run(
    workspaces: &[PathBuf],
    reading: &ReadingOptions,
    options: &WatchOptions,
    events: &Events,
    follower: &mut impl Follower,
) {
    let mut watching = Watching::start(workspaces, reading, *options, events, follower);
    loop {
        let event = match watching.next_due(follower.wakes_at()) {
            None => events
                .receiver
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => {
                let wait = due.saturating_sub(watching.now());
                events.receiver.recv_timeout(wait)
            }
        };
        match event {
            Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Ok(event) => watching.take(event, follower),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if events.waker.lost.swap(false, Ordering::Relaxed) {
            watching.lose_track();
        }
        watching.look(follower);
        if follower.wakes_at().is_some_and(|at| at <= Instant::now()) {
            follower.wake();
        }
    }
}

/// The one owner of the loop's state.
struct Watching<'a> {
    workspaces: Vec<Watched>,
    sources: Sources<'a>,
    options: WatchOptions,
    begun: Instant,
}

struct Watched {
    path: PathBuf,
    debounce: Debounce,
    /// When it is looked at next, where it cannot be watched.
    poll_at: Option<Duration>,
    /// When it is looked at again, because that failed.
    again_at: Option<Duration>,
    /// Folders may have come without being watched, or moved and still be watched under the names that
    /// they had.
    is_astray: bool,
}

impl<'a> Watching<'a> {
    fn start(
        paths: &[PathBuf],
        reading: &'a ReadingOptions,
        options: WatchOptions,
        events: &Events,
        follower: &mut impl Follower,
    ) -> Self {
        let waker = events.waker();
        let hear = move |told| waker.send(Event::System(told));
        let watched = |path: &PathBuf| Watched {
            path: path.clone(),
            debounce: Debounce::new(options.quiet),
            poll_at: None,
            again_at: None,
            is_astray: false,
        };
        let mut watching = Self {
            workspaces: paths.iter().map(watched).collect(),
            sources: Sources::new(hear, reading, options),
            options,
            begun: Instant::now(),
        };
        for at in 0..watching.workspaces.len() {
            watching.watch(at, "", follower);
        }
        // The quiet of the beginning: nobody waits for what happened yesterday.
        watching.note_everywhere(Cause::Start);
        watching
    }

    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Watches a folder of a workspace and all below it, or looks at the workspace from time to time
    /// from now on.
    fn watch(&mut self, at: usize, folder: &str, follower: &mut impl Follower) {
        let now = self.now();
        let watched = &mut self.workspaces[at];
        if watched.poll_at.is_some() {
            return;
        }
        if let Err(notice) = self.sources.add(&watched.path, folder) {
            follower.notice(&notice);
            self.sources.remove(&watched.path);
            watched.poll_at = Some(now + self.options.poll);
        }
    }

    /// The folder of a workspace went away, and its watches with it: it may come back, as a disk does.
    fn lose(&mut self, at: usize, follower: &mut impl Follower) {
        let poll_at = self.now() + self.options.poll;
        let watched = &mut self.workspaces[at];
        if watched.poll_at.is_none() {
            watched.poll_at = Some(poll_at);
            follower.notice(&Notice::Gone {
                path: watched.path.clone(),
                poll_s: self.options.poll.as_secs(),
            });
        }
    }

    /// When something is to be done next, by the workspaces or the follower.
    fn next_due(&self, wakes_at: Option<Instant>) -> Option<Duration> {
        let dues = self.workspaces.iter().flat_map(|watched| {
            let due = watched.debounce.due();
            due.into_iter()
                .chain(watched.poll_at)
                .chain(watched.again_at)
        });
        let wakes_at = wakes_at.map(|at| at.saturating_duration_since(self.begun));
        dues.chain(wakes_at).min()
    }

    fn take(&mut self, event: Event, follower: &mut impl Follower) {
        match event {
            Event::System(Ok(event)) => {
                let told = reading_events::read(&event);
                if event.need_rescan() {
                    self.lose_track();
                }
                for told in told {
                    self.take_told(&told, follower);
                }
            }
            Event::System(Err(_)) => self.lose_track(),
            Event::Saved(path) => self.take_told(&Told::Changed(path), follower),
            Event::Stop => {}
        }
    }

    fn take_told(&mut self, told: &Told, follower: &mut impl Follower) {
        let Some((at, relative)) = self.place(told.path()) else {
            return;
        };
        let Some(seen) = reading_events::seen(&relative) else {
            return;
        };
        let now = self.now();
        match told {
            Told::Gone(path) => {
                self.sources.remove(path);
                if relative.is_empty() {
                    self.lose(at, follower);
                }
            }
            // A new folder: what is in it came before it was watched, and is found by the look.
            Told::Changed(path) if is_new_folder(path, &self.sources) => {
                self.watch(at, &relative, follower);
            }
            Told::Changed(_) => {}
        }
        if let Some(folder) = reading_events::decides_about(&relative) {
            // What was ignored until now is not watched.
            self.watch(at, folder, follower);
        }
        self.workspaces[at].debounce.note(seen, now);
    }

    /// The workspace that a path lies in, and where in it.
    fn place(&self, path: &Path) -> Option<(usize, String)> {
        let mut places = self.workspaces.iter().enumerate();
        places
            .find_map(|(at, watched)| Some((at, crate::walk_order::relative(&watched.path, path)?)))
    }

    /// The system could not tell all that happened: before the next look everything is watched anew.
    fn lose_track(&mut self) {
        for watched in &mut self.workspaces {
            watched.is_astray = true;
        }
        self.note_everywhere(Cause::Lost);
    }

    fn note_everywhere(&mut self, cause: Cause) {
        let now = self.now();
        for watched in &mut self.workspaces {
            watched.debounce.note(Seen::Anything(cause), now);
        }
    }

    fn look(&mut self, follower: &mut impl Follower) {
        for at in 0..self.workspaces.len() {
            let now = self.now();
            let poll = self.options.poll;
            let watched = &mut self.workspaces[at];
            let mut wish = watched.debounce.take(now);
            let is_due = |at: Option<Duration>| at.is_some_and(|at| at <= now);
            for (due, cause) in [
                (watched.again_at, Cause::Again),
                (watched.poll_at, Cause::Poll),
            ] {
                if is_due(due) && (wish.is_none() || cause == Cause::Again) {
                    let scopes = vec![String::new()];
                    wish = Some(Wish { scopes, cause });
                }
            }
            if let Some(wish) = wish {
                if std::mem::take(&mut watched.is_astray) {
                    self.sources.remove(&watched.path);
                    self.watch(at, "", follower);
                }
                let end = follower.look(at, &wish);
                // Counted from the end of the look: a slow disk is not looked at all the time.
                let after = self.begun.elapsed() + poll;
                let watched = &mut self.workspaces[at];
                watched.poll_at = watched.poll_at.map(|_| after);
                let is_whole = wish.scopes.iter().any(String::is_empty);
                match end {
                    LookEnd::Again => watched.again_at = Some(after),
                    LookEnd::Done if is_whole => watched.again_at = None,
                    LookEnd::Done => {}
                }
            }
        }
    }
}

fn is_new_folder(path: &Path, sources: &Sources<'_>) -> bool {
    let is_folder = || std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    !sources.is_watched(path) && is_folder()
}
