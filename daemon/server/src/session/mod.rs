//! One connection: handshake, then requests until either side ends it.
//!
//! In reading order: [`handshake`], [`requests`] (what is in hand), [`completing`] (one completion),
//! [`word_ends`] (where its words end), [`documents`] (what the client has open),
//! [`outgoing`] (the bounded queue to the client), and here the session that puts them together.
//! A client that goes away takes its requests with it; one that does not read is dropped.

mod completing;
mod documents;
mod handshake;
mod outgoing;
mod requests;
mod word_ends;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use inkstone_protocol::halves::{MessageReader, ReadError};
use inkstone_protocol::{ClientMessage, DaemonMessage, ErrorCode, Hello, WireError};
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf};
use tokio::sync::{mpsc, watch};

use crate::completions::Completions;
use crate::event::Order;
use crate::marks::Marks;
use crate::outcomes::Outcomes;
use crate::trainer::Trainer;
use outgoing::Outgoing;
use requests::Requests;

/// Lines of a connection that may be no messages before it is closed: a person at `socat` mistypes
/// a few times, a broken client for ever.
const BAD_LINES_MAX: u32 = 16;
/// How long the last answers of a session may take to be read.
const FLUSH_WAIT: Duration = Duration::from_millis(500);
/// How long a client that is turned away may take to have room for the reason.
const REFUSE_WAIT: Duration = Duration::from_millis(50);

/// Whether the daemon takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It does.
    Serving,
    /// It finishes what is in hand.
    Ending,
}

/// What all sessions share.
#[derive(Debug)]
pub(crate) struct Shared<C> {
    pub(crate) completions: C,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) version: String,
    pub(crate) started_at: Instant,
    pub(crate) marks: Marks,
    pub(crate) outcomes: Outcomes,
    pub(crate) trainer: Trainer,
    clients: AtomicU32,
    /// Milliseconds from the start to the last keystroke and one more; 0 before the first.
    typed_ms: AtomicU64,
}

impl<C> Shared<C> {
    pub(crate) fn new(
        completions: C,
        orders: mpsc::Sender<Order>,
        phase: watch::Receiver<Phase>,
        version: String,
        (marks, outcomes): (Marks, Outcomes),
        trainer: Trainer,
    ) -> Self {
        Self {
            completions,
            orders,
            phase,
            version,
            started_at: Instant::now(),
            marks,
            outcomes,
            trainer,
            clients: AtomicU32::new(0),
            typed_ms: AtomicU64::new(0),
        }
    }

    /// Somebody typed: what can wait makes room.
    fn typed(&self) {
        self.typed_ms
            .store(self.elapsed_ms() + 1, Ordering::Relaxed);
        self.trainer.typing();
    }

    /// Milliseconds since; none before the first keystroke.
    pub(crate) fn typed_ms_ago(&self) -> Option<u64> {
        let typed = self.typed_ms.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.elapsed_ms().saturating_sub(typed))
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started_at.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }

    /// Clients whose handshake is done.
    pub(crate) fn clients(&self) -> u32 {
        self.clients.load(Ordering::Relaxed)
    }

    fn is_ending(&self) -> bool {
        *self.phase.borrow() == Phase::Ending
    }
}

/// Counts a client as long as it lives.
struct Counted<'a>(&'a AtomicU32);

impl<'a> Counted<'a> {
    fn new(clients: &'a AtomicU32) -> Self {
        clients.fetch_add(1, Ordering::Relaxed);
        Self(clients)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves one connection until it ends.
pub(crate) async fn serve<C, S>(stream: S, shared: Arc<Shared<C>>)
where
    C: Completions,
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (input, output) = tokio::io::split(stream);
    let (outgoing, writing) = outgoing::channel(output);
    let mut writing = std::pin::pin!(writing);
    let talk = async {
        let mut reader = MessageReader::new(input);
        if let Some(hello) = handshake::take(&mut reader, &outgoing, &shared).await {
            let _counted = Counted::new(&shared.clients);
            tracing::info!(
                client = hello.client,
                version = hello.version,
                "client connected"
            );
            let why = converse(reader, &hello, &outgoing, &shared).await;
            tracing::info!(client = hello.client, why, "client disconnected");
        }
    };
    let is_over = tokio::select! {
        () = talk => false,
        () = &mut writing => true,
    };
    if !is_over {
        // With the last sender gone the writer ends when its queue is empty. A client that does
        // not read is not waited for.
        drop(outgoing);
        let _ = tokio::time::timeout(FLUSH_WAIT, writing).await;
    }
}

/// Takes messages until the client leaves, misbehaves, or the daemon has finished its requests.
/// Returns why it ended, for the log.
async fn converse<C, S>(
    mut reader: MessageReader<ReadHalf<S>, ClientMessage>,
    hello: &Hello,
    outgoing: &Outgoing,
    shared: &Arc<Shared<C>>,
) -> &'static str
where
    C: Completions,
    S: AsyncRead + AsyncWrite,
{
    let mut requests = Requests::new(hello.client.clone(), outgoing.clone(), Arc::clone(shared));
    let mut phase = shared.phase.clone();
    let mut bad_lines = 0;
    loop {
        if shared.is_ending() && requests.is_empty() {
            return "the daemon ends";
        }
        tokio::select! {
            read = reader.next() => match read {
                Ok(Some(message)) => requests.take(message),
                Ok(None) => return "it left",
                Err(error) => {
                    bad_lines += 1;
                    if let Some(why) = answer_bad_line(&error, outgoing) {
                        return why;
                    }
                    if bad_lines >= BAD_LINES_MAX {
                        return "too many lines were no messages";
                    }
                }
            },
            () = requests.one_ended() => {}
            () = outgoing.stalled() => return "it does not read",
            // An error means that the daemon is gone; the next turn sees the end.
            _ = phase.changed() => {}
        }
    }
}

/// Tells the client what was wrong with its line. Some: the connection cannot go on.
fn answer_bad_line(error: &ReadError, outgoing: &Outgoing) -> Option<&'static str> {
    let (id, code, end) = match error {
        ReadError::Io(_) => return Some("the connection failed"),
        ReadError::Frame(inkstone_protocol::FrameError::Truncated { .. }) => {
            return Some("it left inside a line");
        }
        ReadError::Frame(error) if !error.is_recoverable() => (
            None,
            ErrorCode::MessageTooLarge,
            Some("a line was too long"),
        ),
        ReadError::Frame(_) => (None, ErrorCode::InvalidMessage, None),
        ReadError::Parse(error) => {
            tracing::warn!(place = error.place(), "a line is not a message");
            (error.request, ErrorCode::InvalidMessage, None)
        }
    };
    outgoing.send(&DaemonMessage::Error {
        id,
        error: WireError::new(code, error.to_string()),
    });
    end
}

/// Turns a client away because there are too many.
pub(crate) async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(stream: S) {
    let error = WireError::new(ErrorCode::Overloaded, "too many clients are connected")
        .with_remedy("inkstone status");
    let mut writer = inkstone_protocol::halves::MessageWriter::new(stream);
    let message = DaemonMessage::Error { id: None, error };
    // A client that has gone, or has no room, learns nothing.
    let _ = tokio::time::timeout(REFUSE_WAIT, writer.send(&message)).await;
}

/// The error of requests that come too late.
pub(crate) fn ending() -> WireError {
    WireError::new(ErrorCode::ShuttingDown, "the daemon is ending").with_remedy("inkstone start")
}

#[cfg(test)]
mod tests;
