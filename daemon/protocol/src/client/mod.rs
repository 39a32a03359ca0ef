//! One connection to the daemon with many requests in flight.
//!
//! In reading order: [`error`] (what can go wrong), [`inbox`] (what has arrived for one request),
//! [`in_flight`] (which requests wait), [`connection`] (the task that reads and writes),
//! [`completion`] (a streaming answer), and here [`Client`].
//!
//! A connection that is lost fails every request on it and stays lost: connect again, or let
//! [`crate::lifecycle::Launcher`] do so. Nothing here starts a daemon.

mod completion;
mod connection;
mod error;
mod in_flight;
mod inbox;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

pub use completion::{CompletionEvent, CompletionStream};
pub use error::ClientError;
pub use in_flight::REQUESTS_IN_FLIGHT_MAX;

use crate::complete::CompleteParams;
use crate::endpoint;
use crate::framing::encode;
use crate::hello::{Hello, Welcome};
use crate::ids::RequestId;
use crate::message::{Call, ClientMessage, Reply};
use crate::score::{ScoreParams, ScoreReply};
use crate::status::StatusReply;
use in_flight::InFlight;
use inbox::{Inbox, Letter};

/// How long the daemon may take to answer the handshake: it does nothing but look at it.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(5);
/// How much longer than the daemon we wait for a request's end, so that its own word (which knows
/// more) comes first, and a daemon that hangs is noticed all the same.
const DEADLINE_GRACE: Duration = Duration::from_millis(250);
/// How long a call without a model's work may take.
const STATUS_WAIT: Duration = Duration::from_secs(5);

/// A connection to the daemon; cheap to clone. The connection closes, and what is in flight ends,
/// when the last clone and the last [`CompletionStream`] are gone.
#[derive(Debug, Clone)]
pub struct Client {
    wire: Arc<Wire>,
    welcome: Arc<Welcome>,
}

/// What a request needs of its connection.
#[derive(Debug)]
struct Wire {
    in_flight: Arc<InFlight>,
    outgoing: mpsc::Sender<Vec<u8>>,
}

impl Client {
    /// Connects to a daemon that listens already, and shakes hands.
    pub async fn connect(socket: &Path, hello: &Hello) -> Result<Self, ClientError> {
        let connecting = async {
            let stream = endpoint::connect(socket)
                .await
                .map_err(|source| ClientError::of_connect(socket, &source))?;
            connection::shake_hands(stream, hello).await
        };
        let timeout = tokio::time::timeout(HANDSHAKE_WAIT, connecting).await;
        let (stream, welcome) = timeout.map_err(|_elapsed| ClientError::NoHandshake {
            socket: socket.to_owned(),
            wait_ms: HANDSHAKE_WAIT.as_millis(),
        })??;
        let in_flight = Arc::new(InFlight::default());
        // Requests and cancels are at most one each per request in flight, so there is always room.
        let (outgoing, to_send) = mpsc::channel(2 * REQUESTS_IN_FLIGHT_MAX);
        tokio::spawn(connection::serve(stream, to_send, Arc::clone(&in_flight)));
        Ok(Self {
            wire: Arc::new(Wire {
                in_flight,
                outgoing,
            }),
            welcome: Arc::new(welcome),
        })
    }

    /// What the daemon said of itself.
    pub fn welcome(&self) -> &Welcome {
        &self.welcome
    }

    /// Whether requests can still succeed on this connection.
    pub fn is_connected(&self) -> bool {
        !self.wire.in_flight.is_lost()
    }

    /// Waits until the connection is lost.
    pub async fn lost(&self) {
        self.wire.in_flight.lost().await;
    }

    /// Asks and waits for the answer, at most for `deadline`. Dropping the future cancels.
    pub async fn call(&self, call: Call, deadline: Duration) -> Result<Reply, ClientError> {
        let request = Request::send(&self.wire, call, Some(deadline))?;
        let end = async {
            loop {
                if let Letter::End(result) = request.inbox.next().await {
                    return result;
                }
            }
        };
        match tokio::time::timeout(deadline + DEADLINE_GRACE, end).await {
            Ok(result) => result,
            Err(_elapsed) => Err(ClientError::too_late(deadline)),
        }
    }

    /// Asks for a completion. Dropping the stream cancels it.
    pub fn complete(
        &self,
        params: CompleteParams,
        deadline: Option<Duration>,
    ) -> Result<CompletionStream, ClientError> {
        let request = Request::send(&self.wire, Call::Complete(Box::new(params)), deadline)?;
        Ok(CompletionStream::new(request, deadline))
    }

    /// Has texts scored. Dropping the future cancels.
    pub async fn score(
        &self,
        params: ScoreParams,
        deadline: Duration,
    ) -> Result<ScoreReply, ClientError> {
        match self.call(Call::Score(params), deadline).await? {
            Reply::Score(reply) => Ok(*reply),
            _ => Err(ClientError::WrongReply),
        }
    }

    /// The daemon's state.
    pub async fn status(&self) -> Result<StatusReply, ClientError> {
        match self.call(Call::Status, STATUS_WAIT).await? {
            Reply::Status(status) => Ok(*status),
            _ => Err(ClientError::WrongReply),
        }
    }
}

/// A request in flight. Dropping it before its end cancels it.
#[derive(Debug)]
struct Request {
    id: RequestId,
    inbox: Arc<Inbox>,
    wire: Arc<Wire>,
}

impl Request {
    fn send(wire: &Arc<Wire>, call: Call, deadline: Option<Duration>) -> Result<Self, ClientError> {
        let (id, inbox) = wire.in_flight.begin()?;
        let request = Self {
            id,
            inbox,
            wire: Arc::clone(wire),
        };
        let deadline_ms = deadline.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        match encode(&ClientMessage::Request {
            id,
            deadline_ms,
            call,
        }) {
            Ok(line) => {
                request.push(line);
                Ok(request)
            }
            Err(error) => {
                wire.in_flight.forget(id);
                Err(error.into())
            }
        }
    }

    fn push(&self, line: Vec<u8>) {
        // Full is impossible (see `Client::connect`); closed means lost, which the inbox tells.
        let _ = self.wire.outgoing.try_send(line);
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if self.wire.in_flight.abandon(self.id)
            && let Ok(line) = encode(&ClientMessage::Cancel(self.id))
        {
            self.push(line);
        }
    }
}

#[cfg(test)]
mod tests;
