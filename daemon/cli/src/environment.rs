//! What a command finds around it: directories, settings, the daemon, and who reads its output.

use std::future::Future;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use inkstone_protocol::Launcher;
use inkstone_settings::{Directories, Loaded};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use crate::{CommandError, ExitStatus};

/// The surroundings of one command.
#[derive(Debug)]
pub(crate) struct Environment {
    directories: OnceLock<Directories>,
    runtime: OnceLock<Runtime>,
    output: io::Stdout,
    notes: io::Stderr,
    /// A person watches standard output.
    pub(crate) is_watched: bool,
    /// Colours are wanted on standard output.
    pub(crate) has_colour: bool,
}

impl Environment {
    /// Of this process.
    pub(crate) fn of_process() -> Self {
        let output = io::stdout();
        let is_watched = output.is_terminal();
        // https://no-color.org: any value that is not empty.
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            directories: OnceLock::new(),
            runtime: OnceLock::new(),
            output,
            notes: io::stderr(),
            is_watched,
            has_colour: is_watched && !no_colour,
        }
    }

    /// Where everything of Inkstone lies.
    pub(crate) fn directories(&self) -> Result<&Directories, CommandError> {
        if let Some(directories) = self.directories.get() {
            return Ok(directories);
        }
        let directories = Directories::from_env()?;
        Ok(self.directories.get_or_init(|| directories))
    }

    /// The user's settings, and what is wrong in them.
    pub(crate) fn settings(&self) -> Result<Loaded, CommandError> {
        Ok(Loaded::of_user(self.directories()?))
    }

    /// What finds, starts and stops the daemon.
    pub(crate) fn launcher(&self) -> Result<Launcher, CommandError> {
        let directories = self.directories()?.clone();
        Ok(Launcher::new(
            directories,
            "inkstone",
            env!("CARGO_PKG_VERSION"),
        ))
    }

    /// Runs something asynchronous to its end.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> Result<T, CommandError> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime.block_on(future));
        }
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| {
                CommandError::new(
                    ExitStatus::Internal,
                    format!("cannot start the async runtime: {error}"),
                )
            })?;
        Ok(self.runtime.get_or_init(|| runtime).block_on(future))
    }

    /// Prints text as it is.
    pub(crate) fn print(&self, text: &str) -> Result<(), CommandError> {
        let mut out = self.output.lock();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// Prints a value as JSON, for programs.
    pub(crate) fn print_json(&self, value: &impl Serialize) -> Result<(), CommandError> {
        let text = serde_json::to_string_pretty(value).map_err(|error| {
            CommandError::new(
                ExitStatus::Internal,
                format!("cannot write the result as JSON: {error}"),
            )
        })?;
        self.print(&format!("{text}\n"))
    }

    /// Tells the person something that is not the result.
    pub(crate) fn note(&self, text: &str) {
        // A closed standard error leaves nobody to tell.
        let _ = writeln!(self.notes.lock(), "{text}");
    }
}
