//! The daemon's own numbers, over a connection beside that of the language server.
//!
//! Not what a key's answer cost: the language server hands that on (`latency/editor.rs`). This asks
//! for the daemon's state, and is the first client of a daemon that does not run yet.

use std::time::{Duration, Instant};

use inkstone_protocol::{
    Client, CompleteParams, CompleteReply, DocumentId, DocumentVersion, Launcher, ModelReport,
    ScoreParams, ScoreReply, StatusReply,
};
use tokio::runtime::{Builder, Runtime};

use crate::error::BenchError;

/// No request is given up while it is measured.
pub(crate) const DEADLINE_MS: u32 = 60_000;
/// Questions to the daemon while one request should start or end: each waits for its answer, so
/// this bounds the wait at some seconds.
const LOOKS_MAX: u32 = 20_000;
/// Between two of them: who asks without a break takes a processor from what is measured.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// What a call to be scored may take: loading a large model, and reading what a call holds.
const SCORE_WAIT: Duration = Duration::from_secs(600);
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

    /// Milliseconds from `cancel`, which gives up the request that is to run now, until nothing runs;
    /// none when it was over before it was seen running.
    pub(crate) fn idle_after(
        &self,
        cancel: impl FnOnce() -> Result<(), BenchError>,
    ) -> Result<Option<f64>, BenchError> {
        let was_seen = self.look_until(|active| active > 0)?;
        let started = Instant::now();
        cancel()?;
        let is_idle = self.look_until(|active| active == 0)?;
        let elapsed_ms = started.elapsed().as_secs_f64() * 1_000.0;
        Ok((was_seen && is_idle).then_some(elapsed_ms))
    }

    /// Asks how many requests run until it is what is wanted; false when it never is.
    fn look_until(&self, is_wanted: impl Fn(u32) -> bool) -> Result<bool, BenchError> {
        for _ in 0..LOOKS_MAX {
            if is_wanted(self.status()?.requests_active) {
                return Ok(true);
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(false)
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

    /// Has texts scored.
    pub(crate) fn score(&self, params: ScoreParams) -> Result<ScoreReply, BenchError> {
        self.runtime
            .block_on(self.client.score(params, SCORE_WAIT))
            .map_err(|error| numbers(&error))
    }

    /// Asks what the language server asks at the end of this text.
    pub(crate) fn complete(&mut self, text: &str) -> Result<CompleteReply, BenchError> {
        self.ask(|document, version| CompleteParams::new(document, version, text))
    }

    /// Asks what the parameters say, of the next version of our document.
    pub(crate) fn ask(
        &mut self,
        params: impl FnOnce(DocumentId, DocumentVersion) -> CompleteParams,
    ) -> Result<CompleteReply, BenchError> {
        self.version += 1;
        let params = params(
            DocumentId(DOCUMENT.to_owned()),
            DocumentVersion(self.version),
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
