//! `inkstoned`: reads its command line and hands over to the library.

use std::process::ExitCode;

use clap::Parser as _;
use inkstoned::flags::{Command, Flags};
use inkstoned::{measure, raw_decode, start, thread_waiting};

/// Exit code of an error of ours (the contract's).
const EXIT_INTERNAL: u8 = 70;

fn main() -> ExitCode {
    let flags = Flags::parse();
    thread_waiting::restart_with_sleeping_threads();
    let ended = match flags.command {
        None => start::serve(flags.detached),
        Some(Command::Measure) => measure::run(std::io::stdin().lock(), std::io::stdout().lock())
            .map(|()| ExitCode::SUCCESS),
        Some(Command::RawDecode) => {
            raw_decode::run(std::io::stdin().lock(), std::io::stdout().lock())
                .map(|()| ExitCode::SUCCESS)
        }
    };
    ended.unwrap_or_else(|error| {
        eprintln!("inkstoned: {error:#}");
        ExitCode::from(EXIT_INTERNAL)
    })
}
