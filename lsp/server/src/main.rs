//! `inkstone-lsp`: the language server's process. Flags, logs, a small runtime; then `serve`.

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use inkstone_lsp::flags::Flags;
use inkstone_lsp::host::Host;
use inkstone_lsp::logging;
use inkstone_lsp::serve::{Ending, serve};
use inkstone_settings::{Directories, Loaded};

/// One thread reads and answers, the other takes the loop's turns. More would only cost memory.
const WORKER_THREADS: usize = 2;

/// Internal error, as the contract numbers it.
const EXIT_INTERNAL: u8 = 70;

fn main() -> ExitCode {
    let flags = Flags::parse();
    match run(&flags) {
        // Not a return: the thread that reads standard input may be waiting for a byte that never
        // comes, and the runtime would wait for the thread.
        Ok(ending) => std::process::exit(ending.exit_code()),
        Err(error) => {
            eprintln!("inkstone-lsp: {error:#}");
            ExitCode::from(EXIT_INTERNAL)
        }
    }
}

fn run(flags: &Flags) -> anyhow::Result<Ending> {
    let directories = Directories::from_env()?;
    directories.ensure_private()?;
    let loaded = Loaded::of_user(&directories);
    let level = flags.log_level().unwrap_or(loaded.settings.log.level);
    let _writes_the_rest = logging::start(&directories, &loaded.settings, level)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    let host = Host::of_this_process(directories);
    let ending = runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout(), host));
    tracing::info!(?ending, "ending");
    runtime.shutdown_background();
    Ok(ending)
}
