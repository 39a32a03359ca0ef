//! Everything that can wake the engine thread, as one closed enum.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use inkstone_engine::EngineError;
use inkstone_models::ModelName;
use inkstone_protocol::{CompleteParams, DocumentId, WireError};
use inkstone_settings::Settings;
use tokio::sync::mpsc;

use super::event::ServingEvent;
use super::lane::Lane;
use super::report::{Ending, SharedReport};

/// A letter to the engine thread.
#[derive(Debug)]
pub(super) enum Mail {
    /// A completion is wanted.
    Complete(Box<Submission>),
    /// A model will be wanted soon.
    Warm { sample: String },
    /// A document was closed.
    Close { document: DocumentId },
    /// Settings or installed models changed.
    Reload { settings: Arc<Settings> },
    /// A loader has read so much.
    LoadProgress { model: ModelName, percent: u8 },
    /// A loader has ended.
    Loaded {
        model: ModelName,
        generation: u64,
        result: Result<Box<Lane>, EngineError>,
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
}

impl Submission {
    /// Nobody waits for the answer any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed) || self.events.is_closed()
    }

    /// Counts and sends the end. The session keeps room for it; a full or closed channel means that it has
    /// given the request up.
    pub(super) fn fail(&self, error: WireError, ending: Ending, report: &SharedReport) {
        report.count(ending);
        let _ = self.events.try_send(ServingEvent::Done(Err(error)));
    }
}
