//! The requests of one session that have no answer yet.
//!
//! What must keep the client's order (submitting, closing, cancelling) happens here at once, when
//! its line is read; what takes time goes into a task of its own. Each request is answered exactly
//! once, also when its task panics.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_protocol::{
    Call, ClientMessage, DaemonMessage, ErrorCode, InsertedOrigin, Judged, Reply, RequestId,
    ScoreParams, WireError,
};
use tokio::sync::oneshot;
use tokio::task::{Id as TaskId, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::completing::Completing;
use super::documents::Documents;
use super::outgoing::Outgoing;
use super::{Shared, ending};
use crate::completions::Completions;
use crate::event::{Order, OrderKind};
use crate::request_log::{self, Finished, Outcome};
use crate::status;

/// Requests in hand per connection; the client's own limit is the same.
const REQUESTS_MAX: usize = inkstone_protocol::client::REQUESTS_IN_FLIGHT_MAX;
/// A request without a deadline gets this one, so that none is kept for ever: a model that loads
/// from a slow disk is ready by then.
const DEADLINE_MAX: Duration = Duration::from_secs(600);

/// The requests of a session.
pub(super) struct Requests<C: Completions> {
    client: String,
    outgoing: Outgoing,
    shared: Arc<Shared<C>>,
    documents: Documents<C>,
    tasks: JoinSet<Answer>,
    in_hand: HashMap<RequestId, InHand>,
}

struct InHand {
    task: TaskId,
    cancel: CancellationToken,
    method: &'static str,
}

impl<C: Completions> Requests<C> {
    pub(super) fn new(client: String, outgoing: Outgoing, shared: Arc<Shared<C>>) -> Self {
        Self {
            client,
            outgoing,
            documents: Documents::new(&shared),
            shared,
            tasks: JoinSet::new(),
            in_hand: HashMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_hand.is_empty()
    }

    /// Takes a message after the handshake.
    pub(super) fn take(&mut self, message: ClientMessage) {
        match message {
            ClientMessage::Hello(_) => {
                self.fail(
                    None,
                    WireError::new(ErrorCode::InvalidMessage, "hello was said already"),
                );
            }
            // Unknown: it has ended meanwhile.
            ClientMessage::Cancel(id) => {
                if let Some(request) = self.in_hand.get(&id) {
                    request.cancel.cancel();
                }
            }
            ClientMessage::Request {
                id,
                deadline_ms,
                call,
            } => self.begin(id, deadline_ms, call),
        }
    }

    fn begin(&mut self, id: RequestId, deadline_ms: Option<u64>, call: Call) {
        if self.in_hand.contains_key(&id) {
            let message = format!(
                "request {} is in hand already; every request needs an id of its own",
                id.0
            );
            return self.fail(None, WireError::new(ErrorCode::InvalidMessage, message));
        }
        if self.in_hand.len() >= REQUESTS_MAX {
            let message = format!("{REQUESTS_MAX} requests of this client are in hand already");
            return self.fail(Some(id), WireError::new(ErrorCode::Overloaded, message));
        }
        if self.shared.is_ending() {
            return self.fail(Some(id), ending());
        }
        let received_at = Instant::now();
        let wait = deadline_ms
            .map_or(DEADLINE_MAX, Duration::from_millis)
            .min(DEADLINE_MAX);
        let request = Given {
            id,
            received_at,
            deadline: received_at + wait,
        };
        match call {
            Call::Complete(params) => {
                self.shared.typed();
                self.documents.note(&params.document);
                let completing = Completing::submit(*params, &request, &self.shared.completions);
                let outgoing = self.outgoing.clone();
                self.spawn(request, "complete", |request, cancel| {
                    completing.finish(request, cancel, outgoing)
                });
            }
            Call::Score(params) => self.score(request, params),
            Call::Warm { sample } => {
                self.shared.completions.warm(sample);
                self.done(&request, "warm", Reply::Done);
            }
            Call::Close { document } => {
                self.documents.forget(&document);
                self.shared.completions.close(document);
                self.done(&request, "close", Reply::Done);
            }
            Call::Inserted { origin, shingles } => self.remember(request, origin, shingles),
            Call::Judged(judged) => self.judged(request, judged),
            Call::Saved { path } => {
                let taken = self.shared.trainer.saved(&path);
                self.send(&request.answer("saved", taken.map(|()| Reply::Done)));
            }
            Call::Typed => {
                self.shared.typed();
                self.done(&request, "typed", Reply::Done);
            }
            Call::Status => {
                let status = status::reply(&self.shared);
                self.done(&request, "status", Reply::Status(Box::new(status)));
            }
            Call::Reload => self.order(request, "reload", OrderKind::Reload),
            Call::AdaptersChanged => self.registry_read(request, "adapters_changed"),
            Call::Forgotten => {
                self.shared.completions.forget();
                self.registry_read(request, "forgotten");
            }
            Call::Stop => self.order(request, "stop", OrderKind::Stop),
            Call::HandOver => self.order(request, "hand_over", OrderKind::HandOver),
        }
    }

    fn score(&mut self, request: Given, params: ScoreParams) {
        let (answer, answered) = oneshot::channel();
        let deadline = Some(request.deadline);
        let ticket = self.shared.completions.score(params, deadline, answer);
        self.spawn(request, "score", async move |request, cancel| {
            // Whoever stops waiting drops it, and the texts are read no further.
            let _ticket = ticket;
            let result = tokio::select! {
                error = request.given_up(&cancel) => Err(error),
                result = answered => result.unwrap_or_else(|_| Err(ending())),
            };
            request.answer("score", result.map(Reply::Score))
        });
    }

    fn judged(&mut self, request: Given, judged: Judged) {
        let outcomes = self.shared.outcomes.clone();
        let completions = self.shared.completions.clone();
        self.spawn(request, "judged", async move |request, _cancel| {
            let noted = outcomes.note(judged).await;
            if noted == Ok(true) {
                // Nobody waits for it: the next requests get what is live by then.
                completions.adapters_changed(oneshot::channel().0);
            }
            request.answer("judged", noted.map(|_| Reply::Done))
        });
    }

    /// Answers once requests choose by the registry as it is.
    fn registry_read(&mut self, request: Given, method: &'static str) {
        let (done, read) = oneshot::channel();
        self.shared.completions.adapters_changed(done);
        self.spawn(request, method, async move |request, cancel| {
            let busy = || WireError::new(ErrorCode::Overloaded, "the engine thread is busy");
            let result = tokio::select! {
                read = read => read.map(|()| Reply::Done).map_err(|_| busy()),
                error = request.given_up(&cancel) => Err(error),
            };
            request.answer(method, result)
        });
    }

    fn remember(&mut self, request: Given, origin: InsertedOrigin, shingles: Vec<u64>) {
        let marks = self.shared.marks.clone();
        self.spawn(request, "inserted", async move |request, cancel| {
            let result = tokio::select! {
                result = marks.remember(origin, shingles) => result.map(|()| Reply::Done),
                error = request.given_up(&cancel) => Err(error),
            };
            request.answer("inserted", result)
        });
    }

    fn order(&mut self, request: Given, method: &'static str, kind: OrderKind) {
        let orders = self.shared.orders.clone();
        self.spawn(request, method, async move |request, cancel| {
            let (done, carried_out) = oneshot::channel();
            let ordered = async {
                // Either end is closed only when the daemon is ending already.
                orders
                    .send(Order { kind, done })
                    .await
                    .map_err(|_| ending())?;
                carried_out.await.map_err(|_| ending())?
            };
            let result = tokio::select! {
                result = ordered => result.map(|()| Reply::Done),
                error = request.given_up(&cancel) => Err(error),
            };
            request.answer(method, result)
        });
    }

    fn spawn<F>(
        &mut self,
        request: Given,
        method: &'static str,
        work: impl FnOnce(Given, CancellationToken) -> F,
    ) where
        F: Future<Output = Answer> + Send + 'static,
    {
        let (id, cancel) = (request.id, CancellationToken::new());
        let task = self.tasks.spawn(work(request, cancel.clone())).id();
        self.in_hand.insert(
            id,
            InHand {
                task,
                cancel,
                method,
            },
        );
    }

    fn done(&self, request: &Given, method: &'static str, reply: Reply) {
        self.send(&request.answer(method, Ok(reply)));
    }

    fn send(&self, answer: &Answer) {
        self.outgoing.send(&answer.message);
        request_log::write(&self.client, &answer.finished);
    }

    fn fail(&self, id: Option<RequestId>, error: WireError) {
        tracing::warn!(client = self.client, id = id.map(|id| id.0), code = ?error.code, "request refused");
        self.outgoing.send(&DaemonMessage::Error { id, error });
    }

    /// Waits until a request has ended, and answers it; for ever when none is in hand. Cancel safe.
    pub(super) async fn one_ended(&mut self) {
        match self.tasks.join_next().await {
            Some(Ok(answer)) => {
                // First: who has the answer may use its id and its place at once.
                self.in_hand.remove(&answer.finished.id);
                self.send(&answer);
            }
            Some(Err(error)) => self.one_panicked(&error),
            None => std::future::pending().await,
        }
    }

    fn one_panicked(&mut self, error: &JoinError) {
        let Some(id) = self
            .in_hand
            .iter()
            .find_map(|(id, given)| (given.task == error.id()).then_some(*id))
        else {
            return;
        };
        let method = self.in_hand.remove(&id).map_or("", |given| given.method);
        let bug = WireError::new(
            ErrorCode::Internal,
            "the daemon has a bug: the request panicked",
        )
        .with_remedy("inkstone logs");
        let finished = Finished {
            id,
            method,
            elapsed: Duration::ZERO,
            outcome: Outcome::Failed(bug.clone()),
        };
        let message = DaemonMessage::Error {
            id: Some(id),
            error: bug,
        };
        self.send(&Answer { message, finished });
    }
}

/// A request as it was taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    pub(super) id: RequestId,
    pub(super) received_at: Instant,
    pub(super) deadline: Instant,
}

/// The end of a request: what its client is told, and the line in the log.
#[derive(Debug)]
pub(super) struct Answer {
    message: DaemonMessage,
    finished: Finished,
}

impl Given {
    /// Waits until nobody wants the answer any more, and says why.
    pub(super) async fn given_up(&self, cancel: &CancellationToken) -> WireError {
        tokio::select! {
            () = cancel.cancelled() => WireError::new(ErrorCode::Cancelled, "cancelled by its client"),
            () = tokio::time::sleep_until(self.deadline.into()) => {
                let wait_ms = self.deadline.duration_since(self.received_at).as_millis();
                WireError::new(ErrorCode::DeadlineExceeded, format!("not ready within {wait_ms} ms"))
            }
        }
    }

    /// The answer, to be sent.
    pub(super) fn answer(&self, method: &'static str, result: Result<Reply, WireError>) -> Answer {
        let (message, outcome) = match result {
            Ok(reply) => {
                let outcome = Outcome::of_reply(&reply);
                (DaemonMessage::Result { id: self.id, reply }, outcome)
            }
            Err(error) => (
                DaemonMessage::Error {
                    id: Some(self.id),
                    error: error.clone(),
                },
                Outcome::Failed(error),
            ),
        };
        let finished = Finished {
            id: self.id,
            method,
            elapsed: self.received_at.elapsed(),
            outcome,
        };
        Answer { message, finished }
    }
}
