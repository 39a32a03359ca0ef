//! The event loop: one owner of the sessions, the phase and the end.
//!
//! Not here: what a session says to its client (`session`), and how a process comes to have a
//! listener (`start`).

use std::future::Future;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_platform::FileIdentity;
use inkstone_protocol::endpoint::{self, Listener, Stream};
use inkstone_protocol::lifecycle::{FINISH_WAIT, stopped};
use inkstone_protocol::{ErrorCode, WireError};
use inkstone_settings::{Directories, Loaded, Settings};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::completions::Completions;
use crate::event::{Done, EndReason, Event, Order, OrderKind};
use crate::logging::LogControl;
use crate::marks::Marks;
use crate::outcomes::Outcomes;
use crate::session::{self, Phase, Shared};
use crate::trainer::{Supervision, Trainer, TrainerProgram};

/// Clients at once: each editor window is one, each command for a moment another. More means a
/// client that leaks connections; it is told `overloaded`.
pub const CONNECTIONS_MAX: usize = 128;
/// Orders that wait for the loop; sessions wait for room.
const ORDERS_MAX: usize = 16;
/// Pause after a failed accept (no file descriptors left): trying at once would only burn the
/// processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long sessions may take to send their last answers once the models have ended.
const GOODBYE_WAIT: Duration = Duration::from_secs(1);
/// A turn longer than this is logged: it delays every client.
const TURN_WARN: Duration = Duration::from_millis(20);

/// What a daemon is made of, besides its listener and its models.
#[derive(Debug)]
pub struct Daemon {
    /// Where its socket and marks lie.
    pub directories: Directories,
    /// The settings that apply now.
    pub settings: Arc<Settings>,
    /// Semantic version of this build.
    pub version: String,
    /// Follows the setting `log.level`, where this process has logs of its own.
    pub log: Option<LogControl>,
    /// What watches the writer's folders; none where it is not installed.
    pub trainer: Option<TrainerProgram>,
}

/// Serves until a client, the settings or `shutdown` end it; then finishes what is in hand and
/// removes the socket. The caller holds the daemon's claim, and keeps it until this has returned.
pub async fn run<C: Completions>(
    listener: Listener,
    completions: C,
    shutdown: impl Future<Output = ()>,
    daemon: Daemon,
) -> EndReason {
    let socket = daemon.directories.socket();
    let own_socket = FileIdentity::of_path(&socket).ok().flatten();
    let (orders, ordered) = mpsc::channel(ORDERS_MAX);
    let phase = watch::Sender::new(Phase::Serving);
    let database = daemon.directories.database();
    let outcomes = Outcomes::new(daemon.directories.outcomes_file(), database.clone());
    let (trainer, supervision) = Trainer::start(daemon.trainer.clone(), database.clone());
    trainer.look(daemon.settings.corpus.watch);
    let shared = Shared::new(
        completions.clone(),
        orders,
        phase.subscribe(),
        daemon.version.clone(),
        (Marks::new(database), outcomes),
        trainer.clone(),
    );
    let mut event_loop = EventLoop {
        daemon,
        completions,
        phase,
        shared: Arc::new(shared),
        sessions: JoinSet::new(),
        reloads: JoinSet::new(),
        ordered,
        idle_since: Instant::now(),
        trainer,
        supervision,
    };
    let reason = event_loop.serve(&listener, shutdown).await;
    tracing::info!(end = ?reason, "ending");
    // Nobody connects any more; who looks for a daemon now waits for our claim.
    drop(listener);
    // Where the run directory was removed under us, another daemon may listen there by now.
    if FileIdentity::of_path(&socket).ok().flatten() == own_socket
        && let Err(error) = endpoint::remove(&socket)
    {
        tracing::warn!(%error, "cannot remove the socket");
    }
    event_loop.finish().await;
    reason
}

struct EventLoop<C: Completions> {
    daemon: Daemon,
    completions: C,
    phase: watch::Sender<Phase>,
    shared: Arc<Shared<C>>,
    sessions: JoinSet<()>,
    /// At most one per session, since a session waits for its end.
    reloads: JoinSet<(Arc<Settings>, Done)>,
    ordered: mpsc::Receiver<Order>,
    /// When the last client left.
    idle_since: Instant,
    trainer: Trainer,
    supervision: Supervision,
}

impl<C: Completions> EventLoop<C> {
    async fn serve(
        &mut self,
        listener: &Listener,
        shutdown: impl Future<Output = ()>,
    ) -> EndReason {
        let mut shutdown = std::pin::pin!(shutdown);
        let completions = self.completions.clone();
        let mut engine_ended = std::pin::pin!(completions.ended());
        loop {
            let idle_until = self.idle_until();
            let event = tokio::select! {
                () = &mut shutdown => Event::ShutDown,
                () = &mut engine_ended => Event::EngineFailed,
                Some(order) = self.ordered.recv() => Event::Ordered(order),
                Some(ended) = self.sessions.join_next() => Event::SessionEnded(ended),
                Some(reloaded) = self.reloads.join_next() => Event::Reloaded(reloaded),
                stream = accept(listener) => Event::Connected(stream),
                () = idle(idle_until) => Event::Idle,
            };
            let (name, turn) = (event.name(), Instant::now());
            let next = self.handle(event).await;
            if turn.elapsed() > TURN_WARN {
                tracing::warn!(
                    event = name,
                    elapsed_ms = turn.elapsed().as_millis(),
                    "slow turn of the event loop"
                );
            }
            if let ControlFlow::Break(reason) = next {
                return reason;
            }
        }
    }

    async fn handle(&mut self, event: Event) -> ControlFlow<EndReason> {
        match event {
            Event::Connected(stream) => self.connected(stream).await,
            Event::SessionEnded(ended) => self.session_ended(ended),
            Event::Ordered(Order {
                kind: OrderKind::Reload,
                done,
            }) => self.reload(done),
            Event::Ordered(Order {
                kind: OrderKind::Stop,
                done,
            }) => {
                // Before the answer: who reads it may rely on the phase and the mark.
                self.phase.send_replace(Phase::Ending);
                let marked = stopped::set(&self.daemon.directories);
                let marked =
                    marked.map_err(|error| WireError::new(ErrorCode::Internal, error.to_string()));
                // The session may be gone; the order stands.
                let _ = done.send(marked);
                return ControlFlow::Break(EndReason::Stop);
            }
            Event::Ordered(Order {
                kind: OrderKind::HandOver,
                done,
            }) => {
                self.phase.send_replace(Phase::Ending);
                let _ = done.send(Ok(()));
                return ControlFlow::Break(EndReason::HandOver);
            }
            Event::Reloaded(Ok((settings, done))) => {
                self.daemon.settings = settings;
                self.trainer.look(self.daemon.settings.corpus.watch);
                let _ = done.send(Ok(()));
            }
            Event::Reloaded(Err(error)) => tracing::error!(%error, "reading the settings panicked"),
            Event::Idle => return ControlFlow::Break(EndReason::Idle),
            Event::ShutDown => return ControlFlow::Break(EndReason::ShutDown),
            Event::EngineFailed => {
                tracing::error!("the engine thread has panicked: no completion can be answered");
                return ControlFlow::Break(EndReason::EngineFailed);
            }
        }
        ControlFlow::Continue(())
    }

    async fn connected(&mut self, stream: Stream) {
        if let Err(error) = endpoint::check_peer(&stream) {
            tracing::warn!(%error, "connection refused");
            return;
        }
        if self.sessions.len() >= CONNECTIONS_MAX {
            tracing::warn!(
                connections = CONNECTIONS_MAX,
                "connection refused: too many"
            );
            session::refuse(stream).await;
            return;
        }
        self.sessions
            .spawn(session::serve(stream, Arc::clone(&self.shared)));
    }

    fn session_ended(&mut self, ended: Result<(), tokio::task::JoinError>) {
        if let Err(error) = ended
            && error.is_panic()
        {
            tracing::error!("a session panicked; its client has to connect again");
        }
        if self.sessions.is_empty() {
            self.idle_since = Instant::now();
        }
    }

    fn reload(&mut self, done: Done) {
        let directories = self.daemon.directories.clone();
        let completions = self.completions.clone();
        let log = self.daemon.log.clone();
        self.reloads.spawn_blocking(move || {
            let loaded = Loaded::of_user(&directories);
            for problem in &loaded.problems {
                tracing::warn!(%problem, "settings");
            }
            let settings = Arc::new(loaded.settings);
            if let Some(log) = log {
                log.follow(&settings);
            }
            completions.reload(Arc::clone(&settings));
            (settings, done)
        });
    }

    /// When the daemon has been idle for long enough to end; none while somebody is here or the
    /// settings want it to stay.
    fn idle_until(&self) -> Option<Instant> {
        let limit_s = self.daemon.settings.daemon.idle_exit_s;
        let may_end = limit_s > 0 && self.sessions.is_empty();
        may_end.then(|| self.idle_since + Duration::from_secs(limit_s.into()))
    }

    async fn finish(mut self) {
        self.phase.send_replace(Phase::Ending);
        // Orders that came in the last moment are answered by their sender's closing.
        self.ordered.close();
        while let Ok(order) = self.ordered.try_recv() {
            let _ = order.done.send(Err(session::ending()));
        }
        tokio::join!(
            self.completions.shutdown(FINISH_WAIT),
            self.supervision.end()
        );
        let goodbye = async { while self.sessions.join_next().await.is_some() {} };
        if tokio::time::timeout(GOODBYE_WAIT, goodbye).await.is_err() {
            tracing::warn!(
                sessions = self.sessions.len(),
                "sessions that do not end are cut off"
            );
        }
    }
}

/// The next client. Failures are logged and waited out.
async fn accept(listener: &Listener) -> Stream {
    loop {
        match endpoint::accept(listener).await {
            Ok(stream) => return stream,
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn idle(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}
