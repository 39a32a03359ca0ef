//! The command line: the one command a person types.
//!
//! In reading order: [`command_line`] (what can be typed), [`commands`] (one file per subcommand),
//! [`environment`] (what a command finds around it), [`command_error`] and [`exit_status`] (how it
//! ends), [`caret`] (a line and column in a text), [`trainer`] (the program that reads documents).
//!
//! Links no llama.cpp: a broken graphics driver cannot keep `doctor` from saying so. Only `model
//! pull` and `setup` use the network.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))] // A test that fails panics.

mod caret;
mod command_error;
mod command_line;
mod commands;
mod environment;
mod exit_status;
mod trainer;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

pub(crate) use command_error::CommandError;
pub(crate) use environment::Environment;
pub(crate) use exit_status::ExitStatus;

use command_line::CommandLine;

/// Runs what the arguments say; the program's name comes first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command_line = match CommandLine::try_parse_from(arguments) {
        Ok(command_line) => command_line,
        Err(error) => {
            // Help and version come this way too. A closed output leaves nobody to tell.
            let _ = error.print();
            let status = if error.use_stderr() {
                ExitStatus::Usage
            } else {
                ExitStatus::Done
            };
            return status.into();
        }
    };
    let environment = Environment::of_process();
    let ended = commands::run(&command_line.command, &environment);
    ended.unwrap_or_else(CommandError::report).into()
}
