//! The answer to `complete` as it comes.

use std::time::Duration;

use tokio::time::Instant;

use crate::client::inbox::Letter;
use crate::client::{ClientError, DEADLINE_GRACE, Request};
use crate::complete::CompleteReply;
use crate::message::Reply;

/// Something that arrived of a completion.
#[derive(Debug, Clone, PartialEq)]
pub enum CompletionEvent {
    /// The model is being read into memory.
    Loading {
        /// Its name.
        model: String,
        /// 0 to 100.
        percent: u8,
    },
    /// More text; only of requests that asked for a stream.
    Text(String),
    /// The end: the whole suggestion or why there is none.
    Result(Result<Box<CompleteReply>, ClientError>),
}

/// A completion in flight. Dropping it cancels the request.
#[derive(Debug)]
pub struct CompletionStream {
    request: Request,
    deadline: Option<(Instant, Duration)>,
    has_ended: bool,
}

impl CompletionStream {
    pub(super) fn new(request: Request, deadline: Option<Duration>) -> Self {
        let deadline = deadline.and_then(|wait| {
            let until = Instant::now()
                .checked_add(wait)?
                .checked_add(DEADLINE_GRACE)?;
            Some((until, wait))
        });
        Self {
            request,
            deadline,
            has_ended: false,
        }
    }

    /// The next event; none after [`CompletionEvent::Result`]. Cancel safe.
    pub async fn next(&mut self) -> Option<CompletionEvent> {
        if self.has_ended {
            return None;
        }
        let letter = match self.deadline {
            None => self.request.inbox.next().await,
            Some((until, wait)) => tokio::time::timeout_at(until, self.request.inbox.next())
                .await
                .unwrap_or_else(|_elapsed| Letter::End(Err(ClientError::too_late(wait)))),
        };
        Some(match letter {
            Letter::Loading { model, percent } => CompletionEvent::Loading { model, percent },
            Letter::Text(piece) => CompletionEvent::Text(piece),
            Letter::End(result) => {
                self.has_ended = true;
                CompletionEvent::Result(result.and_then(|reply| match reply {
                    Reply::Complete(reply) => Ok(reply),
                    _ => Err(ClientError::WrongReply),
                }))
            }
        })
    }

    /// Waits for the end and passes over what comes before it.
    pub async fn result(mut self) -> Result<Box<CompleteReply>, ClientError> {
        loop {
            match self.next().await {
                Some(CompletionEvent::Result(result)) => return result,
                Some(_) => {}
                None => return Err(ClientError::WrongReply),
            }
        }
    }
}
