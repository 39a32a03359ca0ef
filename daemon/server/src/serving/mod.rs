//! Completions as the sessions see them: submit, watch, cancel.
//!
//! A [`Serving`] is a handle to the engine thread, the one owner of models and KV caches. What
//! decides lives in the pure crates (scheduler, pipeline), what computes in the engine; here they
//! are wired. In reading order: [`event`] (what sessions get), [`mail`] (what wakes the engine
//! thread), [`engine_thread`] (its loop), [`residency`] (which models are in memory), [`resident`]
//! (what one is doing), [`idling`] (when one gives memory back), [`memory`] (the ceiling of all) and
//! [`room`] (how a loader asks below it), [`saved`] (what is kept of documents), [`loading`], [`loaded`],
//! [`computation`], [`card`] and [`waiting`] (until it is there), [`lane`] (one model at work),
//! [`drafter`] (a smaller one that guesses ahead of it), [`recollection`] (what the writer wrote before),
//! [`adapters`] (what it wears), [`scoring`] (texts that are scored beside it), [`choosing`] (what its
//! numbers lead to), [`prompt`], [`generation`] and [`continuation`] (one request at work), [`silence`] and [`refusal`] (answers without a text), [`report`] (what `status`
//! shows).

mod adapters;
mod card;
mod choosing;
pub(crate) mod computation;
mod continuation;
mod drafter;
mod engine_thread;
mod event;
mod generation;
mod idling;
mod lane;
mod loaded;
pub(crate) mod loading;
mod mail;
mod memory;
mod prompt;
mod recollection;
mod refusal;
mod report;
mod residency;
mod resident;
mod room;
mod saved;
mod scoring;
mod silence;
mod waiting;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use inkstone_protocol::{
    CompleteParams, DocumentId, ErrorCode, ScoreParams, ScoreReply, WireError,
};
use inkstone_settings::{Directories, Settings};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

pub use event::{ServingError, ServingEvent, ServingReport};

use mail::{Mail, Submission};
use report::{Ending, SharedReport};
use scoring::ScoreSubmission;

/// Messages that may wait for the engine thread, which takes them between two batches. A full
/// mailbox turns completions away as `overloaded`.
const MAILBOX_MAX: usize = 256;

/// Cancels its request when dropped.
#[derive(Debug)]
#[must_use = "dropping the ticket cancels the request"]
pub struct Ticket {
    cancelled: Arc<AtomicBool>,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// A handle to the engine thread; cheap to clone.
#[derive(Debug, Clone)]
pub struct Serving {
    mailbox: SyncSender<Mail>,
    report: SharedReport,
    thread: Arc<std::sync::Mutex<Option<JoinHandle<()>>>>,
    ended: CancellationToken,
    /// Whether where documents lie decides what they wear.
    wants_paths: Arc<AtomicBool>,
}

impl Serving {
    /// Starts the engine thread. No model is loaded before a request or [`Serving::warm`] needs it.
    pub fn start(settings: Arc<Settings>, dirs: &Directories) -> Result<Self, ServingError> {
        let (mailbox, letters) = sync_channel(MAILBOX_MAX);
        let report = SharedReport::default();
        let ended = CancellationToken::new();
        let wants_paths = Arc::new(AtomicBool::new(false));
        let thread = engine_thread::spawn(
            settings,
            dirs,
            letters,
            mailbox.clone(),
            report.clone(),
            (ended.clone(), Arc::clone(&wants_paths)),
        )?;
        Ok(Self {
            mailbox,
            report,
            thread: Arc::new(std::sync::Mutex::new(Some(thread))),
            ended,
            wants_paths,
        })
    }

    /// Submits a completion; `events` gets its progress and exactly one `Done`. Dropping the ticket
    /// cancels it within one batch.
    pub fn complete(
        &self,
        mut params: CompleteParams,
        deadline: Option<Instant>,
        events: mpsc::Sender<ServingEvent>,
    ) -> Ticket {
        if self.wants_paths.load(Ordering::Relaxed) {
            // Here and not where others wait for it: a look at a slow disk delays its own request only.
            params.path = params.path.map(adapters::canonical);
        }
        let cancelled = Arc::new(AtomicBool::new(false));
        let ticket = Ticket {
            cancelled: Arc::clone(&cancelled),
        };
        let letter = Mail::Complete(Box::new(Submission {
            params,
            deadline,
            events,
            cancelled,
            received_at: Instant::now(),
            streamed: String::new(),
        }));
        if let Some((Mail::Complete(submission), error)) = self.refused(letter) {
            submission.fail(error, Ending::Rejected, &self.report);
        }
        ticket
    }

    /// Submits texts to be scored when nobody waits for a suggestion; `answer` gets exactly one answer.
    /// Dropping the ticket cancels it within one batch.
    pub fn score(
        &self,
        params: ScoreParams,
        deadline: Option<Instant>,
        answer: oneshot::Sender<Result<Box<ScoreReply>, WireError>>,
    ) -> Ticket {
        let cancelled = Arc::new(AtomicBool::new(false));
        let ticket = Ticket {
            cancelled: Arc::clone(&cancelled),
        };
        let letter = Mail::Score(Box::new(ScoreSubmission {
            params,
            deadline,
            cancelled,
            answer,
        }));
        if let Some((Mail::Score(submission), error)) = self.refused(letter) {
            submission.end(Err(error));
        }
        ticket
    }

    /// Sends a letter; it comes back with the reason when the engine thread does not take it.
    fn refused(&self, letter: Mail) -> Option<(Mail, WireError)> {
        let error = |code, why| WireError::new(code, why);
        match self.mailbox.try_send(letter) {
            Ok(()) => None,
            Err(TrySendError::Full(letter)) => {
                let why = "too many requests wait for the engine";
                Some((letter, error(ErrorCode::Overloaded, why)))
            }
            Err(TrySendError::Disconnected(letter)) => {
                let why = "the engine has stopped";
                Some((letter, error(ErrorCode::ShuttingDown, why)))
            }
        }
    }

    /// Loads the model that serves a text like `sample`. A hint: dropped when the engine is busy.
    pub fn warm(&self, sample: String) {
        let _ = self.mailbox.try_send(Mail::Warm { sample });
    }

    /// The document was closed: its sequence may go to others. A hint, like `warm`.
    pub fn close(&self, document: DocumentId) {
        let _ = self.mailbox.try_send(Mail::Close { document });
    }

    /// Reads roles and installed models again. Blocks while the mailbox is full: call it off the
    /// async threads.
    pub fn reload(&self, settings: Arc<Settings>) {
        let _ = self.mailbox.send(Mail::Reload { settings });
    }

    /// Reads the registry of adapters again; `done` is told when requests choose by it, and dropped
    /// when the engine thread cannot be told.
    pub fn adapters_changed(&self, done: oneshot::Sender<()>) {
        let _ = self.mailbox.try_send(Mail::AdaptersChanged { done });
    }

    /// Counters and models as of the last batch.
    pub fn report(&self) -> ServingReport {
        self.report.snapshot()
    }

    /// Comes true when the engine thread has ended: after [`Serving::shutdown`], or by a panic.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Finishes what is in hand, at most until `deadline` has passed, answers the rest with
    /// `shutting_down`, frees every model and ends the thread.
    pub async fn shutdown(self, deadline: Duration) {
        let until = Instant::now() + deadline;
        let ended = tokio::task::spawn_blocking(move || {
            let _ = self.mailbox.send(Mail::Shutdown { until });
            let thread = self
                .thread
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            thread.is_none_or(|thread| thread.join().is_ok())
        });
        if !matches!(ended.await, Ok(true)) {
            tracing::error!("the engine thread ended by a panic");
        }
    }
}
