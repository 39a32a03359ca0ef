//! What can go wrong between a client and the daemon, and what helps.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::client::REQUESTS_IN_FLIGHT_MAX;
use crate::error::{ErrorCode, WireError};
use crate::framing::{EncodeError, FRAME_BYTES_MAX};

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens.
    #[error("no daemon listens at {}; run: inkstone start", socket.display())]
    NotRunning {
        /// Where one would.
        socket: PathBuf,
    },
    /// The socket cannot be used.
    #[error("the daemon's socket {} cannot be used: {reason}; run: inkstone doctor", socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Something listens, but does not shake hands.
    #[error(
        "the daemon at {} did not answer the handshake in {wait_ms} ms; run: inkstone doctor",
        socket.display()
    )]
    NoHandshake {
        /// The socket.
        socket: PathBuf,
        /// How long was waited.
        wait_ms: u128,
    },
    /// The connection ended while the request was waiting.
    #[error(
        "the connection to the daemon was lost ({reason}); ask again: the next request finds or starts it"
    )]
    Lost {
        /// What was seen of it.
        reason: String,
    },
    /// The daemon answered with an error.
    #[error(transparent)]
    Refused(#[from] WireError),
    /// The daemon did not answer in time.
    #[error("the daemon did not answer in {deadline_ms} ms")]
    TooLate {
        /// How long was waited.
        deadline_ms: u64,
    },
    /// This connection carries too many requests already.
    #[error("{REQUESTS_IN_FLIGHT_MAX} requests are waiting on this connection already")]
    TooManyInFlight,
    /// The request has more text than a line may hold.
    #[error(
        "the request has {bytes} bytes, more than the {FRAME_BYTES_MAX} of a line; send less text around the caret"
    )]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// The request has no JSON form.
    #[error("the request has no JSON form: {reason}")]
    NotJson {
        /// What serde_json said.
        reason: String,
    },
    /// The answer is of another method.
    #[error("the daemon's answer does not fit the question; run: inkstone stop && inkstone start")]
    WrongReply,
}

impl ClientError {
    /// The daemon's code, when it was the daemon that refused.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(error) => Some(error.code),
            Self::TooLate { .. } => Some(ErrorCode::DeadlineExceeded),
            _ => None,
        }
    }

    pub(super) fn too_late(deadline: Duration) -> Self {
        Self::TooLate {
            deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        }
    }

    pub(super) fn of_connect(socket: &Path, error: &io::Error) -> Self {
        let socket = socket.to_owned();
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                Self::NotRunning { socket }
            }
            _ => Self::Unreachable {
                socket,
                reason: error.to_string(),
            },
        }
    }
}

impl From<EncodeError> for ClientError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::TooLong { bytes } => Self::TooLong { bytes },
            EncodeError::NotJson(error) => Self::NotJson {
                reason: error.to_string(),
            },
        }
    }
}
