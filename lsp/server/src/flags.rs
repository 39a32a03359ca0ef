//! The command line of `inkstone-lsp`: two flags, no commands. Editors start it without any.

use clap::Parser;
use clap::builder::PossibleValuesParser;
use inkstone_settings::LogLevel;

/// Language server of Inkstone: continues your writing in any editor that speaks LSP. It talks
/// over standard input and output; your editor starts it.
#[derive(Debug, Parser)]
#[command(name = "inkstone-lsp", version)]
pub struct Flags {
    /// How much goes to the log file [default: the setting `log.level`]
    #[arg(long, value_parser = PossibleValuesParser::new(LogLevel::WORDS))]
    log_level: Option<String>,

    /// Accepted because many editors pass it; standard input and output are used in any case.
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Flags {
    /// The level that the command line asks for.
    pub fn log_level(&self) -> Option<LogLevel> {
        self.log_level.as_deref().and_then(LogLevel::from_word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_log_level_of_the_settings_is_a_flag_value() {
        for word in LogLevel::WORDS {
            let flags = Flags::try_parse_from(["inkstone-lsp", "--log-level", word]);
            let level = flags.expect("the word is accepted").log_level();
            assert_eq!(level.map(LogLevel::word), Some(*word));
        }
        assert!(Flags::try_parse_from(["inkstone-lsp", "--log-level", "loud"]).is_err());
    }

    #[test]
    fn the_flag_that_vscode_passes_is_accepted() {
        let flags = Flags::try_parse_from(["inkstone-lsp", "--stdio"]).expect("accepted");
        assert!(flags.stdio && flags.log_level().is_none());
    }
}
