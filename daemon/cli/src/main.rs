//! `inkstone`: hands its arguments to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    inkstone::run(std::env::args_os())
}
