//! The daemon as whoever scores. It is not started for this, and a model is not loaded unless the build
//! was told to: scores can wait, memory that nobody writes with is better free.

use std::time::Duration;

use inkstone_protocol::{Client, ErrorCode, Launcher, ScoreParams, ScoreReply};
use inkstone_settings::Directories;
use tokio::runtime::{Builder, Runtime};

use super::{Scorer, Unanswered};

/// How long one batch may take: someone may be writing meanwhile, who goes first.
const BATCH_WAIT: Duration = Duration::from_secs(10);
/// How long it may take where a model is loaded for it.
const LOAD_WAIT: Duration = Duration::from_secs(120);

/// A connection to the daemon that is made with the first question.
pub struct DaemonScorer {
    launcher: Launcher,
    connected: Option<(Runtime, Client)>,
}

impl DaemonScorer {
    /// The daemon of these directories.
    pub fn of(directories: &Directories) -> Self {
        let (client, version) = ("inkstone-trainer", env!("CARGO_PKG_VERSION"));
        Self {
            launcher: Launcher::new(directories.clone(), client, version),
            connected: None,
        }
    }

    fn connect(&self) -> Result<(Runtime, Client), String> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start the async runtime: {error}"))?;
        let client = runtime.block_on(self.launcher.connect());
        Ok((runtime, client.map_err(|error| error.to_string())?))
    }
}

impl Scorer for DaemonScorer {
    fn score(&mut self, params: ScoreParams) -> Result<ScoreReply, Unanswered> {
        if self.connected.is_none() {
            self.connected = Some(self.connect().map_err(Unanswered::Away)?);
        }
        // proof: it was made above.
        let Some((runtime, client)) = &self.connected else {
            return Err(Unanswered::Away("no connection".to_owned()));
        };
        let wait = if params.load { LOAD_WAIT } else { BATCH_WAIT };
        let reply = runtime.block_on(client.score(params, wait));
        reply.map_err(|error| match error.code() {
            Some(ErrorCode::DeadlineExceeded) => Unanswered::Late(error.to_string()),
            _ => Unanswered::Away(error.to_string()),
        })
    }
}
