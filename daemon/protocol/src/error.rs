//! Errors on the wire: a code to act on, a sentence to read, a remedy to run.

use serde::{Deserialize, Serialize};

/// What a client can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The line is not a message of this protocol, or comes out of order.
    InvalidMessage,
    /// A line is longer than the limit; the connection is closed.
    MessageTooLarge,
    /// The two sides speak different versions.
    ProtocolMismatch,
    /// The request ended because its client said so.
    Cancelled,
    /// A newer request of the same document took its place.
    Superseded,
    /// The deadline passed first.
    DeadlineExceeded,
    /// Too much is waiting already.
    Overloaded,
    /// No model can serve the request.
    ModelUnavailable,
    /// It can be answered, but not now: what it takes is not there, or others need it.
    NotNow,
    /// The daemon is ending.
    ShuttingDown,
    /// A bug of ours.
    Internal,
}

/// An error as both sides see it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}{}", remedy.as_deref().map(|r| format!("; run: {r}")).unwrap_or_default())]
pub struct WireError {
    /// What to act on.
    pub code: ErrorCode,
    /// What happened, in one sentence.
    pub message: String,
    /// The command that helps, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl WireError {
    /// An error without a remedy.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            remedy: None,
        }
    }

    /// The same error with the command that helps.
    #[must_use]
    pub fn with_remedy(mut self, command: impl Into<String>) -> Self {
        self.remedy = Some(command.into());
        self
    }
}
