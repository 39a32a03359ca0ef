//! Everything that can wake the daemon's event loop, as one closed enum.

use std::sync::Arc;

use inkstone_protocol::WireError;
use inkstone_protocol::endpoint::Stream;
use inkstone_settings::Settings;
use tokio::sync::oneshot;
use tokio::task::JoinError;

/// A reason to wake.
#[derive(Debug)]
pub(crate) enum Event {
    /// A client has connected.
    Connected(Stream),
    /// A session has ended, orderly or by a panic.
    SessionEnded(Result<(), JoinError>),
    /// A client gave an order.
    Ordered(Order),
    /// The settings have been read again.
    Reloaded(Result<(Arc<Settings>, Done), JoinError>),
    /// No client has been here for as long as the settings allow.
    Idle,
    /// The process was told to end.
    ShutDown,
    /// The engine thread has panicked.
    EngineFailed,
}

impl Event {
    /// For the log, without anything that a client said.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Connected(_) => "connected",
            Self::SessionEnded(_) => "session ended",
            Self::Ordered(_) => "ordered",
            Self::Reloaded(_) => "reloaded",
            Self::Idle => "idle",
            Self::ShutDown => "shut down",
            Self::EngineFailed => "engine failed",
        }
    }
}

/// An order of a client to the daemon as a whole.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) kind: OrderKind,
    pub(crate) done: Done,
}

/// Told when an order was carried out, or why it was not.
pub(crate) type Done = oneshot::Sender<Result<(), WireError>>;

/// What is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderKind {
    Reload,
    Stop,
    HandOver,
}

/// Why the daemon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// A person stopped it; it stays off.
    Stop,
    /// A newer build takes over.
    HandOver,
    /// The process was told to end.
    ShutDown,
    /// Nobody needed it for as long as the settings allow.
    Idle,
    /// A bug ended the engine thread: the process ends as after a crash, so that the next client
    /// starts another.
    EngineFailed,
}
