//! The one task that owns the session: takes events one by one, carries out their effects.
//!
//! Nothing is awaited inside a turn. Started by `serve`; ends at its stop signal or when the
//! editor's process is gone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use inkstone_policy::{Learned, Lesson};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::arrival::{self, Task};
use crate::daemon::asker;
use crate::daemon::link::Link;
use crate::daemon::problem::DaemonProblem;
use crate::event::{Answered, Event};
use crate::host::Host;
use crate::learned_file;
use crate::outbox::Outbox;
use crate::session::Session;
use crate::session::effect::Effect;
use crate::watch_editor::watch_editor;
use crate::watch_training::watch_training;

/// Events that may wait. Handlers hold at most as many as the library runs at once, tasks one
/// each; a sender waits when it is full.
pub(crate) const EVENTS_MAX: usize = 256;

/// A turn longer than this is felt by whoever types and is logged.
const TURN_MAX: Duration = Duration::from_millis(20);

/// Questions that run at once: one per document and a few that are just being cancelled. Past it
/// a question is answered with silence.
const TASKS_MAX: usize = 128;

/// How long tasks may take to end at the end; then they are aborted.
const JOIN_MAX: Duration = Duration::from_secs(1);

/// The loop and what it works with.
pub(crate) struct EventLoop {
    pub(crate) session: Session,
    pub(crate) events: mpsc::Receiver<Event>,
    pub(crate) sender: mpsc::Sender<Event>,
    pub(crate) outbox: Outbox,
    pub(crate) link: Link,
    pub(crate) host: Host,
    /// Where the session's time counts from.
    pub(crate) started: Instant,
    pub(crate) tasks: JoinSet<()>,
    pub(crate) stop: CancellationToken,
    /// What is to be told for the trainer, in order; none before the loop runs and at its end.
    pub(crate) for_trainer: Option<mpsc::Sender<Task>>,
}

impl EventLoop {
    /// Runs until the stop signal is given, which it gives itself when the editor is gone.
    pub(crate) async fn run(mut self) {
        let (for_trainer, tasks) = mpsc::channel(arrival::TASKS_MAX);
        self.for_trainer = Some(for_trainer);
        self.tasks
            .spawn(arrival::in_order(self.link.clone(), tasks));
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                Some(done) = self.tasks.join_next() => report(done),
                event = self.events.recv() => match event {
                    Some(event) => self.turn(event),
                    None => break,
                },
            }
        }
        for effect in self.session.stop() {
            self.carry_out(effect);
        }
        self.for_trainer = None;
        // What tasks end with is still heard: lessons that came while others were being written are
        // written after them.
        let all_done = async {
            loop {
                tokio::select! {
                    biased;
                    Some(event) = self.events.recv() => self.turn(event),
                    done = self.tasks.join_next() => match done {
                        Some(done) => report(done),
                        None => break,
                    },
                }
            }
        };
        if tokio::time::timeout(JOIN_MAX, all_done).await.is_err() {
            tracing::warn!("tasks did not end in time and are aborted");
        }
    }

    fn turn(&mut self, event: Event) {
        let name = event.name();
        let begun = Instant::now();
        let now = begun.saturating_duration_since(self.started);
        // A panic answers the one request, whose reply is dropped, and is a bug that the log names.
        let turn = catch_unwind(AssertUnwindSafe(|| self.session.turn(event, now)));
        if let Ok(effects) = turn {
            for effect in effects {
                self.carry_out(effect);
            }
        } else {
            tracing::error!(event = name, "a turn panicked; please report this bug");
        }
        let took = begun.elapsed();
        if took > TURN_MAX {
            tracing::warn!(event = name, took_ms = took.as_millis(), "a turn took long");
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Tell(outgoing) => self.outbox.send(outgoing),
            Effect::Ask(ask, _) if self.tasks.len() >= TASKS_MAX => {
                tracing::warn!("too many questions at once; one is answered with silence");
                let message = format!("more than {TASKS_MAX} requests run at once");
                let outcome = Err(DaemonProblem::Failed { message });
                // An answer asks nothing, so this goes no deeper.
                self.turn(Event::Answered(Box::new(Answered { ask: *ask, outcome })));
            }
            Effect::Ask(ask, cancel) => {
                let asking = asker::ask(self.link.clone(), *ask, cancel, self.sender.clone());
                self.tasks.spawn(asking);
            }
            Effect::Warm { sample } => self.link.warm(sample),
            Effect::Typed => self.link.typed(),
            Effect::Close(document) => self.link.close(document),
            Effect::Learn { lessons } => {
                let path = self.host.directories.learned_file();
                let sender = self.sender.clone();
                self.tasks.spawn(async move {
                    let result = learn(path, lessons).await;
                    // A loop that has ended learns nothing more.
                    let _ = sender.send(Event::Learned(result)).await;
                });
            }
            Effect::Remember(arrival) => self.for_trainer(Task::Remember(*arrival)),
            Effect::Saved(path) => self.for_trainer(Task::Saved(path)),
            Effect::Judged(judged) => self.link.judged(judged),
            Effect::Connect => self.link.connect(),
            Effect::WatchEditor { process } if !(self.host.is_alive)(process) => {
                // An editor in a container or on another machine names a process that is not one
                // of ours; the end of the input tells of its end.
                tracing::info!(process, "the editor's process is not visible from here");
            }
            Effect::WatchEditor { process } => {
                let is_alive = self.host.is_alive;
                let stop = self.stop.clone();
                let every = self.host.editor_check_every;
                let watching = watch_editor(move || is_alive(process), every, self.sender.clone());
                self.tasks.spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = watching => {}
                    }
                });
            }
            Effect::WatchTraining => {
                let file = self.host.directories.training_report();
                let (is_alive, every) = (self.host.is_alive, self.host.training_check_every);
                let watching = watch_training(file, is_alive, every, self.sender.clone());
                let stop = self.stop.clone();
                self.tasks.spawn(async move {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = watching => {}
                    }
                });
            }
            Effect::End => self.stop.cancel(),
        }
    }

    fn for_trainer(&self, task: Task) {
        let taken = self.for_trainer.as_ref().map(|tasks| tasks.try_send(task));
        if !matches!(taken, Some(Ok(()))) {
            tracing::warn!("too much waits for the trainer; inserted text is not remembered");
        }
    }
}

/// Reads and writes the file on a thread of its own: it may lie on a slow disk.
async fn learn(path: PathBuf, lessons: Vec<Lesson>) -> Result<Learned, Vec<Lesson>> {
    let taken = lessons.clone();
    let updated = tokio::task::spawn_blocking(move || learned_file::update(&path, &taken)).await;
    match updated {
        Ok(Ok(learned)) => return Ok(learned),
        Ok(Err(error)) => tracing::warn!(%error, "what feedback teaches cannot be kept"),
        Err(error) => tracing::error!(%error, "a task failed; please report this bug"),
    }
    Err(lessons)
}

fn report(done: Result<(), JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "a task failed; please report this bug");
    }
}
