//! The first line of a client: who it is and which protocol it speaks.

use std::sync::Arc;
use std::time::Duration;

use inkstone_protocol::halves::{MessageReader, ReadError};
use inkstone_protocol::{
    ClientMessage, DaemonMessage, ErrorCode, Hello, PROTOCOL_VERSION, Welcome, WireError,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadHalf};

use super::{Shared, answer_bad_line, ending};
use crate::session::outgoing::Outgoing;

/// How long a client may take to say hello: one that never does would hold a connection for ever,
/// a person at `socat` needs a while.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(30);
/// Longest client name or version that is kept for logs.
const NAME_CHARS_MAX: usize = 64;

/// Takes the hello and answers it. None: the connection is refused, and its client knows why.
pub(super) async fn take<C, S: AsyncRead + AsyncWrite>(
    reader: &mut MessageReader<ReadHalf<S>, ClientMessage>,
    outgoing: &Outgoing,
    shared: &Arc<Shared<C>>,
) -> Option<Hello> {
    let first = tokio::time::timeout(HANDSHAKE_WAIT, reader.next()).await;
    let refusal = match first {
        Ok(Ok(Some(ClientMessage::Hello(hello)))) => match refusal(&hello, shared) {
            None => {
                outgoing.send(&DaemonMessage::Welcome(Welcome {
                    protocol: PROTOCOL_VERSION,
                    version: shared.version.clone(),
                    pid: std::process::id(),
                }));
                return Some(shortened(&hello));
            }
            Some(refusal) => refusal,
        },
        Ok(Ok(Some(_))) => {
            WireError::new(ErrorCode::InvalidMessage, "the first line must be a hello")
        }
        Ok(Ok(None) | Err(ReadError::Io(_))) => return None,
        Ok(Err(error)) => {
            answer_bad_line(&error, outgoing);
            return None;
        }
        Err(_elapsed) => WireError::new(
            ErrorCode::DeadlineExceeded,
            format!("no hello came within {} s", HANDSHAKE_WAIT.as_secs()),
        ),
    };
    tracing::warn!(code = ?refusal.code, "handshake refused");
    outgoing.send(&DaemonMessage::Error {
        id: None,
        error: refusal,
    });
    None
}

fn refusal<C>(hello: &Hello, shared: &Shared<C>) -> Option<WireError> {
    if hello.protocol != PROTOCOL_VERSION {
        let message = format!(
            "the daemon (version {}) speaks protocol {PROTOCOL_VERSION}, its client protocol {}",
            shared.version, hello.protocol
        );
        let remedy = "inkstone stop && inkstone start";
        return Some(WireError::new(ErrorCode::ProtocolMismatch, message).with_remedy(remedy));
    }
    shared.is_ending().then(ending)
}

/// A client's words reach the log: they are cut, and control characters taken out.
fn shortened(hello: &Hello) -> Hello {
    let short = |text: &str| {
        text.chars()
            .filter(|c| !c.is_control())
            .take(NAME_CHARS_MAX)
            .collect()
    };
    Hello {
        protocol: hello.protocol,
        client: short(&hello.client),
        version: short(&hello.version),
    }
}
