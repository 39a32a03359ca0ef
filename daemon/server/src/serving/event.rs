//! What sessions get from [`super::Serving`].

use std::collections::BTreeMap;

use inkstone_protocol::{AdaptersReport, CompleteReply, MemoryReport, ModelReport, WireError};

/// What a submitted completion reports, ending with exactly one `Done`.
#[derive(Debug)]
pub enum ServingEvent {
    /// The model is being read into memory.
    Loading {
        /// Its name.
        model: String,
        /// 0 to 100.
        percent: u8,
    },
    /// A further piece of text, whole characters; only when the request asked for a stream.
    Text(String),
    /// The end.
    Done(Result<Box<CompleteReply>, WireError>),
}

/// Counters since the start, and the models.
#[derive(Debug, Clone, Default)]
pub struct ServingReport {
    /// Every model that a role names.
    pub models: Vec<ModelReport>,
    /// Requests waiting or running now.
    pub requests_active: u32,
    /// Completions answered, silences included.
    pub completions: u64,
    /// Superseded or cancelled.
    pub cancelled: u64,
    /// Turned away.
    pub rejected: u64,
    /// What is held under the ceiling of all models.
    pub memory: MemoryReport,
    /// What the models wear, but for the counts.
    pub adapters: AdaptersReport,
    /// How often another adapter, or none, took over an open document.
    pub swaps: u64,
    /// Requests that wore an adapter, by its name.
    pub requests_with: BTreeMap<String, u64>,
    /// Turns of the engine thread's loop.
    pub turns: u64,
}

/// The engine thread could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// llama.cpp's backends are missing.
    #[error(transparent)]
    Engine(#[from] inkstone_engine::EngineError),
    /// The operating system gives no thread.
    #[error("cannot start the engine thread: {0}")]
    Thread(#[from] std::io::Error),
}
