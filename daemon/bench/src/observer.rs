//! The daemon's own numbers, over a connection beside that of the language server.
//!
//! Not what a key's answer cost: the language server hands that on (`latency/editor.rs`). This asks
//! for the daemon's state, and is the first client of a daemon that does not run yet.

use std::time::Duration;

use inkstone_protocol::{
    Client, CompleteParams, CompleteReply, DocumentId, DocumentVersion, Launcher, ModelReport,
    StatusReply,
};
use tokio::runtime::{Builder, Runtime};

use crate::error::BenchError;

/// No request is given up while it is measured.
pub(crate) const DEADLINE_MS: u32 = 60_000;
/// What our questions call their document; the language server names its own by hashes.
const DOCUMENT: &str = "inkstone-bench";

/// A connection to the daemon.
pub(crate) struct Observer {
    /// Before the runtime on which it lives.
    client: Client,
    runtime: Runtime,
    version: u64,
}

impl Observer {
    /// Connects to the daemon, and starts it when none runs.
    pub(crate) fn connect_or_start(launcher: &Launcher) -> Result<Self, BenchError> {
        let runtime = runtime()?;
        let client = runtime.block_on(launcher.connect_or_start());
        Ok(Self {
            client: client.map_err(|error| numbers(&error))?,
            runtime,
            version: 0,
        })
    }

    /// Ends the daemon in order, if one runs.
    pub(crate) fn stop(launcher: &Launcher) {
        if let Ok(runtime) = runtime() {
            // One that cannot be told ends by itself when it is idle.
            let _told = runtime.block_on(launcher.stop());
        }
    }

    /// The daemon's state now.
    pub(crate) fn status(&self) -> Result<StatusReply, BenchError> {
        self.runtime
            .block_on(self.client.status())
            .map_err(|error| numbers(&error))
    }

    /// The daemon's report on a model.
    pub(crate) fn engine(&self, model: &str) -> Result<ModelReport, BenchError> {
        let models = self.status()?.models;
        let missing = || numbers(&format!("no model {model}"));
        models
            .into_iter()
            .find(|report| report.name == model)
            .ok_or_else(missing)
    }

    /// Asks what the language server asks at the end of this text.
    pub(crate) fn complete(&mut self, text: &str) -> Result<CompleteReply, BenchError> {
        self.version += 1;
        let params = CompleteParams::new(
            DocumentId(DOCUMENT.to_owned()),
            DocumentVersion(self.version),
            text,
        );
        let wait = Duration::from_millis(DEADLINE_MS.into());
        let reply = self
            .runtime
            .block_on(async { self.client.complete(params, Some(wait))?.result().await });
        reply.map(|reply| *reply).map_err(|error| numbers(&error))
    }
}

/// A thread of its own reads the connection, also while nobody asks.
fn runtime() -> Result<Runtime, BenchError> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime.map_err(|error| numbers(&error))
}

fn numbers(problem: &dyn std::fmt::Display) -> BenchError {
    BenchError::Numbers {
        problem: problem.to_string(),
    }
}
