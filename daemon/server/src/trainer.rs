//! The trainer's process: started where there is something to watch, started again when it fails.
//!
//! Not what it does (`inkstone-trainer watch`). The daemon is its supervisor because it is there
//! once for each user and ends with them. It is told of saved documents on its standard input, says
//! how it is on its standard output, and ends when its input does, so also when the daemon is killed.
//! In reading order: [`child`] (one process), `backoff`, and here the task that keeps it.

mod backoff;
mod child;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_protocol::{ErrorCode, SAVED_PATH_BYTES_MAX, TrainerReport, TrainerState, WireError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use backoff::Backoff;
use child::{Child, Ended};

/// Orders that may wait; hints of saved documents are dropped past it, since the watcher notices by
/// itself.
const ORDERS_MAX: usize = 256;

/// How long the process may take to end once its input has.
const END_WAIT: Duration = Duration::from_secs(3);

/// The program that watches folders.
#[derive(Debug, Clone)]
pub struct TrainerProgram {
    /// Where it lies.
    pub path: PathBuf,
    /// How long the first restart waits; each further one waits twice as long.
    pub restart_wait: Duration,
}

impl TrainerProgram {
    /// Before the first restart: long enough for what is being installed to be whole.
    pub const RESTART_WAIT: Duration = Duration::from_secs(1);

    /// The one that lies beside this program.
    pub fn installed() -> Option<Self> {
        let own = std::env::current_exe().ok()?;
        let file = format!("inkstone-trainer{}", std::env::consts::EXE_SUFFIX);
        let path = own.parent()?.join(file);
        path.is_file().then_some(Self {
            path,
            restart_wait: Self::RESTART_WAIT,
        })
    }
}

/// A handle to the supervisor.
#[derive(Debug, Clone)]
pub(crate) struct Trainer {
    orders: mpsc::Sender<Order>,
    report: watch::Receiver<TrainerReport>,
}

/// The supervisor's task.
#[derive(Debug)]
pub(crate) struct Supervision {
    task: Option<JoinHandle<()>>,
    stop: CancellationToken,
}

#[derive(Debug)]
enum Order {
    /// The settings or the folders may have changed.
    Look {
        /// `corpus.watch`.
        is_on: bool,
    },
    /// A document was saved.
    Saved(String),
    /// Somebody types.
    Typing,
}

impl Trainer {
    /// Starts the supervisor; the process only when there is something to watch.
    pub(crate) fn start(program: Option<TrainerProgram>, database: PathBuf) -> (Self, Supervision) {
        let Some(program) = program else {
            let stop = CancellationToken::new();
            return (Self::none(), Supervision { task: None, stop });
        };
        let (orders, ordered) = mpsc::channel(ORDERS_MAX);
        let (published, report) = watch::channel(TrainerReport::default());
        let stop = CancellationToken::new();
        let supervisor = Supervisor {
            backoff: Backoff::new(program.restart_wait),
            program,
            database: database.into(),
            orders: ordered,
            report: published,
            stop: stop.clone(),
            is_on: false,
        };
        let task = Some(tokio::spawn(supervisor.run()));
        (Self { orders, report }, Supervision { task, stop })
    }

    /// Where the program is not installed.
    pub(crate) fn none() -> Self {
        let (orders, _) = mpsc::channel(1);
        let (_, report) = watch::channel(TrainerReport::default());
        Self { orders, report }
    }

    /// How it is.
    pub(crate) fn report(&self) -> TrainerReport {
        self.report.borrow().clone()
    }

    /// Has it started, or ended, if the settings or the folders say so.
    pub(crate) fn look(&self, is_on: bool) {
        if self.orders.try_send(Order::Look { is_on }).is_err() && !self.orders.is_closed() {
            tracing::warn!("the trainer was not told that settings have changed: too much waits");
        }
    }

    /// Tells it that somebody types, so that it lets them.
    pub(crate) fn typing(&self) {
        // Where too much waits, the next keystroke tells it.
        let _untold = self.orders.try_send(Order::Typing);
    }

    /// Tells it of a saved document; nobody listens where it does not run.
    pub(crate) fn saved(&self, path: &str) -> Result<(), WireError> {
        let is_name = path.len() <= SAVED_PATH_BYTES_MAX && !path.contains(['\n', '\r', '\0']);
        if !is_name || !Path::new(path).is_absolute() {
            let message = format!(
                "the path of a saved document must be absolute, on one line and of at most {SAVED_PATH_BYTES_MAX} bytes"
            );
            return Err(WireError::new(ErrorCode::InvalidMessage, message));
        }
        if self.orders.try_send(Order::Saved(path.to_owned())).is_err() {
            tracing::debug!("the trainer was not told of a saved document");
        }
        Ok(())
    }
}

impl Supervision {
    /// Ends the process and the task.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        if let Some(task) = self.task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "a task failed; please report this bug");
        }
    }
}

struct Supervisor {
    program: TrainerProgram,
    database: Arc<Path>,
    orders: mpsc::Receiver<Order>,
    report: watch::Sender<TrainerReport>,
    stop: CancellationToken,
    backoff: Backoff,
    is_on: bool,
}

impl Supervisor {
    async fn run(mut self) {
        let stop = self.stop.clone();
        // The first order says what the settings are.
        let mut wait = None;
        while self.wait(&stop, wait).await {
            wait = None;
            if !self.is_needed().await {
                self.tell(TrainerState::Off, None);
                continue;
            }
            self.tell(TrainerState::Starting, None);
            let started = Instant::now();
            match self.watch(&stop).await {
                Ended::Told => return,
                // It was sent away, or found nothing to watch.
                Ended::Done => self.tell(TrainerState::Off, None),
                Ended::Failed(why) => {
                    tracing::warn!(why, "the trainer failed");
                    self.tell(TrainerState::Failed, Some(why));
                    wait = Some(self.backoff.after(started.elapsed()));
                }
            }
        }
    }

    /// Waits for an order that may change something, or so long. False: it is the end.
    async fn wait(&mut self, stop: &CancellationToken, wait: Option<Duration>) -> bool {
        let pause = async {
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        let mut pause = std::pin::pin!(pause);
        loop {
            tokio::select! {
                () = stop.cancelled() => return false,
                () = &mut pause => return true,
                order = self.orders.recv() => match order {
                    None => return false,
                    Some(Order::Look { is_on }) => {
                        self.is_on = is_on;
                        return true;
                    }
                    // What starts looks at everything, and trains nothing at once.
                    Some(Order::Saved(_) | Order::Typing) => {}
                },
            }
        }
    }

    /// Whether there can be a folder to watch: they stand in the database, which is made with the
    /// first. A trainer that finds none in it ends, and is not started again before the next look.
    async fn is_needed(&self) -> bool {
        self.is_on && tokio::fs::try_exists(&self.database).await.unwrap_or(false)
    }

    /// Runs one process until its end, or until it is not wanted any more.
    async fn watch(&mut self, stop: &CancellationToken) -> Ended {
        let mut child = match Child::spawn(&self.program.path) {
            Ok(child) => child,
            Err(error) => {
                let path = self.program.path.display();
                return Ended::Failed(format!("{path} cannot be started: {error}"));
            }
        };
        loop {
            tokio::select! {
                () = stop.cancelled() => {
                    child.end(END_WAIT).await;
                    return Ended::Told;
                }
                order = self.orders.recv() => match order {
                    Some(Order::Saved(path)) => child.saved(&path),
                    Some(Order::Typing) => child.typing(),
                    Some(Order::Look { is_on }) => {
                        self.is_on = is_on;
                        if !is_on {
                            child.end(END_WAIT).await;
                            return Ended::Done;
                        }
                        child.look();
                    }
                    None => {
                        child.end(END_WAIT).await;
                        return Ended::Told;
                    }
                },
                event = child.next() => match event {
                    child::Event::Says(report) => {
                        self.report.send_replace(report);
                    }
                    child::Event::Ended(ended) => return ended,
                },
            }
        }
    }

    fn tell(&self, state: TrainerState, notice: Option<String>) {
        self.report.send_replace(TrainerReport {
            state,
            folders: 0,
            notice,
        });
    }
}
