//! Everything that can wake the engine thread, as one closed enum.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use inkstone_models::ModelName;
use inkstone_protocol::{CompleteParams, DocumentId, DocumentVersion, WireError};
use inkstone_scheduler::RequestKey;
use inkstone_settings::Settings;
use tokio::sync::mpsc;

use super::event::ServingEvent;
use super::loaded::Loaded;
use super::refusal::{cancelled, late};
use super::report::{Ending, SharedReport};
use super::residency::{AdapterTried, AdaptersDone, AdaptersRead};
use super::room::Wish;
use super::scoring::{ScoreSubmission, ScoringDressed};

/// A letter to the engine thread.
#[derive(Debug)]
pub(super) enum Mail {
    /// A completion is wanted.
    Complete(Box<Submission>),
    /// Texts are to be scored.
    Score(Box<ScoreSubmission>),
    /// A model will be wanted soon.
    Warm { sample: String },
    /// A document was closed.
    Close { document: DocumentId },
    /// Settings or installed models changed.
    Reload { settings: Arc<Settings> },
    /// The registry of adapters changed.
    AdaptersChanged { done: AdaptersDone },
    /// The registry of adapters was read.
    AdaptersRead(Box<AdaptersRead>),
    /// An adapter that requests name was read.
    AdapterTried(Box<AdapterTried>),
    /// What texts are to be scored in was read.
    ScoringDressed(Box<ScoringDressed>),
    /// A loader has read so much.
    LoadProgress { model: ModelName, percent: u8 },
    /// A loader wants room for a context before it makes one.
    Room {
        model: ModelName,
        generation: u64,
        wish: Wish,
    },
    /// A loader has ended.
    Loaded {
        model: ModelName,
        generation: u64,
        /// The problem in words when there is no lane.
        result: Result<Loaded, String>,
    },
    /// Finish and end.
    Shutdown { until: Instant },
}

/// A completion as it arrived.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) params: CompleteParams,
    pub(super) deadline: Option<Instant>,
    pub(super) events: mpsc::Sender<ServingEvent>,
    pub(super) cancelled: Arc<AtomicBool>,
    pub(super) received_at: Instant,
    /// What its client has been told of the text, by a model that could not finish it.
    pub(super) streamed: String,
}

impl Submission {
    /// Why nobody waits for the answer any more, if that is so.
    pub(super) fn given_up(&self, now: Instant) -> Option<WireError> {
        if self.cancelled.load(Ordering::Relaxed) || self.events.is_closed() {
            return Some(cancelled());
        }
        let is_late = self.deadline.is_some_and(|deadline| now >= deadline);
        is_late.then(late)
    }

    /// Counts and sends the end. The session keeps room for it; a full or closed channel means that it has
    /// given the request up.
    pub(super) fn fail(&self, error: WireError, ending: Ending, report: &SharedReport) {
        report.count(ending);
        let _ = self.events.try_send(ServingEvent::Done(Err(error)));
    }
}

/// Which request of a document is the newest: by the document's version, at the same version by
/// arrival. Kept when the submission itself has gone to a model.
#[derive(Debug, Clone)]
pub(super) struct Stamp {
    pub(super) key: RequestKey,
    document: DocumentId,
    version: DocumentVersion,
}

impl Stamp {
    pub(super) fn of(key: RequestKey, params: &CompleteParams) -> Self {
        Self {
            key,
            document: params.document.clone(),
            version: params.version,
        }
    }

    /// Whether the request `key`, with this submission, ends when this one is taken.
    pub(super) fn replaces(&self, key: RequestKey, submission: &Submission) -> bool {
        let older = &submission.params;
        key < self.key && older.document == self.document && older.version <= self.version
    }

    /// Whether this one comes too late: the submission is of a later version of the document.
    pub(super) fn is_outdated_by(&self, submission: &Submission) -> bool {
        let newer = &submission.params;
        newer.document == self.document && newer.version > self.version
    }
}
