//! What sessions need of the models: [`Serving`] in the daemon, a script in the tests of order,
//! deadlines and cancellation (what a model says is tested on the real one).

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_protocol::{CompleteParams, DocumentId, ScoreParams, ScoreReply, WireError};
use inkstone_settings::Settings;
use tokio::sync::{mpsc, oneshot};

use crate::serving::{Serving, ServingEvent, ServingReport, Ticket};

/// Answers completions. Nothing here blocks but `reload`.
pub trait Completions: Clone + Send + Sync + 'static {
    /// Cancels its request when dropped.
    type Ticket: Send + 'static;

    /// Submits a completion; `events` gets its progress and exactly one `Done`.
    fn complete(
        &self,
        params: CompleteParams,
        deadline: Option<Instant>,
        events: mpsc::Sender<ServingEvent>,
    ) -> Self::Ticket;

    /// Submits texts to be scored; `answer` gets exactly one answer.
    fn score(
        &self,
        params: ScoreParams,
        deadline: Option<Instant>,
        answer: oneshot::Sender<Result<Box<ScoreReply>, WireError>>,
    ) -> Self::Ticket;

    /// Loads the model that serves a text like `sample`.
    fn warm(&self, sample: String);

    /// The document was closed.
    fn close(&self, document: DocumentId);

    /// Takes new settings. May block.
    fn reload(&self, settings: Arc<Settings>);

    /// Reads the registry of adapters again; `done` is told when requests choose by it.
    fn adapters_changed(&self, done: oneshot::Sender<()>);

    /// Forgets what was read of documents, and looks anew at what models remember.
    fn forget(&self);

    /// Counters and models as of now.
    fn report(&self) -> ServingReport;

    /// Comes true when no completion can be answered any more, because of a bug or after `shutdown`.
    fn ended(&self) -> impl Future<Output = ()> + Send;

    /// Finishes what is in hand within the deadline and ends.
    fn shutdown(self, deadline: Duration) -> impl Future<Output = ()> + Send;
}

impl Completions for Serving {
    type Ticket = Ticket;

    fn complete(
        &self,
        params: CompleteParams,
        deadline: Option<Instant>,
        events: mpsc::Sender<ServingEvent>,
    ) -> Ticket {
        Serving::complete(self, params, deadline, events)
    }

    fn score(
        &self,
        params: ScoreParams,
        deadline: Option<Instant>,
        answer: oneshot::Sender<Result<Box<ScoreReply>, WireError>>,
    ) -> Ticket {
        Serving::score(self, params, deadline, answer)
    }

    fn warm(&self, sample: String) {
        Serving::warm(self, sample);
    }

    fn close(&self, document: DocumentId) {
        Serving::close(self, document);
    }

    fn adapters_changed(&self, done: oneshot::Sender<()>) {
        self.adapters_changed(done);
    }

    fn forget(&self) {
        Serving::forget(self);
    }

    fn reload(&self, settings: Arc<Settings>) {
        Serving::reload(self, settings);
    }

    fn report(&self) -> ServingReport {
        Serving::report(self)
    }

    async fn ended(&self) {
        Serving::ended(self).await;
    }

    async fn shutdown(self, deadline: Duration) {
        Serving::shutdown(self, deadline).await;
    }
}
