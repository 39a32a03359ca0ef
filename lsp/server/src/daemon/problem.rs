//! Why the daemon gave no suggestion.
//!
//! Not why a suggestion was withheld: that is a silence with its reason, which the daemon answers.

use std::time::Duration;

use inkstone_protocol::WireError;

/// A question that got no answer, or a daemon that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DaemonProblem {
    /// It cannot be reached or started; the message has the remedy.
    #[error("{message}")]
    Away {
        /// What the connection's error says.
        message: String,
    },
    /// It went away while it was working on the question.
    #[error("the daemon ended before it answered; the next request finds or starts it again")]
    Lost,
    /// It answered with an error.
    #[error(transparent)]
    Refused(#[from] WireError),
    /// It did not answer in time.
    #[error(
        "no suggestion was ready in {deadline_ms} ms; raise inkstone.completion.deadline_ms to wait longer"
    )]
    TooLate {
        /// How long was waited.
        deadline_ms: u64,
    },
    /// The question could not be asked or the answer not be understood.
    #[error("{message}")]
    Failed {
        /// What the connection's error says.
        message: String,
    },
    /// A newer request of the same document took the place of this one.
    #[error("a newer request took its place")]
    Superseded,
    /// The editor no longer wants to know.
    #[error("the editor cancelled the request")]
    EditorCancelled,
}

impl DaemonProblem {
    /// Nothing came within `deadline`.
    pub(crate) fn too_late(deadline: Duration) -> Self {
        Self::TooLate {
            deadline_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// A stable word for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Away { .. } => "daemon_away",
            Self::Lost => "daemon_lost",
            Self::Refused(_) => "daemon_refused",
            Self::TooLate { .. } => "too_late",
            Self::Failed { .. } => "daemon_failed",
            Self::Superseded => "superseded",
            Self::EditorCancelled => "editor_cancelled",
        }
    }
}
