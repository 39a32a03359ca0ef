//! One completion: from the models' events to lines for the client.

use inkstone_protocol::{CompleteParams, DaemonMessage, ErrorCode, Reply, WireError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::outgoing::Outgoing;
use super::requests::{Answer, Given};
use super::word_ends::WordEnds;
use crate::completions::Completions;
use crate::serving::ServingEvent;

/// Events that may wait to be passed on. The longest suggestion is 256 pieces, and passing one on
/// never waits, so there is always room for the end.
const EVENTS_MAX: usize = 512;

/// A submitted completion. Dropping it cancels.
pub(super) struct Completing<T> {
    ticket: T,
    events: mpsc::Receiver<ServingEvent>,
    is_streaming: bool,
    word_ends: WordEnds,
}

impl<T: Send + 'static> Completing<T> {
    /// Submits at once, in the order in which the client's lines came.
    pub(super) fn submit<C>(params: CompleteParams, request: &Given, completions: &C) -> Self
    where
        C: Completions<Ticket = T>,
    {
        let is_streaming = params.stream;
        let word_ends = WordEnds::after(&params.prefix);
        let (sender, events) = mpsc::channel(EVENTS_MAX);
        let ticket = completions.complete(params, Some(request.deadline), sender);
        Self {
            ticket,
            events,
            is_streaming,
            word_ends,
        }
    }

    /// Passes events on until the end, a cancel or the deadline.
    pub(super) async fn finish(
        mut self,
        request: Given,
        cancel: CancellationToken,
        outgoing: Outgoing,
    ) -> Answer {
        let result = tokio::select! {
            // A cancel in the same moment as the end counts: its client does not want the answer.
            biased;
            error = request.given_up(&cancel) => Err(error),
            result = self.pass_on(&request, &outgoing) => result,
        };
        drop(self.ticket);
        request.answer("complete", result)
    }

    async fn pass_on(&mut self, request: &Given, outgoing: &Outgoing) -> Result<Reply, WireError> {
        while let Some(event) = self.events.recv().await {
            match event {
                ServingEvent::Loading { model, percent } => {
                    outgoing.send(&DaemonMessage::Loading {
                        id: request.id,
                        model,
                        percent,
                    });
                }
                ServingEvent::Text(piece) if self.is_streaming => {
                    outgoing.send(&DaemonMessage::Text {
                        id: request.id,
                        piece,
                    });
                }
                ServingEvent::Text(_) => {}
                ServingEvent::Done(result) => {
                    let mut reply = result?;
                    self.word_ends.write_into(&mut reply).await;
                    return Ok(Reply::Complete(reply));
                }
            }
        }
        Err(WireError::new(ErrorCode::Internal, "the engine has ended")
            .with_remedy("inkstone logs"))
    }
}
