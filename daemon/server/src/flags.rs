//! The command line of `inkstoned`. People rarely type it: clients start the daemon on demand, and
//! `inkstone` has the commands.

use clap::{Parser, Subcommand};

/// The daemon of Inkstone: keeps a language model in memory for all your editors. Any client starts
/// it on demand; `inkstone start`, `stop` and `status` are its controls.
#[derive(Debug, Parser)]
#[command(name = "inkstoned", version)]
pub struct Flags {
    /// Leave the terminal's session, and print nothing once ready; clients pass this.
    #[arg(long, hide = true)]
    pub detached: bool,

    /// Something else than serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the binary can do besides serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Plain llama.cpp over standard input and output; `inkstone bench latency` compares with it.
    #[command(hide = true)]
    RawDecode,
    /// How a model is computed best here; `inkstone setup` keeps the result.
    #[command(hide = true)]
    Measure,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_it_serves_and_with_a_wrong_one_it_says_so() {
        let plain = Flags::try_parse_from(["inkstoned"]).unwrap();
        assert!(!plain.detached && plain.command.is_none());
        let raw = Flags::try_parse_from(["inkstoned", "raw-decode"]).unwrap();
        assert_eq!(raw.command, Some(Command::RawDecode));
        assert!(Flags::try_parse_from(["inkstoned", "serve"]).is_err());
    }

    #[test]
    fn the_version_is_the_second_word_as_launchers_expect() {
        let shown = Flags::try_parse_from(["inkstoned", "--version"])
            .unwrap_err()
            .to_string();
        assert_eq!(
            shown.split_whitespace().nth(1),
            Some(env!("CARGO_PKG_VERSION"))
        );
    }
}
