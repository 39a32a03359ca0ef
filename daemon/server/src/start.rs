//! From a process to a listening socket: session, directories, claim, logs, models, socket.
//!
//! Whoever cannot get that far says why on standard error, which a client that started the daemon
//! keeps and shows.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use inkstone_platform::detach;
use inkstone_protocol::endpoint;
use inkstone_protocol::lifecycle::claim::Claim;
use inkstone_protocol::lifecycle::{EXIT_ALREADY_RUNNING, EXIT_STOPPED, attempts, stopped};
use inkstone_settings::{Directories, Loaded};

use crate::daemon::{Daemon, run};
use crate::event::EndReason;
use crate::logging::LogControl;
use crate::reachability::unreachable;
use crate::serving::Serving;
use crate::trainer::TrainerProgram;

/// Threads of the async side: sessions only pass lines on, the engine has threads of its own.
const WORKER_THREADS: usize = 2;
/// How long background work may take to end with the process.
const RUNTIME_WAIT: Duration = Duration::from_secs(1);

/// Serves until told to end.
pub fn serve(is_detached: bool) -> anyhow::Result<ExitCode> {
    if is_detached {
        detach::leave_session().context("cannot leave the terminal's session")?;
    }
    let directories = Directories::from_env()?;
    directories.ensure_private()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .enable_all()
        .build()
        .context("cannot start the async runtime")?;
    let ended = runtime.block_on(serve_in(directories, is_detached));
    runtime.shutdown_timeout(RUNTIME_WAIT);
    ended
}

async fn serve_in(directories: Directories, is_detached: bool) -> anyhow::Result<ExitCode> {
    // Held until the end: the socket is ours.
    let Some(claim) = Claim::take(&directories).await? else {
        let pid = Claim::holder(&directories)
            .map(|pid| format!(" (process {pid})"))
            .unwrap_or_default();
        eprintln!("inkstoned: another daemon of yours is running{pid}; see: inkstone status");
        return Ok(ExitCode::from(EXIT_ALREADY_RUNNING));
    };
    // Whoever stops us from here on finds our claim; whoever did before has left the mark.
    if is_detached && stopped::is_set(&directories)? {
        eprintln!("inkstoned: stopped by hand before it was ready; run: inkstone start");
        return Ok(ExitCode::from(EXIT_STOPPED));
    }
    let loaded = Loaded::of_user(&directories);
    let log = LogControl::start(&directories, &loaded.settings)?;
    for problem in &loaded.problems {
        tracing::warn!(%problem, "settings");
    }
    let settings = Arc::new(loaded.settings);
    let serving = Serving::start(Arc::clone(&settings), &directories)?;
    let told = told_to_end()?;
    let shutdown = async {
        tokio::select! {
            () = told => {}
            () = unreachable(&claim, directories.run_dir()) => {}
        }
    };
    let socket = directories.socket();
    let listener = endpoint::listen(&socket).with_context(|| {
        format!(
            "cannot listen at {}; check the directory's owner and free space",
            socket.display()
        )
    })?;
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, pid = std::process::id(), socket = %socket.display(), "listening");
    if is_detached {
        detach::silence_stderr().context("cannot silence standard error")?;
    } else {
        eprintln!("inkstoned {version}: listening at {}", socket.display());
    }
    let daemon = Daemon {
        directories: directories.clone(),
        settings,
        version: version.to_owned(),
        log: Some(log.clone()),
        trainer: TrainerProgram::installed(),
    };
    let reason = run(listener, serving, shutdown, daemon).await;
    if reason == EndReason::EngineFailed {
        anyhow::bail!("the engine thread failed; see: inkstone logs");
    }
    // An end in order: the next start has no past.
    if let Err(error) = attempts::forget(&directories) {
        tracing::warn!(%error, "cannot forget earlier starts");
    }
    tracing::info!(end = ?reason, "ended");
    Ok(ExitCode::SUCCESS)
}

/// Comes true when the process is told to end: by its supervisor, by Ctrl-C, by its terminal.
#[cfg(unix)]
fn told_to_end() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen_for = |kind| signal(kind).context("cannot listen for signals");
    let mut terminate = listen_for(SignalKind::terminate())?;
    let mut interrupt = listen_for(SignalKind::interrupt())?;
    let mut hang_up = listen_for(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}

/// Comes true when the process is told to end.
#[cfg(not(unix))]
fn told_to_end() -> anyhow::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a console there is nobody to press Ctrl-C: `stop` still works.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
