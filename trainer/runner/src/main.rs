//! `inkstone-trainer`: takes the lowest priority and does what its arguments say.

use std::process::ExitCode;

use clap::Parser as _;
use inkstone_trainer::command_line::{self, CommandLine};
use inkstone_trainer::commands::failure;

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    // Where the system refuses, the work is done all the same.
    if let Err(error) = inkstone_platform::priority::yield_to_all_others() {
        eprintln!("inkstone-trainer: priority not lowered: {error}");
    }
    match command_line::run(&command_line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("inkstone-trainer: {error:#}");
            ExitCode::from(failure::exit_code(&error))
        }
    }
}
