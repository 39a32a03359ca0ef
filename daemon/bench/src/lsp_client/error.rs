//! What can go wrong between the client and a language server.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// An error of the client; the server's own answer is [`LspClientError::Refused`].
#[derive(Debug, thiserror::Error)]
pub enum LspClientError {
    /// The server's binary could not be started.
    #[error("cannot start the language server {}: {source}", program.display())]
    Start {
        /// Which binary.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The server answered with an error.
    #[error("{method} was refused ({}): {}", error.code, error.message)]
    Refused {
        /// What was asked.
        method: String,
        /// What the server said.
        error: ResponseError,
    },
    /// No answer came in time.
    #[error("no answer to {method} within {waited:?}; see: inkstone logs")]
    TimedOut {
        /// What was asked.
        method: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The server closed its output, or what it wrote was not the protocol.
    #[error("the language server ended while {method} waited for it; see: inkstone logs")]
    Ended {
        /// What was asked.
        method: String,
    },
    /// The server does not read what it is sent.
    #[error("the language server does not read: {method} could not be sent; see: inkstone logs")]
    NotReading {
        /// What was to be sent.
        method: String,
    },
    /// The answer does not have the shape that the protocol gives it.
    #[error("the answer to {method} cannot be read: {found}")]
    Shape {
        /// What was asked.
        method: String,
        /// What came.
        found: String,
    },
}

impl LspClientError {
    /// The code of the server's refusal, if it was one.
    pub fn refusal_code(&self) -> Option<i64> {
        match self {
            Self::Refused { error, .. } => Some(error.code),
            _ => None,
        }
    }
}

/// An error answer of the server.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct ResponseError {
    /// As JSON-RPC and the language server protocol number them.
    pub code: i64,
    /// For a person.
    pub message: String,
    /// What the method adds.
    #[serde(default)]
    pub data: serde_json::Value,
}

/// `$/cancelRequest` ended the request.
pub const CODE_REQUEST_CANCELLED: i64 = -32_800;
/// The document changed meanwhile, so the answer would be wrong.
pub const CODE_CONTENT_MODIFIED: i64 = -32_801;
/// The server gave up the request on its own.
pub const CODE_SERVER_CANCELLED: i64 = -32_802;
