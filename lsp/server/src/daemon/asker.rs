//! One question to the daemon, until its answer or until nobody wants it.
//!
//! Not whether to ask. Runs as a task of the event loop; cancelling is dropping the request, which
//! tells the daemon.

use std::time::{Duration, Instant};

use inkstone_protocol::{CompleteParams, CompleteReply};
use tokio::sync::mpsc;

use crate::cancel::CancelHandle;
use crate::daemon::link::Link;
use crate::daemon::problem::DaemonProblem;
use crate::event::{Answered, Event};
use crate::session::ask::Ask;

/// Asks, and hands the question back with its outcome.
pub(crate) async fn ask(
    link: Link,
    mut ask: Ask,
    mut cancel: CancelHandle,
    events: mpsc::Sender<Event>,
) {
    let (wait, params, deadline) = (ask.wait, ask.params.clone(), ask.deadline);
    let answer = async {
        // Nothing is sent while it lasts, so that a newer key ends it for free.
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        answer(&link, params, deadline, &events).await
    };
    let outcome = tokio::select! {
        () = cancel.cancelled() => Err(DaemonProblem::Superseded),
        () = ask.reply.cancelled_by_editor() => Err(DaemonProblem::EditorCancelled),
        outcome = answer => outcome,
    };
    // Cancelled while the answer was on its way: the text has moved on.
    let outcome = if cancel.is_cancelled() {
        Err(DaemonProblem::Superseded)
    } else {
        outcome
    };
    // A loop that has ended has dropped every request; nobody waits.
    let _ = events
        .send(Event::Answered(Box::new(Answered { ask, outcome })))
        .await;
}

/// Waits for the connection, too, within the one deadline: the daemon may be starting.
async fn answer(
    link: &Link,
    params: CompleteParams,
    deadline: Duration,
    events: &mpsc::Sender<Event>,
) -> Result<CompleteReply, DaemonProblem> {
    let begun = Instant::now();
    let connection = match tokio::time::timeout(deadline, link.connection()).await {
        Ok(connection) => connection?,
        Err(_elapsed) => return Err(DaemonProblem::too_late(deadline)),
    };
    let left = deadline.saturating_sub(begun.elapsed());
    connection.complete(params, left, events).await
}
