//! Which daemon process is started, stopped or replaced, and when.
//!
//! Any client starts the daemon on demand; two or twenty that do so at once get one. A stop by hand
//! lasts until a start by hand or the next login; a daemon that dies on start is reported, not
//! started again and again; a newer build takes over from an older one.
//!
//! In reading order: [`claim`] (the locks that make all this safe), [`login`] and [`stopped`] (the
//! mark of a stop by hand), [`attempts`] (the guard against loops), [`version`] and [`build`] (which
//! of two daemons is newer), [`spawn`] (one start), [`error`], and here the [`Launcher`] that puts them together. The daemon itself uses
//! `claim`, `stopped` and `attempts`.

pub mod attempts;
mod build;
pub mod claim;
mod error;
pub mod login;
mod poll;
mod spawn;
pub mod stopped;
mod version;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_settings::Directories;

pub use error::StartError;
pub use spawn::{EXIT_ALREADY_RUNNING, EXIT_STOPPED, START_OUTPUT_FILE, find_daemon};

use crate::client::{Client, ClientError};
use crate::error::ErrorCode;
use crate::hello::{Hello, PROTOCOL_VERSION};
use crate::message::Call;
use attempts::Attempts;
use build::Build;
use claim::{Claim, StartLock};
use poll::Looks;
use version::is_newer;

/// How long a daemon may finish what is in hand when it is told to end.
pub const FINISH_WAIT: Duration = Duration::from_secs(5);
/// How long we wait for a daemon that was told to end: its own limit, and time to free its memory
/// on a busy machine.
const EXIT_WAIT: Duration = Duration::from_secs(15);
/// How long the daemon may take to say that it will end.
const CONTROL_WAIT: Duration = Duration::from_secs(5);
/// How long we wait behind other clients that are starting one: longer than one start may take.
const LOCK_WAIT: Duration = Duration::from_secs(45);

/// Finds the daemon, starts it when there is none, stops it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Launcher {
    directories: Directories,
    hello: Hello,
    daemon_binary: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
}

/// What stopping came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopOutcome {
    /// It ended in order.
    Stopped {
        /// The process that ended.
        pid: u32,
    },
    /// None was running; none will be started either.
    WasNotRunning,
}

impl Launcher {
    /// For a client of this name and semantic version (`CARGO_PKG_VERSION`).
    pub fn new(directories: Directories, client: &str, version: &str) -> Self {
        let hello = Hello {
            protocol: PROTOCOL_VERSION,
            client: client.to_owned(),
            version: version.to_owned(),
        };
        Self {
            directories,
            hello,
            daemon_binary: None,
            environment: Vec::new(),
        }
    }

    /// Starts this binary instead of the one beside the running program or on `PATH`.
    #[must_use]
    pub fn with_daemon_binary(mut self, binary: PathBuf) -> Self {
        self.daemon_binary = Some(binary);
        self
    }

    /// Sets a variable in the environment of a started daemon, besides our own.
    #[must_use]
    pub fn with_environment(
        mut self,
        name: impl Into<OsString>,
        value: impl Into<OsString>,
    ) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// The directories in which the daemon is looked for.
    pub fn directories(&self) -> &Directories {
        &self.directories
    }

    /// Connects to a running daemon, starts none.
    pub async fn connect(&self) -> Result<Client, ClientError> {
        Client::connect(&self.directories.socket(), &self.hello).await
    }

    /// Connects to the daemon, starting it when none runs, replacing it when it is older than the
    /// build we would start.
    pub async fn connect_or_start(&self) -> Result<Client, StartError> {
        match self.connect().await {
            Ok(client) => self.take_over_if_older(client).await,
            Err(ClientError::Refused(error)) if error.code == ErrorCode::ProtocolMismatch => {
                self.replace_older_protocol(error.message).await
            }
            Err(error) if means_absent(&error) => self.start_one().await,
            Err(error) => Err(error.into()),
        }
    }

    /// Starts the daemon because a person said so: forgets an earlier stop and earlier failures.
    pub async fn start(&self) -> Result<Client, StartError> {
        self.directories.ensure_private()?;
        stopped::clear(&self.directories)?;
        attempts::forget(&self.directories)?;
        self.connect_or_start().await
    }

    /// Ends the daemon in order and keeps it off until [`Launcher::start`] or the next login. One
    /// that is just being started is waited for and ended.
    pub async fn stop(&self) -> Result<StopOutcome, StartError> {
        self.directories.ensure_private()?;
        // First, so that no client starts another one while this one ends.
        stopped::set(&self.directories)?;
        // Whoever has the start lock may have started a process that has no claim yet.
        match self.wait_for_turn(|_| true).await? {
            Turn::Connected(client) => self.end(&client).await,
            Turn::Ours(_lock) => self.end_claimed().await,
        }
    }

    /// The caller holds the start lock. A daemon that holds its claim, but does not listen, either
    /// will soon or does no more.
    async fn end_claimed(&self) -> Result<StopOutcome, StartError> {
        let mut ending = None;
        let mut looks = Looks::for_at_most(EXIT_WAIT);
        while looks.again().await {
            match self.connect_in_any_protocol().await {
                Ok(client) => return self.end(&client).await,
                Err(error) if means_absent(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if !Claim::is_held(&self.directories)? {
                return Ok(
                    ending.map_or(StopOutcome::WasNotRunning, |pid| StopOutcome::Stopped {
                        pid,
                    }),
                );
            }
            ending = Claim::holder(&self.directories).or(ending);
        }
        Err(self.hangs(ending))
    }

    async fn end(&self, client: &Client) -> Result<StopOutcome, StartError> {
        let pid = client.welcome().pid;
        self.tell_to_end(client, Call::Stop).await?;
        self.wait_for_exit(Some(pid)).await?;
        Ok(StopOutcome::Stopped { pid })
    }

    /// Why [`Launcher::connect_or_start`] would refuse to start a daemon now, if it would.
    pub fn refusal(&self) -> Result<Option<StartError>, StartError> {
        if stopped::is_set(&self.directories)? {
            return Ok(Some(StartError::Stopped {
                marker: self.directories.stopped_marker(),
            }));
        }
        let Ok(binary) = self.binary() else {
            return Ok(None);
        };
        let attempts = Attempts::load(&self.directories, &binary)?;
        Ok(attempts
            .refusal()
            .map(|refusal| StartError::of_refusal(refusal, &self.directories)))
    }

    fn binary(&self) -> Result<PathBuf, StartError> {
        self.daemon_binary.clone().map_or_else(find_daemon, Ok)
    }

    fn may_start(&self) -> Result<(), StartError> {
        self.refusal()?.map_or(Ok(()), Err)
    }

    /// Starts a daemon unless somebody else does so first.
    async fn start_one(&self) -> Result<Client, StartError> {
        self.directories.ensure_private()?;
        self.may_start()?;
        let _lock = match self.wait_for_turn(|_| true).await? {
            Turn::Connected(client) => return Ok(client),
            Turn::Ours(lock) => lock,
        };
        // Somebody may have started, stopped or failed one while we waited.
        if let Ok(client) = self.connect().await {
            return Ok(client);
        }
        self.may_start()?;
        self.start_holding_lock().await
    }

    /// Waits for the start lock, or until somebody else has brought up a daemon that will do.
    async fn wait_for_turn(&self, will_do: impl Fn(&Client) -> bool) -> Result<Turn, StartError> {
        let mut looks = Looks::for_at_most(LOCK_WAIT);
        while looks.again().await {
            match self.connect().await {
                Ok(client) if will_do(&client) => return Ok(Turn::Connected(client)),
                _ => {}
            }
            if let Some(lock) = StartLock::try_take(&self.directories)? {
                return Ok(Turn::Ours(lock));
            }
        }
        Err(StartError::StartBusy {
            wait_s: LOCK_WAIT.as_secs(),
        })
    }

    /// The caller holds the start lock. A daemon that ends, or was started by hand and is not ready
    /// yet, holds its claim: it is waited for.
    async fn start_holding_lock(&self) -> Result<Client, StartError> {
        let mut looks = Looks::for_at_most(EXIT_WAIT);
        while looks.again().await {
            if !Claim::is_held(&self.directories)? {
                let binary = self.binary()?;
                return spawn::start_and_wait(self, &binary).await;
            }
            if let Ok(client) = self.connect().await {
                return Ok(client);
            }
        }
        Err(self.hangs(None))
    }

    /// Asks an older daemon to hand over to the build that we would start, if that is newer.
    async fn take_over_if_older(&self, client: Client) -> Result<Client, StartError> {
        let Ok(binary) = self.binary() else {
            return Ok(client);
        };
        let is_our_version_newer = is_newer(&self.hello.version, &client.welcome().version);
        if !is_our_version_newer && !self.is_replaced(&binary) {
            return Ok(client);
        }
        let Some(ours) = spawn::version_of(&binary).await else {
            return Ok(client);
        };
        let will_do = |client: &Client| {
            let theirs = &client.welcome().version;
            !is_newer(&ours, theirs) && (is_newer(theirs, &ours) || !self.is_replaced(&binary))
        };
        if will_do(&client) {
            return Ok(client);
        }
        if Attempts::load(&self.directories, &binary)?
            .refusal()
            .is_some()
        {
            tracing::warn!("the newer daemon died on start before; the older one stays");
            return Ok(client);
        }
        drop(client);
        let _lock = match self.wait_for_turn(will_do).await? {
            Turn::Connected(client) => return Ok(client),
            Turn::Ours(lock) => lock,
        };
        match self.connect().await {
            Ok(client) if will_do(&client) => return Ok(client),
            Ok(client) => self.hand_over(&client).await?,
            Err(error) if means_absent(&error) => {}
            Err(error) => return Err(error.into()),
        }
        self.start_holding_lock().await
    }

    /// Whether `binary` was written over the one that the running daemon was started from.
    fn is_replaced(&self, binary: &Path) -> bool {
        let running = Claim::build(&self.directories);
        running
            .is_some_and(|running| Build::of(binary).is_some_and(|build| build.replaces(&running)))
    }

    /// The daemon speaks another protocol. If that is an older one, it is replaced.
    async fn replace_older_protocol(&self, reason: String) -> Result<Client, StartError> {
        let newer = StartError::NewerDaemon { reason };
        if self.connect_in_older_protocol().await.is_none() {
            return Err(newer);
        }
        self.directories.ensure_private()?;
        let _lock = match self.wait_for_turn(|_| true).await? {
            Turn::Connected(client) => return Ok(client),
            Turn::Ours(lock) => lock,
        };
        match self.connect().await {
            Ok(client) => return Ok(client),
            Err(error) if means_absent(&error) => {}
            Err(_) => {
                let client = self.connect_in_older_protocol().await.ok_or(newer)?;
                self.hand_over(&client).await?;
            }
        }
        self.start_holding_lock().await
    }

    async fn hand_over(&self, client: &Client) -> Result<(), StartError> {
        let welcome = client.welcome();
        tracing::info!(
            pid = welcome.pid,
            version = welcome.version,
            "asking the older daemon to hand over"
        );
        self.tell_to_end(client, Call::HandOver).await?;
        self.wait_for_exit(Some(welcome.pid)).await
    }

    /// A daemon that is gone already has done what it was told.
    async fn tell_to_end(&self, client: &Client, call: Call) -> Result<(), StartError> {
        match client.call(call, CONTROL_WAIT).await {
            Ok(_) | Err(ClientError::Lost { .. }) => Ok(()),
            Err(ClientError::Refused(error)) if error.code == ErrorCode::ShuttingDown => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn wait_for_exit(&self, pid: Option<u32>) -> Result<(), StartError> {
        let mut looks = Looks::for_at_most(EXIT_WAIT);
        while looks.again().await {
            if !Claim::is_held(&self.directories)? {
                return Ok(());
            }
        }
        Err(self.hangs(pid))
    }

    fn hangs(&self, pid: Option<u32>) -> StartError {
        let pid = pid.or_else(|| Claim::holder(&self.directories));
        StartError::Hangs {
            pid,
            wait_s: EXIT_WAIT.as_secs(),
        }
    }

    async fn connect_in_any_protocol(&self) -> Result<Client, ClientError> {
        match self.connect().await {
            Err(ClientError::Refused(error)) if error.code == ErrorCode::ProtocolMismatch => {
                let older = self.connect_in_older_protocol().await;
                older.ok_or(ClientError::Refused(error))
            }
            result => result,
        }
    }

    /// What it takes to ask for an end (`hello`, `welcome`, the envelope of a request, `stop`,
    /// `hand_over`) is the same in every version of the protocol.
    async fn connect_in_older_protocol(&self) -> Option<Client> {
        for protocol in (1..self.hello.protocol).rev() {
            let hello = Hello {
                protocol,
                ..self.hello.clone()
            };
            if let Ok(client) = Client::connect(&self.directories.socket(), &hello).await {
                return Some(client);
            }
        }
        None
    }
}

/// How waiting for the start lock ended.
enum Turn {
    Connected(Client),
    Ours(StartLock),
}

/// Errors that a daemon which is gone, or just going, leaves behind.
fn means_absent(error: &ClientError) -> bool {
    match error {
        ClientError::NotRunning { .. } | ClientError::Lost { .. } => true,
        ClientError::Refused(error) => error.code == ErrorCode::ShuttingDown,
        _ => false,
    }
}

#[cfg(all(test, unix))]
mod tests;
