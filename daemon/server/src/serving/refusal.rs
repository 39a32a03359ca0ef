//! The errors with which requests end. Not the silences (`silence.rs`), which are answers.

use inkstone_models::ModelName;
use inkstone_protocol::{ErrorCode, WireError};
use inkstone_scheduler::Rejection;

pub(super) fn superseded() -> WireError {
    WireError::new(
        ErrorCode::Superseded,
        "a newer request of the document took its place",
    )
}

pub(super) fn cancelled() -> WireError {
    WireError::new(ErrorCode::Cancelled, "the request was cancelled")
}

pub(super) fn late() -> WireError {
    WireError::new(
        ErrorCode::DeadlineExceeded,
        "the deadline passed before the suggestion was ready",
    )
}

pub(super) fn internal(error: &dyn std::fmt::Display) -> WireError {
    WireError::new(ErrorCode::Internal, error.to_string()).with_remedy("inkstone doctor")
}

pub(super) fn rejected(rejection: Rejection) -> WireError {
    match rejection {
        Rejection::Outdated => superseded(),
        Rejection::QueueFull { waiting_max } => WireError::new(
            ErrorCode::Overloaded,
            format!("{waiting_max} requests wait for the model already"),
        ),
        Rejection::TooLong {
            needed_tokens,
            context_tokens,
        } => WireError::new(
            ErrorCode::InvalidMessage,
            format!("the request needs {needed_tokens} tokens, the context holds {context_tokens}"),
        ),
        Rejection::EmptyPrompt => {
            WireError::new(ErrorCode::InvalidMessage, "the prompt holds no token")
        }
    }
}

/// The memory that all models share is to go to another one next.
pub(super) fn gives_way() -> WireError {
    WireError::new(
        ErrorCode::Overloaded,
        "the model of another language waits for the memory; a higher engine.memory_mb_max would hold both",
    )
}

/// A bug of ours: where it is stands in the log.
pub(super) fn panicked() -> WireError {
    WireError::new(
        ErrorCode::Internal,
        "the daemon has a bug: the model panicked and is loaded again for the next request",
    )
    .with_remedy("inkstone logs")
}

/// The adapter that the request names cannot be worn.
pub(super) fn adapter_refused(problem: &str) -> WireError {
    WireError::new(ErrorCode::ModelUnavailable, problem).with_remedy("inkstone adapter list")
}

/// Another request's adapter is being read.
pub(super) fn busy_with_adapter() -> WireError {
    WireError::new(
        ErrorCode::Overloaded,
        "another adapter is being read for this model; ask again",
    )
}

/// The model is installed, but cannot be loaded.
pub(super) fn load_failed(name: &ModelName, problem: &str) -> WireError {
    WireError::new(
        ErrorCode::ModelUnavailable,
        format!("the model {name} cannot be loaded: {problem}"),
    )
    .with_remedy("inkstone doctor")
}
